"""A table of states: what it refuses, and how a page shows it."""

from __future__ import annotations

import pytest

from ioc.ports import Stage
from ioc.state_table import BEGIN, Move, State, StateTable

STANDS, LEFT = State(Stage.RISING, "it stands"), State(Stage.OVER, "it drove off")
SEEN, GONE = Move((BEGIN,), "standing", "seen"), Move(("standing",), "left", "gone")
DOOR = StateTable({"standing": STANDS, "left": LEFT}, (SEEN, GONE))


def test_moves_are_those_of_the_table() -> None:
    assert DOOR.allows(BEGIN, "standing")
    assert DOOR.allows("standing", "standing")
    assert not DOOR.allows(BEGIN, "left")
    assert DOOR.stage("left") is Stage.OVER


def test_a_page_shows_a_diagram_and_a_table() -> None:
    assert DOOR.page() == "\n".join(
        (
            "```mermaid",
            "stateDiagram-v2",
            '    state "standing" as s0',
            '    state "left" as s1',
            "    [*] --> s0: seen",
            "    s0 --> s1: gone",
            "```",
            "",
            "| state | an alert is | meaning |",
            "|---|---|---|",
            "| standing | coming | it stands |",
            "| left | over | it drove off |",
            "",
        )
    )


def test_a_move_to_no_state_is_refused() -> None:
    with pytest.raises(ValueError, match="no state: gone"):
        StateTable({"standing": STANDS}, (SEEN, Move(("standing",), "gone", "gone")))


def test_a_state_that_nothing_leads_to_is_refused() -> None:
    with pytest.raises(ValueError, match="no move leads to: left"):
        StateTable({"standing": STANDS, "left": LEFT}, (SEEN,))

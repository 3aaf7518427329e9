"""A rule's states in one table: what the code looks them up in, and what the page's diagram is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ioc.ports import Stage

BEGIN = END = ""
"""Where nothing is watched: before a thing comes to be, and after it has ended."""


@dataclass(frozen=True, slots=True)
class State:
    """How far a thing in that state is from an alert, and what the state means."""

    stage: Stage
    meaning: str


@dataclass(frozen=True, slots=True)
class Move:
    """From which states a thing goes to another, and when; BEGIN and END stand for no state."""

    before: tuple[str, ...]
    after: str
    when: str


@dataclass(frozen=True, slots=True)
class StateTable:
    """All states of what a rule watches, and all moves between them.

    Raises ValueError when a move names a state that there is not, or a state cannot be reached.
    """

    states: Mapping[str, State]
    moves: tuple[Move, ...]

    def __post_init__(self) -> None:
        named = {name for move in self.moves for name in (*move.before, move.after)} - {BEGIN}
        reached = {move.after for move in self.moves}
        if named - self.states.keys():
            raise ValueError(f"moves name what is no state: {', '.join(sorted(named - self.states.keys()))}")
        if self.states.keys() - reached:
            raise ValueError(f"no move leads to: {', '.join(sorted(self.states.keys() - reached))}")

    def stage(self, state: str) -> Stage:
        """Return how far a thing in that state is from an alert."""
        return self.states[state].stage

    def allows(self, before: str, after: str) -> bool:
        """Return whether a thing may go from one state to the other in one step."""
        return before == after or any(before in move.before and after == move.after for move in self.moves)

    def page(self) -> str:
        """Return the states as a page has them: a diagram in Mermaid's language and a table."""
        numbers = {name: f"s{number}" for number, name in enumerate(self.states)} | {BEGIN: "[*]"}
        return "\n".join(
            (
                "```mermaid",
                "stateDiagram-v2",
                *(f'    state "{name}" as {numbers[name]}' for name in self.states),
                *(
                    f"    {numbers[before]} --> {numbers[move.after]}: {move.when}"
                    for move in self.moves
                    for before in move.before
                ),
                "```",
                "",
                "| state | an alert is | meaning |",
                "|---|---|---|",
                *(f"| {name} | {NEARNESS[state.stage]} | {state.meaning} |" for name, state in self.states.items()),
                "",
            )
        )


NEARNESS: Mapping[Stage, str] = {
    Stage.QUIET: "not near",
    Stage.RISING: "coming",
    Stage.HELD: "held back",
    Stage.TOLD: "told",
    Stage.OVER: "over",
}

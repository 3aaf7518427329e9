"""Counts of people: which reading is of which moment, how far off, and what rules count on a tape."""

from __future__ import annotations

from pathlib import Path

import pytest

from ioc.errors import UsageError
from ioc.people_counts import people_counted, require_counted
from ioc.scoring_counts import CountTally, score_counts
from ioc.site import load_site
from ioc.tape import TapeHeader, write_tape
from ioc.truth import Count, Truth
from tests.detectors.street import START, Look, Thing, observations, standing
from tests.ioc.street_tapes import SITE


def count(at_s: float, people: int, zone: str | None = None) -> Count:
    return Count(at_s=at_s, people=people, zone=zone)


def test_each_count_is_held_against_the_nearest_reading_of_its_zone() -> None:
    readings = {None: [(0.0, 3.0), (0.4, 5.0), (2.0, 9.0)], "square": [(0.4, 1.0)]}
    tally = score_counts([count(0.1, 4), count(0.3, 4), count(0.4, 4, "square"), count(5, 2), count(3, 10)], readings)
    assert tally.errors == [-1.0, 1.0, -3.0, -1.0]
    assert tally.unread == 1
    assert tally.figures() == {"read": 4, "unread": 1, "mean_absolute_error": 1.5, "bias": -1.0}


def test_a_zone_without_readings_is_unread() -> None:
    assert score_counts([count(1, 4, "square")], {}).unread == 1


def test_nothing_counted_has_no_figures() -> None:
    assert CountTally().figures() == {"read": 0, "unread": 0, "mean_absolute_error": None, "bias": None}


def test_recordings_add_up() -> None:
    tally = score_counts([count(0, 1)], {None: [(0.0, 3.0)]})
    tally.add(score_counts([count(0, 1), count(9, 1)], {None: [(0.0, 1.0)]}))
    assert (tally.errors, tally.unread) == ([2.0, 0.0], 1)


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """Return a tape of the camera west: three people from the start, seven from 10 s on."""
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
    people = [Thing(standing(0.1 + 0.1 * n, 0.8, begin=-1 if n < 3 else 10, width=0.03), "person") for n in range(7)]
    path = tmp_path / "west.tape"
    write_tape(
        path, TapeHeader(camera="west", start=START), observations([*people, Thing(standing(0.5, 0.6))], Look(20))
    )
    return path


def test_rules_count_on_a_tape_whether_or_not_there_are_too_many(tape: Path) -> None:
    site = tape.parent / "site.toml"
    readings = people_counted(tape, load_site(site), site)
    assert set(readings) == {None}
    assert len(readings[None]) == 100
    tally = score_counts([count(5, 3), count(18, 7), count(15, 9)], readings)
    assert tally.errors == [0.0, 0.0, -2.0]


def test_a_zone_in_which_no_rule_counts_is_told(tape: Path) -> None:
    site = tape.parent / "site.toml"
    readings = people_counted(tape, load_site(site), site)
    require_counted(Truth(duration_s=20, counts=(count(5, 3),)), readings, tape)
    with pytest.raises(UsageError, match="no rule counts people in the zone 'kerb'; they are counted in: the whole"):
        require_counted(Truth(duration_s=20, counts=(count(5, 3, "kerb"),)), readings, tape)
    with pytest.raises(UsageError, match="counted in: nowhere; add an overcrowding rule"):
        require_counted(Truth(duration_s=20, counts=(count(5, 3),)), {}, tape)

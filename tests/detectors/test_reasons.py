"""Why a rule fired or did not, in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from detectors import illegal_parking, overcrowding
from ioc.ports import Rule, RuleSetup, Stage
from ioc.stories import Change, Told
from ioc.types import Observation
from tests.detectors.street import Look, Thing, fold, observations, seconds, standing, stopping, zone

KERB = zone((0.0, 0.5), (1.0, 0.5), (1.0, 0.65), (0.0, 0.65))
BODY = {"width": 0.03, "height": 0.1}


def parking(**settings: object) -> Rule:
    return illegal_parking.Detector(KERB, illegal_parking.Config.model_validate({"after": "PT10S", **settings}))


def crowding(setup: RuleSetup = KERB) -> Rule:
    config = {"at_most": 2, "after": "PT4S", "smooth": "PT0S"}
    return overcrowding.Detector(setup, overcrowding.Config.model_validate(config))


def changes(rule: Rule, seen: Sequence[Observation]) -> list[list[Change]]:
    """Return how each thing that the rule watched went on."""
    told = Told(rule)
    fold(told, seen)
    return [story.changes for story in told.stories]


def states(changes: Sequence[Change]) -> list[str]:
    return [change.state for change in changes]


def test_a_parked_car_is_standing_then_parked_and_leaves() -> None:
    (story,) = changes(parking(), observations([Thing(stopping(0.5, 0.6, 5, 25))], Look(40)))
    assert states(story) == ["standing", "parked", "not seen", "left"] or states(story) == [
        "standing",
        "parked",
        "left",
    ]
    assert story[1].why == "a car stood there for 10 s"
    assert seconds(story[1].at) == pytest.approx(15.3, abs=0.5)
    assert story[-1].stage is Stage.OVER
    assert story[-1].why.startswith("left after 2")


def test_a_short_stop_says_how_much_was_missing() -> None:
    (story,) = changes(parking(), observations([Thing(stopping(0.5, 0.6, 5, 12))], Look(30)))
    how, _, lasted = story[-1].why.partition(" after ")
    assert (how, lasted.endswith(" of 10 s")) == ("left", True)
    assert float(lasted.split()[0]) == pytest.approx(7, abs=0.7)


def test_one_that_vanishes_is_not_said_to_have_left() -> None:
    (story,) = changes(parking(), observations([Thing(standing(0.5, 0.6, 0, 6))], Look(30)))
    assert states(story) == ["standing", "not seen", "left"]
    assert story[-1].why.startswith("not seen there any more after 5.8 s of 10 s")


def test_a_queue_holds_the_clock_and_says_so() -> None:
    queue = [Thing(stopping(0.85 - 0.13 * n, 0.6, 5 + 1.5 * n, 30 + n, speed=0.2)) for n in range(4)]
    stories = changes(parking(), observations(queue, Look(50)))
    assert len(stories) == 4
    for story in stories:
        assert "in a queue" in states(story)
        assert Stage.TOLD not in {change.stage for change in story}
        assert "in a queue did not count" in story[-1].why
    assert {change.why for story in stories for change in story if change.state == "in a queue"} <= {
        f"{n} others stand close by: its clock waits" for n in (2, 3)
    }


def test_what_is_hardly_seen_is_unsure() -> None:
    (story,) = changes(parking(), observations([Thing(stopping(0.5, 0.6, 5, 30), score=0.2)], Look(40)))
    assert "unsure" in states(story)
    assert story[-1].why.startswith("too unsure: mean score 0.")
    assert story[-1].why.endswith(", 0.35 needed")


def test_what_stands_beside_the_zone_is_outside() -> None:
    (story,) = changes(parking(), observations([Thing(stopping(0.5, 0.45, 5, 30))], Look(40)))
    assert [change.stage for change in story] == [Stage.QUIET, Stage.OVER]
    assert story[-1].why == "stood outside: 0% of its foot in the zone, 50% needed"


def test_one_that_pulls_into_the_place_of_another_ends_its_stay() -> None:
    cars = [Thing(standing(0.5, 0.6, 0, 6)), Thing(stopping(0.5, 0.6, 9, 14))]
    first, second = changes(parking(), observations(cars, Look(30)))
    assert first[-1].why.startswith("another took its place after 5.8 s of 10 s")
    assert second[-1].why.startswith("left after ")


def test_a_long_break_ends_what_was_not_told() -> None:
    car = [Thing(standing(0.5, 0.6))]
    early, late = observations(car, Look(6)), observations(car, Look(6, begin=70, run="later"))
    first, second = changes(parking(), [*early, *late])
    assert first[-1].why.startswith("not seen there any more after 5.8 s of 10 s")
    assert states(second) == ["standing"]


def test_a_night_out_of_hours_holds_the_clock_and_ends_what_was_told() -> None:
    car = [Thing(standing(0.5, 0.6))]
    # The street's first picture is at 15:00 in Hanoi.
    (rising,) = changes(parking(hours=["15:01-16:00"]), observations(car, Look(80)))
    assert states(rising) == ["not in force", "standing", "parked"]
    assert seconds(rising[-1].at) == pytest.approx(70, abs=0.3)
    first, second = changes(parking(hours=["06:00-15:01"]), observations(car, Look(80)))
    assert states(first) == ["standing", "parked", "left"]
    assert first[-1].why.startswith("no longer forbidden after ")
    assert states(second) == ["not in force"]


def people(*stays: tuple[float, float]) -> list[Thing]:
    return [Thing(standing(0.1 + 0.1 * n, 0.6, *stay, **BODY), "person") for n, stay in enumerate(stays)]


def test_a_crowd_that_is_too_short_says_for_how_long_it_was_too_many() -> None:
    seen = observations(people((0, 60), (0, 60), (10, 13)), Look(30))
    (story,) = changes(crowding(), seen)
    assert states(story) == ["within the limit", "filling", "within the limit"]
    assert story[1].why == "more than 2: told after 5 s of that"
    assert story[2].why == "no more than 2 again after 4 s of 5 s"


def test_a_crowd_that_stays_is_told_of_until_it_has_thinned() -> None:
    seen = observations(people((0, 60), (0, 30), (10, 30)), Look(60))
    (story,) = changes(crowding(), seen)
    assert states(story) == ["within the limit", "filling", "too full", "emptying", "within the limit"]
    assert story[2].why == "more than 2 for 5 s"
    assert seconds(story[2].at) == pytest.approx(15, abs=0.3)


def test_a_crowd_that_nobody_looked_at_says_so() -> None:
    crowd = people((0, 60), (0, 60), (0, 12))
    seen = [*observations(crowd, Look(3)), *observations(crowd, Look(10, begin=20))]
    (story,) = changes(crowding(), seen)
    assert states(story) == ["filling", "within the limit"]
    assert story[-1].why.startswith("nobody looked for a while after ")


def test_readings_stand_against_their_limits() -> None:
    told = Told(crowding())
    fold(told, observations(people((0, 60), (0, 60), (10, 40)), Look(30)))
    (story,) = told.stories
    count, lasted = story.curves["people"], story.curves["too many for"]
    assert (count.limit, count.release, lasted.limit, lasted.unit) == (3, 2, 5, "s")
    assert max(value for _, value in count.points) == 3
    assert max(value for _, value in lasted.points) == pytest.approx(19.8)
    assert timedelta(0) < story.last - story.curves["people"].points[0][0] < timedelta(seconds=30)

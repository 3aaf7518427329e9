"""What a report tells: each alert and what became of it, what came near one, and why events were missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from alerts.policy import Policy
from ioc import replay
from ioc.report_axis import clock, ticks
from ioc.report_curves import curve_chart, whole_chart
from ioc.report_facts import Facts, facts
from ioc.report_timeline import ROWS, time_line
from ioc.rulebook import make_rules
from ioc.scoring import Outcome
from ioc.site import parse_site
from ioc.stories import Told
from ioc.truth import Event, Ignored, Truth
from tests.detectors.street import CAMERA, START, Look, Thing, observations, standing, stopping

SITE = Path("site.toml")
KERB = [[0.0, 0.5], [1.0, 0.5], [1.0, 0.65], [0.0, 0.65]]
LEFT, RIGHT = (0.1, 0.4, 0.3, 0.7), (0.7, 0.4, 0.9, 0.7)


PARKING = {"name": "kerb", "kind": "illegal_parking", "camera": CAMERA, "zone": "kerb", "after": "PT10S"}
CROWD = {"name": "crowd", "kind": "overcrowding", "camera": CAMERA, "at_most": 3, "after": "PT5S"}


def told(
    things: Sequence[Thing], seconds: float = 60.0, truth: Truth | None = None, rule: Mapping[str, object] = PARKING
) -> Facts:
    """Return what a rule tells of a street."""
    value = {"camera": [{"id": CAMERA, "zone": [{"name": "kerb", "polygon": KERB}]}], "rule": [dict(rule)]}
    site = parse_site(value, SITE)
    rules = [Told(rule) for rule in make_rules(site, CAMERA, SITE)]
    alerts = list(replay.alerts(observations(things, Look(seconds)), rules, Policy()))
    return facts(site.rules_of(CAMERA), rules, alerts, START, truth)


def truth(*events: Event, ignore: Sequence[Ignored] = ()) -> Truth:
    return Truth(duration_s=60, events=events, ignore=tuple(ignore))


def parking(start: float, due: float, box: tuple[float, float, float, float] | None = None) -> Event:
    return Event(kind="illegal_parking", start_s=start, due_s=due, end_s=start + 20, box=box)


def test_an_alert_is_told_with_its_phases_and_what_led_to_it() -> None:
    (incident,) = told([Thing(stopping(0.2, 0.6, 5, 25))]).incidents
    assert [str(phase) for _, phase in incident.phases] == ["raised", "cleared"]
    assert incident.at == pytest.approx(15.3, abs=0.5)
    assert incident.outcome is None
    assert incident.attempt is not None
    assert incident.attempt.told_at == incident.at
    assert incident.attempt.why == "a car stood there for 10 s"
    assert incident.attempt.nearness >= 1


def test_what_came_near_says_why_it_was_not_told() -> None:
    short, long = Thing(stopping(0.2, 0.6, 5, 11)), Thing(stopping(0.8, 0.6, 52, 90))
    found = told([short, long])
    first, second = found.near(found.rules[0])
    assert first.why.startswith("left after ")
    assert first.nearness == pytest.approx(0.6, abs=0.1)
    assert second.why.startswith("the recording ended before: standing")
    assert second.end == pytest.approx(59.8)
    assert found.incidents == ()


def test_what_never_came_near_is_only_counted() -> None:
    found = told([Thing(standing(0.5, 0.4))])
    assert found.attempts == ()
    (subject,) = found.subjects
    assert (subject.steady, subject.near) == (False, False)
    assert subject.last == "0% of its foot in the zone, 50% needed"


def test_alerts_are_right_doubled_or_false_by_the_truth_and_events_missed() -> None:
    things = [Thing(stopping(0.2, 0.6, 5, 30)), Thing(stopping(0.8, 0.6, 20, 50))]
    found = told(things, truth=truth(parking(5, 15, LEFT), parking(20, 45, RIGHT), parking(40, 50, LEFT)))
    assert [(incident.outcome, incident.event) for incident in found.incidents] == [
        (Outcome.RIGHT, 0),
        (Outcome.FALSE, None),
    ]
    late, absent = found.missed
    assert [attempt.told_at for attempt in late.attempts] == [pytest.approx(30.3, abs=0.5)]
    assert absent.watched
    assert absent.attempts == ()


def test_an_event_of_a_kind_that_no_rule_watches_says_so() -> None:
    fire = Event(kind="fire", start_s=1, due_s=5)
    (miss,) = told([], truth=truth(fire)).missed
    assert (miss.watched, miss.attempts) == (False, ())


def test_a_missed_event_tells_how_far_the_readings_came() -> None:
    outside = told([Thing(standing(0.2, 0.5, end=30))], truth=truth(parking(5, 15, LEFT)))
    assert outside.missed[0].quiet == (
        "place:200,500: stood reached 25 of 10 s, mean score reached 0.8 of 0.35, in the zone reached 0 of 0.5"
        " (stood outside: 0% of its foot in the zone, 50% needed)",
    )
    people = [Thing(standing(0.1 * n, 0.6, begin=10, end=30, width=0.03), "person") for n in (1, 2)]
    crowd = Event(kind="overcrowding", start_s=10, due_s=16, end_s=30)
    few = told(people, truth=truth(crowd), rule=CROWD)
    (subject,) = few.subjects
    assert subject.steady
    assert few.missed[0].quiet == ("frame: too many for reached 0 of 6 s, people reached 2 of 4 (within the limit)",)


def test_what_is_always_there_has_a_chart_of_the_whole_recording() -> None:
    people = [Thing(standing(0.1 * n, 0.6, begin=10, end=30, width=0.03), "person") for n in (1, 2)]
    (subject,) = told(people, rule=CROWD).subjects
    chart = whole_chart(subject.lines[1], 60.0)
    assert (chart.begin, chart.end, chart.name, chart.limit_text) == (0.0, 60.0, "people", "4")
    assert chart.points.startswith(f"{chart.left},")
    assert chart.points.split()[-1].startswith(f"{chart.right},")
    assert chart.release is not None
    assert chart.limit < chart.release


def test_of_very_many_the_nearest_are_told_of_in_the_order_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ioc.report_facts.MOST_NEAR", 2)
    stops = [Thing(stopping(0.1 + 0.2 * n, 0.6, 4 + 12 * n, 4 + 12 * n + long)) for n, long in enumerate((7, 4, 8, 5))]
    found = told(stops)
    rule = found.rules[0]
    assert len(found.near(rule)) == 4
    first, second = found.nearest(rule)
    assert [first.begin, second.begin] == pytest.approx([4.8, 28.8], abs=0.5)
    targets = {bar.target for bar in time_line(found, 60.0).lanes[0].bars}
    assert targets == {"attempt-0", "attempt-2", ""}


def test_two_events_alike_are_missed_apart() -> None:
    found = told([Thing(stopping(0.2, 0.6, 5, 30))], truth=truth(parking(5, 15), parking(5, 15)))
    assert [incident.outcome for incident in found.incidents] == [Outcome.RIGHT]
    assert len(found.missed) == 1


def test_a_time_line_has_a_lane_for_each_rule_and_each_kind_of_truth() -> None:
    things = [Thing(stopping(0.2, 0.6, 5, 30)), Thing(stopping(0.8, 0.6, 20, 26))]
    ignored = Ignored(kind="illegal_parking", start_s=0, end_s=3)
    line = time_line(told(things, truth=truth(parking(5, 15, LEFT), parking(40, 50), ignore=[ignored])), 60.0)
    rule, truths = line.lanes
    assert rule.name == "kerb (illegal_parking)"
    assert [mark.look for mark in rule.marks] == ["right"]
    assert rule.y + 14 < rule.marks[0].y - 11, "the mark stands below the lane's name ..."
    assert rule.marks[0].y < min(bar.y for bar in rule.bars), "... and above its bars"
    assert {bar.look for bar in rule.bars} == {"rising", "told", "held"}
    assert len({bar.y for bar in rule.bars}) == 2, "two at once stand in two rows"
    assert [bar.look for bar in truths.bars] == ["ignored", "event", "missed"]
    assert [tick.text for tick in line.ticks] == ["0:00", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00"]
    for lane in line.lanes:
        for bar in lane.bars:
            assert line.left <= bar.x <= bar.x + bar.width <= line.right + 2


def test_however_many_there_are_a_lane_has_so_many_rows() -> None:
    things = [Thing(standing(0.05 + 0.11 * n, 0.6, begin=n / 5)) for n in range(9)]
    (lane,) = time_line(told(things), 60.0).lanes
    assert len({bar.y for bar in lane.bars}) == ROWS


def test_a_curve_meets_its_limit_where_the_alert_is_told() -> None:
    (incident,) = told([Thing(stopping(0.2, 0.6, 5, 50))]).incidents
    assert incident.attempt is not None
    chart = curve_chart(incident.attempt, incident.attempt.lines[0])
    assert (chart.name, chart.unit, chart.limit_text) == ("stood", "s", "10")
    points = [tuple(map(float, point.split(","))) for point in chart.points.split()]
    assert chart.told is not None
    before = max(point for point in points if point[0] <= chart.told)
    after = min(point for point in points if point[0] >= chart.told)
    assert after[1] <= chart.limit <= before[1]
    assert chart.end < 25, "how the alert came about, not how long it stood afterwards"
    for x, y in points:
        assert chart.left <= x <= chart.right
        assert chart.top <= y <= chart.bottom


def test_times_are_told_as_people_read_them() -> None:
    assert [clock(at) for at in (0, 7.25, 59.96, 61, 3723.4)] == ["0:00.0", "0:07.2", "1:00.0", "1:01.0", "1:02:03.4"]
    assert [tick.text for tick in ticks(3, 18, 4, float)] == ["0:05", "0:10", "0:15"]
    assert [tick.text for tick in ticks(0, 86400, 10, float)][:3] == ["0:00", "3:00:00", "6:00:00"]

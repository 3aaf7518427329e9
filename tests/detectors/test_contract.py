"""What every detector promises, checked on every file in `detectors/`.

A kind brings two tapes, `tests/tapes/<kind>-fires.tape` and `<kind>-quiet.tape`, the rule they are folded with
(a camera named after the kind in `tests/tapes/site.toml`), and a page, `docs/detectors/<kind>.md`.
"""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import detectors
from alerts.wire import AlertMessage
from ioc import rulebook
from ioc.ports import Needs, Remembering, Rule, Stage, Watching
from ioc.site import SiteError, load_site
from ioc.state_table import BEGIN, StateTable
from ioc.stories import Told
from ioc.tape import read_tape
from ioc.types import Alert, Json, Observation, Phase
from tests.detectors.street import fold, raised, renamed, shifted

TAPES = Path(__file__).parents[1] / "tapes"
PAGES = Path(__file__).parents[2] / "docs" / "detectors"
SITE = TAPES / "site.toml"
KINDS = rulebook.kinds()
GRACE = timedelta(minutes=10)
"""Whatever a rule remembers, it has forgotten after so long without seeing anything."""

every_kind = pytest.mark.parametrize("kind", KINDS)


def rule(kind: str) -> Rule:
    made = rulebook.make_rules(load_site(SITE), kind, SITE)
    assert len(made) == 1, f"tests/tapes/site.toml needs a camera {kind!r} with one rule"
    return made[0]


def tape(kind: str, outcome: str) -> tuple[Observation, ...]:
    return read_tape(TAPES / f"{kind}-{outcome}.tape").observations


def payloads(alerts: Iterable[Alert]) -> list[bytes]:
    return [AlertMessage.of(alert, "site").payload() for alert in alerts]


def nothing(since: datetime, run: str, camera: str, until: timedelta = GRACE) -> list[Observation]:
    return [
        Observation(camera, run, 10**6 + n, since + timedelta(seconds=n))
        for n in range(1, round(until.total_seconds()))
    ]


def test_there_are_detectors_and_each_file_is_one() -> None:
    files = {path.stem for path in Path(detectors.__path__[0]).glob("*.py")} - {"__init__"}
    assert files == set(KINDS)
    assert {"illegal_parking", "overcrowding"} <= files


@every_kind
def test_it_has_the_four_parts(kind: str) -> None:
    module = rulebook.module_of(kind)
    for heading in ("Watches:", "Fires:", "Needs:", "Known false alarms"):
        assert heading in (module.__doc__ or ""), f"detectors/{kind}.py: its docstring lacks {heading!r}"
    assert isinstance(module.NEEDS, Needs)
    assert module.NEEDS.labels or module.NEEDS.readings
    assert issubclass(module.Config, BaseModel)
    assert module.Config.model_config.get("frozen")
    assert module.Config.model_config.get("extra") == "forbid"
    for name, field in module.Config.model_fields.items():
        assert field.description, f"detectors/{kind}.py: Config.{name} has no description"


@every_kind
def test_it_brings_a_tape_that_fires_and_one_that_stays_quiet(kind: str) -> None:
    for outcome in ("fires", "quiet"):
        path = TAPES / f"{kind}-{outcome}.tape"
        assert path.exists(), f"{kind} needs {path.relative_to(TAPES.parents[1])}"
        assert path.stat().st_size < 100_000
        needs = rulebook.module_of(kind).NEEDS
        seen = {t.label for obs in tape(kind, outcome) for t in obs.tracks}
        read = {r.kind for obs in tape(kind, outcome) for r in obs.readings}
        assert seen & needs.labels or read & needs.readings, f"{path.name} shows nothing that the rule looks at"
    assert raised(fold(rule(kind), tape(kind, "fires")))
    assert fold(rule(kind), tape(kind, "quiet")) == []


@every_kind
def test_alerts_are_well_formed(kind: str) -> None:
    observations = tape(kind, "fires")
    end = observations[-1]
    told: dict[object, Phase] = {}
    watching = rule(kind)
    for obs in (*observations, *nothing(end.at, end.run, kind)):
        for alert in watching.observe(obs):
            assert (alert.kind, alert.camera, alert.at) == (kind, kind, obs.at)
            assert alert.began <= alert.at
            assert alert.evidence or alert.phase is not Phase.RAISED
            assert AlertMessage.model_validate_json(AlertMessage.of(alert, "site").payload()).id == alert.id
            before = told.get(alert.id)
            assert before is not Phase.CLEARED, "an incident that was cleared is told again"
            assert (before is None) == (alert.phase is Phase.RAISED), "an incident begins by being raised, once"
            told[alert.id] = alert.phase


@every_kind
def test_the_same_tape_twice_gives_the_same_alerts(kind: str) -> None:
    assert payloads(fold(rule(kind), tape(kind, "fires"))) == payloads(fold(rule(kind), tape(kind, "fires")))


def watching(kind: str) -> Told:
    made = rule(kind)
    assert isinstance(made, Watching), f"detectors/{kind}.py: Detector.watched is missing"
    return Told(made)


@every_kind
@pytest.mark.parametrize("outcome", ["fires", "quiet"])
def test_watching_it_changes_no_alert(kind: str, outcome: str) -> None:
    assert payloads(fold(watching(kind), tape(kind, outcome))) == payloads(fold(rule(kind), tape(kind, outcome)))


@every_kind
def test_it_tells_of_what_it_watches_when_it_raises_an_alert_and_not_before(kind: str) -> None:
    watched = rule(kind)
    assert isinstance(watched, Watching)
    told: set[str] = set()
    for obs in tape(kind, "fires"):
        raised_now = {alert.subject for alert in raised(list(watched.observe(obs)))}
        told_now = {(item.subject, item.why) for item in watched.watched() if item.stage is Stage.TOLD}
        assert {subject for subject, _ in told_now} - told <= raised_now
        assert raised_now <= {subject for subject, why in told_now if why}
        told |= raised_now
    assert told


@every_kind
@pytest.mark.parametrize("outcome", ["fires", "quiet"])
def test_what_might_have_been_an_alert_ends_with_a_reason(kind: str, outcome: str) -> None:
    watched = watching(kind)
    observations = tape(kind, outcome)
    fold(watched, [*observations, *nothing(observations[-1].at, observations[-1].run, kind)])
    attempts = [attempt for story in watched.stories for attempt in story.attempts()]
    fired = [attempt for attempt in attempts if any(change.stage is Stage.TOLD for change in attempt)]
    assert bool(fired) == (outcome == "fires")
    assert len(attempts) > len(fired) or outcome == "fires", "the quiet tape shows nothing that comes near an alert"
    for attempt in attempts:
        assert attempt[-1].stage in {Stage.QUIET, Stage.OVER}
        assert attempt[-1].why or attempt in fired
    for story in watched.stories:
        assert story.curves, "a story without a reading explains nothing"


every_table = pytest.mark.parametrize("kind", [kind for kind in KINDS if hasattr(rulebook.module_of(kind), "STATES")])


@every_table
def test_what_it_watches_goes_from_state_to_state_as_its_table_says(kind: str) -> None:
    table = rulebook.module_of(kind).STATES
    assert isinstance(table, StateTable)
    seen = set()
    for outcome in ("fires", "quiet"):
        watched = watching(kind)
        observations = tape(kind, outcome)
        fold(watched, [*observations, *nothing(observations[-1].at, observations[-1].run, kind)])
        for story in watched.stories:
            states = [BEGIN, *(change.state for change in story.changes)]
            for before, after in pairwise(states):
                assert table.allows(before, after), f"{kind}: STATES has no move from {before!r} to {after!r}"
            assert all(change.stage is table.stage(change.state) for change in story.changes)
            seen.update(states)
    assert {state for state in seen if state and table.stage(state) is Stage.TOLD}


@every_table
def test_its_page_shows_its_states(kind: str) -> None:
    page = rulebook.module_of(kind).STATES.page()
    path = PAGES / f"{kind}.md"
    assert page in path.read_text(encoding="utf-8"), f"docs/detectors/{kind}.md needs this:\n\n{page}"


@every_kind
@pytest.mark.parametrize("by", [timedelta(days=400, microseconds=7), timedelta(days=-3000)])
def test_shifting_all_times_shifts_the_alerts_and_nothing_else(kind: str, by: timedelta) -> None:
    expected = [
        replace(
            alert,
            began=alert.began + by,
            at=alert.at + by,
            details={name: _later(value, by) for name, value in alert.details.items()},
            evidence=tuple(replace(item, at=item.at + by) for item in alert.evidence),
        )
        for alert in fold(rule(kind), tape(kind, "fires"))
    ]
    assert fold(rule(kind), shifted(tape(kind, "fires"), by)) == expected


@every_kind
def test_the_names_and_the_order_of_tracks_change_nothing(kind: str) -> None:
    seen = tape(kind, "fires")
    names = sorted({track.id for obs in seen for track in obs.tracks})
    others = [f"other-{number}" for number in range(100, 100 + len(names))]
    random.Random(1).shuffle(others)
    table = dict(zip(names, others, strict=True))
    assert fold(rule(kind), renamed(seen, table.__getitem__)) == fold(rule(kind), seen)


@every_kind
@pytest.mark.parametrize("seed", range(3))
def test_lost_pictures_keep_the_outcome(kind: str, seed: int) -> None:
    dice = random.Random(seed)
    expected = raised(fold(rule(kind), tape(kind, "fires")))
    kept = [obs for obs in tape(kind, "fires") if dice.random() >= 0.05]
    found = raised(fold(rule(kind), kept))
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert abs(mine.at - theirs.at) <= timedelta(seconds=5)
    assert raised(fold(rule(kind), [obs for obs in tape(kind, "quiet") if dice.random() >= 0.05])) == []


def _later(value: Json, by: timedelta) -> Json:
    """Return what is told of an alert as it is that much later: times stand as ISO 8601."""
    try:
        return (datetime.fromisoformat(value) + by).isoformat() if isinstance(value, str) and "T" in value else value
    except ValueError:
        return value


@every_kind
def test_unknown_settings_are_refused_by_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(SITE.read_text().replace(f'kind = "{kind}"', f'kind = "{kind}"\nnonsense = 1'))
    with pytest.raises(SiteError, match="nonsense: unknown key"):
        rulebook.make_rules(load_site(path), kind, path)


@every_kind
def test_its_memory_is_empty_after_a_while_of_nothing(kind: str) -> None:
    end = tape(kind, "fires")[-1]
    afterwards = nothing(end.at, end.run, kind)
    used, fresh = rule(kind), rule(kind)
    fold(used, tape(kind, "fires"))
    full = len(pickle.dumps(used))
    fold(used, afterwards)
    fold(fresh, afterwards)
    # A rule that has seen a street, then nothing, holds no more than one that never saw anything.
    assert len(pickle.dumps(used)) <= len(pickle.dumps(fresh)) + 32
    assert full > len(pickle.dumps(fresh)) + 32, "the tape leaves nothing in the rule's memory: this proves nothing"


@every_kind
def test_its_memory_does_not_grow_while_the_street_goes_on(kind: str) -> None:
    watching, sizes = rule(kind), []
    observations = tape(kind, "fires")
    length = observations[-1].at - observations[0].at + timedelta(seconds=1)
    for lap in range(12):
        fold(watching, _as_run(shifted(observations, lap * length), f"lap{lap}"))
        sizes.append(len(pickle.dumps(watching)))
    assert max(sizes[4:]) <= 1.2 * max(sizes[:4])


@every_kind
def test_a_new_run_never_completes_an_old_dwell(kind: str) -> None:
    dwelling = rule(kind)
    if isinstance(dwelling, Remembering):
        pytest.skip("its clocks go on over a break: see below")
    first = raised(fold(dwelling, tape(kind, "fires")))[0]
    dwell = first.at - first.began
    for cut, early, late in cuts(kind, first):
        for alert in raised(fold(rule(kind), [*early, *late])):
            assert alert.at >= cut + 0.9 * dwell
            assert alert.began >= cut


def cuts(kind: str, alert: Alert) -> Iterator[tuple[datetime, list[Observation], list[Observation]]]:
    """Yield moments in the dwell of an alert, with what was seen before and, as another run, after."""
    observations = tape(kind, "fires")
    for share in (0.3, 0.6, 0.9):
        cut = alert.began + share * (alert.at - alert.began)
        yield (
            cut,
            [obs for obs in observations if obs.at < cut],
            _as_run([obs for obs in observations if obs.at >= cut], "later"),
        )


@every_kind
def test_what_remembers_goes_on_after_a_break_of_the_camera_or_of_the_program(kind: str) -> None:
    whole = rule(kind)
    if not isinstance(whole, Remembering):
        pytest.skip("it forgets: see above")
    expected = raised(fold(whole, tape(kind, "fires")))
    for _, early, late in cuts(kind, expected[0]):
        for program_ends in (False, True):
            dying = rule(kind)
            found = raised(fold(dying, early))
            living = rule(kind) if program_ends else dying
            if program_ends:
                assert isinstance(dying, Remembering)
                assert isinstance(living, Remembering)
                living.restore(json.loads(json.dumps(dying.state())))
            found += raised(fold(living, late))
            assert [(alert.id, alert.began) for alert in found] == [(alert.id, alert.began) for alert in expected]
            late_by = [abs(mine.at - theirs.at) for mine, theirs in zip(found, expected, strict=True)]
            assert max(late_by) <= timedelta(seconds=1)


def _as_run(observations: Iterable[Observation], run: str) -> list[Observation]:
    """Return the same as the tracker would have it if the camera had been opened anew at the first of them."""
    found, begun = [], None
    for obs in observations:
        begun = begun or obs.at
        tracks = tuple(
            replace(track, id=f"{run}-{track.id}", first_seen=max(track.first_seen, begun)) for track in obs.tracks
        )
        found.append(replace(obs, run=run, tracks=tracks))
    return found


@every_kind
def test_its_page_lists_its_settings(kind: str) -> None:
    page = PAGES / f"{kind}.md"
    assert page.exists(), f"{kind} needs docs/detectors/{kind}.md"
    table = settings_table(rulebook.module_of(kind).Config)
    assert table in page.read_text(encoding="utf-8"), f"docs/detectors/{kind}.md needs this table:\n\n{table}"


def settings_table(config: type[BaseModel]) -> str:
    """Return the table of settings as the page has it."""
    schema = config.model_json_schema()["properties"]
    lines = ["| key | default | meaning |", "|---|---|---|"]
    for name, field in config.model_fields.items():
        required = field.default is PydanticUndefined
        default = schema[name].get("default")
        shown = "required" if required else f"`{sorted(default) if isinstance(default, list) else default}`"
        lines.append(f"| `{name}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"

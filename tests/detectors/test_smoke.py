"""Smoke is told of when enough looks agree; fog over all of the picture, haze that holds still and clouds are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.smoke import Config, Detector
from ioc.ports import RuleSetup, Stage
from ioc.stories import Told
from ioc.types import Alert, Phase, Severity
from tests.detectors.burning import Burns, burning
from tests.detectors.street import CAMERA, Look, fold, raised, seconds

SMOKE = Burns("smoke", begin=5, side=0.3, found=0.9)
ANYWHERE = RuleSetup("the-rule", CAMERA)


def told(*things: Burns, until: float = 40, **settings: object) -> list[Alert]:
    return fold(Detector(ANYWHERE, Config.model_validate(settings)), burning(things, Look(until)))


def test_smoke_is_told_of_within_seconds() -> None:
    (alert,) = told(SMOKE)
    assert (alert.kind, alert.phase, alert.severity) == ("smoke", Phase.RAISED, Severity.MEDIUM)
    assert seconds(alert.at) == pytest.approx(8.3, abs=0.8)


@pytest.mark.parametrize(
    "none",
    [
        {"score": 0.3},
        {"lively": 0.8},
        {"found": 0.15},
        {"side": 2.2},
        {"end": 6.0},
        {"kind": "flame", "score": 0.9},
    ],
)
def test_what_is_faint_still_rare_everywhere_or_short_is_none(none: dict[str, object]) -> None:
    assert told(replace(SMOKE, **none)) == []  # type: ignore[arg-type]


def test_a_part_that_is_enlarged_says_nothing_of_smoke() -> None:
    assert told(replace(SMOKE, whole=False)) == []


def test_where_flames_are_an_enlarged_part_is_believed() -> None:
    part = replace(SMOKE, whole=False)
    flame = Burns(begin=5, side=0.05, score=0.3)
    assert raised(told(part, flame))
    assert told(part, replace(flame, where=(0.1, 0.1))) == []
    assert told(part, replace(flame, score=0.15)) == []
    assert told(part, replace(flame, lively=0.5)) == []
    assert told(replace(part, begin=20), replace(flame, end=12)) == []


def test_a_large_plume_is_critical() -> None:
    (alert,) = told(replace(SMOKE, side=0.7))
    assert alert.severity is Severity.CRITICAL


def test_fog_may_be_defined_otherwise() -> None:
    assert raised(told(replace(SMOKE, side=2.2), everywhere=1.0))


def test_it_says_where_it_stands() -> None:
    watched = Told(Detector(ANYWHERE, Config()))
    fold(watched, burning([replace(SMOKE, end=12)], Look(60)))
    (story,) = watched.stories
    stages = [change.stage for change in story.changes]
    assert Stage.RISING in stages
    assert Stage.TOLD in stages
    assert stages[-1] is Stage.QUIET

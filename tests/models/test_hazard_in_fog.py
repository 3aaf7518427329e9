"""Fog, rain and a lens out of focus are neither fire nor smoke, whatever the bundled model takes them for."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from detectors import fire, smoke
from ioc.ports import RuleSetup
from ioc.types import Frame, Observation, Reading
from models.detector import Detector
from models.hazard_sight import HazardSight
from streams.scene_demo import city_scripts
from streams.scene_play import play
from streams.scene_script import SceneScript, parse_script
from streams.scene_source import pictures_of

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def hazards() -> Detector:
    return Detector.load("hazard", provider="cpu")


def junction(**changed: Any) -> SceneScript:
    """Return the demo's junction, where cars brake and lights are red, for five seconds."""
    (path,) = (path for path in city_scripts() if path.stem == "demo-junction")
    script = tomllib.loads(path.read_text(encoding="utf-8"))
    return parse_script(
        {**script, "rule": [], "fps": 5, "duration": 5, "loop": False, **changed}, Path("junction.toml")
    )


def watched(script: SceneScript, hazards: Detector) -> tuple[list[Reading], list[str]]:
    """Return what is seen of the scene, and the kinds of alerts that it gives."""
    sight = HazardSight(hazards)
    seen: list[Reading] = []
    told: list[str] = []
    rules = [module.Detector(RuleSetup(module.KIND, "c1"), module.Config()) for module in (fire, smoke)]
    for picture in pictures_of(play(script).scene):
        frame = Frame("c1", "r1", picture.seq, START + picture.at, picture.drawn.image)
        (readings,) = sight.look([frame], [()])
        seen += readings
        obs = Observation(frame.camera, frame.run, frame.seq, frame.at, (), readings)
        told += [alert.kind for rule in rules for alert in rule.observe(obs)]
    return seen, told


def test_fog_and_rain_are_no_hazard(hazards: Detector) -> None:
    seen, told = watched(junction(light={"like": "fog", "sun": [56, 68]}, rain=[{"heavy": 1.0}]), hazards)
    assert seen
    assert told == []


def test_lamps_out_of_focus_are_no_fire_and_the_blur_is_no_smoke(hazards: Detector) -> None:
    seen, told = watched(junction(fault=[{"kind": "blurred", "start": 0, "end": 60}]), hazards)
    assert sum(one.kind == "flame" and one.score >= 0.2 for one in seen) >= 3, "nothing that could be taken for a fire"
    assert sum(one.kind == "smoke" and one.score >= 0.35 for one in seen) >= 10, "nor for smoke"
    assert told == []

"""A scene that shows everything at once: it stays a pure function of seed and time, in whatever process it is drawn."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from streams.drawing import View
from streams.scene import Scene, Sensor, solid, walker
from streams.scene_bags import bag
from streams.scene_carried import Carried, Thrown
from streams.scene_cars import car
from streams.scene_faults import Fault, FaultKind
from streams.scene_fire import Fire
from streams.scene_heavy import truck
from streams.scene_light import LIGHTS, Hour
from streams.scene_motion import Script
from streams.scene_people import random_look
from streams.scene_places import Place, Wall
from streams.scene_plates import Plate
from streams.scene_rain import Rain
from streams.scene_smoke import Smoke
from streams.scene_water import Ruler, Water

WALK = Script(((0.0, -6.0, 13.0), (6.0, -4.6, 16.0), (20.0, -4.6, 34.0)), 100.0)
DRIVE = Script(((0.0, 2.0, 34.0), (9.0, 2.0, 11.0), (20.0, 2.0, -10.0)), 100.0)


def everything(hour: Hour = "dusk") -> Scene:
    """Return a small street on which all that can be drawn happens."""
    rng = np.random.default_rng(8)
    place = Place(
        half_road=4.0,
        pavement=3.0,
        walls=(Wall("x", -7.0, 4.0, 60.0), Wall("y", 60.0, -30.0, 30.0)),
        lamps=((4.6, 12.0),),
        trees=((-4.6, 22.0),),
        stalls=((5.6, 20.0),),
        river=(7.0, 16.0),
        railing=True,
    )
    return Scene(
        name="everything",
        seed=8,
        view=View((0.0, -2.0, 5.0), 0.06, 0.27, 240.0, (320, 180)),
        light=LIGHTS[hour],
        place=place,
        actors=(
            walker(WALK, random_look(rng), name="owner"),
            solid("bag", Carried(WALK, left=7.0), bag(rng, "case"), name="case"),
            solid("truck", DRIVE, truck(rng, "flat"), name="lorry", plate=Plate("98C", "123.45", "yellow")),
            solid("bag", Thrown(DRIVE, start=6.0), bag(rng, "heap"), name="heap"),
            solid("car", Script(((0.0, -2.0, 40.0), (20.0, -2.0, 10.0)), 100.0), car(rng), name="guest"),
        ),
        duration=timedelta(seconds=20),
        sensor=Sensor(2.0, 0.4, "SIMULATED"),
        smallest=4.0,
        effects=(Smoke(-1.0, 24.0, 0.0), Fire(-1.0, 24.0, 1.0), Rain(0.5)),
        faults=(Fault(FaultKind.MOVED, 15.0, 16.0), Fault(FaultKind.INFRARED, 16.0, 17.0)),
        hours=((0.0, LIGHTS["rain"]), (12.0, LIGHTS[hour])),
        water=Water(((0.0, -1.0), (20.0, 0.25)), (Ruler(7.4, 14.0, -3.0, 4.0),)),
    )


def digest(times: tuple[float, ...]) -> str:
    """Return the digest of the pictures and the truth at those times."""
    total, scene = hashlib.sha256(), everything()
    for seconds in times:
        drawn = scene.picture(timedelta(seconds=seconds))
        total.update(drawn.image.tobytes())
        total.update(repr((drawn.seen, drawn.measures, drawn.fault)).encode())
    return total.hexdigest()


def test_another_process_draws_the_same_bytes_and_tells_the_same_truth() -> None:
    times = (7.5, 15.5)
    command = f"from tests.streams.test_scenes_all_at_once import digest; print(digest({times}))"
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    other = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, env=environment)
    assert other.stdout.strip() == digest(times)


def test_the_truth_names_all_that_shows() -> None:
    drawn = everything().picture(timedelta(seconds=8))
    assert {seen.actor for seen in drawn.seen} == {"owner", "case", "lorry", "heap", "guest", "fire", "smoke"}
    lorry = next(seen for seen in drawn.seen if seen.actor == "lorry")
    assert lorry.detection.label == "truck"
    assert [measure.place for measure in drawn.measures] == ["ruler"]
    assert 2.0 < drawn.measures[0].value < 3.25


def test_nothing_is_told_of_that_is_too_small() -> None:
    scene = everything()
    for seconds in np.arange(0, 15, 2.5):
        for seen in scene.picture(timedelta(seconds=float(seconds))).seen:
            box = seen.detection.box
            assert min(box.width * 320, box.height * 180) > 3.999, seen


@pytest.mark.parametrize("hour", LIGHTS)
def test_every_light_that_has_a_name_can_be_drawn(hour: Hour) -> None:
    still = replace(everything(hour), hours=(), faults=(), water=None)
    image = still.picture(timedelta(seconds=8)).image
    assert 15 < image.mean() < 200
    assert image.std() > 12

"""The bundled models on simulated cameras: they recognise what burns there and read the plates, without being told."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from models.detector import Detector
from models.plate_reader import PlateReader
from models.plates import PlateSight
from streams.drawing import View
from streams.scene import Scene, Sensor, solid
from streams.scene_cars import car
from streams.scene_effects import Effect
from streams.scene_fire import Fire
from streams.scene_light import light_like
from streams.scene_motion import Still
from streams.scene_places import Place, Wall
from streams.scene_plates import car_plate, motorcycle_plate
from streams.scene_smoke import Smoke
from streams.scene_two_wheelers import motorcycle

SURE = 0.25
STREET = Place(6.0, 4.0, (Wall("x", -10.0, 4.0, 90.0), Wall("x", 10.0, 4.0, 90.0), Wall("y", 90.0, -30.0, 30.0)))


def camera(*effects: Effect) -> Scene:
    return Scene(
        name="street",
        seed=5,
        view=View((0.5, -3.0, 4.5), 0.1, 0.26, 560.0),
        light=light_like("sunny", -40, 50),
        place=STREET,
        actors=(),
        duration=timedelta(minutes=1),
        sensor=Sensor(1.6, 0.45),
        effects=effects,
    )


def share_found(hazards: Detector, label: str, scene: Scene) -> float:
    """Return in how many of six pictures the model finds it where the truth says it is."""
    found = 0
    for seconds in (20, 24, 28, 32, 36, 40):
        drawn = scene.picture(timedelta(seconds=seconds))
        (truth,) = [seen.box for seen in drawn.objects if seen.label == label]
        (detections,) = hazards.detect([drawn.image], threshold=SURE)
        found += any(
            one.label == label and truth.x1 < one.box.centre.x < truth.x2 and truth.y1 < one.box.centre.y < truth.y2
            for one in detections
        )
    return found / 6


@pytest.fixture(scope="module")
def hazards() -> Detector:
    return Detector.load("hazard", provider="cpu")


def test_a_drawn_blaze_is_found_as_fire(hazards: Detector) -> None:
    assert share_found(hazards, "fire", camera(Fire(0.0, 12.0, 0.0, growth=20.0))) >= 5 / 6


def test_drawn_smoke_over_a_street_is_found(hazards: Detector) -> None:
    assert share_found(hazards, "smoke", camera(Smoke(1.0, 18.0, 0.0))) >= 4 / 6


def test_a_drawn_street_where_nothing_burns_raises_no_alarm(hazards: Detector) -> None:
    images = [camera().picture(timedelta(seconds=t)).image for t in (0, 30)]
    assert [one for found in hazards.detect(images, threshold=SURE) for one in found] == []


def gate(seed: int, *, bike: bool) -> Scene:
    """Return a camera at a gate that a vehicle passes."""
    rng = np.random.default_rng(seed)
    mesh, plate = (motorcycle(rng, 1), motorcycle_plate(rng)) if bike else (car(rng), car_plate(rng))
    vehicle = solid("car", Still(0.4, 7.5, (np.pi if bike else -np.pi) / 2), mesh, plate=plate)
    view = View((0.4, -3.0, 3.4), 0.0, 0.32, 1500.0)
    return replace(camera(), view=view, actors=(vehicle,), sensor=Sensor(2.5, 0.45))


def test_drawn_plates_of_near_vehicles_are_read() -> None:
    sight = PlateSight(Detector.load("plate", provider="cpu"), PlateReader.load(provider="cpu"))
    right = 0
    for seed in range(3):
        for bike in (False, True):
            drawn = gate(seed, bike=bike).picture(timedelta(0))
            told = drawn.seen[0].plate
            assert told is not None
            right += any(seen.plate.key == told.text for seen in sight.look(drawn.image))
    assert right >= 5

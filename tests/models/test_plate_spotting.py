"""Where plates are found: on vehicles' lower parts, and in whole pictures."""

from __future__ import annotations

import numpy as np
import pytest

from ioc.geometry import iou
from ioc.types import Box, Detection, Image
from models.detector import Detector
from models.plate_spotting import PlateSpotter, SpotSettings, bearer_of
from tests.models.drawn_plates import LONG, SHORT, SMALL, car, paint, road


@pytest.fixture(scope="module")
def finder() -> Detector:
    return Detector.load("plate", provider="cpu")


def two_cars() -> tuple[Image, list[Box], list[Box]]:
    """Return a picture of two cars, their boxes, and those of their plates."""
    image = road()
    cars = [
        car(image, (60, 150, 300, 260), "98A-123.45", LONG, plate=96),
        car(image, (560, 200, 220, 200), "29C-678.90", SHORT, plate=66),
    ]
    blank = road()
    plates = [
        paint(blank, "98A-123.45", LONG, centre=(210, 332), width=96),
        paint(blank, "29C-678.90", SHORT, centre=(670, 340), width=66),
    ]
    return image, cars, plates


def matched(found: list[Detection], plates: list[Box]) -> list[float]:
    """Return how well each plate is covered by what was found."""
    return [max((iou(plate, own.box) for own in found), default=0.0) for plate in plates]


def test_a_vehicle_s_plate_is_told_in_fractions_of_the_whole_picture(finder: Detector) -> None:
    image, cars, plates = two_cars()
    found = PlateSpotter(finder).on_vehicles(image, cars)
    assert len(found) == 2
    assert min(matched(found, plates)) > 0.8


def test_only_the_vehicles_that_are_given_are_looked_at(finder: Detector) -> None:
    image, cars, plates = two_cars()
    found = PlateSpotter(finder).on_vehicles(image, cars[1:])
    assert len(found) == 1
    assert matched(found, plates)[1] > 0.8
    assert PlateSpotter(finder).on_vehicles(image, []) == []


def test_a_whole_picture_is_looked_at_without_any_vehicle(finder: Detector) -> None:
    image, _, plates = two_cars()
    found = PlateSpotter(finder).in_picture(image)
    assert min(matched(found, plates)) > 0.8
    assert len(found) == 2


def test_a_plate_on_two_overlapping_vehicles_is_told_once(finder: Detector) -> None:
    image, cars, plates = two_cars()
    wider = Box(cars[0].x1, cars[0].y1, cars[0].x2 + 0.05, cars[0].y2)
    found = PlateSpotter(finder).on_vehicles(image, [cars[0], wider])
    assert len(found) == 1
    assert matched(found, plates)[0] > 0.8


def test_a_vehicle_cut_by_the_frame_s_edge_is_looked_at_as_far_as_it_shows(finder: Detector) -> None:
    image = road()
    cut = car(image, (800, 330, 300, 260), "98A-123.45", plate=96)
    found = PlateSpotter(finder).on_vehicles(image, [cut, Box(0.999, 0.999, 1.0, 1.0)])
    assert all(0 <= plate.box.x1 < plate.box.x2 <= 1 for plate in found)


def test_what_has_the_shape_of_no_plate_is_left_out(finder: Detector) -> None:
    image, cars, plates = two_cars()
    tall_only = SpotSettings(shapes=(0.8, 3.0))
    found = PlateSpotter(finder, tall_only).on_vehicles(image, cars)
    assert len(found) == 1
    assert matched(found, plates)[1] > 0.8


def test_an_empty_road_has_no_plates(finder: Detector) -> None:
    spotter = PlateSpotter(finder)
    assert spotter.in_picture(road()) == []
    assert spotter.on_vehicles(np.zeros((1, 1, 3), np.uint8), [Box(0, 0, 1, 1)]) == []


def test_the_vehicle_in_front_bears_the_plate_that_two_hold() -> None:
    bus, motorcycle = (
        Detection("bus", 0.9, Box(0.1, 0.1, 0.9, 0.9)),
        Detection("motorcycle", 0.6, Box(0.4, 0.4, 0.6, 0.8)),
    )
    assert bearer_of(Box(0.45, 0.6, 0.5, 0.65), [bus, motorcycle]) is motorcycle
    assert bearer_of(Box(0.2, 0.6, 0.3, 0.65), [bus, motorcycle]) is bus
    assert bearer_of(Box(0.0, 0.0, 0.1, 0.05), [bus, motorcycle]) is None


def test_a_motorcycle_s_plate_is_found(finder: Detector) -> None:
    image = road()
    rider = car(image, (400, 100, 130, 300), "98-B1 123.45", SMALL, plate=50)
    (found,) = PlateSpotter(finder).on_vehicles(image, [rider])
    assert iou(found.box, paint(road(), "98-B1 123.45", SMALL, centre=(465, 310), width=50)) > 0.8

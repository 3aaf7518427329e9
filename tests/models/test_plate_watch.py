"""From frames and vehicles to readings of plates, with the networks that are shipped."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import cv2
import numpy as np
import pytest

from ioc.ports import Seer
from ioc.types import Box, Detection, Frame, Image, Reading
from models.detector import Detector
from models.plate_reader import PlateReader
from models.plate_watch import KIND, PlateWatch, WatchSettings
from streams.scene_plates import Blank
from tests.models.drawn_plates import LONG, SHORT, SMALL, car, road

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def finder() -> Detector:
    return Detector.load("plate", provider="cpu")


@pytest.fixture(scope="module")
def reader() -> PlateReader:
    return PlateReader.load(provider="cpu")


@pytest.fixture
def watch(finder: Detector, reader: PlateReader) -> PlateWatch:
    return PlateWatch(finder, reader, {"far": "overview", "near": "lpr"})


def frame(image: Image, camera: str = "far", seq: int = 0, run: str = "r") -> Frame:
    image.flags.writeable = False
    return Frame(camera, run, seq, START + timedelta(seconds=0.2 * seq), image)


def seen(box: Box, label: str = "car", score: float = 0.9) -> Detection:
    return Detection(label, score, box)


def value(reading: Reading) -> dict[str, Any]:
    return cast("dict[str, Any]", reading.value)


def texts(readings: tuple[Reading, ...]) -> list[str]:
    return [value(reading)["text"] for reading in readings]


def only(watch: PlateWatch, image: Image, *found: Detection, camera: str = "far") -> Reading:
    ((reading,),) = watch.look([frame(image, camera)], [found])
    return reading


def test_is_a_seer(watch: PlateWatch) -> None:
    seer: Seer = watch
    assert [ran["name"] for ran in seer.ran()] == ["plate", "plate_reader"]
    told = seer.describe()
    assert told["plates"] == {"far": "overview", "near": "lpr"}
    assert json.loads(json.dumps(told)) == told


def test_a_vehicle_s_plate_is_read_with_all_that_voting_needs(watch: PlateWatch) -> None:
    image = road()
    box = car(image, (560, 200, 220, 200), "29C-678.90", SHORT, plate=66)
    reading = only(watch, image, seen(box, "truck"))
    told = value(reading)
    assert (reading.kind, told["text"], told["upper_len"], told["lines"]) == (KIND, "29C67890", 3, 2)
    assert (told["colour"], told["vehicle"], told["fault"]) == ("white", "truck", None)
    assert len(told["scores"]) == 8
    assert all(text != "29C67890" and 0 < score < 0.5 for text, _, score in told["alternatives"])
    assert told["height"] == pytest.approx(0.38 * 66 / 2, rel=0.15)
    assert reading.score > 0.9
    assert told["found"] > 0.5
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize(
    ("text", "blank", "key"), [("98A-123.45", LONG, "98A12345"), ("98-B1 678.90", SMALL, "98B167890")]
)
def test_a_camera_close_to_plates_needs_no_vehicles(watch: PlateWatch, text: str, blank: Blank, key: str) -> None:
    image = road()
    car(image, (200, 40, 500, 480), text, blank, plate=150)
    reading = only(watch, image, camera="near")
    assert value(reading)["text"] == key
    assert value(reading)["vehicle"] is None


def test_there_too_the_vehicle_is_told_where_one_was_found(watch: PlateWatch) -> None:
    image = road()
    box = car(image, (300, 100, 320, 300), "98A-123.45", plate=110)
    assert value(only(watch, image, seen(box, "bus"), camera="near"))["vehicle"] == "bus"


def test_each_camera_gets_its_readings_in_order(watch: PlateWatch) -> None:
    image, empty = road(), road()
    box = car(image, (560, 200, 220, 200), "29C-678.90", SHORT, plate=66)
    told = watch.look([frame(empty, "near"), frame(image, "far"), frame(image, "near", 1)], [[], [seen(box)], []])
    assert [texts(readings) for readings in told] == [[], ["29C67890"], ["29C67890"]]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ((), "nobody is there"),
        ((("person", 0.9),), "persons bear no plates"),
        ((("car", 0.15),), "what is hardly a car is not followed"),
    ],
)
def test_an_overview_looks_at_vehicles_alone(watch: PlateWatch, found: tuple[tuple[str, float], ...], why: str) -> None:
    image = road()
    box = car(image, (560, 200, 220, 200), "29C-678.90", SHORT, plate=66)
    assert watch.look([frame(image)], [[Detection(label, score, box) for label, score in found]]) == [()], why


def test_vehicles_too_small_to_be_read_are_not_looked_at(watch: PlateWatch) -> None:
    image = road()
    box = car(image, (560, 200, 70, 70), "29C-678.90", SHORT, plate=22)
    assert watch.look([frame(image)], [[seen(box)]]) == [()]


@pytest.mark.parametrize(
    ("plate", "blur", "fault"), [(14, 0.0, "small"), (66, 4.0, "blurred"), (66, 2.5, "unsure"), (66, 0.0, None)]
)
def test_what_cannot_be_read_is_told_and_not_guessed(
    finder: Detector, reader: PlateReader, plate: int, blur: float, fault: str | None
) -> None:
    image = road()
    box = car(image, (560, 200, 220, 200), "29C-678.90", SHORT, plate=plate)
    if blur:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), blur), np.uint8)
    watch = PlateWatch(finder, reader, {"far": "overview"})
    told = [value(reading) for reading in watch.look([frame(image)], [[seen(box)]])[0]]
    assert [(own["fault"], bool(own["text"]), bool(own["scores"])) for own in told] == [(fault, not fault, not fault)]


def test_a_plate_at_the_frame_s_edge_is_not_guessed(watch: PlateWatch) -> None:
    image = road()
    box = car(image, (840, 200, 220, 200), "29C-678.90", SHORT, plate=100)
    assert value(only(watch, image, seen(box)))["fault"] == "cut"


def drive(watch: PlateWatch, count: int, step: int, camera: str = "far", run: str = "r") -> list[tuple[Reading, ...]]:
    """Let a car drive by, so many pixels a frame, and return what was read in each."""
    told = []
    for seq in range(count):
        image = road()
        box = car(image, (40 + step * seq, 200, 220, 200), "29C-678.90", SHORT, plate=66)
        told += watch.look([frame(image, camera, seq, run)], [[seen(box)]])
    return told


def test_a_plate_that_was_read_often_enough_is_not_read_again(watch: PlateWatch) -> None:
    told = drive(watch, 12, 40)
    assert [texts(readings) for readings in told] == [["29C67890"]] * 5 + [[]] * 7


def test_a_vehicle_that_stands_is_read_a_few_times(watch: PlateWatch) -> None:
    assert sum(map(len, drive(watch, 12, 0))) == 3


def test_close_to_plates_what_stands_is_read_now_and_again(watch: PlateWatch) -> None:
    told = [len(readings) for readings in drive(watch, 16, 0, "near")]
    assert told[:4] == [1, 1, 1, 0]
    assert sum(told[4:]) == pytest.approx(3, abs=1)


def test_a_new_run_reads_anew_and_the_same_frames_read_the_same(finder: Detector, reader: PlateReader) -> None:
    watch = PlateWatch(finder, reader, {"far": "overview"})
    first = drive(watch, 8, 40)
    assert drive(watch, 8, 40, run="later") == first
    assert drive(PlateWatch(finder, reader, {"far": "overview"}), 8, 40) == first


def test_of_many_vehicles_all_are_looked_at_in_time(finder: Detector, reader: PlateReader) -> None:
    image = road(540, 1600)
    plates = ("29C-678.90", "98A-123.45", "30E-246.80", "15B-135.79", "99K-864.20", "34D-975.31")
    boxes = [car(image, (20 + 260 * n, 200, 200, 190), text, SHORT, plate=60) for n, text in enumerate(plates)]
    watch = PlateWatch(finder, reader, {"far": "overview"}, WatchSettings(at_once=2))
    read = [texts(watch.look([frame(image, "far", seq)], [[seen(box) for box in boxes]])[0]) for seq in range(9)]
    assert max(map(len, read)) == 2
    assert {text for told in read for text in told} == {text.replace("-", "").replace(".", "") for text in plates}


def test_a_picture_of_a_pixel_or_of_noise_is_no_crash(watch: PlateWatch) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (90, 160, 3), np.uint8)
    for image in (np.zeros((1, 1, 3), np.uint8), noise):
        for camera in ("far", "near"):
            (readings,) = watch.look([frame(image, camera, run=f"{image.size}")], [[seen(Box(0, 0, 1, 1))]])
            assert not any(texts(readings))

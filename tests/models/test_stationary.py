"""What stands still is told with its age, and whether it came or went; what passes, and changes of light, are not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ioc.ports import Seer
from ioc.types import Box, Detection, Frame, Image, Reading
from models.detector import Detector
from models.session import Session
from models.stationary import StationarySight
from tests.models.drawn_model import Colours, entry, write

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
HEIGHT, WIDTH = 180, 320
BAG = (150, 100, 170, 125)
"""x1 y1 x2 y2 in pixels of the things that these tests put down."""

Scene = Callable[[float], Image]


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    """Return a detector that knows things by their colour, in boxes as large as a thing is in its surroundings."""
    path, sha256 = write(tmp_path_factory.mktemp("colours"), Colours(box=85.0))
    return Detector(entry(sha256), Session(path, sha256, provider="cpu"))


@pytest.fixture
def sight(colours: Detector) -> StationarySight:
    return StationarySight(colours)


COARSE = np.random.default_rng(1).integers(90, 150, (9, 16, 3), dtype=np.uint8)


def ground() -> Image:
    """Return a street of coarse patches, so that there are edges to compare."""
    return np.asarray(cv2.resize(COARSE, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def filled(image: Image, corners: tuple[float, float, float, float], colour: tuple[int, int, int]) -> Image:
    x1, y1, x2, y2 = (max(round(corner), 0) for corner in corners)
    image[y1:y2, x1:x2] = colour
    return image


def with_bag(image: Image, corners: tuple[float, float, float, float] = BAG) -> Image:
    return filled(image, corners, (30, 20, 20))


def looked(
    sight: StationarySight,
    scene: Scene,
    seconds: float,
    *,
    people: Callable[[float], Sequence[Box]] = lambda t: (),
    rate: float = 5.0,
    noise: float = 2.0,
    run: str = "r1",
) -> list[tuple[float, tuple[Reading, ...]]]:
    """Return what is read of a scene at each time, with a sensor's noise on every picture."""
    noises = np.random.default_rng(7).normal(0, noise, (9, HEIGHT, WIDTH, 3))
    told = []
    for seq in range(round(seconds * rate)):
        t = seq / rate
        image = scene(t) + noises[seq % len(noises)]
        frame = Frame("c1", run, seq, START + timedelta(seconds=t), np.clip(image, 0, 255).astype(np.uint8))
        found = [Detection("person", 0.8, box) for box in people(t)]
        (readings,) = sight.look([frame], [found])
        told.append((t, readings))
    return told


def value(reading: Reading) -> dict[str, float]:
    assert isinstance(reading.value, dict)
    return {key: float(number) for key, number in reading.value.items() if isinstance(number, int | float)}


def bag_from(begin: float, end: float = 1e9) -> Scene:
    return lambda t: with_bag(ground()) if begin <= t < end else ground()


def at_time(told: list[tuple[float, tuple[Reading, ...]]], t: float) -> tuple[Reading, ...]:
    return next(readings for when, readings in told if when >= t - 1e-6)


def iou_with_bag(reading: Reading) -> float:
    assert reading.box is not None
    x1, y1, x2, y2 = (corner / size for corner, size in zip(BAG, (WIDTH, HEIGHT) * 2, strict=True))
    across = min(reading.box.x2, x2) - max(reading.box.x1, x1)
    down = min(reading.box.y2, y2) - max(reading.box.y1, y1)
    both = max(across, 0) * max(down, 0)
    return both / (reading.box.area + (x2 - x1) * (y2 - y1) - both)


def test_it_is_a_seer_and_tells_what_it_asks(sight: StationarySight, colours: Detector) -> None:
    seer: Seer = sight
    assert seer.look([], []) == []
    assert seer.ran() == [colours.describe()]
    assert seer.describe() == {"reads": "stationary", "asks": colours.describe(), "size": 256}


def test_it_says_what_the_detector_takes_a_thing_for(sight: StationarySight) -> None:
    def scene(t: float) -> Image:
        return filled(ground(), BAG, (0, 0, 255)) if t >= 5 else ground()

    told = looked(sight, scene, 12)
    (reading,) = at_time(told, 11)
    assert isinstance(reading.value, dict)
    assert reading.value["label"] == "red"


def test_a_street_with_nothing_on_it_gives_nothing(sight: StationarySight) -> None:
    assert all(readings == () for _, readings in looked(sight, lambda t: ground(), 20))


def test_what_is_put_down_is_told_after_a_second_where_it_lies(sight: StationarySight) -> None:
    told = looked(sight, bag_from(5), 12)
    first = next(t for t, readings in told if readings)
    assert first == pytest.approx(6.2, abs=0.7)
    (reading,) = at_time(told, 11)
    assert (reading.kind, reading.track) == ("stationary", None)
    assert iou_with_bag(reading) > 0.6
    assert value(reading)["age"] == pytest.approx(11 - 5, abs=0.9)
    assert value(reading)["placed"] > 0.3
    assert value(reading)["visible"] > 0.9


def test_it_keeps_its_number_and_is_gone_when_it_is_picked_up(sight: StationarySight) -> None:
    told = looked(sight, bag_from(5, 20), 26)
    places = {value(reading)["place"] for _, readings in told for reading in readings}
    assert len(places) == 1
    last = max(t for t, readings in told if readings)
    assert last == pytest.approx(20, abs=1.2)


def test_who_passes_in_front_takes_nothing_from_its_age(sight: StationarySight) -> None:
    def scene(t: float) -> Image:
        x = 100 * (t % 4) - 30
        return filled(bag_from(5)(t), (x, 60, x + 25, 140), (200, 210, 220))

    told = looked(sight, scene, 30)
    (reading,) = [r for r in at_time(told, 29.6) if iou_with_bag(r) > 0.5]
    assert value(reading)["age"] == pytest.approx(29.6 - 5, abs=1.5)
    visible = [value(r)["visible"] for _, readings in told for r in readings if iou_with_bag(r) > 0.5]
    assert min(visible) < 0.3


def test_things_that_come_by_one_after_the_other_do_not_add_up(sight: StationarySight) -> None:
    """Each waits for less than a second where the one before waited, and looks another way."""

    def scene(t: float) -> Image:
        shade = (10, 60, 200, 250)[int(t / 0.8) % 4]
        return filled(ground(), BAG, (shade, shade, shade)) if t > 4 else ground()

    assert all(readings == () for _, readings in looked(sight, scene, 20))


def test_what_only_moves_is_not_told(sight: StationarySight) -> None:
    def scene(t: float) -> Image:
        x = 60 * (t % 7) - 50
        return filled(ground(), (x, 80, x + 40, 130), (20, 20, 200))

    assert all(readings == () for _, readings in looked(sight, scene, 18))


def test_what_stood_there_from_the_start_and_leaves_was_removed(sight: StationarySight) -> None:
    told = looked(sight, bag_from(-1, 5), 15)
    (reading,) = at_time(told, 9)
    assert value(reading)["placed"] < -0.3


def test_somebody_known_to_be_a_person_is_no_thing_and_uncovers_what_they_leave(sight: StationarySight) -> None:
    person = (135, 60, 175, 130)

    def scene(t: float) -> Image:
        image = bag_from(5)(t)
        return filled(image, person, (180, 60, 60)) if 4 <= t < 12 else image

    def people(t: float) -> list[Box]:
        x1, y1, x2, y2 = person
        return [Box(x1 / WIDTH, y1 / HEIGHT, x2 / WIDTH, y2 / HEIGHT)] if 4 <= t < 12 else []

    told = looked(sight, scene, 18, people=people)
    assert all(readings == () for t, readings in told if t < 12)
    (reading,) = [r for r in at_time(told, 17) if iou_with_bag(r) > 0.6]
    assert value(reading)["placed"] > 0.3


def test_a_change_of_light_is_no_thing_and_hides_none(sight: StationarySight) -> None:
    def scene(t: float) -> Image:
        light = 1.0 if t < 12 else 0.6
        return np.asarray(bag_from(5)(t) * light, np.uint8)

    told = looked(sight, scene, 25)
    places = {value(reading)["place"] for _, readings in told for reading in readings}
    assert len(places) == 1
    (reading,) = at_time(told, 24)
    assert iou_with_bag(reading) > 0.5
    assert value(reading)["age"] > 15


def test_slow_dusk_is_followed(sight: StationarySight) -> None:
    assert all(
        readings == () for _, readings in looked(sight, lambda t: np.asarray(ground() * (1 - t / 120), np.uint8), 60)
    )


def test_what_is_smaller_than_a_hundredth_of_the_width_is_not_told(sight: StationarySight) -> None:
    told = looked(sight, lambda t: with_bag(ground(), (150, 100, 152, 103)) if t > 5 else ground(), 15)
    assert all(readings == () for _, readings in told)


def test_a_new_run_begins_with_what_it_finds(sight: StationarySight) -> None:
    assert at_time(looked(sight, bag_from(2), 8), 7)
    again = looked(sight, bag_from(-1), 8, run="r2")
    assert all(readings == () for _, readings in again)


def test_cameras_and_their_numbers_are_apart(sight: StationarySight) -> None:
    for seq in range(50):
        at = START + timedelta(seconds=seq / 5)
        bag = bag_from(2)(seq / 5)
        frames = [Frame("c1", "r", seq, at, bag), Frame("c2", "r", seq, at, ground())]
        one, other = sight.look(frames, [(), ()])
    assert len(one) == 1
    assert other == ()


def test_the_same_pictures_give_the_same_readings(sight: StationarySight, colours: Detector) -> None:
    assert looked(sight, bag_from(5), 12) == looked(StationarySight(colours), bag_from(5), 12)


def test_it_costs_little_beside_shrinking_the_picture(sight: StationarySight) -> None:
    """At 640 × 360; a ratio, since machines differ: as much as so many blurs of the same picture."""
    image = np.asarray(cv2.resize(ground(), (640, 360)), np.uint8)

    def look(seq: int) -> None:
        sight.look([Frame("c1", "r", seq, START + timedelta(seconds=seq / 5), image)], [()])

    def blur(_: int) -> npt.NDArray[np.uint8]:
        return np.asarray(cv2.GaussianBlur(image, (9, 9), 0), np.uint8)

    def cost(work: Callable[[int], object], rounds: int = 40) -> float:
        times = []
        for seq in range(rounds):
            begin = time.perf_counter()
            work(seq)
            times.append(time.perf_counter() - begin)
        return float(np.median(times))

    assert cost(look) < 6 * cost(blur)

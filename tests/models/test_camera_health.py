"""Drawn cameras that fail: the figures say how, whatever passes through the picture, and sound ones say nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np
import pytest

from detectors.camera_health import Config, Detector
from ioc.ports import RuleSetup
from ioc.types import Alert, Frame, Image, Json, Observation, Phase
from models.camera_health import HealthSight
from streams.scene_faults import FaultKind, spoil

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
WIDTH, HEIGHT = 640, 360
RATE = 5
SETTLE = timedelta(seconds=30)

Scene = Callable[[float], Image]
Fault = Callable[[Image], Image]


def street(seed: int = 1, shift: int = 0, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """Return a street of patches and edges at all sizes; `shift` turns the camera by so many pixels of 640."""
    rng = np.random.default_rng(seed)
    wide = np.zeros((height, width + width // 4, 3), np.float32)
    for size in (6, 20, 80):
        grid = rng.uniform(0, 75, (wide.shape[0] // size + 2, wide.shape[1] // size + 2, 3)).astype(np.float32)
        wide += cv2.resize(grid, None, fx=size, fy=size, interpolation=cv2.INTER_NEAREST)[
            : wide.shape[0], : wide.shape[1]
        ]
    begin = width // 8 - shift
    turned = wide[:, begin : begin + width].astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(turned, (3, 3), 0), np.uint8)


NOISE = np.random.default_rng(3).integers(0, 12, (7, HEIGHT, WIDTH, 3), dtype=np.uint8)
STREET, TURNED, OTHER = street(), street(shift=64), street(seed=2)


def lively(ground: Image, t: float) -> Image:
    """Return the street with a car that drives by, a sensor's noise and a clock."""
    image = ground.copy()
    x = int(130 * t) % (WIDTH + 200) - 100
    image[200:260, max(x, 0) : max(x + 100, 0)] = (40, 30, 160)
    return running_clock(np.asarray(cv2.add(image, NOISE[round(t * RATE) % len(NOISE)]), np.uint8), t)


def sound(t: float) -> Image:
    return lively(STREET, t)


def from_(begin: float, spoilt: Scene, before: Scene = sound, end: float = 1e9) -> Scene:
    return lambda t: spoilt(t) if begin <= t < end else before(t)


def with_(fault: Fault) -> Scene:
    return lambda t: fault(sound(t))


def running_clock(image: Image, t: float) -> Image:
    stopped = image.copy()
    stopped[8:24, 8:200] = np.random.default_rng(int(t)).integers(0, 256, (16, 192, 1), dtype=np.uint8)
    return stopped


def half_covered(image: Image) -> Image:
    covered = image.copy()
    covered[:, : WIDTH * 8 // 10] = 60
    return covered


FAULTS: dict[str, tuple[Scene, str]] = {
    "black": (with_(np.zeros_like), "black"),
    "a hand before the lens": (with_(lambda image: spoil(image, FaultKind.COVERED, 1)), "covered"),
    "a cloth over most of it": (with_(half_covered), "covered"),
    "out of focus": (with_(lambda image: np.asarray(cv2.GaussianBlur(image, (0, 0), 3), np.uint8)), "blurred"),
    "far out of focus": (with_(lambda image: spoil(image, FaultKind.BLURRED, 1)), "blurred"),
    "turned aside by a tenth": (lambda t: lively(TURNED, t), "moved"),
    "turned to another street": (lambda t: lively(OTHER, t), "moved"),
    "the same picture, under a clock that runs on": (lambda t: running_clock(sound(15.0), t), "frozen"),
    "infrared": (with_(lambda image: spoil(image, FaultKind.INFRARED, 1)), "infrared"),
}


def frames(scene: Scene, until: float, begin: float = 0.0, run: str = "r1", camera: str = "c1") -> list[Frame]:
    return [
        Frame(camera, run, n, START + timedelta(seconds=n / RATE), scene(n / RATE))
        for n in range(round(begin * RATE), round(until * RATE))
    ]


def told(shown: list[Frame], sight: HealthSight | None = None) -> list[tuple[Json, Phase, float]]:
    """Return what the rule tells of these frames: the fault, its phase, and when."""
    sight = sight or HealthSight({"c1": SETTLE})
    rule = Detector(RuleSetup("lens", "c1"), Config())
    alerts: list[Alert] = []
    for frame in shown:
        (readings,) = sight.look([frame], [()])
        alerts += rule.observe(Observation(frame.camera, frame.run, frame.seq, frame.at, (), readings))
    return [(alert.details["fault"], alert.phase, (alert.at - START).total_seconds()) for alert in alerts]


def figures(sight: HealthSight, frame: Frame) -> dict[str, Any]:
    ((reading,),) = sight.look([frame], [()])
    value: Any = reading.value
    return dict(value)


@pytest.mark.parametrize(("spoilt", "fault"), FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_found_within_ten_seconds(spoilt: Scene, fault: str) -> None:
    ((found, phase, at),) = told(frames(from_(12, spoilt), 26))
    assert (found, phase) == (fault, Phase.RAISED)
    assert 20 <= at <= 22


def brighter(image: Image) -> Image:
    return np.asarray(cv2.convertScaleAbs(image, alpha=1.25, beta=10), np.uint8)


def with_lorry(image: Image) -> Image:
    image[60:330, 100:420] = (90, 100, 95)
    return image


@pytest.mark.parametrize(
    "spoilt",
    [
        sound,
        with_(brighter),
        with_(with_lorry),
        lambda t: np.roll(sound(t), round(6 * np.sin(t)), axis=1),
        lambda t: sound(int(t)),
    ],
    ids=["nothing", "the sun comes out", "a lorry stops there", "the wind shakes it", "one picture a second"],
)
def test_what_a_sound_camera_shows_is_no_fault(spoilt: Scene) -> None:
    assert told(frames(from_(12, spoilt), 34)) == []


def test_a_fault_that_is_over_is_cleared() -> None:
    found = told(frames(from_(8, with_(np.zeros_like), end=20), 44))
    assert [(fault, phase) for fault, phase, _ in found] == [("black", Phase.RAISED), ("black", Phase.CLEARED)]


def test_another_view_becomes_the_usual_one_after_a_while_and_blur_never_does() -> None:
    sight = HealthSight({"c1": timedelta(seconds=10)})
    found = told(frames(from_(12, lambda t: lively(OTHER, t)), 44), sight)
    assert [(fault, phase) for fault, phase, _ in found] == [("moved", Phase.RAISED), ("moved", Phase.CLEARED)]
    blurred = with_(lambda image: spoil(image, FaultKind.BLURRED, 1))
    sight = HealthSight({"c1": timedelta(seconds=10)})
    ((fault, _, _),) = told(frames(from_(12, blurred), 40), sight)
    assert fault == "blurred"
    assert figures(sight, frames(sound, 41, 40.8)[0])["usual"] == 1


@pytest.mark.parametrize("spoilt", [FaultKind.BLACK, FaultKind.COVERED])
def test_a_camera_that_began_with_nothing_to_see_is_known_soon_after(spoilt: FaultKind) -> None:
    blind = with_(lambda image: spoil(image, spoilt, 1))
    shown = frames(lambda t: (blind if t < 6 or t >= 24 else sound)(t), 36)
    (fault, _, at) = told(shown)[-1]
    assert fault == {FaultKind.BLACK: "black", FaultKind.COVERED: "covered"}[spoilt]
    assert 32 <= at <= 34


def test_it_counts_the_views_that_became_usual() -> None:
    sight = HealthSight({"c1": timedelta(seconds=10)})
    seen = [figures(sight, frame)["usual"] for frame in frames(from_(12, lambda t: lively(OTHER, t)), 30)]
    assert (seen[0], seen[-1]) == (1, 2)


def test_a_camera_that_comes_back_turned_aside_is_known() -> None:
    shown = [*frames(sound, 15), *frames(lambda t: lively(TURNED, t), 30, 15, run="r2")]
    ((fault, _, at),) = told(shown)
    assert fault == "moved"
    assert 23 <= at <= 25


def test_a_camera_that_was_away_for_longer_than_another_view_is_settled_for_is_known_too() -> None:
    shown = [*frames(sound, 15), *frames(lambda t: lively(TURNED, t), 500 + 12, 500, run="r2")]
    assert [(fault, phase) for fault, phase, _ in told(shown)] == [("offline", Phase.RAISED), ("moved", Phase.RAISED)]


def test_nothing_is_said_against_what_is_usual_before_that_is_known() -> None:
    sight = HealthSight({"c1": SETTLE})
    seen = [figures(sight, frame) for frame in frames(sound, 12)]
    assert (seen[0]["changed"], seen[0]["motion"]) == (None, None)
    assert "kept" not in seen[10]
    assert (seen[20]["proven"], seen[-1]["proven"]) == (False, True)


def test_another_size_of_picture_is_learnt_anew() -> None:
    sight = HealthSight({"c1": SETTLE})
    for frame in frames(sound, 5):
        figures(sight, frame)
    smaller = Frame("c1", "r2", 0, START + timedelta(seconds=6), street(width=352, height=288))
    assert "kept" not in figures(sight, smaller)


@pytest.mark.parametrize("shape", [(1, 1), (9, 300), (48, 64), (1080, 1920)])
def test_any_size_will_do(shape: tuple[int, int]) -> None:
    sight = HealthSight({"c1": SETTLE})
    picture = np.random.default_rng(1).integers(0, 255, (*shape, 3), dtype=np.uint8)
    for n in range(20):
        value = figures(sight, Frame("c1", "r", n, START + timedelta(seconds=n), picture))
    assert value["detail"] == pytest.approx(1, abs=0.01)
    assert value["changed"] == 0


def test_cameras_are_kept_apart() -> None:
    alone, both = HealthSight({"c1": SETTLE}), HealthSight({"c1": SETTLE, "c2": SETTLE})
    for one, two in zip(frames(sound, 6), frames(lambda t: lively(OTHER, t), 6, camera="c2"), strict=True):
        together = both.look([one, two], [(), ()])
        assert together[0] == alone.look([one], [()])[0]


def test_it_asks_no_model_and_says_what_decides() -> None:
    sight = HealthSight({"c1": SETTLE})
    assert sight.ran() == []
    assert sight.describe() == {"reads": "camera_health", "settle_s": {"c1": 30.0}}


def test_it_costs_little() -> None:
    sight, shown = HealthSight({"c1": SETTLE}), frames(sound, 4)
    for frame in shown:
        sight.look([frame], [()])
    took = []
    for frame in shown:
        began = time.thread_time()
        sight.look([frame], [()])
        took.append(time.thread_time() - began)
    assert min(took) < 0.002

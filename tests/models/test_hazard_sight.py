"""The whole picture is looked at now and then, and each time when something burns; parts only if they may burn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ioc.hazard_watch import looks_of
from ioc.ports import Seer
from ioc.types import Box, Frame, Image, Observation, Reading
from models.detector import Detector
from models.hazard_sight import HazardSettings, HazardSight, fiery
from models.liveliness import Liveliness
from models.session import Session
from tests.models.drawn_model import Colours, entry, write

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
HEIGHT, WIDTH = 360, 640
SETTINGS = HazardSettings(threshold=0.6, size=640, part_size=320)
Scene = Callable[[float], Image]


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    """Return a detector that takes red for fire and blue for smoke."""
    path, sha256 = write(tmp_path_factory.mktemp("colours"), Colours())
    return Detector(entry(sha256, use={"red": "fire", "blue": "smoke"}), Session(path, sha256, provider="cpu"))


def street(t: float = 0.0) -> Image:
    return np.full((HEIGHT, WIDTH, 3), 90, np.uint8)


def burning(t: float) -> Image:
    """Return a street with a square that is fire to the detector, and flickers."""
    image = street()
    image[160:224, 320:384] = (0, 0, 255) if round(5 * t) % 2 else (0, 60, 255)
    return image


def flickering(t: float) -> Image:
    """Return a street with a light that has the colour of flames, and is none to the detector."""
    image = street()
    image[160:200, 320:360] = (60, 120, 190) if round(5 * t) % 2 else (60, 190, 245)
    return image


def looked(detector: Detector, scene: Scene, seconds: float, rate: float = 5.0) -> list[tuple[float, Observation]]:
    sight = HazardSight(detector, SETTINGS)
    told = []
    for seq in range(round(seconds * rate)):
        at = START + timedelta(seconds=seq / rate)
        (readings,) = sight.look([Frame("c1", "r1", seq, at, scene(seq / rate))], [()])
        told.append((seq / rate, Observation("c1", "r1", seq, at, (), readings)))
    return told


def whole_looks(told: list[tuple[float, Observation]]) -> list[float]:
    return [t for t, obs in told if any(look.whole for look in looks_of(obs))]


def part_looks(told: list[tuple[float, Observation]]) -> list[Box]:
    return [look.part for _, obs in told for look in looks_of(obs) if not look.whole]


def test_it_is_a_seer(detector: Detector) -> None:
    seer: Seer = HazardSight(detector)
    assert seer.look([], []) == []
    assert seer.ran() == [detector.describe()]
    assert seer.describe() == {**detector.describe(), "reads": "hazard", "size": 640}


def test_a_quiet_street_is_looked_at_once_a_second(detector: Detector) -> None:
    told = looked(detector, street, 10)
    assert whole_looks(told) == [float(second) for second in range(10)]
    assert part_looks(told) == []
    assert all(look.flames == look.smoke == () for _, obs in told for look in looks_of(obs))


def test_once_something_is_found_each_picture_is_looked_at_until_a_while_after(detector: Detector) -> None:
    told = looked(detector, lambda t: burning(t) if 3 <= t < 5 else street(), 15)
    looks = whole_looks(told)
    assert sum(3 <= t < 9 for t in looks) == 30
    assert sum(t >= 10 for t in looks) == 5


def test_what_is_found_has_its_score_its_place_and_how_lively_it_is(detector: Detector) -> None:
    _, obs = looked(detector, burning, 4)[-1]
    (look,) = [look for look in looks_of(obs) if look.whole]
    assert len(look.flames) == 4
    assert look.smoke == ()
    flame = look.flames[0]
    assert flame.score > 0.9
    assert 0.5 <= flame.box.x1 < flame.box.x2 <= 0.6
    assert flame.lively > 5


def test_what_holds_still_is_not_lively(detector: Detector) -> None:
    _, obs = looked(detector, lambda t: burning(0), 4)[-1]
    assert {flame.lively for look in looks_of(obs) for flame in look.flames} == {0.0}


def test_smoke_is_told_apart(detector: Detector) -> None:
    def scene(t: float) -> Image:
        image = street()
        image[0:64, 0:64] = (255, 0, 0)
        return image

    _, obs = looked(detector, scene, 1)[0]
    (look,) = looks_of(obs)
    assert look.flames == ()
    assert len(look.smoke) == 4


def test_a_part_that_flickers_in_the_colour_of_flames_is_looked_at_enlarged(detector: Detector) -> None:
    parts = part_looks(looked(detector, flickering, 10))
    assert 8 <= len(parts) <= 10
    for part in parts:
        assert part.x1 < 0.5
        assert part.x2 > 0.5625
        assert part.y1 < 0.45
        assert part.y2 > 0.55
        assert part.width >= SETTINGS.least_part - 1e-9


def test_what_a_part_shows_lies_where_it_is_in_the_whole_picture(detector: Detector) -> None:
    found = [
        flame for _, obs in looked(detector, burning, 6) for k in looks_of(obs) if not k.whole for flame in k.flames
    ]
    assert found
    for flame in found:
        assert 0.44 < flame.box.x1 < flame.box.x2 < 0.66
        assert 0.40 < flame.box.y1 < flame.box.y2 < 0.67


def test_grey_things_that_move_are_no_parts_to_look_at(detector: Detector) -> None:
    def scene(t: float) -> Image:
        image = street()
        image[160:200, 320:360] = 30 if round(5 * t) % 2 else 200
        return image

    assert part_looks(looked(detector, scene, 6)) == []


def test_a_new_run_begins_anew(detector: Detector) -> None:
    sight = HazardSight(detector, SETTINGS)
    frames = [Frame("c1", run, 0, START, street()) for run in ("r1", "r1", "r2")]
    counts = [len(sight.look([frame], [()])[0]) for frame in frames]
    assert counts == [1, 0, 1]


def test_the_same_pictures_give_the_same_readings(detector: Detector) -> None:
    assert looked(detector, burning, 5) == looked(detector, burning, 5)


def test_the_colour_of_flames() -> None:
    pixels = np.array([[(30, 120, 230), (255, 255, 255), (20, 20, 90), (200, 60, 60), (120, 130, 140)]], np.uint8)
    assert fiery(pixels).tolist() == [[True, True, False, False, False]]


def test_change_is_averaged_and_said_for_any_box() -> None:
    lively = Liveliness(START, flickering(0))
    for seq in range(1, 20):
        lively.take(START + timedelta(seconds=seq / 5), flickering(seq / 5))
    inside, outside = Box(0.5, 0.45, 0.56, 0.55), Box(0.0, 0.0, 0.3, 0.3)
    assert lively.within(inside) > 30
    assert lively.within(outside) == 0
    assert 0 < lively.usual < 2
    (part,) = lively.lively_parts(8.0, np.ones_like(lively.cells, np.bool_))
    assert part.x1 <= 0.5
    assert part.x2 >= 0.56
    assert lively.lively_parts(8.0, np.zeros_like(lively.cells, np.bool_)) == []


def test_pictures_with_a_gap_between_them_say_nothing_of_each_other() -> None:
    lively = Liveliness(START, flickering(0))
    lively.take(START + timedelta(seconds=60), flickering(0.2))
    assert lively.usual == 0


def test_readings_have_no_more_digits_than_a_tape_keeps(detector: Detector) -> None:
    readings: list[Reading] = [r for _, obs in looked(detector, burning, 3) for r in obs.readings if r.kind != "hazard"]
    for reading in readings:
        assert isinstance(reading.value, dict)
        lively = reading.value["lively"]
        assert isinstance(lively, float)
        assert lively == round(lively, 1)

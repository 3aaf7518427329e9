"""What a simulated camera does wrong, and what stays true meanwhile."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from ioc.types import Image
from streams.scene import Scene
from streams.scene_faults import Fault, FaultKind
from streams.scene_seen import Drawn
from tests.streams.small_scenes import passing_car


def spoilt(kind: FaultKind, start: float = 0.5, end: float = 1.5, shift: float = 0.1) -> Scene:
    return replace(passing_car(), faults=(Fault(kind, start, end, shift),))


def at(scene: Scene, seconds: float) -> Drawn:
    return scene.picture(timedelta(seconds=seconds))


def sharpness(image: Image) -> float:
    return float(np.abs(np.diff(image.astype(int), axis=1)).mean())


@pytest.mark.parametrize("kind", FaultKind)
def test_a_fault_has_a_beginning_and_an_end(kind: FaultKind) -> None:
    scene, sound = spoilt(kind), passing_car()
    for seconds in (0.4, 1.5):
        assert (at(scene, seconds).image == at(sound, seconds).image).all()
        assert at(scene, seconds).fault is None
    assert at(scene, 1.0).fault == kind
    assert np.abs(at(scene, 1.0).image.astype(int) - at(sound, 1.0).image).mean() > 0.5


def test_a_frozen_camera_goes_on_with_one_picture_and_its_truth() -> None:
    scene = spoilt(FaultKind.FROZEN)
    first, last = at(scene, 0.5), at(scene, 1.4)
    assert (first.image == last.image).all()
    assert first.seen == last.seen == at(passing_car(), 0.5).seen


@pytest.mark.parametrize("kind", [FaultKind.BLACK, FaultKind.COVERED, FaultKind.OFFLINE])
def test_a_blind_camera_shows_nothing(kind: FaultKind) -> None:
    drawn = at(spoilt(kind), 1.0)
    assert drawn.seen == ()
    assert sharpness(drawn.image) < sharpness(at(passing_car(), 1.0).image) / 4


def test_a_black_picture_is_black() -> None:
    assert at(spoilt(FaultKind.BLACK), 1.0).image.max() == 0


def test_only_a_camera_that_is_offline_gives_no_picture() -> None:
    for kind in FaultKind:
        assert spoilt(kind).shows(timedelta(seconds=1)) == (kind is not FaultKind.OFFLINE)
        assert spoilt(kind).shows(timedelta(seconds=1.5))


def test_a_blurred_picture_has_no_edges_and_the_same_truth() -> None:
    sound, blurred = at(passing_car(), 1.0), at(spoilt(FaultKind.BLURRED), 1.0)
    assert sharpness(blurred.image) < sharpness(sound.image) / 3
    assert blurred.seen == sound.seen


def test_an_infrared_picture_has_no_colours() -> None:
    image = at(spoilt(FaultKind.INFRARED), 1.0).image
    assert (image == image[..., :1]).all()
    assert sharpness(image) > 1


@pytest.mark.parametrize("shift", [-0.1, 0.1, 0.3])
def test_a_moved_camera_has_turned_aside_and_its_truth_with_it(shift: float) -> None:
    sound, moved = at(passing_car(), 1.0), at(spoilt(FaultKind.MOVED, shift=shift), 1.0)
    before = next(s.detection.box.centre.x for s in sound.seen if s.detection.label == "person")
    after = next(s.detection.box.centre.x for s in moved.seen if s.detection.label == "person")
    assert before - after == pytest.approx(shift, abs=0.02)


def test_faults_follow_one_another() -> None:
    scene = replace(passing_car(), faults=(Fault(FaultKind.BLACK, 0.2, 0.6), Fault(FaultKind.FROZEN, 0.6, 1.0)))
    assert [at(scene, t).fault for t in (0.1, 0.3, 0.7, 1.1)] == [None, "black", "frozen", None]


def test_the_same_fault_spoils_the_same_way() -> None:
    for kind in FaultKind:
        assert (at(spoilt(kind), 1.0).image == at(spoilt(kind), 1.0).image).all()

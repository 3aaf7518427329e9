"""Small pictures of a source at given times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.errors import StreamError
from ioc.ports import Wanted
from ioc.types import Frame
from streams.recording import Recording
from streams.stills import stills
from streams.timing import RECORDING_START
from tests.streams.drawn_video import RATE, TOLERANCE, draw, grey


def at(number: float) -> datetime:
    """Return when the picture of that number was taken."""
    return RECORDING_START + timedelta(seconds=number / RATE)


@pytest.fixture
def clip(tmp_path: Path) -> Recording:
    return Recording("c1", [draw(tmp_path / "a.mp4", 50)])


def test_each_time_has_the_first_picture_taken_then_or_later(clip: Recording) -> None:
    found = stills(clip, [at(7), at(3), at(20.5), at(20.6), at(500)])
    assert {when: still.at for when, still in found.items()} == {
        at(3): at(3),
        at(7): at(7),
        at(20.5): at(21),
        at(20.6): at(21),
    }
    for still in found.values():
        shown = cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert shown is not None
        assert shown.shape == (still.height, still.width, 3) == (48, 64, 3)
        number = round((still.at - RECORDING_START).total_seconds() * RATE)
        assert abs(float(shown.mean()) - grey(number)) <= TOLERANCE


def test_the_same_pictures_give_the_same_bytes(clip: Recording) -> None:
    assert stills(clip, [at(3), at(9)]) == stills(clip, [at(9), at(3)])


def test_wide_pictures_become_narrower_and_none_becomes_wider(tmp_path: Path) -> None:
    clip = Recording("c1", [draw(tmp_path / "wide.mp4", 3, size=(320, 180))])
    assert [(still.width, still.height) for still in stills(clip, [at(0)], width=160).values()] == [(160, 90)]
    assert [(still.width, still.height) for still in stills(clip, [at(0)], width=640).values()] == [(320, 180)]


def test_nothing_is_read_when_nothing_is_asked_for(tmp_path: Path) -> None:
    absent = Recording("c1", [tmp_path / "absent.mp4"])
    assert stills(absent, []) == {}
    with pytest.raises(StreamError, match=r"absent\.mp4"):
        stills(absent, [at(0)])


def test_reading_ends_with_the_last_picture_needed(clip: Recording) -> None:
    asked: list[datetime] = []

    class Counted:
        def frames(self, wanted: Wanted) -> Iterator[Frame]:
            def counted(when: datetime) -> bool:
                asked.append(when)
                return wanted(when)

            return clip.frames(counted)

    stills(Counted(), [at(4)])
    assert len(asked) == 5

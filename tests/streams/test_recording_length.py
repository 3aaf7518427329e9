"""How long a recording lasts, told without decoding it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ioc.errors import StreamError
from streams.recording import Recording, seconds_of
from tests.streams.drawn_video import RATE, always, cut, draw, draw_sound


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4")])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_it_ends_with_its_last_picture(tmp_path: Path, name: str, codec: str, b_frames: int) -> None:
    path = draw(tmp_path / name, 30, codec=codec, b_frames=b_frames if codec == "libx264" else 0)
    assert seconds_of(path) == pytest.approx(30 / RATE, abs=0.002)


def test_uneven_times_count_and_the_first_picture_is_zero(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.mkv", 4, ticks=[250, 260, 300, 500])
    *_, last = Recording("c1", [path]).frames(always)
    assert seconds_of(path) == pytest.approx(10 + 1 / RATE, abs=0.002)
    assert (last.at - last.at.replace(second=0, microsecond=0)).total_seconds() == pytest.approx(10, abs=0.002)


def test_a_file_that_was_cut_off_lasts_as_long_as_what_is_left(tmp_path: Path) -> None:
    whole = draw(tmp_path / "a.ts", 250)
    half = seconds_of(cut(whole, tmp_path / "half.ts", 0.5))
    assert 3 < half < 7


def test_without_pictures_or_times_it_cannot_be_told(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="holds no video"):
        seconds_of(draw_sound(tmp_path / "sound.mp4"))
    with pytest.raises(StreamError, match="no such file"):
        seconds_of(tmp_path / "none.mp4")
    with pytest.raises(StreamError, match="give it a rate"):
        seconds_of(draw(tmp_path / "bare.h264", container="h264"))

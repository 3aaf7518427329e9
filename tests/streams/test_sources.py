from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ioc.errors import StreamError, UsageError
from ioc.types import Frame
from streams.live import LiveStream
from streams.pictures import Pictures
from streams.recording import Recording
from streams.secrets import Credentials
from streams.sources import is_live, natural_order, open_source
from tests.streams.drawn_video import always, draw, draw_picture, flat, levels

LOGIN = Credentials("operator", "s3cret")


def read(source: Path | str) -> list[Frame]:
    return list(open_source("c1", str(source)).frames(always))


class TestWhatItIs:
    def test_a_recording(self, tmp_path: Path) -> None:
        path = draw(tmp_path / "a.mp4", 2)
        assert isinstance(open_source("c1", str(path)), Recording)
        assert [frame.camera for frame in read(path)] == ["c1", "c1"]

    def test_a_picture(self, tmp_path: Path) -> None:
        path = draw_picture(tmp_path / "a.JPG", flat(50))
        assert isinstance(open_source("c1", str(path)), Pictures)
        assert len(read(path)) == 1

    @pytest.mark.parametrize("url", ["rtsp://cam.example/main", "RTSP://cam.example:8554/main", "rtsps://cam.example/"])
    def test_a_live_stream_which_is_not_connected_to_yet(self, url: str) -> None:
        assert is_live(url)
        assert isinstance(open_source("c1", url, secret=LOGIN), LiveStream)

    def test_a_folder_of_pictures_in_natural_order(self, tmp_path: Path) -> None:
        for number in (10, 9, 100, 1):
            draw_picture(tmp_path / f"frame{number}.png", flat(number))
        draw_picture(tmp_path / ".hidden.png", flat(200))
        (tmp_path / "labels.txt").write_text("car")
        assert levels(read(tmp_path)) == [1, 9, 10, 100]

    def test_a_pattern_of_pictures(self, tmp_path: Path) -> None:
        for number in (10, 9):
            draw_picture(tmp_path / f"frame{number}.png", flat(number))
        draw_picture(tmp_path / "other.png", flat(200))
        assert levels(read(tmp_path / "frame*.png")) == [9, 10]

    def test_a_pattern_of_recordings_as_one_run(self, tmp_path: Path) -> None:
        for number in (2, 10, 1):
            draw(tmp_path / f"part-{number}.mp4", number)
        frames = read(tmp_path / "part-*.mp4")
        assert [frame.seq for frame in frames] == list(range(13))
        assert levels(frames)[:4] == pytest.approx([30, 30, 38, 30], abs=6), "1, then 2, then 10"

    def test_a_pattern_through_folders(self, tmp_path: Path) -> None:
        for day in ("day2", "day10"):
            (tmp_path / day).mkdir()
            draw_picture(tmp_path / day / "a.png", flat(len(day)))
        assert levels(read(tmp_path / "**" / "*.png")) == [4, 5]

    def test_a_file_whose_name_looks_like_a_pattern(self, tmp_path: Path) -> None:
        assert len(read(draw(tmp_path / "gate[1].mp4", 3))) == 3


class TestRefused:
    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(StreamError, match="no such file"):
            read(tmp_path / "missing.mp4")

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(StreamError, match=r"no pictures in this folder.*\*\.mp4"):
            read(tmp_path)

    def test_a_folder_of_recordings_names_the_way_out(self, tmp_path: Path) -> None:
        draw(tmp_path / "a.mp4", 1)
        with pytest.raises(StreamError, match=r"by a pattern like"):
            read(tmp_path)

    def test_a_pattern_that_matches_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(StreamError, match="matches no file"):
            read(tmp_path / "*.mp4")

    def test_pictures_and_recordings_mixed(self, tmp_path: Path) -> None:
        draw(tmp_path / "a.mp4", 1)
        draw_picture(tmp_path / "a.png", flat(1))
        with pytest.raises(StreamError, match="both pictures and other files"):
            read(tmp_path / "a.*")

    @pytest.mark.parametrize("url", ["http://cam.example/a.mp4", "ftp://cam.example/a", "file:///etc/passwd", "x://y"])
    def test_other_urls(self, url: str) -> None:
        with pytest.raises(UsageError, match=r"camera c1: .*expected rtsp://"):
            open_source("c1", url)

    def test_a_login_in_the_url_and_does_not_repeat_it(self) -> None:
        with pytest.raises(UsageError, match=r"camera c1: .*secret = ") as caught:
            open_source("c1", "rtsp://operator:s3cret@cam.example/main")
        assert "s3cret" not in str(caught.value)
        assert "operator" not in str(caught.value)

    def test_a_login_for_a_file(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="takes no login"):
            open_source("c1", str(tmp_path / "a.mp4"), secret=LOGIN)


def test_settings_reach_the_source(tmp_path: Path) -> None:
    start = datetime(2026, 11, 25, tzinfo=UTC)
    (frame,) = open_source("c1", str(draw(tmp_path / "a.mp4", 1)), start=start, threads=2).frames(always)
    assert frame.at == start
    for number in range(2):
        draw_picture(tmp_path / f"{number}.png", flat(number))
    first, second = open_source("c1", str(tmp_path), picture_rate=4).frames(always)
    assert second.at - first.at == timedelta(seconds=0.25)


def test_natural_order_goes_by_the_value_of_numbers() -> None:
    names = ["b1", "a10", "a2", "a2b10", "a2b9", "2", "10", "A3", "a02"]
    assert [p.name for p in natural_order(map(Path, names))] == [
        "2",
        "10",
        "a02",
        "a2",
        "a2b9",
        "a2b10",
        "A3",
        "a10",
        "b1",
    ]

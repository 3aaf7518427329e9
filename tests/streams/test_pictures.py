from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ioc.errors import StreamError
from ioc.types import Frame
from streams.pictures import Pictures, read_picture
from streams.timing import RECORDING_START
from tests.streams.drawn_video import always, cut, draw, draw_picture, draw_sound, flat, levels


def read(*paths: Path, rate: float = 1.0) -> list[Frame]:
    return list(Pictures("c1", paths, rate=rate).frames(always))


def turned(path: Path, orientation: int) -> Path:
    """Write into a JPEG's EXIF data how it is to be turned."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + bytes(4)
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:])
    return path


def boundless(path: Path) -> Path:
    """Write a PNG of a few bytes that claims to be of 60,000 × 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 30_000, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


class TestReadPicture:
    @pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".png", ".bmp", ".tiff"])
    def test_gives_blue_green_red(self, tmp_path: Path, suffix: str) -> None:
        drawn = flat(0, (70, 50))
        drawn[:, :35] = (250, 10, 10)
        drawn[:25, 35:] = (10, 10, 250)
        image = read_picture(draw_picture(tmp_path / f"a{suffix}", drawn))
        assert image.shape == (50, 70, 3)
        assert image.dtype == np.uint8
        assert image.flags.c_contiguous
        assert not image.flags.writeable
        assert np.abs(image[5:20, 5:30].astype(int) - (250, 10, 10)).max() < 12
        assert np.abs(image[5:20, 40:65].astype(int) - (10, 10, 250)).max() < 12

    @pytest.mark.parametrize(("orientation", "corner"), [(1, "tl"), (3, "br"), (6, "tr"), (8, "bl")])
    def test_turns_it_upright_as_its_exif_data_say(self, tmp_path: Path, orientation: int, corner: str) -> None:
        drawn = flat(20)
        drawn[:16, :16] = 230
        image = read_picture(turned(draw_picture(tmp_path / "a.jpg", drawn), orientation))
        corners = {"tl": image[:8, :8], "tr": image[:8, -8:], "bl": image[-8:, :8], "br": image[-8:, -8:]}
        assert image.shape == ((64, 48, 3) if orientation > 4 else (48, 64, 3))
        assert max(corners, key=lambda name: float(corners[name].mean())) == corner

    def test_knows_a_picture_by_its_content(self, tmp_path: Path) -> None:
        path = draw_picture(tmp_path / "a.png", flat(99)).rename(tmp_path / "frame-%03d.jpg")
        assert read_picture(path).mean() == 99

    @pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tiff"])
    def test_refuses_half_a_picture(self, tmp_path: Path, suffix: str) -> None:
        noise = np.random.default_rng(3).integers(0, 255, (48, 64, 3), dtype=np.uint8)
        path = cut(draw_picture(tmp_path / f"a{suffix}", noise), tmp_path / f"cut{suffix}", 0.5)
        with pytest.raises(StreamError, match="not a picture that can be read") as caught:
            read_picture(path)
        assert str(path) in str(caught.value)

    def test_refuses_rubbish_text_sound_and_nothing(self, tmp_path: Path) -> None:
        rubbish, text, empty = tmp_path / "a.jpg", tmp_path / "b.png", tmp_path / "c.png"
        rubbish.write_bytes(np.random.default_rng(7).bytes(5000))
        text.write_text("this is no picture\n" * 100)
        empty.touch()
        sound = draw_sound(tmp_path / "d.mp4").rename(tmp_path / "d.jpg")
        for path in (rubbish, text, sound):
            with pytest.raises(StreamError, match="not a picture"):
                read_picture(path)
        with pytest.raises(StreamError, match="empty"):
            read_picture(empty)
        with pytest.raises(StreamError, match="no such file"):
            read_picture(tmp_path / "e.jpg")

    def test_refuses_a_picture_that_claims_gigabytes(self, tmp_path: Path) -> None:
        with pytest.raises(StreamError, match="not a picture"):
            read_picture(boundless(tmp_path / "a.png"))


class TestPictures:
    def test_stand_one_a_second(self, tmp_path: Path) -> None:
        frames = read(*(draw_picture(tmp_path / f"{n}.png", flat(10 * n)) for n in range(4)))
        assert [frame.at - RECORDING_START for frame in frames] == [timedelta(seconds=n) for n in range(4)]
        assert [frame.seq for frame in frames] == [0, 1, 2, 3]
        assert levels(frames) == [0, 10, 20, 30]
        assert {(frame.camera, frame.run) for frame in frames} == {("c1", "20000101T000000.000000Z")}

    def test_stand_as_close_as_told_from_the_start_told(self, tmp_path: Path) -> None:
        paths = [draw_picture(tmp_path / f"{n}.png", flat(n)) for n in range(4)]
        start = datetime(2026, 11, 25, tzinfo=UTC)
        frames = list(Pictures("c1", paths, start=start, rate=3).frames(always))
        assert [(frame.at - start) / timedelta(microseconds=1) for frame in frames] == [0, 333333, 666667, 1000000]

    def test_may_differ_in_size(self, tmp_path: Path) -> None:
        paths = [draw_picture(tmp_path / f"{n}.png", flat(5, (32 + n, 24))) for n in range(3)]
        assert [frame.image.shape[1] for frame in read(*paths)] == [32, 33, 34]

    def test_that_are_not_wanted_are_not_read(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        good, missing = draw_picture(tmp_path / "a.png", flat(7)), tmp_path / "missing.png"
        second = RECORDING_START + timedelta(seconds=1)
        frames = list(Pictures("c1", [missing, good, missing]).frames(lambda at: at == second))
        assert [frame.seq for frame in frames] == [1]
        assert not caplog.records

    def test_that_cannot_be_read_are_left_out_and_named(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        good, bad = draw_picture(tmp_path / "a.png", flat(7)), tmp_path / "bad.jpg"
        bad.write_bytes(b"rubbish")
        frames = read(good, bad, good)
        assert [(frame.seq, (frame.at - RECORDING_START).seconds) for frame in frames] == [(0, 0), (2, 2)]
        (record,) = caplog.records
        assert str(bad) in record.getMessage()

    def test_of_which_none_can_be_read_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(StreamError, match="first"):
            read(tmp_path / "first.png", tmp_path / "second.png")

    def test_one_that_cannot_be_read_is_refused_without_a_warning(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with pytest.raises(StreamError):
            read(tmp_path / "missing.png")
        assert not caplog.records

    @pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
    def test_need_a_rate(self, tmp_path: Path, rate: float) -> None:
        with pytest.raises(ValueError, match="rate above 0"):
            read(draw_picture(tmp_path / "a.png", flat(7)), rate=rate)

    def test_a_recording_by_a_picture_s_name_gives_its_first_picture(self, tmp_path: Path) -> None:
        path = draw(tmp_path / "a.mp4", 3).rename(tmp_path / "a.jpg")
        assert len(read(path)) == 1

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ioc.errors import StreamError
from ioc.types import Frame
from streams.recording import MAX_DAMAGED, Recording
from streams.timing import RECORDING_START
from tests.streams.drawn_video import (
    always,
    are_numbers,
    cut,
    damage,
    draw,
    draw_sound,
    flat,
    levels,
    without_times,
)

NOBODY = 65534


def read(*paths: Path, threads: int = 1) -> list[Frame]:
    return list(Recording("c1", paths, threads=threads).frames(always))


def since_start(frames: list[Frame]) -> list[float]:
    return [(frame.at - RECORDING_START).total_seconds() for frame in frames]


def refusal(*paths: Path) -> str:
    with pytest.raises(StreamError) as caught:
        read(*paths)
    message = str(caught.value)
    assert str(paths[-1]) in message
    assert "\n" not in message
    return message


@contextmanager
def as_nobody() -> Iterator[None]:
    """Give up root's right to read everything, should the tests run as root."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(me)


class TestFrames:
    @pytest.mark.parametrize(
        ("name", "codec", "b_frames"),
        [
            ("a.mp4", "libx264", 0),
            ("a.mp4", "libx264", 2),
            ("a.mkv", "libx264", 2),
            ("a.ts", "libx264", 2),
            ("a.mkv", "libx265", 0),
            ("a.avi", "mpeg4", 0),
            ("a.avi", "mpeg4", 2),
            ("a.mov", "mjpeg", 0),
            ("a.webm", "libvpx-vp9", 0),
        ],
    )
    def test_come_in_order_each_with_its_time(self, tmp_path: Path, name: str, codec: str, b_frames: int) -> None:
        frames = read(draw(tmp_path / name, 20, codec=codec, b_frames=b_frames))
        assert are_numbers(frames, range(20))
        assert since_start(frames) == pytest.approx([i / 25 for i in range(20)], abs=1e-3)
        assert [frame.seq for frame in frames] == list(range(20))

    def test_name_camera_and_run(self, tmp_path: Path) -> None:
        frames = read(draw(tmp_path / "a.mp4", 3))
        assert {(frame.camera, frame.run) for frame in frames} == {("c1", "20000101T000000.000000Z")}

    def test_pictures_are_read_only_rows_of_blue_green_red(self, tmp_path: Path) -> None:
        def picture(_: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
            image = flat(0, (100, 50))
            image[:, :] = (200, 30, 30)
            return image

        (frame,) = read(draw(tmp_path / "a.mp4", 1, size=(100, 50), picture=picture))
        assert frame.image.shape == (50, 100, 3)
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.c_contiguous
        assert np.abs(frame.image.astype(int) - (200, 30, 30)).max() < 12
        with pytest.raises(ValueError, match="read-only"):
            frame.image[0, 0] = 0

    def test_keep_their_pixels_while_reading_goes_on(self, tmp_path: Path) -> None:
        frames = Recording("c1", [draw(tmp_path / "a.mp4", 25)]).frames(always)
        kept, before = [], []
        for frame in frames:
            kept.append(frame)
            before.append(frame.image.copy())
        assert all(np.array_equal(frame.image, image) for frame, image in zip(kept, before, strict=True))

    def test_an_uneven_rate_is_kept(self, tmp_path: Path) -> None:
        ticks = [0, 1, 2, 10, 11, 50]
        frames = read(draw(tmp_path / "a.mkv", 6, ticks=ticks))
        assert since_start(frames) == pytest.approx([t / 25 for t in ticks], abs=1e-3)

    def test_only_the_wanted_ones_come_but_all_are_asked_about_and_counted(self, tmp_path: Path) -> None:
        asked: list[datetime] = []

        def wanted(at: datetime) -> bool:
            asked.append(at)
            return len(asked) % 5 == 1

        frames = list(Recording("c1", [draw(tmp_path / "a.mp4", 20)]).frames(wanted))
        assert [frame.seq for frame in frames] == [0, 5, 10, 15]
        assert are_numbers(frames, [0, 5, 10, 15])
        assert [round((at - RECORDING_START).total_seconds() * 25) for at in asked] == list(range(20))

    def test_are_the_same_each_time_and_with_any_number_of_threads(self, tmp_path: Path) -> None:
        path = draw(tmp_path / "a.mp4", 25, b_frames=2)
        first, again, threaded = read(path), read(path), read(path, threads=3)
        for frame, *others in zip(first, again, threaded, strict=True):
            for other in others:
                assert (frame.run, frame.seq, frame.at) == (other.run, other.seq, other.at)
                assert frame.image.tobytes() == other.image.tobytes()

    def test_begin_when_they_are_told_to(self, tmp_path: Path) -> None:
        start = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
        frames = list(Recording("c1", [draw(tmp_path / "a.mp4", 3)], start=start).frames(always))
        assert frames[0].at == start
        assert frames[2].at == start + timedelta(milliseconds=80)
        assert frames[0].run == "20261125T073000.000000Z"

    def test_need_a_start_in_utc(self, tmp_path: Path) -> None:
        naive = datetime(2026, 1, 1)  # noqa: DTZ001
        with pytest.raises(ValueError, match="aware UTC"):
            Recording("c1", [tmp_path / "a.mp4"], start=naive)

    @pytest.mark.parametrize(("degrees", "corner"), [(0, "tl"), (90, "bl"), (180, "br"), (-90, "tr")])
    def test_are_turned_upright(self, tmp_path: Path, degrees: int, corner: str) -> None:
        def bright_upper_left(_: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
            image = flat(20)
            image[:16, :16] = 230
            return image

        (frame,) = read(draw(tmp_path / "a.mp4", 1, rotation=degrees, picture=bright_upper_left))
        corners = {
            "tl": frame.image[:12, :12],
            "tr": frame.image[:12, -12:],
            "bl": frame.image[-12:, :12],
            "br": frame.image[-12:, -12:],
        }
        assert frame.image.shape == ((64, 48, 3) if degrees % 180 else (48, 64, 3))
        assert max(corners, key=lambda name: float(corners[name].mean())) == corner

    def test_without_timestamps_go_by_the_rate(self, tmp_path: Path) -> None:
        frames = read(draw(tmp_path / "a.h264", 10, container="h264"))
        assert are_numbers(frames, range(10))
        assert since_start(frames) == pytest.approx([i / 25 for i in range(10)])

    def test_a_file_may_be_called_like_a_protocol(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = draw(tmp_path / "a.mp4", 2).rename(tmp_path / "concat:a.mp4")
        monkeypatch.chdir(tmp_path)
        assert len(read(Path(path.name))) == 2

    def test_the_reader_can_stop_half_way(self, tmp_path: Path) -> None:
        frames = iter(Recording("c1", [draw(tmp_path / "a.mp4", 25)]).frames(always))
        assert next(frames).seq == 0
        del frames


class TestJoined:
    def test_the_picture_may_change_its_size(self, tmp_path: Path) -> None:
        small, large = draw(tmp_path / "s.ts", 10, size=(64, 48)), draw(tmp_path / "l.ts", 10, size=(128, 96))
        joined = tmp_path / "joined.ts"
        joined.write_bytes(small.read_bytes() + large.read_bytes())
        frames = read(joined)
        assert [frame.image.shape[:2] for frame in frames] == [(48, 64)] * 10 + [(96, 128)] * 10
        assert are_numbers(frames, [*range(10), *range(10)])

    def test_time_goes_on_where_stamps_begin_again(self, tmp_path: Path) -> None:
        one = draw(tmp_path / "one.ts", 50).read_bytes()
        joined = tmp_path / "joined.ts"
        joined.write_bytes(one + one)
        assert since_start(read(joined)) == pytest.approx([i / 25 for i in range(100)], abs=1e-3)

    def test_several_files_are_one_run(self, tmp_path: Path) -> None:
        frames = read(draw(tmp_path / "a.mp4", 5), draw(tmp_path / "b.mkv", 5, rate=10))
        assert [frame.seq for frame in frames] == list(range(10))
        assert len({frame.run for frame in frames}) == 1
        expected = [0, 0.04, 0.08, 0.12, 0.16, 0.26, 0.36, 0.46, 0.56, 0.66]
        assert since_start(frames) == pytest.approx(expected, abs=1e-3)

    def test_another_codec_that_the_decoder_swallows_is_told(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = tmp_path / "joined.ts"
        parts = (draw(tmp_path / "a.ts", 30), draw(tmp_path / "b.ts", 30, codec="mpeg2video", size=(320, 240)))
        path.write_bytes(b"".join(part.read_bytes() for part in reversed(parts)))
        assert len(read(path)) <= 31
        (record,) = caplog.records
        assert "packets gave a picture, so it may change its codec" in record.getMessage()

    def test_another_codec_from_the_middle_on_is_told(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        joined = tmp_path / "joined.ts"
        parts = (draw(tmp_path / "a.ts", 30), draw(tmp_path / "b.ts", 30, codec="libx265"))
        joined.write_bytes(b"".join(part.read_bytes() for part in parts))
        frames = read(joined)
        assert 28 <= len(frames) <= 31
        (record,) = caplog.records
        assert "change its codec" in record.getMessage()


class TestDamage:
    def test_is_skipped_and_told_once(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        # A group of pictures has 10, so damage to the last of one spoils no other.
        path = damage(draw(tmp_path / "a.mkv", 40), tmp_path / "damaged.mkv", {9, 19})
        frames = read(path)
        assert are_numbers(frames, [n for n in range(40) if n not in {9, 19}])
        assert since_start(frames)[9] == pytest.approx(0.4, abs=1e-3), "what follows keeps its time"
        (record,) = caplog.records
        assert record.levelno == logging.WARNING
        assert "damaged packets skipped: 2" in record.getMessage()
        assert str(path) in record.getMessage()

    def test_an_undamaged_file_is_not_talked_about(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        read(draw(tmp_path / "a.mp4", 25, sound=True), draw(tmp_path / "slow.mkv", 3, rate=1))
        assert not caplog.records

    def test_too_much_of_it_refuses_the_file(self, tmp_path: Path) -> None:
        count = MAX_DAMAGED + 20
        whole = draw(tmp_path / "a.mkv", count, size=(32, 32))
        message = refusal(damage(whole, tmp_path / "damaged.mkv", range(1, count)))
        assert "500 packets in a row cannot be decoded" in message

    def test_nothing_but_damage_is_no_recording(self, tmp_path: Path) -> None:
        path = damage(draw(tmp_path / "a.mkv", 10), tmp_path / "damaged.mkv", range(10))
        assert "not one picture could be decoded" in refusal(path)

    @pytest.mark.parametrize(("name", "muxing"), [("a.mp4", {"movflags": "faststart"}), ("a.mkv", {})])
    def test_a_file_cut_off_yields_what_it_has(
        self, tmp_path: Path, name: str, muxing: dict[str, str], caplog: pytest.LogCaptureFixture
    ) -> None:
        noise = np.random.default_rng(1)

        def noisy(number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
            return noise.integers(number, number + 50, (48, 64, 3), dtype=np.uint8)

        whole = draw(tmp_path / name, 125, picture=noisy, muxing=muxing)
        frames = read(cut(whole, tmp_path / f"cut-{name}", 0.5))
        assert 40 < len(frames) < 90
        assert [frame.seq for frame in frames] == list(range(len(frames)))
        (record,) = caplog.records
        assert "of 5.0 s" in record.getMessage()

    def test_a_file_cut_off_before_its_index_is_refused(self, tmp_path: Path) -> None:
        path = cut(draw(tmp_path / "a.mp4", 50), tmp_path / "cut.mp4", 0.5)
        assert "index is missing" in refusal(path)


class TestRefused:
    def test_missing(self, tmp_path: Path) -> None:
        assert "no such file" in refusal(tmp_path / "nothing.mp4")

    def test_below_a_file(self, tmp_path: Path) -> None:
        assert "no such file" in refusal(draw(tmp_path / "a.mp4", 1) / "b.mp4")

    def test_empty(self, tmp_path: Path) -> None:
        (tmp_path / "empty.mp4").touch()
        assert "empty (0 bytes)" in refusal(tmp_path / "empty.mp4")

    def test_sound_only(self, tmp_path: Path) -> None:
        assert "holds no video, only audio" in refusal(draw_sound(tmp_path / "sound.mp4"))

    @pytest.mark.parametrize("name", ["rubbish.mp4", "rubbish.ts", "rubbish.avi", "rubbish"])
    def test_rubbish(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(np.random.default_rng(7).bytes(20_000))
        assert "not a recording" in refusal(tmp_path / name)

    @pytest.mark.parametrize("name", ["notes.txt", "notes.nfo", "notes.mp4"])
    def test_text(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("Camera 17 was moved on Tuesday.\n" * 200)
        refusal(tmp_path / name)

    def test_a_folder_or_a_device(self, tmp_path: Path) -> None:
        assert "not a file" in refusal(tmp_path)
        assert "not a file" in refusal(Path("/dev/null"))

    def test_not_allowed(self, tmp_path: Path) -> None:
        path = draw(tmp_path / "a.mp4", 1)
        path.chmod(0)
        with as_nobody():
            assert "permission denied" in refusal(path)

    def test_a_codec_that_nobody_knows(self, tmp_path: Path) -> None:
        path = draw(tmp_path / "a.mp4", 3)
        path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz9"))
        assert "no decoder" in refusal(path)

    def test_no_times_and_no_rate(self, tmp_path: Path) -> None:
        path = without_times(draw(tmp_path / "a.mp4", 25))
        assert "neither timestamps nor a frame rate" in refusal(path)

    def test_no_times_and_no_rate_in_a_long_file(self, tmp_path: Path) -> None:
        path = without_times(draw(tmp_path / "a.mp4", 150, size=(32, 32)))
        assert "ffmpeg -r 25" in refusal(path)

    def test_the_second_of_two(self, tmp_path: Path) -> None:
        assert "no such file" in refusal(draw(tmp_path / "a.mp4", 2), tmp_path / "b.mp4")

    def test_a_playlist_does_not_reach_the_network(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.05)
            playlist = tmp_path / "list.m3u8"
            segment = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
            playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{segment}\n#EXT-X-ENDLIST\n")
            refusal(playlist)
            with pytest.raises(TimeoutError):
                server.accept()

    @pytest.mark.parametrize("threads", [0, -1])
    def test_no_threads(self, tmp_path: Path, threads: int) -> None:
        with pytest.raises(ValueError, match="at least one thread"):
            Recording("c1", [tmp_path / "a.mp4"], threads=threads)


def test_times_rise_whatever_the_container_makes_of_them(tmp_path: Path) -> None:
    # AVI keeps no presentation times: FFmpeg's guess for B-pictures falls back.
    frames = read(draw(tmp_path / "a.avi", 50, b_frames=2))
    assert all(a.at < b.at for a, b in pairwise(frames))
    assert len(frames) >= 48
    assert levels(frames)[0] == pytest.approx(30, abs=6)

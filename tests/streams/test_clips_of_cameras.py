"""Clips show what a camera sent, from the key picture before to the moment asked for, and play anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice, pairwise
from pathlib import Path

import av
import pytest

from ioc.errors import ClipMissing, StreamLost
from ioc.ports import Span
from ioc.types import Frame
from streams.address import Address
from streams.encoded_copy import CopiedSource
from streams.live import LiveStream
from streams.packet_ring import PacketRing
from streams.pictures import Pictures
from streams.recording import Recording
from streams.sources import open_source
from tests.streams.drawn_video import RATE, always, draw, draw_picture, flat, grey
from tests.streams.rtsp_peer import RtspPeer

BEFORE = timedelta(seconds=10)


@dataclass(frozen=True)
class Played:
    """What a clip shows to whoever plays it."""

    codec: str
    tag: str
    greys: list[float]
    times: list[float]

    @property
    def numbers(self) -> list[int]:
        """Which of the drawn pictures are shown."""
        return [min(range(25), key=lambda n: abs(grey(n) - level)) for level in self.greys]


def played(path: Path) -> Played:
    """Decode a clip."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        pictures = [(float(p.to_ndarray(format="gray").mean()), float(p.time or 0)) for p in container.decode(stream)]
    return Played(
        context.name, str(context.codec_tag), [level for level, _ in pictures], [time for _, time in pictures]
    )


def span(frames: list[Frame], number: int, before: float, after: float) -> Span:
    """Return what lies around the frame of that place in the list."""
    frame = frames[number]
    return Span(frame.run, frame.at - timedelta(seconds=before), frame.at, frame.at + timedelta(seconds=after))


@pytest.fixture
def ring() -> PacketRing:
    return PacketRing(BEFORE)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("container", ["mp4", "mpegts"])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_a_clip_of_a_recording_shows_its_pictures_at_their_times(
    ring: PacketRing, tmp_path: Path, codec: str, container: str, b_frames: int
) -> None:
    video = draw(tmp_path / "v", 75, codec=codec, container=container, b_frames=b_frames, size=(128, 96))
    frames = list(Recording("c1", [video], ring=ring).frames(always))
    start = ring.write(tmp_path / "clip.mp4", span(frames, 45, 0.6, 0.4))
    shown = played(tmp_path / "clip.mp4")
    assert (shown.codec, shown.tag) == (("h264", "avc1") if codec == "libx264" else ("hevc", "hvc1"))
    assert 20 <= start.seq <= 30, "a key picture comes at least every tenth time"
    assert start.at == frames[start.seq].at
    assert abs(len(shown.greys) - (56 - start.seq)) <= b_frames + 1
    begun = shown.numbers[0]
    assert (begun - start.seq) % 25 <= b_frames + 1
    whole = len(shown.numbers) - b_frames  # pictures may be missing between the last ones, which came out of order
    assert shown.numbers[:whole] == [(begun + n) % 25 for n in range(whole)]
    assert all(abs(b - a - 1 / RATE) < 0.002 for a, b in pairwise(shown.times[:whole]))


@pytest.mark.parametrize(("codec", "tag"), [("libvpx-vp9", "vp09"), ("libsvtav1", "av01")])
def test_whatever_browsers_play_is_kept(ring: PacketRing, tmp_path: Path, codec: str, tag: str) -> None:
    video = draw(tmp_path / "v", 50, codec=codec, container="matroska", size=(128, 96))
    frames = list(Recording("c1", [video], ring=ring).frames(always))
    ring.write(tmp_path / "clip.mp4", span(frames, 25, 0.6, 0.4))
    shown = played(tmp_path / "clip.mp4")
    assert shown.tag == tag
    assert len(shown.greys) >= 25


@pytest.mark.rtsp
def test_a_clip_of_a_live_camera(ring: PacketRing, tmp_path: Path) -> None:
    video = draw(tmp_path / "v.mp4", 50, size=(128, 96))
    with RtspPeer("--file", str(video)) as peer:
        stream = LiveStream("c1", Address.of(peer.url, None), ring=ring).frames(always)
        frames = list(islice(stream, 60))
        wanted = span(frames, 30, 0.5, 0.5)
        assert ring.ready(wanted)
        assert not ring.ready(span(frames, 59, 0, 0.5))
        start = ring.write(tmp_path / "clip.mp4", wanted)
        peer.kill()
        with pytest.raises(StreamLost):
            list(stream)
    assert ring.ready(span(frames, 59, 0, 60)), "no more comes of a run that is over"
    shown = played(tmp_path / "clip.mp4")
    assert (shown.codec, shown.tag) == ("h264", "avc1")
    assert start.at <= wanted.start
    assert abs(len(shown.greys) - (44 - start.seq)) <= 1
    assert all(abs(b - a - 1 / RATE) < 0.02 for a, b in pairwise(shown.times))


def test_drawn_pictures_are_copied_as_they_are_looked_at(ring: PacketRing, tmp_path: Path) -> None:
    pictures = [draw_picture(tmp_path / f"{n}.png", flat(grey(n), (65, 49))) for n in range(25)]
    source = CopiedSource(Pictures("c1", pictures, rate=5), ring)
    frames = list(source.frames(always))
    assert [frame.seq for frame in frames] == list(range(25))
    start = ring.write(tmp_path / "clip.mp4", span(frames, 15, 1, 1))
    assert (start.seq, start.at) == (10, frames[10].at), "each tenth is a key picture"
    shown = played(tmp_path / "clip.mp4")
    assert shown.codec == "h264"
    assert shown.numbers == list(range(10, 21))
    assert all(abs(b - a - 0.2) < 0.001 for a, b in pairwise(shown.times))


def test_a_picture_that_cannot_be_encoded_is_still_looked_at(
    ring: PacketRing, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dots = [draw_picture(tmp_path / f"{n}.png", flat(9, (1, 1))) for n in range(3)]
    frames = list(CopiedSource(Pictures("c1", dots), ring).frames(always))
    assert [frame.image.shape for frame in frames] == [(1, 1, 3)] * 3
    assert len(caplog.records) == 1
    assert caplog.records[0].getMessage().startswith("camera c1: no clips: ")


def test_a_source_is_opened_with_what_keeps_its_packets(ring: PacketRing, tmp_path: Path) -> None:
    video = draw(tmp_path / "v.mp4", 30)
    list(open_source("c1", str(video), ring=ring).frames(always))
    of_video = ring.size
    assert of_video > 0
    list(open_source("c1", str(draw_picture(tmp_path / "p.png", flat(9))), ring=ring).frames(always))
    assert ring.size > of_video
    assert ring.ready(Span("of no run", *[datetime.max.replace(tzinfo=UTC)] * 3))


@pytest.mark.parametrize("codec", ["mpeg4", "mjpeg"])
def test_what_browsers_do_not_play_is_kept_as_a_copy_of_what_is_looked_at(
    ring: PacketRing, tmp_path: Path, codec: str
) -> None:
    video = draw(tmp_path / "v.avi", 75, codec=codec, size=(128, 96))
    asked = count()
    frames = list(Recording("c1", [video], ring=ring).frames(lambda _: next(asked) % 5 == 0))
    assert [frame.seq for frame in frames] == list(range(0, 75, 5))
    start = ring.write(tmp_path / "clip.mp4", span(frames, 11, 0.2, 0.4))
    assert (start.seq, start.at) == (50, frames[10].at)
    shown = played(tmp_path / "clip.mp4")
    assert (shown.codec, shown.numbers) == ("h264", [0, 5, 10, 15])
    assert all(abs(b - a - 0.2) < 0.001 for a, b in pairwise(shown.times))


def test_a_clip_does_not_run_on_into_a_recording_that_is_coded_otherwise(ring: PacketRing, tmp_path: Path) -> None:
    first = draw(tmp_path / "a.mp4", 50, size=(64, 48))
    second = draw(tmp_path / "b.mp4", 50, size=(128, 96), codec="libx265")
    frames = list(Recording("c1", [first, second], ring=ring).frames(always))
    for number, codec in ((40, "h264"), (60, "hevc")):
        ring.write(tmp_path / "clip.mp4", span(frames, number, 1, 1))
        assert played(tmp_path / "clip.mp4").codec == codec


def test_a_file_that_cannot_be_written_is_a_clip_that_is_missing(ring: PacketRing, tmp_path: Path) -> None:
    frames = list(Recording("c1", [draw(tmp_path / "v.mp4", 50)], ring=ring).frames(always))
    with pytest.raises(ClipMissing, match="cannot be written: No such file"):
        ring.write(tmp_path / "absent" / "clip.mp4", span(frames, 25, 1, 1))
    full = Path("/dev/full")
    if full.exists():
        with pytest.raises(ClipMissing, match="cannot be written: No space left"):
            ring.write(full, span(frames, 25, 1, 1))

"""Live pictures as they stand on the wire: what we make is taken, whatever else comes is refused."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.evidence import NotKept, small_jpeg
from alerts.live import COMMENT_BYTES
from alerts.wire import WireError
from alerts.wire_picture import (
    COMMENT,
    FRAMES,
    MAX_HEIGHT,
    MAX_PICTURE_BYTES,
    MAX_WIDTH,
    START,
    LivePicture,
    decode_picture,
    signed,
)
from ioc.types import Box, Image, Track
from tests.alerts.drawn import ROOT, picture

AT = datetime(2026, 3, 1, 8, 0, 0, 250_000, tzinfo=UTC)
PAGE = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
ROOM = (MAX_WIDTH, MAX_HEIGHT)


CAR = Track("20260301T080000-12", "car", 0.9, Box(0.31, 0.52, 0.44, 0.69), AT)


def drawn(image: Image | None = None, tracks: Sequence[Track] = (CAR,)) -> LivePicture:
    return signed("bac-giang", "bg-017", AT, small_jpeg(picture() if image is None else image, ROOM, 70), tracks)


def refusal(topic: str, payload: bytes) -> str:
    with pytest.raises(WireError) as caught:
        decode_picture(topic, payload)
    return str(caught.value)


def commented(body: bytes, jpeg: bytes) -> bytes:
    """Return the JPEG with one more comment in front."""
    return START + struct.pack(">BBH", 0xFF, COMMENT, 2 + len(body)) + body + jpeg[2:]


def test_what_we_make_is_taken_and_any_viewer_shows_it() -> None:
    made = drawn()
    assert made.topic == "ioc/v1/bac-giang/bg-017/live"
    assert decode_picture(made.topic, made.jpeg) == made
    shown = cv2.imdecode(np.frombuffer(made.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape == (270, 480, 3)
    assert abs(int(shown[135, 240, 0]) - int(picture()[180, 320, 0])) < 5


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(1080, 1920, (270, 480)), (1920, 1080, (270, 152)), (90, 160, (90, 160)), (20, 4000, (2, 480)), (1, 1, (1, 1))],
)
def test_every_shape_fits_and_none_is_blown_up(height: int, width: int, expected: tuple[int, int]) -> None:
    made = drawn(np.full((height, width, 3), 90, np.uint8))
    assert decode_picture(made.topic, made.jpeg) == made
    shown = cv2.imdecode(np.frombuffer(made.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape[:2] == expected


def test_an_empty_picture_cannot_be_made() -> None:
    with pytest.raises(NotKept, match="empty"):
        small_jpeg(np.zeros((0, 5, 3), np.uint8), ROOM, 70)


def test_a_picture_belongs_on_its_own_topic() -> None:
    made = drawn()
    for topic in ("ioc/v1/bac-giang/bg-018/live", "ioc/v1/hanoi/bg-017/live", "ioc/v1/bac-giang/bg-017/status"):
        assert "says that it belongs on 'ioc/v1/bac-giang/bg-017/live'" in refusal(topic, made.jpeg)


def test_what_is_no_jpeg_is_refused() -> None:
    made = drawn()
    for payload in (b"", b"\xff", b"GIF89a" + bytes(50), b"<svg/>", made.jpeg[2:], made.jpeg[:-1], made.jpeg + b"x"):
        assert "is not a JPEG" in refusal(made.topic, payload)
    for payload in (b"\xff\xd8\xff\xd9", made.jpeg[:40] + b"\xff\xd9", b"\xff\xd8" + bytes(60) + b"\xff\xd9"):
        assert "is not a whole JPEG" in refusal(made.topic, payload)


def test_every_shortened_picture_is_refused_and_never_breaks_the_reader() -> None:
    made = drawn()
    scan = made.jpeg.index(b"\xff\xda")
    for end in range(2, scan, 3):
        assert "is not a whole JPEG" in refusal(made.topic, made.jpeg[:end] + b"\xff\xd9")


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_is_changed_is_taken_or_refused_and_nothing_else(data: st.DataObject) -> None:
    made = drawn()
    changed = bytearray(made.jpeg)
    scan = made.jpeg.index(b"\xff\xda") + 2
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, scan), st.integers(0, 255)), max_size=8)):
        changed[at] = byte
    try:
        read = decode_picture(made.topic, bytes(changed))
    except WireError:
        return
    assert (read.site, read.camera) == ("bac-giang", "bg-017")


def test_of_many_tracks_the_largest_are_named_and_there_is_room_for_their_names() -> None:
    sizes = [(number + 1) / 200 for number in range(90)]
    many = [Track(f"r-{number}", "a" * 40, 0.5, Box(0, 0, size, size), AT) for number, size in enumerate(sizes)]
    made = drawn(tracks=many)
    read = decode_picture(made.topic, made.jpeg)
    assert [box.box[2] for box in read.tracks] == sizes[:-61:-1]
    assert len(made.jpeg) - len(drawn(tracks=()).jpeg) < COMMENT_BYTES


@pytest.mark.parametrize(
    ("label", "said"), [("Traffic light", "Traffic light"), ("", "other"), ("a\n", "other"), ("x" * 41, "other")]
)
def test_whatever_a_model_calls_what_it_sees_a_picture_can_be_made(label: str, said: str) -> None:
    made = drawn(tracks=[replace(CAR, label=label)])
    assert [box.label for box in decode_picture(made.topic, made.jpeg).tracks] == [said]


def test_a_large_one_is_refused_unread() -> None:
    made = drawn()
    assert f"more than {MAX_PICTURE_BYTES}" in refusal(
        made.topic, made.jpeg[:-2] + bytes(MAX_PICTURE_BYTES) + b"\xff\xd9"
    )


@pytest.mark.parametrize(("height", "width"), [(60_000, 60_000), (271, 480), (270, 481), (0, 480), (270, 0)])
def test_a_picture_that_would_unfold_to_more_is_refused(height: int, width: int) -> None:
    made = drawn()
    at = next(made.jpeg.index(bytes([0xFF, marker])) for marker in FRAMES if bytes([0xFF, marker]) in made.jpeg)
    forged = made.jpeg[: at + 5] + struct.pack(">HH", height, width) + made.jpeg[at + 9 :]
    assert f"is {width}×{height} pixels" in refusal(made.topic, forged)


def test_the_comment_must_be_one_and_right() -> None:
    plain = small_jpeg(picture(), ROOM, 70)
    topic = drawn().topic
    assert "in one comment" in refusal(topic, plain)
    assert "in one comment" in refusal(topic, commented(b"{}", drawn().jpeg))
    for body in (
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"version":2,"site":"bac-giang","camera":"bg-017","at":"2026-03-01T08:00:00Z"}',
        b'{"version":1,"site":"bac-giang","camera":"../../x","at":"2026-03-01T08:00:00Z"}',
        b'{"version":1,"site":"bac-giang","camera":"bg-017","at":"2026-03-01T08:00:00"}',
        b'{"version":1,"site":"bac-giang","camera":"bg-017"}',
        b'{"version":1,"site":"bac-giang","camera":"bg-017","at":"2026-03-01T08:00:00Z","more":1}',
        b'{"version":1,"site":"bac-giang","camera":"bg-017","at":"2026-03-01T08:00:00Z","tracks":[{"label":"a\\nb","box":[0,0,1,1]}]}',
    ):
        said = refusal(topic, commented(body, plain))
        assert "has a comment with a wrong" in said
        assert "\n" not in said


def test_the_published_page_says_what_the_code_does() -> None:
    assert "`ioc/v1/<site>/<camera>/live`" in PAGE
    assert f"{MAX_PICTURE_BYTES // 1024} KiB" in PAGE
    assert f"{MAX_WIDTH}×{MAX_HEIGHT}" in PAGE
    (note,) = [line for line in PAGE.splitlines() if line.startswith('{"version":1') and '"at"' in line]
    read = decode_picture("ioc/v1/bac-giang/bg-017/live", commented(note.encode(), small_jpeg(picture(), ROOM, 70)))
    assert read.at == AT
    assert note.encode() in drawn().jpeg, "the example is just what we would write"

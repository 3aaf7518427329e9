"""A camera's small live picture on MQTT, version 1: a JPEG that says in its comment whose it is and when it was taken.

    ioc/v1/<site>/<camera>/live   QoS 0, not retained

So whatever shows JPEGs can show it, and whoever has to trust it can check it. Pictures are no messages: they stand in
no outbox and no store, come at most about once a second, and one that is lost is made up for by the next.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alerts.wire import WireError
from alerts.wire_fields import Fraction, Name, Utc, Word
from ioc.types import Track

MAX_WIDTH, MAX_HEIGHT = 480, 270
"""What we publish fits into this, in pixels, whatever the camera's shape."""
MAX_PICTURE_BYTES = 64 * 1024
"""A larger one is refused unread."""

MAX_TRACKS, MAX_LABEL = 60, 40

START, END = b"\xff\xd8", b"\xff\xd9"
COMMENT, SCAN = 0xFE, 0xDA
FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Markers of the segments that say how large the picture is (ITU-T T.81, B.1.1.3)."""


Corners: TypeAlias = tuple[Fraction, Fraction, Fraction, Fraction]


class WireBox(BaseModel):
    """Something that is followed in the picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Word = Field(max_length=MAX_LABEL, description="what it is")
    box: Corners = Field(description="x1 y1 x2 y2, fractions of the picture")


class _Note(BaseModel):
    """The comment inside the JPEG."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    site: Name
    camera: Name
    at: Utc = Field(description="when the picture was taken, by the camera's own time")
    tracks: tuple[WireBox, ...] = Field((), max_length=MAX_TRACKS, description="what is followed in it")


@dataclass(frozen=True, slots=True)
class LivePicture:
    """One small picture of one camera; `jpeg` holds the comment that says the rest."""

    site: str
    camera: str
    at: datetime
    jpeg: bytes
    tracks: tuple[WireBox, ...] = ()

    @property
    def topic(self) -> str:
        """The topic this picture is published under."""
        return f"ioc/v1/{self.site}/{self.camera}/live"


def signed(site: str, camera: str, at: datetime, jpeg: bytes, tracks: Sequence[Track] = ()) -> LivePicture:
    """Return the picture with its comment put in, after the segment that has to come first (JFIF 1.02).

    Of many tracks the largest are named; those of which a model says what cannot be said in a word are "other".
    """
    largest = sorted(tracks, key=lambda track: track.box.area, reverse=True)[:MAX_TRACKS]
    boxes = tuple(WireBox(label=_word(track.label), box=track.box.as_tuple()) for track in largest)
    note = _Note(site=site, camera=camera, at=at, tracks=boxes).model_dump_json().encode()
    head = 4 + int.from_bytes(jpeg[4:6])
    comment = struct.pack(">BBH", 0xFF, COMMENT, 2 + len(note)) + note
    return LivePicture(site, camera, at, jpeg[:head] + comment + jpeg[head:], boxes)


def _word(label: str) -> str:
    return label if label.isprintable() and 0 < len(label) <= MAX_LABEL else "other"


def decode_picture(topic: str, payload: bytes) -> LivePicture:
    """Return the picture that came in under `topic`; raise WireError when it is not one of ours.

    Nothing is trusted: size, form, dimensions, one comment with every field, and that the topic says what the comment
    says. What lies within the scan is left to whoever draws it.
    """
    if len(payload) > MAX_PICTURE_BYTES:
        raise _refusal(topic, f"is {len(payload)} bytes, more than {MAX_PICTURE_BYTES}")
    if not (payload.startswith(START) and payload.endswith(END)):
        raise _refusal(topic, "is not a JPEG")
    segments = list(_segments(payload))
    comments = [body for marker, body in segments if marker == COMMENT]
    frames = [body for marker, body in segments if marker in FRAMES]
    if len(frames) != 1 or len(frames[0]) < 6 or segments[-1][0] != SCAN:
        raise _refusal(topic, "is not a whole JPEG")
    height, width = struct.unpack(">HH", frames[0][1:5])
    if not (0 < width <= MAX_WIDTH and 0 < height <= MAX_HEIGHT):
        raise _refusal(topic, f"is {width}×{height} pixels, more than {MAX_WIDTH}×{MAX_HEIGHT}")
    if len(comments) != 1:
        raise _refusal(topic, "does not say in one comment whose it is")
    try:
        note = _Note.model_validate_json(comments[0], strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise _refusal(topic, f"has a comment with a wrong {'.'.join(map(str, first['loc'])) or 'form'!r}") from None
    picture = LivePicture(note.site, note.camera, note.at, payload, note.tracks)
    if picture.topic != topic:
        raise _refusal(topic, f"says that it belongs on {picture.topic!r}")
    return picture


def _segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and body of each segment up to the scan; end early where the form is broken."""
    at = len(START)
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, size = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        end = at + 2 + size
        if size < 2 or end > len(jpeg):
            return
        yield marker, jpeg[at + 4 : end]
        if marker == SCAN:
            return
        at = end


def _refusal(topic: str, why: str) -> WireError:
    return WireError(f"picture on {topic[:300]!r} {why[:300]}")

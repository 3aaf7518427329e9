"""What recordings, stills and live streams share: from FFmpeg's packets to upright blue-green-red pictures."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from ioc.types import Image

MAX_PIXELS = 1 << 26
"""Larger pictures (67 megapixels, twice 8K) are refused: a few bytes must not be able to claim gigabytes."""

STRICT = {"err_detect": "explode"}
"""Only for JPEG: FFmpeg's TIFF decoder takes exception to any file then, the others notice by themselves."""

QUARTER_TURN = 90


class Converter:
    """Turns FFmpeg's pictures into ours; keeps FFmpeg's scaler from one picture to the next, a fifth of the cost."""

    def __init__(self) -> None:
        self._scaler = VideoReformatter()

    def image(self, picture: av.VideoFrame) -> Image:
        """Return the picture as (H, W, 3) uint8, blue-green-red, read-only, contiguous, and upright.

        A rotation that the file or the camera declares is carried out, to the nearest quarter turn.
        Raises av.FFmpegError or ValueError when FFmpeg cannot convert the picture.
        """
        rgb = self._scaler.reformat(picture, format="bgr24", threads=1).to_ndarray()
        turns = round(picture.rotation / QUARTER_TURN) % 4
        upright = np.ascontiguousarray(np.rot90(rgb, turns) if turns else rgb, dtype=np.uint8)
        upright.flags.writeable = False
        return upright


def pictures_of(container: InputContainer, threads: int = 1, *, whole: bool = False) -> VideoStream | None:
    """Return the stream of pictures, ready to be decoded by so many threads; None when there is none.

    With `whole` a JPEG that is cut off is an error and not a half grey picture. A picture attached to music, such as an
    album's cover, does not count. Raises LookupError when FFmpeg has no decoder.
    """
    for stream in container.streams.video:
        if stream.disposition & Disposition.attached_pic:
            continue
        decoder = cast("VideoCodecContext | None", stream.codec_context)
        if decoder is None:
            raise LookupError("no decoder")
        decoder.thread_count = threads
        decoder.options = {"max_pixels": str(MAX_PIXELS)} | (STRICT if whole and decoder.name == "mjpeg" else {})
        return stream
    return None


def rate_of(stream: VideoStream) -> Fraction | None:
    """Return how many pictures a second the stream says it has, or None when it does not say."""
    return stream.average_rate or stream.guessed_rate or None


def seconds(ticks: int | None, base: Fraction | None) -> Fraction | None:
    """Return a timestamp in seconds, or None when there is none."""
    return None if ticks is None or base is None else ticks * base

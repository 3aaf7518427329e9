"""Writes a scene's pictures into an H.264 file, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame

from ioc.errors import StreamError
from ioc.types import Image
from streams.scene import Scene, Sensor
from streams.scene_source import Picture, pictures_of

X264 = "threads=1:bframes=0:scenecut=0:sync-lookahead=0:rc-lookahead=0"
"""One thread and no look-ahead: the bytes do not depend on the machine's cores, and nothing is reordered."""


def encode(scene: Scene, path: Path, pictures: Iterable[Picture] | None = None) -> None:
    """Write the whole of `scene` to `path` as MP4: H.264, 4:2:0, a key frame each second, no B-frames.

    `pictures` are its pictures where somebody else draws them. The file appears under its name only when it is
    complete. Raises StreamError when it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        _write(scene, unfinished, pictures_of(scene) if pictures is None else pictures)
        unfinished.replace(path)
    except (OSError, FFmpegError) as error:
        raise StreamError(f"cannot write the video {path}: {error}; choose a folder that can be written") from None
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _write(scene: Scene, path: Path, pictures: Iterable[Picture]) -> None:
    with av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=scene.fps)
        stream.width, stream.height = scene.size
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, scene.fps)
        stream.gop_size = scene.fps
        stream.options = {
            "preset": "ultrafast",
            "x264-params": f"keyint={scene.fps}:min-keyint={scene.fps}:{X264}",
            **_rate(scene.sensor),
        }
        stream.codec_context.thread_count = 1
        for picture in pictures:
            container.mux(stream.encode(_frame(scene, picture)))
        container.mux(stream.encode(None))


def _rate(sensor: Sensor) -> dict[str, str]:
    """Return x264's options for the camera's quality, or for its bandwidth, over which no second goes."""
    if sensor.kbps is None:
        return {"crf": f"{sensor.crf}"}
    return dict.fromkeys(("b", "maxrate", "bufsize"), f"{sensor.kbps}k")


def _frame(scene: Scene, picture: Picture) -> VideoFrame:
    return yuv_frame(picture.drawn.image, picture.seq, Fraction(1, scene.fps))


def yuv_frame(image: Image, ticks: int, base: Fraction) -> VideoFrame:
    """Return a blue-green-red picture as FFmpeg's encoders take it, 4:2:0, at that time in units of `base` seconds.

    Of an odd width or height the last column or row is left out.
    """
    height, width = image.shape[:2]
    # OpenCV's conversion (BT.601, studio range, as FFmpeg's) takes a tenth of the time of PyAV's.
    even = image[: height // 2 * 2, : width // 2 * 2]
    frame = VideoFrame.from_ndarray(np.asarray(cv2.cvtColor(even, cv2.COLOR_BGR2YUV_I420), np.uint8), format="yuv420p")
    frame.pts, frame.time_base = ticks, base
    return frame

"""Still pictures: one, a folder of them, or those that a pattern names, as if a slow camera had taken them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import av

from ioc.errors import StreamError
from ioc.ports import Wanted
from ioc.types import Frame, Image, require_utc
from streams.decoding import Converter, pictures_of
from streams.recording import check_readable
from streams.timing import RECORDING_START, run_id

log = logging.getLogger(__name__)

SUFFIXES = frozenset({".bmp", ".jp2", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

PICTURE_RATE = 1.0
"""Pictures a second that stills stand for unless told otherwise: slow enough that no sampler leaves one out."""


class Pictures:
    """Still pictures in the order given, `rate` of them a second, as one run of one camera.

    `start` is when the first was taken (aware UTC). A picture's `seq` is its place in the order.
    """

    def __init__(
        self, camera: str, paths: Sequence[Path], *, start: datetime = RECORDING_START, rate: float = PICTURE_RATE
    ) -> None:
        if not paths:
            raise ValueError("there must be at least one picture")
        if not rate > 0:
            raise ValueError(f"pictures need a rate above 0 a second, got {rate}")
        self._camera = camera
        self._paths = tuple(paths)
        self._start = require_utc(start)
        self._rate = rate

    def length(self) -> timedelta:
        """Return for how long the pictures stand."""
        return timedelta(seconds=len(self._paths) / self._rate)

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        """Yield the wanted pictures; those not wanted are not even read.

        One that cannot be read is left out, with a warning in the log that names it; when that happens to all of them,
        raises StreamError.
        """
        run = run_id(self._start)
        converter = Converter()
        read, problem = 0, None
        for seq, path in enumerate(self._paths):
            at = self._start + timedelta(microseconds=round(seq * 1_000_000 / self._rate))
            if not wanted(at):
                continue
            try:
                image = read_picture(path, converter)
            except StreamError as error:
                problem = problem or error
                if len(self._paths) > 1:
                    log.warning("%s; it is left out", error)
                continue
            read += 1
            yield Frame(self._camera, run, seq, at, image)
        if problem is not None and not read:
            raise problem


def read_picture(path: Path, converter: Converter | None = None) -> Image:
    """Return the picture in a file as (H, W, 3) uint8, blue-green-red, read-only, upright as its EXIF data say.

    Raises StreamError with a line that says why it cannot be read.
    """
    check_readable(path)
    try:
        # Opened by us, a file is known by its content and not by its name, which FFmpeg could take for a pattern.
        with path.open("rb") as file, av.open(file, "r", metadata_errors="backslashreplace") as container:
            stream = pictures_of(container, whole=True)
            picture = next(container.decode(stream), None) if stream is not None else None
            if picture is not None:
                return (converter or Converter()).image(picture)
    except (av.FFmpegError, LookupError, OSError, ValueError):
        pass  # what went wrong inside FFmpeg tells a person nothing more
    raise StreamError(f"{path}: not a picture that can be read; is it damaged, or something else by that name?")

"""From what a site file or a command line calls a source to the pictures in it."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from ioc.errors import StreamError, UsageError
from ioc.ports import FrameSource
from streams import recording
from streams.address import Address
from streams.encoded_copy import CopiedSource
from streams.live import STALL, LiveStream
from streams.packet_ring import PacketRing
from streams.pictures import PICTURE_RATE, SUFFIXES, Pictures
from streams.recording import Recording, reason_of
from streams.scene_source import SUFFIX as SCENE
from streams.scene_source import SceneSource
from streams.secrets import Credentials
from streams.timing import RECORDING_START

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
WILDCARDS = frozenset("*?[")


def open_source(
    camera: str,
    source: str,
    *,
    start: datetime = RECORDING_START,
    secret: Credentials | None = None,
    stall: timedelta = STALL,
    threads: int = 1,
    picture_rate: float = PICTURE_RATE,
    ring: PacketRing | None = None,
) -> FrameSource:
    """Return the source of a camera's pictures; nothing is connected to before its frames are asked for.

    `source` is an rtsp:// or rtsps:// URL, a recording, a scene script (.toml), a picture, a folder of pictures, or a
    pattern (`*`, `?`, `[…]`, `**`) that names recordings, played one after the other, or pictures; they are put in
    natural order (2 before 10).

    `start` (aware UTC) is when a recording begins; `threads` decode it; `picture_rate` pictures stand for a second.
    `secret` and `stall` (how long it may send nothing) are for live streams. What comes is kept in the `ring`, encoded:
    as it was sent or recorded where browsers play that, and else as a copy of what is looked at.
    Raises StreamError when there is no such file and UsageError when the source or its login cannot be meant.
    """
    if is_live(source):
        try:
            address = Address.of(source, secret)
        except ValueError as error:
            raise UsageError(f"camera {camera}: {error}") from None
        return LiveStream(camera, address, stall=stall, ring=ring)
    if secret is not None:
        raise UsageError(
            f"camera {camera}: source {source!r} is no live stream and takes no login; remove its `secret`"
        )
    paths = _files(source)
    if paths[0].suffix == SCENE:
        return _copied(_scene(camera, source, paths, start), ring)
    if all(map(_is_picture, paths)):
        return _copied(Pictures(camera, paths, start=start, rate=picture_rate), ring)
    if any(map(_is_picture, paths)):
        raise StreamError(f"{source}: names both pictures and other files; make the pattern narrower, as in *.jpg")
    return Recording(camera, paths, start=start, threads=threads, ring=ring)


def _copied(source: FrameSource, ring: PacketRing | None) -> FrameSource:
    return source if ring is None else CopiedSource(source, ring)


def seconds_of(path: Path) -> float:
    """Return how long a recording or a scene script lasts; nothing is decoded or drawn.

    Raises StreamError, for a script UsageError, when that cannot be said.
    """
    if path.suffix == SCENE:
        return SceneSource("", path).length().total_seconds()
    return recording.seconds_of(path)


def _scene(camera: str, source: str, paths: list[Path], start: datetime) -> SceneSource:
    if len(paths) > 1:
        raise StreamError(f"{source}: names {len(paths)} files; a camera shows one scene script: name one")
    return SceneSource(camera, paths[0], start=start)


def is_live(source: str) -> bool:
    """Return whether the source is the URL of a live stream rather than something on disk."""
    return URL.match(source) is not None


def _files(source: str) -> list[Path]:
    """Return the files that the source names, in natural order; at least one."""
    path = Path(source)
    try:
        if path.is_dir():
            return _pictures_in(path)
        if not path.exists() and WILDCARDS & set(source):
            return _matches(source)
    except OSError as error:
        raise StreamError(f"{source}: {reason_of(error)}") from None
    return [path]


def _pictures_in(folder: Path) -> list[Path]:
    found = natural_order(p for p in folder.iterdir() if _is_picture(p) and not p.name.startswith("."))
    if not found:
        known = " ".join(sorted(SUFFIXES))
        raise StreamError(
            f"{folder}: no pictures in this folder ({known}); name recordings by a pattern like {folder}/*.mp4"
        )
    return found


def _matches(pattern: str) -> list[Path]:
    names = glob.glob(pattern, recursive=True)  # noqa: PTH207  # Path.glob takes no absolute pattern
    found = natural_order(path for path in map(Path, names) if path.is_file())
    if not found:
        raise StreamError(f"{pattern}: matches no file; check the pattern")
    return found


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def natural_order(paths: Iterable[Path]) -> list[Path]:
    """Return the paths sorted as a person would: numbers by their value."""
    return sorted(paths, key=lambda path: ([_words(part) for part in path.parts], path))


def _words(name: str) -> list[tuple[int, str]]:
    pieces = re.split(r"([0-9]+)", name.casefold())
    return [(int(piece), "") if index % 2 else (-1, piece) for index, piece in enumerate(pieces)]

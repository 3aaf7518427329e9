"""Folders of recordings: which files in them are to be played, each by itself."""

from __future__ import annotations

from pathlib import Path

from ioc.errors import StreamError
from streams.pictures import SUFFIXES as PICTURES
from streams.recording import reason_of
from streams.scene_source import SUFFIX as SCENE
from streams.sources import natural_order

RECORDINGS = frozenset(
    {".264", ".265", ".3gp", ".avi", ".flv", ".h264", ".h265", ".hevc", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg"}
    | {".mpg", ".mts", ".ts", ".webm", ".wmv"}
)
"""What recordings are called; a file of another name is played when it is named itself."""


def recordings_in(folder: Path) -> list[Path]:
    """Return the folder's recordings in natural order; none when it holds pictures, which are one recording together.

    Where there is neither it is the scene scripts: beside recordings or pictures a TOML file is something else.
    Raises StreamError when it holds both, or nothing of all these.
    """
    suffixes = {path: path.suffix.lower() for path in _shown(folder)}
    found = natural_order(path for path, suffix in suffixes.items() if suffix in RECORDINGS)
    pictures = any(suffix in PICTURES for suffix in suffixes.values())
    if found and pictures:
        raise StreamError(f"{folder}: holds both recordings and pictures; put them in folders of their own")
    if not found and not pictures:
        found = natural_order(path for path, suffix in suffixes.items() if suffix == SCENE)
    if not found and not pictures:
        raise StreamError(f"{folder}: no recordings in this folder ({' '.join(sorted({*RECORDINGS, SCENE}))})")
    return found


def tapes_in(folder: Path) -> list[Path]:
    """Return the folder's tapes in natural order; raises StreamError when there is none."""
    found = natural_order(path for path in _shown(folder) if path.suffix == ".tape")
    if not found:
        raise StreamError(f"{folder}: no tapes in this folder (*.tape); make them with `ioc replay --video … --tape`")
    return found


def _shown(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    except OSError as error:
        raise StreamError(f"{folder}: {reason_of(error)}") from None

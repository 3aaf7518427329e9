"""The folder of recordings whose truth is marked: which there are, and the truth file beside each."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import stat
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ioc.errors import IocError
from ioc.truth import TruthError, parse_truth
from ioc.truth_file import doubts, text_of

MEDIA_TYPES: Mapping[str, str] = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".ts": "video/mp2t",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
}
"""What counts as a recording, by its suffix in small letters."""


WRITABLE = 0o222
"""The permission bits of which a file has one unless it is protected."""


class FolderError(IocError):
    """The folder, or a file in it, cannot be read or written."""


class TruthUnusable(IocError):
    """The truth file that lies beside a recording cannot be edited here."""


class NewerTruth(IocError):
    """The truth file is not the one that was read."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording; `name` is its path below the folder, `id` stands for it in addresses."""

    id: str
    name: str
    path: Path
    size: int
    modified: datetime

    @property
    def truth_path(self) -> Path:
        """Where its truth lies, whether there is one or not."""
        return self.path.with_suffix(".json")

    @property
    def is_marked(self) -> bool:
        """Whether there is a truth file."""
        return os.path.lexists(self.truth_path)

    @property
    def media_type(self) -> str:
        """The recording's media type."""
        return MEDIA_TYPES[self.path.suffix.lower()]


@dataclass(frozen=True, slots=True)
class KeptTruth:
    """A truth file as it lies on disk: all its keys, the digest of its bytes, and its permissions."""

    document: Mapping[str, Any]
    version: str
    mode: int


class ClipFolder:
    """The recordings below one folder.

    A recording is asked for by the id that the listing gave it, never by a path, and links are not followed: so
    nothing outside the folder can be reached, however it is named.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._writing = threading.Lock()

    def clips(self) -> list[Clip]:
        """Return the recordings by name. Raises FolderError when the folder cannot be read."""
        return sorted(self._found(), key=lambda clip: clip.name.casefold())

    def clip(self, id_: str) -> Clip | None:
        """Return the recording of that id, or None. Raises FolderError when the folder cannot be read."""
        return next((clip for clip in self._found() if clip.id == id_), None)

    def read(self, clip: Clip) -> KeptTruth | None:
        """Return the recording's truth, or None where there is none; an example in it is left out.

        Raises TruthUnusable for a file that is no truth about this recording, and FolderError.
        """
        found = _content(clip)
        if found is None:
            return None
        content, mode = found
        where = _named(clip)
        try:
            document = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise TruthUnusable(f"{where}: not JSON: {error}: repair it by hand, or remove it") from None
        if isinstance(document, dict):
            document.pop("example", None)
        try:
            truth = parse_truth(document, where)
        except TruthError as error:
            raise TruthUnusable(str(error)) from None
        if truth.clip not in {"", clip.path.name}:
            raise TruthUnusable(f"{where}: is about {truth.clip}: rename one of the two recordings and its truth")
        return KeptTruth(document, _version(content), mode)

    def write(self, clip: Clip, marks: Mapping[str, Any], version: str | None) -> KeptTruth:
        """Put `marks` into the recording's truth file and return it; its other keys stay.

        `version` is the one that was read, None where there was none. The file changes at once or not at all. Raises
        NewerTruth when it is another one by now, TruthError when the marks cannot be true or cannot be meant,
        TruthUnusable and FolderError.
        """
        with self._writing:
            kept = self.read(clip)
            if version != (kept.version if kept else None):
                raise NewerTruth("somebody else has saved a newer version meanwhile")
            if kept and not kept.mode & WRITABLE:
                raise TruthUnusable(f"{_named(clip)}: is protected: `chmod u+w` it if its truth is to change")
            document = {**(kept.document if kept else {}), "clip": clip.path.name, **marks}
            content = _checked(document, _named(clip)).encode()
            mode = self._replace(clip.truth_path, content, kept.mode if kept else None)
        return KeptTruth(document, _version(content), mode)

    def _found(self) -> Iterator[Clip]:
        for folder, _, names in os.walk(self._root, onerror=_unreadable):
            for name in names:
                path = Path(folder) / name
                if path.suffix.lower() in MEDIA_TYPES:
                    yield from self._seen(path)

    def _seen(self, path: Path) -> Iterator[Clip]:
        """Yield the recording at that path, unless it is a link, no file, gone, or has a name that is no text."""
        name = path.relative_to(self._root).as_posix()
        try:
            digest = hashlib.sha256(name.encode()).hexdigest()
            status = path.lstat()
        except (UnicodeEncodeError, FileNotFoundError):
            return
        if stat.S_ISREG(status.st_mode):
            yield Clip(digest[:24], name, path, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def _replace(self, path: Path, content: bytes, mode: int | None) -> int:
        """Write the file in one go, with the permissions that it had, None where it is new; return those it has."""
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                if mode is not None:
                    os.fchmod(file.fileno(), mode)
                given = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode is None:
                os.link(draft, path)  # fails where another program was faster
            else:
                draft.replace(path)
        except FileExistsError:
            raise NewerTruth("somebody else has saved a first version meanwhile") from None
        except OSError as error:
            raise FolderError(f"{path.name} cannot be written: {error.strerror}: give this user the folder") from None
        finally:
            draft.unlink(missing_ok=True)
        return given


def _content(clip: Clip) -> tuple[bytes, int] | None:
    """Return the truth file's bytes and permissions, or None where there is none. Raises TruthUnusable."""
    try:
        # Without NONBLOCK a pipe of that name would hold us for ever.
        handle = os.open(clip.truth_path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        why = "is a link, and links are not followed" if error.errno == errno.ELOOP else error.strerror
        raise TruthUnusable(f"{_named(clip)}: {why}: put the file itself there") from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise TruthUnusable(f"{_named(clip)}: not a file: remove it")
        return file.read(), stat.S_IMODE(status.st_mode)


def _checked(document: dict[str, Any], where: str) -> str:
    """Return the document's text. Raises TruthError when it cannot be true or cannot be meant."""
    found = doubts(parse_truth(document, where))
    if found:
        raise TruthError([f"{where}: {doubt}" for doubt in found])
    try:
        return text_of(document)
    except ValueError as error:
        raise TruthError([f"{where}: cannot be kept as JSON: {error}"]) from None


def _unreadable(error: OSError) -> None:
    raise FolderError(f"the folder of recordings cannot be read: {error.filename}: {error.strerror}") from None


def _named(clip: Clip) -> str:
    """Return how the clip's truth file is called in messages."""
    return clip.truth_path.name


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

"""The dashboard's own small files: the keys that sign its cookies and evidence packs, the name it has at the broker."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ioc.errors import IocError
from ioc.signing import KeyRefused, SigningKey, fresh_key


class DataFolderError(IocError):
    """A file in the data folder cannot be made, read or trusted."""


def session_key(folder: Path) -> str:
    """Return the key that signs session cookies, making it at first; raise DataFolderError when others may read it."""
    return _kept(folder / "session.key", secrets.token_urlsafe(48), "delete it, and everybody signs in again")


def client_id(folder: Path) -> str:
    """Return the MQTT client id under which the broker keeps this dashboard's session, making it at first."""
    fresh = f"ioc-dashboard-{secrets.token_hex(6)}"
    return _kept(folder / "mqtt-client-id", fresh, "delete it, and the broker knows this dashboard by a new name")


def signing_key(folder: Path) -> SigningKey:
    """Return the key that signs evidence packs, making it at first; raise DataFolderError when others may read it."""
    path = folder / "evidence-key.pem"
    anew = "move it away, and packs are signed with a new key, whose fingerprint has to be handed out"
    try:
        return SigningKey.parse(_kept(path, fresh_key(), anew).encode())
    except KeyRefused as error:
        raise DataFolderError(f"{path} is damaged ({error}): put it back, or {anew}") from None


def _kept(path: Path, fresh: str, anew: str) -> str:
    """Return what the file holds; when there is none yet, write `fresh` for the owner's eyes alone.

    `anew` says how to begin anew, and what comes of it.
    The file appears whole or not at all, also when two programs start at once or one is killed.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            write_private(draft, fresh)
            _link_unless_there(draft, path)
        if path.stat().st_mode & 0o077:
            raise DataFolderError(f"{path} may be read by others: run `chmod 600 {path}`, or {anew}")
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise DataFolderError(f"{path} cannot be used ({error.strerror}): give this user the folder") from None
    if not text.isascii() or len(text) < 16:
        raise DataFolderError(f"{path} is damaged: {anew}")
    return text


def write_private(path: Path, text: str) -> None:
    """Make a file for its owner alone, on the disk when this returns; raise OSError, also when it is there."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _link_unless_there(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

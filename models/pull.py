"""Fetches a file from its publisher: over https alone, no larger than announced, and kept only with the right digest.

What has arrived lies beside the file as `.NAME.part`; a fetch that was cut goes on from there.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from ioc.errors import ModelError

PATIENCE = 30.0
"""Seconds without a byte after which a server is given up."""
PIECE = 1 << 16
PARTIAL, BEYOND = 206, 416
SECURE = frozenset({"https"})


def pull(
    url: str,
    into: Path,
    *,
    sha256: str,
    size: int,
    each: Callable[[int], None] = lambda _: None,
    schemes: frozenset[str] = SECURE,
) -> bool:
    """Fetch a file of that digest and size in bytes; return whether it had to be, since it was not there yet.

    `each` is given the bytes that have arrived so far. Raises ModelError, one line, when the server cannot be reached,
    gives up on the way, or gives another file.
    """
    if into.is_file():
        if _digest(into) == sha256:
            return False
        raise ModelError(f"{into}: is there, but is another file; move it away first")
    partial = into.with_name(f".{into.name}.part")
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        _fetch(url, partial, size, each, schemes)
        arrived = partial.stat().st_size
        if arrived < size:
            raise ModelError(f"{url}: ended after {arrived} of {size} bytes; the same command goes on from there")
        found = _digest(partial)
        if found != sha256:
            partial.unlink()
            raise ModelError(f"{url}: gave another file: expected sha256 {sha256}, found {found}; nothing was kept")
        partial.replace(into)
    except urllib.error.HTTPError as error:
        raise ModelError(f"{url}: the server answers {error.code} {error.reason}; look where it lies now") from None
    except (OSError, http.client.HTTPException) as error:
        raise ModelError(
            f"{url}: cannot be fetched: {_reason(error)}; this needs a network, or bring the file to {into} by hand"
        ) from None
    return True


def _fetch(url: str, partial: Path, size: int, each: Callable[[int], None], schemes: frozenset[str]) -> None:
    """Append to the partial file what is missing, or write it anew where the server gives nothing but the whole."""
    have = partial.stat().st_size if partial.is_file() else 0
    if have >= size:
        partial.unlink()
        have = 0
    _check_scheme(url, schemes)
    request = urllib.request.Request(url, headers={"User-Agent": "city-ioc"})  # noqa: S310  (checked above)
    if have:
        request.add_header("Range", f"bytes={have}-")
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SecureRedirects(schemes),
    ):
        opener.add_handler(handler)
    with opener.open(request, timeout=PATIENCE) as answer:
        goes_on = answer.status == PARTIAL and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        have = have if goes_on else 0
        with partial.open("ab" if goes_on else "wb") as file:
            _copy(url, answer, file, have, size, each)


def _copy(url: str, answer: IO[bytes], file: IO[bytes], have: int, size: int, each: Callable[[int], None]) -> None:
    while piece := answer.read(PIECE):
        have += len(piece)
        if have > size:
            file.truncate(0)
            raise ModelError(f"{url}: is larger than the {size} bytes that were announced; nothing was kept")
        file.write(piece)
        each(have)
    file.flush()
    os.fsync(file.fileno())


def _reason(error: OSError | http.client.HTTPException) -> str:
    return str(getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__)


def _check_scheme(url: str, schemes: frozenset[str]) -> None:
    if urlsplit(url).scheme not in schemes:
        raise ModelError(f"{url}: expected an address that begins with {' or '.join(sorted(schemes))}://")


class _SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Follows to other places, but to no scheme that was not asked for."""

    def __init__(self, schemes: frozenset[str]) -> None:
        self._schemes = schemes

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        _check_scheme(newurl, self._schemes)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

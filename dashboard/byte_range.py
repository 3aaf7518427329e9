"""Answers requests for a part of a file, as a player asks for when it seeks (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import Request, Response

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_or_part(request: Request, content: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """Return the file, or the part of it that the request asks for; 416 for a part that it does not have.

    `headers` hold its ETag. What asks for several parts, or for a part of what it thinks another file, gets the whole.
    """
    more = dict(headers) | {"Accept-Ranges": "bytes"}
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    same = request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
    if not asked or not same or asked[0] == "bytes=-":
        return Response(content, media_type=media_type, headers=more)
    start, end = _span(asked[1], asked[2], len(content))
    if start >= end:
        return Response(status_code=416, headers=more | {"Content-Range": f"bytes */{len(content)}"})
    where = {"Content-Range": f"bytes {start}-{end - 1}/{len(content)}"}
    return Response(content[start:end], 206, media_type=media_type, headers=more | where)


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    """Return where the part begins and where it has ended; a part that is not there ends where it begins, or before."""
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last) + 1, size) if last else size

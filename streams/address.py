"""Addresses of live streams: shown without a login, opened with one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from streams.secrets import Credentials

SCHEMES = frozenset({"rtsp", "rtsps"})
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}

MALFORMED = "its source is not a URL like rtsp://camera.example:554/main"
"""The URL is not repeated: where it cannot be taken apart, a password in it cannot be found."""

WAY_OUT = 'write `secret = "NAME"` under the camera and set IOC_SECRET_NAME to user:password'

HIDDEN_LOGIN = re.compile(r"(?i)(?<![a-z])(?:pass|passwd|password|pwd|pw)=(?!\{password\})[^&/]")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a live stream is: `shown` never holds a login, `opened` does and is for FFmpeg alone."""

    shown: str
    host: str
    port: int
    opened: str = field(repr=False)
    has_login: bool

    @classmethod
    def of(cls, url: str, credentials: Credentials | None = None) -> Address:
        """Return the address of an rtsp:// or rtsps:// URL, to be opened with those credentials.

        They go before the host, as RTSP wants it. For cameras that want them elsewhere the URL may hold `{user}` and
        `{password}`. Raises ValueError, with a line for a person, when the URL is none of ours, holds a login, or has
        places for one but there is none.
        """
        scheme, host, port = _parts(url)
        if "{user}" in url or "{password}" in url:
            if credentials is None:
                raise ValueError(f"source {url!r} has places for a login but there is none: {WAY_OUT}")
            user, password = quote(credentials.user, safe=""), quote(credentials.password, safe="")
            opened = url.replace("{user}", user).replace("{password}", password)
        elif credentials is not None:
            login = f"{quote(credentials.user, safe='')}:{quote(credentials.password, safe='')}"
            opened = url.replace("://", f"://{login}@", 1)
        else:
            opened = url
        return cls(url, host, port or DEFAULT_PORTS[scheme], opened, credentials is not None)


def _parts(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port, after a look for what must not be in a site file."""
    try:
        split = urlsplit(url)
        scheme, host, port = split.scheme.lower(), split.hostname, split.port
    except ValueError:
        raise ValueError(MALFORMED) from None
    if "@" in url or HIDDEN_LOGIN.search(url):  # an @ after the host may be the rest of a password with a slash in it
        raise ValueError(f"its source holds a user or password (an @ in a path is written %40); instead {WAY_OUT}")
    if scheme not in SCHEMES:
        raise ValueError(f"source {url!r}: expected rtsp://, rtsps://, a file, a folder or a pattern")
    if not host or not url.isprintable() or " " in url:
        raise ValueError(MALFORMED)
    return scheme, host, port

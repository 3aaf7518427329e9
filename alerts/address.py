"""Where the broker is and how we sign in; credentials come from a secret, never from the URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from ioc.errors import UsageError

PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """A broker to connect to; shown as its URL, which holds no credentials."""

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    @classmethod
    def parse(cls, url: str, secret: str | None = None, ca_file: Path | None = None) -> Self:
        """Return the address of `mqtt://host[:port]` or `mqtts://host[:port]`.

        `secret` is `user:password`; `ca_file` is a PEM file of the authority that signed the broker's certificate,
        the system's own are trusted without. Raises UsageError, which never quotes a secret.
        """
        host, port, tls = _parse_url(url)
        if ca_file is not None and not tls:
            raise UsageError("broker: ca_file is of use only with an mqtts:// URL")
        if ca_file is not None and not ca_file.is_file():
            raise UsageError(f"broker: ca_file {ca_file} does not exist")
        if secret is None:
            return cls(host, port, tls, ca_file=ca_file)
        user, colon, password = secret.partition(":")
        if not (user and colon):
            raise UsageError("broker: its secret is expected to be user:password")
        return cls(host, port, tls, user, password, ca_file)

    @property
    def in_the_clear(self) -> bool:
        """Whether a password would cross a network unencrypted."""
        return self.password is not None and not self.tls and self.host not in {"localhost", "127.0.0.1", "::1"}

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def _parse_url(url: str) -> tuple[str, int, bool]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        # The text of the error may quote a password that stands where the port belongs.
        raise UsageError("broker: the URL cannot be read, expected one like mqtt://host:1883") from error
    if "@" in parts.netloc:
        raise UsageError("broker: leave user and password out of the URL and name a secret that holds user:password")
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise UsageError(f"broker: expected a URL like mqtt://host:1883 or mqtts://host:8883, got {url!r}")
    return parts.hostname, port or PORTS[parts.scheme], parts.scheme == "mqtts"

"""What the dashboard needs to know before it starts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from ioc.retention import Retention

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""A site's id, as the wire format has it."""


class DashboardSettings(BaseModel):
    """One dashboard: where it keeps its data, which broker it listens to, where its page stands.

    Secrets are values here, never parts of a URL, so that printing the settings shows none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(description="folder of the dashboard's own files: session key, client id, default store")
    evidence: Path = Field(description="folder that the paths of an alert's evidence start from")
    sites: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="sites whose alerts are shown")
    clips: Path | None = Field(None, description="folder of recordings whose truth is marked; none when left out")
    store: str | None = Field(None, description="path of a SQLite file, or an SQLAlchemy URL; default `data`/ioc.db")
    store_secret: SecretStr | None = Field(None, description="password for `store` when it is a URL")
    broker: str = Field("mqtt://127.0.0.1:1883", description="mqtt:// or mqtts://, [user@]host[:port], no password")
    broker_secret: SecretStr | None = Field(None, description="password for the broker")
    broker_ca: Path | None = Field(None, description="PEM file of the authority that signed the broker's certificate")
    client_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="MQTT client id, unique per dashboard; made and kept in `data` when left out",
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    https_only: bool = Field(False, description="true when a proxy serves the page over HTTPS: cookies demand it")
    behind_proxy: bool = Field(False, description="believe X-Forwarded-For of a proxy on this machine")
    title: str = Field("City operations centre", min_length=1, max_length=80, description="heading of the page")
    language: Literal["en", "vi"] = Field("en", description="language of the page until a person chooses")
    map: Path | None = Field(None, description="GeoJSON file drawn behind the cameras of the map")
    retention: Retention = Field(Retention(), description="how long passes and closed alerts are kept")
    session_hours: int = Field(12, ge=1, le=168, description="hours until a person has to sign in again")
    admin_password: SecretStr | None = Field(
        None, description="password of the first administrator; a random one-time password when left out"
    )

    @field_validator("broker")
    @classmethod
    def _check_broker(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise ValueError("give the broker as mqtt://host:port or mqtts://host:port")
        if parts.password is not None:
            raise ValueError("keep the broker's password out of its URL: give it as the broker's secret")
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError("a broker URL ends after the port")
        return value

"""The messages on MQTT, version 1: what we publish, what we accept, and their JSON Schema.

Topics, below a prefix of `ioc/v1/<site>`:

    <camera>/alerts/<kind>   an alert's phase, QoS 1, not retained
    <camera>/status          how the camera is, QoS 1, retained
    status                   whether the engine is up, QoS 1, retained; its last will says "offline"

Whoever reads them must expect a message more than once and in any order across a reconnect: an alert's
`id` names the incident, and the message with the greatest (`at`, phase) is where it stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_serializer,
    model_validator,
)

from ioc.errors import IocError
from ioc.types import Alert, Box, Evidence, Phase, Severity

VERSION: Literal[1] = 1
MAX_BYTES = 256 * 1024
"""A larger message is refused unread."""

PHASES = (Phase.RAISED, Phase.UPDATED, Phase.CLEARED)

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""Site and camera ids: safe as a topic level and as a file name."""
Fraction = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
EvidencePath = Annotated[
    str, Field(max_length=300, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$")
]
"""Relative to the evidence folder; no level may begin with a dot, so none leads out of it."""


class WireError(IocError):
    """A message is not what this version of the wire format allows."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = VERSION
    site: Name

    def payload(self) -> bytes:
        """Return the message as UTF-8 JSON, keys in the order of the schema."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")).encode()


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class WireEvidence(BaseModel):
    """A still, crop or clip that shows the alert to be true."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["frame", "crop", "clip"] = Field(description="what it is")
    seq: int = Field(ge=0, description="number of the picture within the camera's run")
    at: AwareDatetime = Field(description="when the picture was taken")
    box: tuple[Fraction, Fraction, Fraction, Fraction] | None = Field(None, description="x1 y1 x2 y2")
    path: EvidencePath | None = Field(None, description="file below the evidence folder")
    sha256: Sha256 | None = Field(None, description="digest of that file")

    @field_serializer("at")
    def _serialize_at(self, at: datetime) -> str:
        return _iso(at)


class AlertMessage(_Message):
    """One phase of one incident."""

    id: UUID = Field(description="names the incident: the same for all its phases, and for a replay of it")
    camera: Name
    rule: str = Field(min_length=1, max_length=100, description="the rule's name in the site file")
    kind: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="the detector that raised it")
    subject: str = Field(min_length=1, max_length=200, description="what it is about, within the rule")
    phase: Phase
    severity: Severity
    began: AwareDatetime = Field(description="when the incident began, by the camera's own time")
    at: AwareDatetime = Field(description="when this phase came about, by the camera's own time")
    box: tuple[Fraction, Fraction, Fraction, Fraction] | None = Field(
        None, description="x1 y1 x2 y2, fractions of the frame"
    )
    details: dict[str, JsonValue] = Field(default_factory=dict, description="what the kind has to say")
    evidence: tuple[WireEvidence, ...] = Field((), max_length=20)

    @field_serializer("began", "at")
    def _serialize_times(self, at: datetime) -> str:
        return _iso(at)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.at < self.began:
            raise ValueError("`at` lies before `began`")
        if self.box is not None:
            Box(*self.box)
        return self

    @property
    def topic(self) -> str:
        """The topic this message is published under."""
        return f"ioc/v1/{self.site}/{self.camera}/alerts/{self.kind}"

    @property
    def order(self) -> tuple[datetime, int]:
        """What decides between two messages of one incident: the greater one is where it stands."""
        return (self.at, PHASES.index(self.phase))

    @classmethod
    def of(cls, alert: Alert, site: str) -> AlertMessage:
        """Return the message that tells of `alert`."""
        return cls(
            site=site,
            id=alert.id,
            camera=alert.camera,
            rule=alert.rule,
            kind=alert.kind,
            subject=alert.subject,
            phase=alert.phase,
            severity=alert.severity,
            began=alert.began,
            at=alert.at,
            box=alert.box.as_tuple() if alert.box else None,
            details=dict(alert.details),  # type: ignore[arg-type]  # both are JSON; pydantic checks it
            evidence=tuple(map(_wire_evidence, alert.evidence)),
        )


def _wire_evidence(item: Evidence) -> WireEvidence:
    return WireEvidence.model_validate(
        {
            "kind": item.kind,
            "seq": item.seq,
            "at": item.at,
            "box": item.box.as_tuple() if item.box else None,
            "path": item.path,
            "sha256": item.sha256,
        }
    )


class CameraState(StrEnum):
    """Whether a camera delivers pictures."""

    CONNECTING = "connecting"
    ONLINE = "online"
    LOST = "lost"
    STOPPED = "stopped"


class CameraStatus(_Message):
    """How a camera is; retained, so that whoever connects later knows at once."""

    camera: Name
    name: str = Field(max_length=200, description="the camera's name for people")
    location: tuple[float, float] | None = Field(None, description="latitude, longitude (WGS 84)")
    simulated: bool = Field(False, description="true when the pictures are drawn and show no real place")
    state: CameraState
    since: AwareDatetime = Field(description="since when it is in this state")
    reason: str = Field("", max_length=500, description="why, in one line, when it does not deliver")

    @field_serializer("since")
    def _serialize_since(self, at: datetime) -> str:
        return _iso(at)

    @property
    def topic(self) -> str:
        """The topic this message is published under."""
        return f"ioc/v1/{self.site}/{self.camera}/status"


class EngineStatus(_Message):
    """Whether the engine that watches the site's cameras is up; "offline" is the last will."""

    state: Literal["online", "offline"]

    @property
    def topic(self) -> str:
        """The topic this message is published under."""
        return f"ioc/v1/{self.site}/status"


def decode(topic: str, payload: bytes) -> AlertMessage | CameraStatus | EngineStatus:
    """Return the message that came in under `topic`; raise WireError when it is not one of ours.

    Nothing is trusted: size, JSON, every field, and that the topic says what the message says.
    """
    if len(payload) > MAX_BYTES:
        raise WireError(f"message on {topic!r} is {len(payload)} bytes, more than {MAX_BYTES}")
    kind = _kind_of(topic)
    try:
        message = kind.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "message"
        raise WireError(f"message on {topic!r}: {where}: {first['msg']}") from None
    if message.topic != topic:
        raise WireError(f"message on {topic!r} says that it belongs on {message.topic!r}")
    return message


def _kind_of(topic: str) -> type[AlertMessage | CameraStatus | EngineStatus]:
    match topic.split("/"):
        case ["ioc", "v1", _, _, "alerts", _]:
            return AlertMessage
        case ["ioc", "v1", _, _, "status"]:
            return CameraStatus
        case ["ioc", "v1", _, "status"]:
            return EngineStatus
        case _:
            raise WireError(f"topic {topic!r} is not one of ours")


def schemas() -> Mapping[str, dict[str, JsonValue]]:
    """Return the JSON Schema (2020-12) of each message by the file name it is published under."""
    kinds: dict[str, type[BaseModel]] = {
        "alert": AlertMessage,
        "camera-status": CameraStatus,
        "engine-status": EngineStatus,
    }
    return {
        f"{name}.v{VERSION}.schema.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **kind.model_json_schema(mode="serialization"),
        }
        for name, kind in kinds.items()
    }

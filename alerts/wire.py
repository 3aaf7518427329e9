"""The messages on MQTT, version 1: what we publish, what we accept, and their JSON Schema.

Topics, below a prefix of `ioc/v1/<site>`:

    <camera>/alerts/<kind>   an alert's phase, QoS 1, not retained
    <camera>/status          how the camera is, QoS 1, retained
    status                   whether the engine is up, QoS 1, retained; its last will says "offline"

Whoever reads them must expect a message more than once and in any order across a reconnect: an alert's
`id` names the incident, and the message with the greatest (`at`, phase) is where it stands.

`python -m alerts.wire FOLDER` writes the schemas to a folder; the published ones are in `docs/wire`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self, cast
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)

from alerts.wire_fields import Details, EvidencePath, Fraction, Name, Sha256, Utc, Word, one_line
from ioc.errors import IocError
from ioc.types import Alert, Box, Evidence, Json, Phase, Severity

VERSION: Literal[1] = 1
MAX_BYTES = 256 * 1024
"""A larger message is refused unread."""

PHASES = (Phase.RAISED, Phase.UPDATED, Phase.CLEARED)

MAX_ERROR = 300


class WireError(IocError):
    """A message is not what this version of the wire format allows."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = VERSION
    site: Name

    def payload(self) -> bytes:
        """Return the message as UTF-8 JSON, keys in the order of the schema."""
        fields = self.model_dump(mode="json")
        return json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


class WireEvidence(BaseModel):
    """A still, crop or clip that shows the alert to be true."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["frame", "crop", "clip"] = Field(description="what it is")
    seq: int = Field(ge=0, description="number of the picture within the camera's run")
    at: Utc = Field(description="when the picture was taken")
    box: tuple[Fraction, Fraction, Fraction, Fraction] | None = Field(None, description="x1 y1 x2 y2")
    path: EvidencePath | None = Field(None, description="file below the evidence folder")
    sha256: Sha256 | None = Field(None, description="digest of that file")

    @model_validator(mode="after")
    def _check_box(self) -> Self:
        if self.box is not None:
            Box(*self.box)
        return self


class WireModel(BaseModel):
    """A model that looked at the pictures: which file of weights, and where it ran."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name = Field(description="the model, by its name in the manifest")
    sha256: Sha256 = Field(description="digest of the file of weights that ran")
    provider: Word = Field(max_length=20, description="where it ran: cpu, openvino, cuda or tensorrt")
    variant: Word = Field("float32", max_length=20, description="what it computed in: float32 or int8")


class AlertMessage(_Message):
    """One phase of one incident."""

    id: UUID = Field(description="names the incident: the same for all its phases, and for a replay of it")
    camera: Name
    rule: Word = Field(max_length=100, description="the rule's name in the site file")
    kind: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="the detector that raised it")
    subject: Word = Field(max_length=200, description="what it is about, within the rule")
    phase: Phase
    severity: Severity
    began: Utc = Field(description="when the incident began, by the camera's own time")
    at: Utc = Field(description="when this phase came about, by the camera's own time")
    box: tuple[Fraction, Fraction, Fraction, Fraction] | None = Field(
        None, description="x1 y1 x2 y2, fractions of the frame"
    )
    details: Details = Field(default_factory=dict, description="what the kind has to say")
    evidence: tuple[WireEvidence, ...] = Field((), max_length=20)
    models: tuple[WireModel, ...] = Field((), max_length=20, description="what looked at the pictures")

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

    def alert(self) -> Alert:
        """Return the alert that the message tells of, without its evidence."""
        return Alert(
            rule=self.rule,
            kind=self.kind,
            camera=self.camera,
            subject=self.subject,
            phase=self.phase,
            severity=self.severity,
            began=self.began,
            at=self.at,
            box=Box(*self.box) if self.box else None,
            details=cast("dict[str, Json]", self.details),
        )

    @property
    def computed_id(self) -> UUID:
        """The id that the fields make: UUIDv5 of camera, rule, subject and beginning."""
        return self.alert().id

    @classmethod
    def of(cls, alert: Alert, site: str, models: Sequence[Mapping[str, Json]] = ()) -> AlertMessage:
        """Return the message that tells of `alert`; raise ValidationError when a rule made what cannot be said.

        `models` says what looked at the pictures; of each, what WireModel has no field for is left out.
        """
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
            details=cast("dict[str, JsonValue]", dict(alert.details)),  # both are JSON; pydantic checks it
            evidence=tuple(map(_wire_evidence, alert.evidence)),
            models=tuple(map(_wire_model, models)),
        )


def _wire_model(ran: Mapping[str, Json]) -> WireModel:
    return WireModel.model_validate({name: ran[name] for name in WireModel.model_fields if name in ran})


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
    """Whether a camera delivers pictures; degraded when it does but they cannot be watched."""

    CONNECTING = "connecting"
    ONLINE = "online"
    DEGRADED = "degraded"
    LOST = "lost"
    STOPPED = "stopped"


class CameraStatus(_Message):
    """How a camera is; retained, so that whoever connects later knows at once."""

    camera: Name
    name: Annotated[str, BeforeValidator(one_line)] = Field(max_length=200, description="the camera's name for people")
    location: tuple[float, float] | None = Field(None, description="latitude, longitude (WGS 84)")
    simulated: bool = Field(False, description="true when the pictures are drawn and show no real place")
    state: CameraState
    since: Utc = Field(description="since when it is in this state")
    reason: Annotated[str, BeforeValidator(one_line)] = Field(
        "", max_length=500, description="why, in one line, when it does not deliver"
    )

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

    Nothing is trusted: size, JSON, every field, that the topic says what the message says, and that an
    alert's id follows from its fields, so that no camera's message can pass for another camera's incident.
    """
    if len(payload) > MAX_BYTES:
        raise _refusal(topic, f"is {len(payload)} bytes, more than {MAX_BYTES}")
    kind = _kind_of(topic)
    if not payload:
        raise _refusal(topic, "is empty: what was retained there has been withdrawn")
    try:
        message = kind.model_validate_json(payload, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "form"
        raise _refusal(topic, f"has a wrong {where!r}: {first['msg']}") from None
    if message.topic != topic:
        raise _refusal(topic, f"says that it belongs on {message.topic!r}")
    if isinstance(message, AlertMessage) and message.id != message.computed_id:
        raise _refusal(topic, f"carries the id {message.id}, its fields make {message.computed_id}")
    return message


def _refusal(topic: str, why: str) -> WireError:
    """Return the error, cut to a length fit for a log: what it quotes comes from outside."""
    return WireError(f"message on {topic[:MAX_ERROR]!r} {why[:MAX_ERROR]}")


def _kind_of(topic: str) -> type[AlertMessage | CameraStatus | EngineStatus]:
    match topic.split("/"):
        case ["ioc", "v1", _, _, "alerts", _]:
            return AlertMessage
        case ["ioc", "v1", _, _, "status"]:
            return CameraStatus
        case ["ioc", "v1", _, "status"]:
            return EngineStatus
        case _:
            raise _refusal(topic, "is not on one of our topics")


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


def write_schemas(folder: Path) -> None:
    """Write the schemas to `folder`, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        text = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))

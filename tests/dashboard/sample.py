"""Messages and pictures for the tests, drawn here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from alerts.evidence import small_jpeg
from alerts.wire import AlertMessage, CameraState, CameraStatus, EngineStatus
from ioc.types import Alert, Box, Evidence, Json, Phase, Severity

SITE = "bac-giang"
START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def alert(
    number: int = 0,
    *,
    camera: str = "bg-017",
    kind: str = "illegal_parking",
    phase: Phase = Phase.RAISED,
    severity: Severity = Severity.MEDIUM,
    began: datetime | None = None,
    after: timedelta = timedelta(0),
    details: dict[str, Json] | None = None,
    evidence: tuple[Evidence, ...] = (),
    site: str = SITE,
    rule: str = "no-stopping",
    subject: str = "",
) -> AlertMessage:
    """Return a message of incident `number`; incidents begin a minute apart."""
    begin = began or START + minutes(number)
    told = Alert(
        rule=rule,
        kind=kind,
        camera=camera,
        subject=subject or f"place:{number},500",
        phase=phase,
        severity=severity,
        began=begin,
        at=begin + after,
        box=Box(0.2, 0.3, 0.5, 0.7),
        details=details if details is not None else {"label": "car", "stood_s": 61.5, "held_s": 0.0},
        evidence=evidence,
    )
    return AlertMessage.of(told, site)


def camera(
    name: str = "bg-017",
    state: CameraState = CameraState.ONLINE,
    *,
    simulated: bool = False,
    reason: str = "",
    site: str = SITE,
    since: datetime = START,
    title: str = "",
    location: tuple[float, float] | None = (21.27, 106.19),
) -> CameraStatus:
    return CameraStatus(
        site=site,
        camera=name,
        name=title or f"Camera {name}",
        location=location,
        simulated=simulated,
        state=state,
        since=since,
        reason=reason,
    )


def engine(state: str = "online", site: str = SITE) -> EngineStatus:
    return EngineStatus.model_validate({"site": site, "state": state})


def picture(root: Path, path: str, *, hue: int = 20, text: str = "simulated") -> Evidence:
    """Draw a street scene into a JPEG below `root` and return it as evidence."""
    image = np.full((360, 640, 3), (96, 100, 104), np.uint8)
    cv2.rectangle(image, (0, 0), (640, 140), (200, 180, 150), -1)
    for left in range(0, 640, 80):
        cv2.line(image, (left, 250), (left + 40, 250), (230, 230, 230), 4)
    colour = cv2.cvtColor(np.full((1, 1, 3), (hue, 200, 220), np.uint8), cv2.COLOR_HSV2BGR)[0, 0]
    cv2.rectangle(image, (180, 190), (330, 280), tuple(map(int, colour)), -1)
    cv2.rectangle(image, (170, 160), (340, 290), (40, 40, 240), 3)
    cv2.putText(image, text, (172, 152), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (40, 40, 240), 2)
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    done, encoded = cv2.imencode(".jpg", image)
    assert done
    target.write_bytes(encoded.tobytes())
    return Evidence("frame", 7, START, Box(0.2, 0.3, 0.5, 0.7), path, hashlib.sha256(encoded.tobytes()).hexdigest())


def small_picture(hue: int = 100, text: str = "") -> bytes:
    """Return a live picture's JPEG, without the comment that says whose it is."""
    image = np.full((270, 480, 3), (96, 100, 104), np.uint8)
    colour = cv2.cvtColor(np.full((1, 1, 3), (hue, 160, 210), np.uint8), cv2.COLOR_HSV2BGR)[0, 0]
    cv2.rectangle(image, (0, 0), (480, 100), tuple(map(int, colour)), -1)
    cv2.putText(image, text, (20, 200), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (240, 240, 240), 2)
    return small_jpeg(image, (480, 270), 70)

"""Values that several tests of this room draw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from alerts.wire import AlertMessage, CameraState, CameraStatus
from ioc.types import Alert, Box, Frame, Image, Json, Phase, Severity

ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
SITE = "bac-giang"
CAMERA = "bg-017"


def after(seconds: float) -> datetime:
    """Return the time so many seconds after START."""
    return START + timedelta(seconds=seconds)


def alert(
    phase: Phase = Phase.RAISED,
    at: float = 60,
    *,
    subject: str = "track:20260301T080000-1",
    rule: str = "no-stopping",
    began: float = 0,
    severity: Severity = Severity.MEDIUM,
    camera: str = CAMERA,
    details: dict[str, Json] | None = None,
    box: Box | None = None,
) -> Alert:
    """Return an alert of a parked car; `at` and `began` are seconds after START."""
    return Alert(
        rule=rule,
        kind="illegal_parking",
        camera=camera,
        subject=subject,
        phase=phase,
        severity=severity,
        began=after(began),
        at=after(at),
        box=box,
        details={"seconds": at - began} if details is None else details,
    )


def message(number: int, phase: Phase = Phase.RAISED) -> AlertMessage:
    """Return one phase of incident `number`."""
    at = {Phase.RAISED: 60, Phase.UPDATED: 90, Phase.CLEARED: 120}[phase]
    return AlertMessage.of(alert(phase, at + number, subject=f"car {number}", began=number), SITE)


def status(state: CameraState = CameraState.ONLINE, camera: str = CAMERA, seconds: float = 0) -> CameraStatus:
    """Return a camera's state."""
    return CameraStatus(site=SITE, camera=camera, name="Hùng Vương / Lê Lợi", state=state, since=after(seconds))


def picture(height: int = 360, width: int = 640) -> Image:
    """Return a read-only picture that runs from dark to bright."""
    row = np.linspace(40, 200, width, dtype=np.uint8)
    image = np.repeat(np.repeat(row[None, :, None], height, axis=0), 3, axis=2)
    image.flags.writeable = False
    return image


def frame(seq: int = 7, seconds: float = 60, image: Image | None = None) -> Frame:
    """Return a frame of the camera."""
    return Frame(CAMERA, "20260301T080000", seq, after(seconds), picture() if image is None else image)

"""Alerts as `ioc replay --out` writes them: a JSON object a line, of which scoring reads a part."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ioc.errors import UsageError
from ioc.plate_grammar import normalise
from ioc.scoring import PLATE, Raised
from ioc.scoring_plates import Hit
from ioc.truth import Corners


class AlertLine(BaseModel):
    """One line; other keys are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: str
    phase: str = "raised"
    subject: str = ""
    media_s: float
    box: Corners | None = None


def read_raised(path: Path) -> list[AlertLine]:
    """Return the lines of a file that were raised. Raises UsageError, which names the file and the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; expected alerts as `ioc replay --out` writes them") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text; expected alerts as `ioc replay --out` writes them") from None
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    alerts = [_read(line, f"{path}: line {number}") for number, line in numbered]
    return [alert for alert in alerts if alert.phase == "raised"]


def events(alerts: Iterable[AlertLine]) -> list[Raised]:
    """Return them as alerts that answer events."""
    return [Raised(alert.kind, alert.media_s, alert.box) for alert in alerts]


def hits(alerts: Iterable[AlertLine]) -> list[Hit]:
    """Return those of kind plate as hits; their subject is "plate:" and the text."""
    plates = (alert for alert in alerts if alert.kind == PLATE)
    return [Hit(normalise(own.subject.removeprefix("plate:")), own.media_s, own.box) for own in plates]


def _read(line: str, where: str) -> AlertLine:
    try:
        return AlertLine.model_validate_json(line)
    except ValidationError as error:
        first: Any = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"])) or "line"
        raise UsageError(f"{where}: {key}: {first['msg']}") from None

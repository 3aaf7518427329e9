"""What an evidence pack tells: the record itself for machines, and its facts, in two languages, for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_jsonable_python

from dashboard.pack_plate import TOLD, local, plate_facts
from dashboard.pack_words import LABELS, TITLES, Pair, word
from dashboard.plate_records import KIND, PlateRead, plate_of
from dashboard.records import Deed, HistoryEntry, StoredAlert, StoredCamera
from ioc.evidence_pack import Subject
from ioc.types import Json

DETAILS_SHOWN = 8
DRAWN = frozenset({"heat"})
"""Details that pictures show."""

_PLATE = re.compile(rf"{KIND}:([0-9A-Z]{{1,24}})")

Fact = tuple[Pair, str]
"""A label, and what it says."""


@dataclass(frozen=True, slots=True)
class PackRecord:
    """An alert, or a vehicle's pass."""

    about: Subject
    title: Pair
    plain: Mapping[str, Any]
    """All that is known, as JSON has it."""
    evidence: tuple[Mapping[str, Json], ...]
    facts: tuple[Fact, ...]
    text: str = ""
    """The plate's canonical text; nothing when the record is about no plate."""
    plate: str = ""
    """The same as people write it."""
    colour: str = ""
    """Of that plate."""
    simulated: bool = False
    """Whether its pictures are drawn."""


def of_alert(alert: StoredAlert, history: Sequence[HistoryEntry], camera: StoredCamera | None) -> PackRecord:
    """Return an alert as a pack tells of it."""
    match = _PLATE.fullmatch(alert.subject)
    text = match.group(1) if match else ""
    deeds = (("acknowledged", alert.acknowledged), ("closed", alert.closed))
    facts = [
        ("kind", word("kind", alert.kind)),
        ("severity", word("severity", alert.severity)),
        ("began", when(alert.began)),
        ("latest", f"{when(alert.at)}, {word('phase', alert.phase)}"),
        *_where(alert.site, alert.camera, camera),
        ("rule", alert.rule),
        ("subject", alert.subject),
        *(plate_facts(text, alert.details) if text else ()),
        ("details", _listed(alert.details, TOLD if text else frozenset())),
        *((label, _deed(deed)) for label, deed in deeds if deed is not None),
        ("id", str(alert.id)),
    ]
    return PackRecord(
        about=Subject(what="alert", id=str(alert.id), site=alert.site, camera=alert.camera),
        title=TITLES["alert"],
        plain=_plain({"record": "alert"}, alert, camera) | {"history": to_jsonable_python(list(map(asdict, history)))},
        evidence=alert.evidence,
        facts=_labelled(facts),
        text=text,
        plate=plate_of(text, alert.details).display,
        colour=str(alert.details.get("colour", "")),
        simulated=camera is not None and camera.simulated,
    )


def of_pass(read: PlateRead, camera: StoredCamera | None) -> PackRecord:
    """Return a vehicle's pass as a pack tells of it."""
    facts = [
        ("at", when(read.at)),
        *_where(read.site, read.camera, camera),
        *plate_facts(read.text, read.details),
        ("details", _listed(read.details, TOLD)),
        ("id", str(read.hit)),
    ]
    display = plate_of(read.text, read.details).display
    return PackRecord(
        about=Subject(what="pass", id=str(read.hit), site=read.site, camera=read.camera),
        title=TITLES["pass"],
        plain=_plain({"record": "pass", "display": display}, read, camera),
        evidence=read.evidence,
        facts=_labelled(facts),
        text=read.text,
        plate=display,
        colour=read.colour,
        simulated=camera is not None and camera.simulated,
    )


def when(at: datetime) -> str:
    """Return a time as people in Vietnam write it, and in UTC."""
    return f"{local(at):%d/%m/%Y %H:%M:%S} (UTC+7) · {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _plain(first: Mapping[str, Any], record: StoredAlert | PlateRead, camera: StoredCamera | None) -> dict[str, Any]:
    known: dict[str, Any] = to_jsonable_python(asdict(record))
    return {**first, **known, "camera_known_as": None if camera is None else to_jsonable_python(asdict(camera))}


def _labelled(facts: Sequence[tuple[str, str]]) -> tuple[Fact, ...]:
    return tuple((LABELS[label], value) for label, value in facts if value)


def _where(site: str, camera_id: str, camera: StoredCamera | None) -> Iterator[tuple[str, str]]:
    name = camera.name if camera is not None else ""
    yield "camera", f"{name} ({site}/{camera_id})" if name else f"{site}/{camera_id}"
    if camera is not None and camera.location is not None:
        yield "place", "{:.5f}, {:.5f}".format(*camera.location)


def _deed(deed: Deed) -> str:
    note = f": {deed.note}" if deed.note else ""
    return f"{deed.who}, {when(deed.at)}{note}"


def _listed(details: Mapping[str, Json], told: Set[str]) -> str:
    """Return the first details that are neither told elsewhere nor drawn into the picture, in a line."""
    named = [f"{name}: {_short(value)}" for name, value in details.items() if name not in told | DRAWN]
    return " · ".join([*named[:DETAILS_SHOWN], "…"] if len(named) > DETAILS_SHOWN else named)


def _short(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"

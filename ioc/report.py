"""A page that tells of one replayed recording: when alerts came, why they did, and why others did not.

One file that stands alone: styles, drawings and stills are in it, and it asks no network for anything. The same
recording, site file, code and truth give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata, resources
from pathlib import Path

from ioc import rulebook
from ioc.html_page import render
from ioc.report_axis import clock
from ioc.report_curves import curve_chart, whole_chart
from ioc.report_facts import Facts, Incident, Miss, facts
from ioc.report_timeline import time_line
from ioc.scoring import Outcome
from ioc.site import Camera, RuleEntry
from ioc.stories import Told
from ioc.tape import TapeHeader
from ioc.truth import Truth
from ioc.types import Alert, Box
from ioc.whole_file import write_whole
from streams.sources import open_source
from streams.stills import Still, stills

MOST_STILLS = 120
"""So many stills are in a page: each is some 50 kB."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One recording that was replayed, and all that its page is made of; `media` is how long it is."""

    name: str
    site_file: Path
    camera: Camera
    rules: tuple[RuleEntry, ...]
    header: TapeHeader
    media: timedelta
    told: Sequence[Told]
    alerts: Sequence[Alert]
    truth: Truth | None = None
    video: Path | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What an index says of one recording; the outcomes are empty where there was no truth to judge by."""

    name: str
    page: str
    camera: str
    simulated: bool
    seconds: float
    raised: int
    near: int
    judged: bool
    outcomes: Mapping[str, int]
    missed: int


def write_page(path: Path, replayed: Replayed) -> Summary:
    """Write the page and return what an index says of it. Raises what reading the recording raises, and IocError."""
    told = facts(replayed.rules, replayed.told, replayed.alerts, replayed.header.start, replayed.truth)
    pictures = _Pictures(replayed, told)
    script = resources.files("ioc").joinpath("templates", "report.js").read_text(encoding="utf-8")
    summary = _summary(path, replayed, told)
    numbers = {id(attempt): number for number, attempt in enumerate(told.attempts)}
    values = {
        "title": replayed.name,
        "script": script,
        "script_digest": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "clock": clock,
        "chart": curve_chart,
        "number": lambda attempt: numbers[id(attempt)],
        "camera": replayed.camera,
        "media": clock(summary.seconds),
        "summary": summary,
        "facts": told,
        "quiet": sum(not subject.near and not subject.steady for subject in told.subjects),
        "line": time_line(told, summary.seconds),
        "rules": [_rule(rule, told, replayed.camera, summary.seconds, pictures) for rule in told.rules],
        "missed": [_missed(miss, pictures) for miss in told.missed],
        "pictures": pictures.note,
        "ran": _what_ran(replayed),
    }
    write_whole(path, [render("report.html", values)])
    return summary


def write_index(path: Path, summaries: Sequence[Summary], failed: Sequence[tuple[str, str]]) -> None:
    """Write a page that leads to those of the recordings, and says which could not be replayed and why."""
    total: Counter[str] = Counter()
    for one in summaries:
        total.update({"raised": one.raised, "near": one.near, "missed": one.missed, **one.outcomes})
    values = {
        "title": "Replayed recordings",
        "summaries": summaries,
        "failed": failed,
        "judged": any(one.judged for one in summaries),
        "total": total,
        "media": clock(sum(one.seconds for one in summaries)),
        "clock": clock,
    }
    write_whole(path, [render("report_index.html", values)])


class _Pictures:
    """The stills of a page; those of alerts come first when there are too many."""

    def __init__(self, replayed: Replayed, told: Facts) -> None:
        self._start = replayed.header.start
        wanted = [item.at for incident in told.incidents for item in incident.raised.evidence]
        wanted += [self._at(miss.event.due_s) for miss in told.missed]
        kept = list(dict.fromkeys(wanted))[:MOST_STILLS]
        self._found: dict[datetime, Still] = {}
        self.note = ""
        if replayed.video is None:
            self.note = "No pictures: only a tape was replayed. Give --video too, and they are here."
            return
        self._found = stills(open_source(replayed.camera.id, str(replayed.video)), kept)
        if len(kept) < len(set(wanted)):
            self.note = f"Pictures of the first {len(kept)} moments only."

    def _at(self, seconds: float) -> datetime:
        return self._start + timedelta(seconds=seconds)

    def of_alert(self, alert: Alert) -> list[dict[str, object]]:
        """Return the pictures that show an alert: how it began, and where it was told."""
        names = ("how it began", "when it was told") if len(alert.evidence) > 1 else ("when it was told",)
        shown = [
            self._picture(name, item.at, item.box)
            for name, item in zip(names, alert.evidence[: len(names)], strict=True)
        ]
        return [picture for picture in shown if picture is not None]

    def of_miss(self, miss: Miss) -> list[dict[str, object]]:
        """Return the picture of when an alert was due."""
        box = None if miss.event.box is None else Box.clipped(*miss.event.box)
        picture = self._picture("when an alert was due", self._at(miss.event.due_s), box)
        return [] if picture is None else [picture]

    def _picture(self, name: str, at: datetime, box: Box | None) -> dict[str, object] | None:
        still = self._found.get(at)
        if still is None:
            return None
        return {
            "name": name,
            "at": clock((still.at - self._start).total_seconds()),
            "source": f"data:image/jpeg;base64,{base64.b64encode(still.jpeg).decode()}",
            "width": still.width,
            "height": still.height,
            "box": None if box is None else _in_pixels(box, still),
        }


def _in_pixels(box: Box, still: Still) -> dict[str, float]:
    return {
        "x": round(box.x1 * still.width, 1),
        "y": round(box.y1 * still.height, 1),
        "width": round(box.width * still.width, 1),
        "height": round(box.height * still.height, 1),
    }


def _rule(rule: RuleEntry, told: Facts, camera: Camera, seconds: float, pictures: _Pictures) -> dict[str, object]:
    near = told.nearest(rule)
    zone = camera.zone_named(rule.zone) if rule.zone else None
    return {
        "entry": rule,
        "steady": [
            whole_chart(line, seconds)
            for subject in told.subjects
            if subject.rule is rule and subject.steady
            for line in subject.lines
        ],
        "zone": [] if zone is None else [(corner.x, corner.y) for corner in zone.points],
        "settings": _settings(rule),
        "incidents": [_incident(incident, told, pictures) for incident in told.of(rule)],
        "near": near,
        "left_out": len(told.near(rule)) - len(near),
    }


def _incident(incident: Incident, told: Facts, pictures: _Pictures) -> dict[str, object]:
    event = None if incident.event is None or told.truth is None else told.truth.events[incident.event]
    return {
        "told": incident,
        "event": event,
        "late": None if event is None else incident.at - event.due_s,
        "pictures": pictures.of_alert(incident.raised),
    }


def _missed(miss: Miss, pictures: _Pictures) -> dict[str, object]:
    return {"told": miss, "pictures": pictures.of_miss(miss)}


def _settings(rule: RuleEntry) -> list[tuple[str, str, str, bool]]:
    """Return each setting's name, value, meaning, and whether the site file sets it."""
    config = rulebook.module_of(rule.kind).Config
    values = config.model_validate(rule.settings).model_dump(mode="json")
    return [
        (name, _words(values[name]), field.description or "", name in rule.settings)
        for name, field in config.model_fields.items()
    ]


def _words(value: object) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, list) else str(value)


def _what_ran(replayed: Replayed) -> list[tuple[str, str]]:
    header = replayed.header
    ran = [
        ("recording", header.clip or "a live camera's tape"),
        ("its SHA-256", header.clip_sha256 or "–"),
        ("site file", replayed.site_file.name),
        ("its SHA-256", hashlib.sha256(replayed.site_file.read_bytes()).hexdigest()),
        ("pictures looked at a second", str((header.sampler or {}).get("rate_hz", "–"))),
    ]
    for model in header.weights:
        words = ", ".join(_words(model[key]) for key in ("variant", "provider", "size", "threshold") if key in model)
        ran += [("model", f"{model.get('name')} ({words})"), ("its SHA-256", str(model.get("sha256")))]
    return [*ran, ("code that sees", header.code or "–"), ("city-ioc", metadata.version("city-ioc"))]


def _summary(path: Path, replayed: Replayed, told: Facts) -> Summary:
    outcomes = Counter(incident.outcome.value for incident in told.incidents if incident.outcome is not None)
    return Summary(
        name=replayed.name,
        page=path.name,
        camera=replayed.camera.id,
        simulated=replayed.camera.simulated,
        seconds=replayed.media.total_seconds(),
        raised=len(told.incidents),
        near=sum(attempt.told_at is None for attempt in told.attempts),
        judged=told.truth is not None,
        outcomes={outcome.value: outcomes[outcome.value] for outcome in Outcome},
        missed=len(told.missed),
    )

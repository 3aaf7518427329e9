"""Matches vehicles' passes against the watch-lists, as they are taken in: one alert for a pass and a list.

A pass matches a plate when it was read so, when the reader's second thought was that plate, or when the plate may have
been misread so (`ioc.plate_match`): each within the plate's budget, and each with the reason in words.
Pure but for the connection that it is handed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal
from uuid import uuid5

from sqlalchemy import Connection, insert, select

from alerts.wire import AlertMessage, WireEvidence
from dashboard.database import parts
from dashboard.plate_records import PlateRead, plate_of
from dashboard.records import WATCH_LIST
from dashboard.schema import watch_entries, watch_hits
from dashboard.watch_records import ListDraft, WatchEntry
from dashboard.watch_store import all_told, entries_with
from ioc.plate_confusion import Confusions
from ioc.plate_grammar import normalise
from ioc.plate_match import Error, Misreads, budget
from ioc.types import ALERT_NAMESPACE, Alert, Box, Json, Phase

SECOND_THOUGHTS = 10
"""Alternatives of a read that are looked at."""

LEAST_DOUBT = 0.1
"""What a second thought costs at least, however likely: it was not the first."""


@dataclass(frozen=True, slots=True)
class Match:
    """Why a pass may be a plate's."""

    how: Literal["exact", "alternative", "misread"]
    read: str
    cost: float = 0.0
    errors: tuple[Error, ...] = ()

    def reason(self, plate: str) -> str:
        """Return the same in words."""
        if self.how == "exact":
            return f"{plate} was read"
        if self.how == "alternative":
            times = math.exp(self.cost)
            return f"{self.read} was read, but {plate} was thought of as well, {times:.1f} times less likely"
        return f"{self.read} was read, but {' and '.join(map(_in_words, self.errors))}"


def raise_alerts(connection: Connection, passes: Sequence[PlateRead]) -> list[AlertMessage]:
    """Return an alert for each pass and each list that it matches, and remember which passes those were."""
    if connection.scalar(select(watch_entries.c.id).limit(1)) is None:
        return []
    matches = {read.hit: matches_of(read) for read in passes}
    watched = _watched(connection, {plate for found in matches.values() for plate in found})
    lists = all_told(connection) if watched else {}
    raised: list[AlertMessage] = []
    hits: list[dict[str, object]] = []
    for read in passes:
        for entry, match in _best(read, matches[read.hit], watched, lists):
            alert = _alert(read, lists[entry.list_id], entry, match)
            raised.append(alert)
            hits.append({"alert_id": alert.id, "hit": read.hit, "list_id": entry.list_id})
    if hits:
        connection.execute(insert(watch_hits), hits)
    return raised


def matches_of(read: PlateRead) -> dict[str, Match]:
    """Return the plates that a pass may be of, and why; what was read comes first."""
    found = {read.text: Match("exact", read.text)}
    for plate, cost in _second_thoughts(read):
        if cost <= budget(plate):
            found.setdefault(plate, Match("alternative", read.text, cost))
    for source in _misreads().sources(read.text, read.scores):
        known = found.get(source.plate)
        if known is None or source.cost < known.cost:
            found[source.plate] = Match("misread", read.text, source.cost, source.errors)
    return found


@cache
def _misreads() -> Misreads:
    return Misreads(Confusions.measured())


def _second_thoughts(read: PlateRead) -> Iterator[tuple[str, float]]:
    """Yield the reader's alternatives, and how much less likely each was, as a natural logarithm."""
    told = read.details.get("alternatives")
    for item in told[:SECOND_THOUGHTS] if isinstance(told, list) else []:
        match item:
            case [str(text), *_, int() | float() as score] if read.score > 0 and score > 0:
                yield normalise(text), max(math.log(read.score / score), LEAST_DOUBT)


def _watched(connection: Connection, texts: set[str]) -> dict[str, list[WatchEntry]]:
    """Return what stands on the lists, by plate."""
    found: defaultdict[str, list[WatchEntry]] = defaultdict(list)
    for part in parts(sorted(texts)):
        for entry in entries_with(connection, part):
            found[entry.told.plate].append(entry)
    return found


def _best(
    read: PlateRead,
    matches: Mapping[str, Match],
    watched: Mapping[str, Sequence[WatchEntry]],
    lists: Mapping[int, ListDraft],
) -> list[tuple[WatchEntry, Match]]:
    """Return the likeliest of each list's plates that are watched for at the pass's time."""
    best: dict[int, tuple[WatchEntry, Match]] = {}
    for plate, match in sorted(matches.items(), key=lambda item: (item[1].cost, item[0])):
        for entry in watched.get(plate, ()):
            told = lists[entry.list_id]
            wanted = told.misreads or match.how == "exact"
            if wanted and told.valid.holds(read.at) and entry.told.valid.holds(read.at):
                best.setdefault(entry.list_id, (entry, match))
    return list(best.values())


def _alert(read: PlateRead, told: ListDraft, entry: WatchEntry, match: Match) -> AlertMessage:
    """Return the alert; the pass and the list name it, so that two passes of one moment are two alerts."""
    plate = entry.told.plate
    errors: list[Json] = [{"shown": own.shown, "read": own.read, "once_in": own.once_in} for own in match.errors]
    details: dict[str, Json] = {
        "plate": plate,
        "display": plate_of(plate, read.details).display,
        "list": told.name,
        "list_id": entry.list_id,
        "purpose": told.purpose,
        "case": told.case,
        "note": entry.told.note,
        "match": match.how,
        "reason": match.reason(plate),
        "read": match.read,
        "errors": errors,
        "hit": str(read.hit),
        "upper_len": read.details.get("upper_len"),
        "vehicle": read.vehicle,
        "colour": read.colour,
        "direction": read.direction,
        "score": read.score,
    }
    alert = Alert(
        rule=f"{WATCH_LIST}:{entry.list_id}",
        kind=WATCH_LIST,
        camera=read.camera,
        subject=f"plate:{plate}",
        phase=Phase.RAISED,
        severity=entry.told.priority or told.priority,
        began=read.at,
        at=read.at,
        box=Box(*read.box) if read.box else None,
        details=details,
    )
    own = {
        "id": uuid5(ALERT_NAMESPACE, f"{read.hit}\n{entry.list_id}"),
        "evidence": tuple(WireEvidence.model_validate(item) for item in read.evidence),
    }
    return AlertMessage.of(alert, read.site).model_copy(update=own)


def _in_words(error: Error) -> str:
    if not error.read:
        return f"a {error.shown} is left out about once in {error.once_in}"
    if not error.shown:
        return f"a {error.read} that is not there is read about once in {error.once_in}"
    return f"{error.shown} is taken for {error.read} about once in {error.once_in}"

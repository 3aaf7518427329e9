"""Truth files as people make them: doubts about what they say, how they are written down, and their JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ioc.truth import Corners, Truth

KINDS = (
    "illegal_parking",
    "overcrowding",
    "littering",
    "loitering",
    "flood",
    "fire",
    "smoke",
    "plate",
    "camera_health",
)
"""What a truth may be about: every kind of rule, those that are still to come included."""

LENGTH_TOLERANCE = 0.5
"""Seconds by which a truth may miss its recording's length: players count the sound, rounding differs."""

_NUMBERS = re.compile(r"\[\n\s+([-+.\deE,\s]+?)\n\s+\]")


def doubts(truth: Truth) -> list[str]:
    """Return one line for each thing that can be read but not be meant: the key, and what was expected."""
    return [*_doubts_of_events(truth), *_doubts_of_ignored(truth), *_doubts_of_readings(truth)]


def length_doubt(truth: Truth, seconds: float) -> str | None:
    """Return what is wrong with the length that the truth gives its recording of so many seconds, or None."""
    off = truth.duration_s - seconds
    if abs(off) <= LENGTH_TOLERANCE:
        return None
    how = "longer" if off > 0 else "shorter"
    return f"duration_s: {truth.duration_s:g} s is {how} than the recording's {seconds:.2f} s: is it another recording?"


def text_of(document: dict[str, Any]) -> str:
    """Return the document as JSON text that people can edit: a key a line, rows of numbers on one line.

    Raises ValueError for what JSON or UTF-8 cannot hold, such as infinity.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    text.encode()
    return _NUMBERS.sub(lambda row: f"[{' '.join(row[1].split())}]", text) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a truth file."""
    unfilled = {"not": {"required": ["example"]}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Truth.model_json_schema(), **unfilled}


def _doubts_of_events(truth: Truth) -> Iterator[str]:
    for number, event in enumerate(truth.events):
        key = f"events[{number}]"
        yield from _doubts_of_kind(key, event.kind)
        yield from _doubts_of_time(f"{key}.start_s", event.start_s, truth.duration_s)
        if event.start_s <= truth.duration_s < event.due_s:
            yield (
                f"{key}.due_s: {event.due_s:g} lies after the end of the recording at {truth.duration_s:g} s, "
                "so no alert can come: ignore the stretch instead"
            )
        yield from _doubts_of_time(f"{key}.end_s", event.end_s, truth.duration_s)
        yield from _doubts_of_box(f"{key}.box", event.box)


def _doubts_of_ignored(truth: Truth) -> Iterator[str]:
    for number, stretch in enumerate(truth.ignore):
        key = f"ignore[{number}]"
        yield from _doubts_of_kind(key, stretch.kind)
        yield from _doubts_of_time(f"{key}.end_s", stretch.end_s, truth.duration_s)


def _doubts_of_readings(truth: Truth) -> Iterator[str]:
    for number, own in enumerate(truth.plates or ()):
        yield from _doubts_of_time(f"plates[{number}].end_s", own.end_s, truth.duration_s)
        yield from _doubts_of_box(f"plates[{number}].box", own.box)
    for number, count in enumerate(truth.counts):
        yield from _doubts_of_time(f"counts[{number}].at_s", count.at_s, truth.duration_s)


def _doubts_of_kind(key: str, kind: str) -> Iterator[str]:
    if kind not in KINDS:
        yield f"{key}.kind: unknown kind {kind!r}; there are: {', '.join(KINDS)}"


def _doubts_of_time(key: str, time: float | None, duration: float) -> Iterator[str]:
    if time is not None and time > duration:
        yield f"{key}: {time:g} lies after the end of the recording at {duration:g} s"


def _doubts_of_box(key: str, box: Corners | None) -> Iterator[str]:
    if box is not None and not all(0 <= corner <= 1 for corner in box):
        yield f"{key}: reaches out of the picture; expected fractions of the frame from 0 to 1"

"""The truth file to begin with: what the recording and the site file say, and an example of what a person adds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from ioc.site import RuleEntry, Zone

_ANY_KIND = "illegal_parking"
_DWELL = TypeAdapter(timedelta)


def template(
    clip: str, duration_s: float, zones: Sequence[Zone] = (), rules: Sequence[RuleEntry] = ()
) -> dict[str, Any]:
    """Return the document of a recording in which nothing is marked yet.

    `clip` is the recording's file name; `zones` and `rules` are its camera's. The key `example` shows an event and a
    stretch to ignore; a truth file is not accepted until it is removed.
    """
    kind, dwell = _watched(rules)
    start, end = round(0.1 * duration_s, 2), round(0.9 * duration_s, 2)
    due = round(start + dwell, 2)
    event = {"kind": kind, "start_s": start, "due_s": due, "end_s": max(due, end), "box": [0.3, 0.4, 0.5, 0.6]}
    ignored = {"kind": kind, "start_s": 0.0, "end_s": start}
    return {
        "clip": clip,
        "duration_s": round(duration_s, 3),
        "zones": [zone.model_dump(mode="json") for zone in zones],
        "rules": [rule.model_dump(mode="json", exclude_none=True) for rule in rules],
        "events": [],
        "ignore": [],
        "example": {"events": [event], "ignore": [ignored]},
    }


def _watched(rules: Sequence[RuleEntry]) -> tuple[str, float]:
    """Return the first rule's kind and its dwell in seconds."""
    if not rules:
        return _ANY_KIND, 0.0
    after = rules[0].settings.get("after", 0)
    return rules[0].kind, _DWELL.validate_python(after).total_seconds()

"""What differs between the alerts written down and those found, for a person to judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from tests.golden.cases import Alerts

SHOWN = 6
"""So many changed values of one alert are shown."""


def difference(expected: Alerts, found: Alerts) -> list[str]:
    """Return a line for each alert that is gone, new or changed; none when both are the same.

    Alerts are compared with those of the same rule, subject and phase, the first with the first.
    """
    before, after = _grouped(expected), _grouped(found)
    lines = []
    for key in dict.fromkeys((*before, *after)):
        for was, now in zip_longest(before.get(key, []), after.get(key, [])):
            if now is None:
                lines.append((was["media_s"], f"gone     {_named(was)}"))
            elif was is None:
                lines.append((now["media_s"], f"new      {_named(now)}"))
            elif was != now:
                lines.append((was["media_s"], f"changed  {_named(was)}: {_changes(was, now)}"))
    if not lines and expected != found:
        return ["the same alerts in another order"]
    return [text for _, text in sorted(lines)]


def _grouped(alerts: Alerts) -> dict[tuple[str, ...], Alerts]:
    groups: dict[tuple[str, ...], Alerts] = {}
    for alert in alerts:
        groups.setdefault((alert["rule"], alert["subject"], alert["phase"]), []).append(alert)
    return groups


def _named(alert: Mapping[str, Any]) -> str:
    return f"{alert['media_s']:7.1f} s  {alert['phase']:8} {alert['kind']}  {alert['rule']}  {alert['subject']}"


def _changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    before, after = dict(_values(was)), dict(_values(now))
    keys = [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]
    told = [f"{key} {before.get(key, '–')} → {after.get(key, '–')}" for key in keys[:SHOWN]]
    return ", ".join(told) + (f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else "")


def _values(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield all values of a message with their keys, as `evidence.0.at`."""
    if isinstance(value, Mapping):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    else:
        yield key, value
        return
    for name, child in children:
        yield from _values(child, f"{key}.{name}" if key else str(name))

"""How many people rules count on a tape, whether or not they are too many."""

from __future__ import annotations

from pathlib import Path

from ioc import rulebook
from ioc.errors import UsageError
from ioc.ports import Rule, Watching
from ioc.scoring_counts import Readings
from ioc.site import Site
from ioc.tape import open_tape
from ioc.tape_zones import require_zones
from ioc.truth import Truth

GAUGE = "people"
"""What rules call the gauge that holds how many people they count."""


def people_counted(tape: Path, site: Site, path: Path) -> Readings:
    """Return what each zone's rules count, reading by reading, under the zone that the site file gives them.

    Raises TapeError when the tape cannot be read, and UsageError when a zone was redrawn since it was made.
    """
    opened = open_tape(tape)
    require_zones(opened, site)
    camera = opened.header.camera
    rules = [
        (entry.zone, rule)
        for entry in site.rules_of(camera)
        for rule in rulebook.make_rules(site.model_copy(update={"rule": (entry,)}), camera, path)
    ]
    found: dict[str | None, list[tuple[float, float]]] = {}
    for obs in opened:
        media_s = (obs.at - opened.header.start).total_seconds()
        for zone, rule in rules:
            for _ in rule.observe(obs):
                pass
            for people in _people(rule):
                found.setdefault(zone, []).append((media_s, people))
    return found


def require_counted(truth: Truth, readings: Readings, tape: Path) -> None:
    """Raise UsageError when the truth counts people in a zone in which no rule does."""
    for own in truth.counts:
        if own.zone not in readings:
            known = ", ".join(zone or "the whole picture" for zone in readings) or "nowhere"
            where = f"the zone {own.zone!r}" if own.zone else "the whole picture"
            raise UsageError(
                f"{tape}: no rule counts people in {where}; they are counted in: {known}; add an overcrowding rule"
            )


def _people(rule: Rule) -> list[float]:
    if not isinstance(rule, Watching):
        return []
    return [gauge.value for watched in rule.watched() for gauge in watched.gauges if gauge.name == GAUGE]

"""The golden replays: what is folded, and which alerts are to come of it.

A *street* is a tape of `tests/tapes`, drawn box by box. A *scene* is a folder here: a drawn scene as the shipped models
saw it (`seen.tape`) and the site file that watched it (`site.toml`). Each has its alerts in a file of JSON lines.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ioc.errors import UsageError
from ioc.replay_job import Job, replay
from ioc.site import load_site
from ioc.tape import open_tape

HERE = Path(__file__).parent
TAPES = HERE.parent / "tapes"

Alerts = list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """One tape, the site whose rules fold it, and the file of the alerts that are to come of it."""

    name: str
    tape: Path
    site: Path
    alerts: Path

    @property
    def watched(self) -> frozenset[str]:
        """The kinds of the rules that fold it."""
        camera = open_tape(self.tape).header.camera
        return frozenset(rule.kind for rule in load_site(self.site).rules_of(camera))

    @property
    def expected(self) -> Alerts:
        """The alerts written down; none while nothing is."""
        return read_alerts(self.alerts) if self.alerts.exists() else []

    @property
    def raised(self) -> frozenset[str]:
        """The kinds that are to fire."""
        return frozenset(alert["kind"] for alert in self.expected if alert["phase"] == "raised")

    def found(self) -> Alerts:
        """Fold the tape, as `ioc replay` does."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "alerts.jsonl"
            replay(Job(self.site, out, tape=self.tape), lambda progress: None)
            return read_alerts(out)

    def accept(self, found: Alerts) -> None:
        """Write down the alerts."""
        lines = (json.dumps(alert, ensure_ascii=False, separators=(",", ":")) + "\n" for alert in found)
        self.alerts.write_text("".join(lines), encoding="utf-8")


def read_alerts(path: Path) -> Alerts:
    """Return the alerts of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def cases(here: Path = HERE, tapes: Path = TAPES) -> list[Case]:
    """Return all golden replays by name."""
    streets = [Case(path.stem, path, tapes / "site.toml", here / f"{path.stem}.jsonl") for path in tapes.glob("*.tape")]
    scenes = [scene(path.parent) for path in here.glob("*/seen.tape")]
    return sorted([*streets, *scenes], key=lambda case: case.name)


def scene(folder: Path) -> Case:
    """Return the scene that is kept in the folder."""
    return Case(folder.name, folder / "seen.tape", folder / "site.toml", folder / "alerts.jsonl")


def named(names: Sequence[str]) -> list[Case]:
    """Return the cases of these names, all without any. Raises UsageError when there is no such case."""
    known = {case.name: case for case in cases()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"no golden replay {unknown[0]!r}; there are: {', '.join(known)}")
    return [known[name] for name in names or known]

"""Delivers an alert, keeps what came before it, and says when half of the whole clip is written; meant to be killed.

python -m tests.alerts.cutter FOLDER
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import timedelta
from pathlib import Path

from alerts.clips import Clips
from alerts.delivery import Delivery
from alerts.evidence import EvidenceStore
from alerts.outbox import Outbox
from ioc.ports import ClipStart, Span
from tests.alerts.drawn import CAMERA, SITE, alert, frame


class Endless:
    """A camera whose whole clip is never written to its end."""

    def __init__(self) -> None:
        self._come = False

    def hold(self, span: Span) -> None:
        """Keep everything."""

    def release(self, span: Span) -> None:
        """Keep everything."""

    def ready(self, span: Span) -> bool:
        """Have all of it as soon as what came before was written."""
        return self._come and span.run != ""

    def write(self, path: Path, span: Span) -> ClipStart:
        """Write what came before; the second time write half, and say so."""
        if not self._come:
            self._come = True
            path.write_bytes(b"what came before")
            return ClipStart(0, span.start)
        with path.open("wb") as file:
            file.write(bytes(100_000))
            os.fsync(file.fileno())
            sys.stdout.write("half\n")
            sys.stdout.flush()
            threading.Event().wait()
        return ClipStart(0, span.start)


def main(folder: Path) -> None:
    """Deliver one alert, then wait to be killed."""
    store = EvidenceStore(folder / "evidence")
    with Outbox(folder / "outbox.db") as outbox:
        delivery = Delivery(SITE, outbox, store, lambda: None)
        second = timedelta(seconds=1)
        with Clips({CAMERA: Endless()}, {"no-stopping"}, second, second, store, delivery) as clips:
            clips.ask(delivery.deliver(alert(), frame()), frame())
            threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

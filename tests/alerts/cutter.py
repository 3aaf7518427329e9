"""Delivers an alert and begins to write its clip, of which it says when half is on the disk; meant to be killed.

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
    """A camera whose clip is never written to its end."""

    def hold(self, span: Span) -> None:
        """Keep everything."""

    def release(self, span: Span) -> None:
        """Keep everything."""

    def ready(self, span: Span) -> bool:
        """Have all of it."""
        return bool(span)

    def write(self, path: Path, span: Span) -> ClipStart:
        """Write the first half, and say so."""
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
        with Clips({CAMERA: Endless()}, {"no-stopping"}, second, second, store, delivery.tell) as clips:
            clips.ask(delivery.deliver(alert(), frame()), frame())
            threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Puts numbered alerts into an outbox and publishes them; started again, it goes on where it was killed.

    python -m tests.end_to_end.publish FOLDER BROKER-URL COUNT

A number is written to FOLDER/progress when its alert stands in the outbox. Ends when all have been acknowledged.
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.address import BrokerAddress
from alerts.delivery import Delivery
from alerts.evidence import EvidenceStore
from alerts.outbox import Outbox
from alerts.publisher import Publisher
from ioc.types import Alert, Box, Phase, Severity

START = datetime(2026, 5, 1, tzinfo=UTC)
PACE = 0.01


def alert(number: int) -> Alert:
    began = START + timedelta(seconds=number)
    box = Box(0.1, 0.1, 0.3, 0.4)
    return Alert("r", "test", "c1", f"n:{number}", Phase.RAISED, Severity.LOW, began, began, box, {"number": number})


def main(folder: Path, url: str, count: int) -> None:
    progress = folder / "progress"
    done = len(progress.read_text().splitlines()) if progress.exists() else 0
    pause = threading.Event()
    with (
        Outbox(folder / "outbox.db") as outbox,
        Publisher(outbox, BrokerAddress.parse(url), "bac-giang") as publisher,
        progress.open("a") as file,
    ):
        delivery = Delivery("bac-giang", outbox, EvidenceStore(folder / "evidence"), publisher.notify)
        for number in range(done, count):
            delivery.deliver(alert(number), None)
            file.write(f"{number}\n")
            file.flush()
            os.fsync(file.fileno())
            pause.wait(PACE)
        while publisher.health.waiting:
            pause.wait(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

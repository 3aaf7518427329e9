"""A process that puts alert messages into an outbox and publishes them; meant to be killed and started again.

    python -m tests.alerts.engine FILE URL FIRST COUNT      (the broker's secret comes on standard input)

It says "kept N" when message N stands in the outbox, and publishes until it is killed or its input ends.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

from alerts.address import BrokerAddress
from alerts.outbox import Outbox
from alerts.publisher import Publisher
from alerts.wire import AlertMessage
from ioc.types import Phase
from tests.alerts.drawn import ROOT, SITE, message

PHASES = (Phase.RAISED, Phase.UPDATED, Phase.CLEARED)
PACE = 0.003


def story(number: int) -> AlertMessage:
    """Return message `number`: three of them tell one incident from its raise to its end."""
    incident, step = divmod(number, 3)
    return message(incident, PHASES[step])


def start(file: Path, url: str, secret: str, first: int, count: int) -> subprocess.Popen[str]:
    """Start the process; messages `first` up to `count` are put."""
    command = [sys.executable, "-m", "tests.alerts.engine", str(file), url, str(first), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(secret + "\n")
    process.stdin.flush()
    return process


def main(file: Path, url: str, first: int, count: int) -> None:
    """Put and publish until killed, or until standard input ends."""
    secret = sys.stdin.readline().strip() or None
    pause = threading.Event()
    settled = timedelta(seconds=2)
    with (
        Outbox(file) as outbox,
        Publisher(outbox, BrokerAddress.parse(url, secret), SITE, settled=settled) as publisher,
    ):
        for number in range(first, count):
            told = story(number)
            outbox.put(told.topic, told.payload())
            publisher.notify()
            sys.stdout.write(f"kept {number}\n")
            sys.stdout.flush()
            pause.wait(PACE)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

"""Puts numbered rows into an outbox and says of each when it is kept; meant to be killed.

    python -m tests.alerts.putter FILE FIRST LARGEST-FILE-BYTES

A line "kept N" means that `put` returned. With a limit above 0 the process may write no file beyond it, as on a
full disk, until a line arrives on standard input.
"""

from __future__ import annotations

import resource
import signal
import sys
import threading
from pathlib import Path

from alerts.outbox import Outbox


def say(text: str) -> None:
    """Tell whoever started us, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(path: Path, first: int, limit: int) -> None:
    """Put rows until killed, or until standard input ends."""
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    pause = threading.Event()
    with Outbox(path) as outbox:
        for number in range(first, first + 100_000):
            outbox.put("t", b"%d" % number + b"." * 2000)
            say(f"kept {number}")
            if number % 7 == 0:
                outbox.acknowledged([row.id for row in outbox.pending(3)])
            if limit and outbox.trouble:
                say(f"trouble {outbox.trouble}")
                sys.stdin.readline()
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                outbox.put("t", b"last")
                say(f"over {outbox.trouble!r} {outbox.waiting}")
                return
            pause.wait(0.0005)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

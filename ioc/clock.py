"""The one place that reads a clock; everything else takes time from its data."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present as aware UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds on a clock that never goes back; its zero means nothing."""
    return time.monotonic()


def processor_seconds() -> float:
    """Return what all threads of this process have used of the processor."""
    return time.process_time()

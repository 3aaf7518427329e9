"""The dashboard as a process of its own, to be killed: `python -m tests.dashboard.child SETTINGS-AS-JSON`."""

from __future__ import annotations

import sys
import threading

from dashboard.server import serve
from dashboard.settings import DashboardSettings


def _tell(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


def main() -> None:
    settings = DashboardSettings.model_validate_json(sys.argv[1])
    serve(settings, threading.Event(), _tell)


if __name__ == "__main__":
    main()

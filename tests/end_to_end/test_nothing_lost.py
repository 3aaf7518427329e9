"""kill -9 of publisher, broker and dashboard in turn while 500 alerts pass: none lost, none doubled."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dashboard.records import ALL_CAMERAS, AlertFilter
from dashboard.settings import DashboardSettings
from dashboard.store import open_store
from ioc import clock
from tests.end_to_end.program import Program
from tests.mosquitto_peer import MosquittoPeer

pytestmark = pytest.mark.mosquitto

COUNT = 500
ROOT = Path(__file__).parents[2]


class Passage:
    """The three processes, and how far the alerts have come."""

    def __init__(self, folder: Path, broker: MosquittoPeer) -> None:
        self.folder = folder
        self.broker = broker
        self.site = folder / "site.toml"
        self.site.write_text(
            f'[site]\nid = "bac-giang"\n[broker]\nurl = "{broker.url}"\n[dashboard]\nport = 0\n[[camera]]\nid = "c1"\n'
        )
        self.dashboard = self.start_dashboard()
        self.publisher = self.start_publisher()

    def start_publisher(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.end_to_end.publish", str(self.folder), self.broker.url, str(COUNT)]
        return subprocess.Popen(command, cwd=ROOT)

    def start_dashboard(self) -> Program:
        program = Program("dashboard", "--site", str(self.site))
        program.wait_for(r"Dashboard: (\S+)")
        return program

    def put(self) -> int:
        progress = self.folder / "progress"
        return len(progress.read_text().splitlines()) if progress.exists() else 0

    def wait_until_put(self, count: int) -> None:
        deadline = clock.monotonic() + 60
        pause = threading.Event()
        while self.put() < count:
            assert clock.monotonic() < deadline, f"only {self.put()} of {count} alerts were put"
            pause.wait(0.02)


def test_no_alert_is_lost_or_doubled_whoever_is_killed(tmp_path: Path) -> None:
    with MosquittoPeer(tmp_path) as broker:
        passage = Passage(tmp_path, broker)
        try:
            passage.wait_until_put(80)
            passage.publisher.kill()
            passage.publisher.wait()
            passage.publisher = passage.start_publisher()

            passage.wait_until_put(180)
            broker.kill()
            passage.wait_until_put(220)
            broker.start()

            passage.wait_until_put(300)
            passage.dashboard.kill()
            passage.wait_until_put(340)
            passage.dashboard = passage.start_dashboard()

            passage.wait_until_put(400)
            passage.dashboard.kill()
            broker.kill()
            broker.start()
            passage.dashboard = passage.start_dashboard()

            assert passage.publisher.wait(120) == 0
            numbers = arrived(tmp_path)
        finally:
            passage.publisher.kill()
            passage.publisher.wait()
            passage.dashboard.kill()
    assert numbers == list(range(COUNT))


def arrived(folder: Path) -> list[int]:
    """Wait until nothing new comes into the store and return the numbers of its alerts, in order."""
    data = folder / "var"
    settings = DashboardSettings.model_validate({"data": data, "evidence": data / "evidence", "sites": ("bac-giang",)})
    store = open_store(settings)
    deadline = clock.monotonic() + 60
    pause = threading.Event()
    try:
        while True:
            alerts, _ = store.alerts(AlertFilter(), ALL_CAMERAS, 10 * COUNT)
            if len(alerts) >= COUNT or clock.monotonic() > deadline:
                pause.wait(2)
                alerts, _ = store.alerts(AlertFilter(), ALL_CAMERAS, 10 * COUNT)
                assert all(len(store.history(alert.id)) == 1 for alert in alerts)
                return sorted(int(str(alert.details["number"])) for alert in alerts)
            pause.wait(0.2)
    finally:
        store.release()

"""A program that is killed while a car stands where it may not: the next one tells of it when the first would have."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ioc import clock
from streams.scenes import DemoCamera
from tests.end_to_end.listener import Listener
from tests.end_to_end.program import Program
from tests.ioc.kerb_site import kerb_site
from tests.mosquitto_peer import MosquittoPeer
from tests.streams.drawn_video import draw
from tests.streams.rtsp_peer import RtspPeer

pytestmark = [pytest.mark.mosquitto, pytest.mark.rtsp]

AFTER = timedelta(seconds=20)


@pytest.fixture
def parked(kerb: DemoCamera, tmp_path: Path) -> Path:
    """Return a recording of four seconds, to be played over and over, in which the car stands at the kerb."""
    scene = kerb.scene

    def picture(number: int) -> Any:
        return scene.picture(timedelta(seconds=15 + number / 10)).image

    return draw(tmp_path / "parked.mp4", 40, size=scene.size, rate=10, picture=picture)


def stays(path: Path) -> list[dict[str, Any]]:
    """Return what the program has written down of who stands where."""
    if not path.exists():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["no-parking"]["state"]["stays"]
    return found


def test_a_killed_program_resets_no_clock(tmp_path: Path, kerb: DemoCamera, parked: Path) -> None:
    with RtspPeer("--file", str(parked)) as server, MosquittoPeer(tmp_path) as broker, Listener(broker.port) as ears:
        more = f'[site]\nid = "bac-giang"\n[broker]\nurl = "{broker.url}"\n[dashboard]\nport = 0\n'
        site = kerb_site(tmp_path, kerb, source=server.url, after=f"PT{AFTER.seconds}S", more=more)
        file = tmp_path / "var" / "rules" / "c1.json"
        with Program("run", "--site", str(site)) as first:
            first.wait_for("Watching 1 camera")
            deadline, pause = clock.monotonic() + 60, threading.Event()
            while not stays(file):
                assert clock.monotonic() < deadline, first.lines
                pause.wait(0.1)
        (written,) = stays(file)
        with Program("run", "--site", str(site)) as second:
            told = ears.wait_for(lambda _, message: message.get("phase") == "raised")
            assert second.stop() == 0
        began, at = (datetime.fromisoformat(told[name]) for name in ("began", "at"))
        assert began == datetime.fromisoformat(written["began"])
        assert at - began >= AFTER
        raised = {message["id"] for _, message in ears.heard if message.get("phase") == "raised"}
        assert raised == {told["id"]}
        assert {stay["subject"]: stay["told"] is not None for stay in stays(file)}[told["subject"]]

"""Alerts and states go into the outbox whatever is wrong with them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.delivery import Delivery
from alerts.evidence import EvidenceStore
from alerts.outbox import Outbox
from alerts.wire import MAX_BYTES, AlertMessage, CameraState, CameraStatus, decode
from ioc.types import Json, Phase
from tests.alerts.drawn import CAMERA, SITE, after, alert, frame, status


class Wired:
    """A delivery with its outbox, and a count of nudges to the publisher."""

    def __init__(self, folder: Path, outbox: Outbox) -> None:
        self.outbox = outbox
        self.nudges = 0
        self.delivery = Delivery(SITE, outbox, EvidenceStore(folder / "evidence"), self._nudge)

    def _nudge(self) -> None:
        self.nudges += 1

    def alerts(self) -> list[AlertMessage]:
        """Return the alerts in the outbox."""
        decoded = [decode(row.topic, row.payload) for row in self.outbox.pending(1000)]
        return [message for message in decoded if isinstance(message, AlertMessage)]


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[Wired]:
    with Outbox(tmp_path / "outbox.db") as outbox:
        yield Wired(tmp_path, outbox)


def test_an_alert_is_in_the_outbox_with_its_evidence(wired: Wired, tmp_path: Path) -> None:
    wired.delivery.deliver(alert(), frame())
    (message,) = wired.alerts()
    assert message.id == alert().id
    assert all((tmp_path / "evidence" / str(item.path)).is_file() for item in message.evidence)
    assert len(message.evidence) == 2
    assert wired.nudges == 1
    assert not wired.outbox.pending(1)[0].retain


def test_an_alert_says_what_looked_at_the_pictures(tmp_path: Path) -> None:
    ran = {"name": "road", "sha256": "0" * 64, "provider": "cpu", "variant": "int8"}
    with Outbox(tmp_path / "outbox.db") as outbox:
        delivery = Delivery(SITE, outbox, EvidenceStore(tmp_path / "evidence"), lambda: None, models=[ran])
        delivery.deliver(alert(), None)
        delivery.deliver(replace(alert(), details={"large": "x" * MAX_BYTES}), None)
        messages = [decode(row.topic, row.payload) for row in outbox.pending(10)]
    assert [message.model_dump()["models"] for message in messages] == [(ran,), (ran,)]


def test_states_and_alerts_keep_their_order_and_states_are_retained(wired: Wired) -> None:
    wired.delivery.status(status(CameraState.ONLINE))
    wired.delivery.deliver(alert(), None)
    wired.delivery.status(status(CameraState.LOST))
    rows = wired.outbox.pending(10)
    assert [(row.topic.rsplit("/", 1)[1], row.retain) for row in rows] == [
        ("status", True),
        ("illegal_parking", False),
        ("status", True),
    ]


def test_an_alert_goes_out_without_evidence_when_none_can_be_kept(wired: Wired, tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file where the folder belongs")
    wired.delivery.deliver(alert(), frame())
    (message,) = wired.alerts()
    assert message.details["evidence_missing"] == "not a directory"
    assert wired.delivery.health.evidence_problem == "not a directory"
    assert wired.delivery.health.kept == 1


@pytest.mark.parametrize(
    "details", [{"a": float("nan")}, {"a": "x" * 300_000}, {"a": "\ud800"}], ids=["nan", "big", "half"]
)
def test_details_that_cannot_be_sent_do_not_cost_the_alert(
    wired: Wired, details: dict[str, Json], caplog: pytest.LogCaptureFixture
) -> None:
    wired.delivery.deliver(alert(details=details), None)
    (message,) = wired.alerts()
    assert list(message.details) == ["details_missing"]
    assert "goes without its details" in caplog.text


def test_an_alert_that_no_message_can_say_is_logged_and_counted(wired: Wired, caplog: pytest.LogCaptureFixture) -> None:
    wired.delivery.deliver(replace(alert(), at=after(-1)), None)
    assert wired.alerts() == []
    assert wired.delivery.health.lost == 1
    assert "is lost" in caplog.text


def test_a_full_disk_is_said_once_and_its_losses_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Outbox(tmp_path / "outbox.db", max_bytes=64 << 10, spill_limit=3) as outbox:
        wired = Wired(tmp_path, outbox)
        while wired.delivery.health.lost < 5:
            wired.delivery.deliver(alert(details={"a": "x" * 3000}), None)
        assert wired.delivery.health.kept == wired.nudges == len(wired.alerts())
    assert caplog.text.count("this is said once") == 1


def test_states_of_cameras_that_are_gone_are_withdrawn(wired: Wired) -> None:
    for camera in ("bg-017", "bg-018"):
        wired.delivery.status(status(camera=camera))
    wired.delivery.withdraw_other_cameras(["bg-017"])
    wired.delivery.withdraw_other_cameras(["bg-017"])
    last = wired.outbox.pending(10)[2:]
    assert [(row.topic, row.payload, row.retain) for row in last] == [(f"ioc/v1/{SITE}/bg-018/status", b"", True)]


def test_many_cameras_deliver_at_once(wired: Wired) -> None:
    def deliver(camera: str) -> None:
        for number in range(20):
            wired.delivery.deliver(alert(Phase.RAISED, 60 + number, camera=camera, subject=str(number)), None)

    threads = [threading.Thread(target=deliver, args=(f"c{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_camera = {f"c{n}": [m.subject for m in wired.alerts() if m.camera == f"c{n}"] for n in range(4)}
    assert all(subjects == [str(number) for number in range(20)] for subjects in by_camera.values())
    assert wired.delivery.health.kept == 80


def test_a_state_names_its_camera(wired: Wired) -> None:
    wired.delivery.status(status())
    row = wired.outbox.pending(1)[0]
    read = decode(row.topic, row.payload)
    assert isinstance(read, CameraStatus)
    assert (read.camera, read.name) == (CAMERA, "Hùng Vương / Lê Lợi")

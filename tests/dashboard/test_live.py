"""The whole way: from the broker through the store to whoever listens, also while the store fails."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from alerts.wire import CameraState
from dashboard.accounts import Accounts
from dashboard.records import ALL_CAMERAS, AlertFilter, OperatorState, Rights, Role
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from dashboard.subscriber import Subscriber
from ioc.types import Phase
from tests.dashboard import sample
from tests.dashboard.house import OTHER, OWN, PASSWORD, detail, sign_in
from tests.dashboard.peers import EventStream, Mosquitto, eventually, free_port, publisher, serving
from tests.dashboard.sample import SITE, START, minutes

pytestmark = pytest.mark.mosquitto


@pytest.fixture
def url(settings: DashboardSettings, mosquitto: Mosquitto, accounts: Accounts) -> Iterator[str]:
    accounts.create("operator", Role.OPERATOR, Rights(frozenset({(SITE, OWN)})), START, chosen=PASSWORD)
    with serving(settings.model_copy(update={"broker": mosquitto.url}), patience=10) as url:
        yield url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=20) as client:
        sign_in(client, "operator", PASSWORD).raise_for_status()
        yield client


def test_from_the_broker_to_whoever_listens(
    client: httpx.Client, mosquitto: Mosquitto, settings: DashboardSettings
) -> None:
    picture = sample.picture(settings.evidence, "bg-017/1.jpg")
    with publisher(mosquitto) as publish, EventStream(client) as stream:
        assert stream.next("cameras").data == {
            "cameras": [],
            "sites": [{"site": SITE, "engine": "unknown", "since": None}],
            "broker": "connected",
        }
        for message in (sample.engine(), sample.camera(OWN), sample.camera(OTHER)):
            publish(message.topic, message.payload(), True)
        cameras = stream.next("cameras").data["cameras"]
        while not cameras:
            cameras = stream.next("cameras").data["cameras"]
        assert [(one["camera"], one["state"]) for one in cameras] == [(OWN, "online")]
        for alert in (sample.alert(1, camera=OTHER), sample.alert(2, evidence=(picture,))):
            publish(alert.topic, alert.payload(), False)
        told = stream.next("alert").data
        assert told["id"] == str(sample.alert(2).id)
        shown = client.get(told["evidence"][0]["url"])
        assert shown.headers["content-type"] == "image/jpeg"
        lost = sample.camera(OWN, CameraState.LOST, reason="no pictures for 10 s")
        publish(lost.topic, lost.payload(), True)
        assert stream.next("cameras").data["cameras"][0]["reason"] == "no pictures for 10 s"
        publish(sample.engine().topic, sample.engine("offline").payload(), True)
        gone = stream.next("cameras").data
        assert gone["cameras"][0]["state"] == "unavailable"
        assert gone["sites"][0]["engine"] == "offline"
    health = client.get("/api/v1/health").json()
    assert health["status"] == "ok"
    assert (health["broker"], health["store"]) == ("connected", "ok")
    assert (health["received"], health["refused"]) == (7, 0)
    assert health["alerts"] == {"new": 1, "acknowledged": 0, "closed": 0}, "of one's own camera"


def test_a_broker_that_goes_is_told_to_those_who_listen(client: httpx.Client, mosquitto: Mosquitto) -> None:
    with publisher(mosquitto) as publish:
        publish(sample.camera().topic, sample.camera().payload(), True)
        with EventStream(client) as stream:
            eventually(lambda: bool(client.get("/api/v1/cameras").json()["cameras"]))
            mosquitto.stop()
            while (told := stream.next("cameras").data)["broker"] == "connected":
                pass
            assert [one["state"] for one in told["cameras"]] == ["unavailable"]
            assert client.get("/api/v1/health").json()["status"] == "degraded"
            mosquitto.start()
            while (told := stream.next("cameras", seconds=20).data)["broker"] == "lost":
                pass
            assert [one["state"] for one in told["cameras"]] == ["online"]


def test_while_the_store_is_locked_people_are_told_and_nothing_is_lost(
    client: httpx.Client, mosquitto: Mosquitto, settings: DashboardSettings, store: Store
) -> None:
    store.take([sample.alert(1)], START)
    holder = sqlite3.connect(settings.data / "ioc.db", isolation_level=None)
    with publisher(mosquitto) as publish, EventStream(client) as stream:
        stream.next("cameras")
        holder.execute("BEGIN IMMEDIATE")
        for number in range(2, 12):
            message = sample.alert(number)
            publish(message.topic, message.payload(), False)
        refused = client.post(f"/api/v1/alerts/{sample.alert(1).id}/acknowledge", json={})
        assert refused.status_code == 503
        assert "held by another program" in detail(refused)
        assert refused.headers["retry-after"] == "5"
        assert len(client.get("/api/v1/alerts").json()["alerts"]) == 1, "reading goes on"
        eventually(lambda: client.get("/api/v1/health").json()["status"] == "degraded")
        assert "held by another program" in client.get("/api/v1/health").json()["store"]
        holder.execute("ROLLBACK")
        told = {stream.next("alert", seconds=30).data["id"] for _ in range(10)}
        assert told == {str(sample.alert(number).id) for number in range(2, 12)}
        assert client.post(f"/api/v1/alerts/{sample.alert(1).id}/acknowledge", json={}).status_code == 200
        eventually(lambda: client.get("/api/v1/health").json()["status"] == "ok")
    holder.close()


def test_people_act_while_messages_pour_in(client: httpx.Client, mosquitto: Mosquitto, store: Store) -> None:
    store.take([sample.alert(number) for number in range(30)], START)
    poured = [sample.alert(number, phase=Phase.UPDATED, after=minutes(1)) for number in range(30)]
    poured += [sample.alert(number) for number in range(30, 300)]

    def pour() -> None:
        with publisher(mosquitto) as publish:
            for message in poured:
                publish(message.topic, message.payload(), False)

    pouring = threading.Thread(target=pour)
    pouring.start()
    for number in range(30):
        deed = ("acknowledge", "close")[number % 2]
        client.post(f"/api/v1/alerts/{sample.alert(number).id}/{deed}", json={}).raise_for_status()
    pouring.join()
    eventually(lambda: sum(store.counts(ALL_CAMERAS).values()) == 300)
    assert store.counts(ALL_CAMERAS) == {
        OperatorState.NEW: 270,
        OperatorState.ACKNOWLEDGED: 15,
        OperatorState.CLOSED: 15,
    }
    updated, _ = store.alerts(AlertFilter(phases=(Phase.UPDATED,)), ALL_CAMERAS, 100)
    assert len(updated) == 30


def _certificate(folder: Path, name: str) -> None:
    """Make an authority's certificate that serves as the broker's own."""
    subject = ["-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"]
    where = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*made, *where, *subject], check=True, capture_output=True)


def test_a_broker_over_tls(settings: DashboardSettings, store: Store, tmp_path: Path) -> None:
    for name in ("ours", "theirs"):
        _certificate(tmp_path, name)
    port = free_port()
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "user root"]
    lines += [f"certfile {tmp_path / 'ours.pem'}", f"keyfile {tmp_path / 'ours.key'}"]
    (tmp_path / "tls.conf").write_text("\n".join(lines) + "\n")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    quiet = subprocess.DEVNULL
    broker = subprocess.Popen([program, "-c", tmp_path / "tls.conf"], stdout=quiet, stderr=quiet)
    try:
        eventually(lambda: _answers(port))
        outcomes = {name: _try_tls(settings, store, port, tmp_path / f"{name}.pem") for name in ("ours", "theirs")}
    finally:
        broker.terminate()
        broker.wait()
    assert outcomes["ours"] == ""
    assert outcomes["theirs"].startswith("no TLS with the broker")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _try_tls(settings: DashboardSettings, store: Store, port: int, authority: Path) -> str:
    """Return why there is no connection when this authority is trusted, or nothing."""
    named = settings.model_copy(update={"broker": f"mqtts://127.0.0.1:{port}", "broker_ca": authority})
    subscriber = Subscriber(named, store.take, lambda: None)
    subscriber.start()
    eventually(lambda: subscriber.state.reason != "connecting to the broker")
    reason = subscriber.state.reason
    subscriber.stop()
    return reason

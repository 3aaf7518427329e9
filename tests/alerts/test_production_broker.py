"""The configuration that we ship for Mosquitto: it starts, and lets each login do its own work and no more."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.address import BrokerAddress
from alerts.live import LivePictures
from alerts.outbox import Outbox
from alerts.publisher import Publisher
from tests.alerts.certificates import certify
from tests.alerts.drawn import ROOT, frame
from tests.alerts.peers import ConfiguredMosquitto, Subscriber, wait_for

pytestmark = pytest.mark.mosquitto

SHIPPED = ROOT / "config" / "mosquitto"
SITE = "ioc/v1/bac-giang"
PARKING = f"{SITE}/c1/alerts/illegal_parking"
PLATE = f"{SITE}/c1/alerts/plate"
LIVE = f"{SITE}/c1/live"
ELSEWHERE = "ioc/v1/hanoi/c1/alerts/fire"


class Production:
    """The shipped configuration on a port and in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        authority = certify(folder)
        passwords = folder / "passwords"
        passwords.write_text("".join(f"{user}:{user}-secret\n" for user in ("engine", "dashboard", "observer")))
        subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
        config = (SHIPPED / "ioc.conf").read_text(encoding="utf-8")
        for shipped, ours in (
            ("listener 8883", "listener {port} 127.0.0.1"),
            ("/etc/mosquitto/certs/", f"{folder}/"),
            ("/etc/mosquitto/ioc.passwd", str(passwords)),
            ("/etc/mosquitto/ioc.acl", str(SHIPPED / "acl")),
            ("/var/lib/mosquitto/", f"{folder}/"),
        ):
            assert f"\n{shipped}" in config or f" {shipped}" in config, f"the shipped file no longer says {shipped}"
            lines = config.splitlines()
            config = "\n".join(line if line.startswith("#") else line.replace(shipped, ours) for line in lines)
        self.broker = ConfiguredMosquitto(folder, config + "\n")
        self.url = self.broker.url.replace("mqtt:", "mqtts:")
        self.authority = authority

    @contextmanager
    def login(self, user: str, topics: str = "ioc/v1/#") -> Iterator[Subscriber]:
        """Return a subscriber that has signed in."""
        context = ssl.create_default_context(cafile=self.authority)
        subscriber = Subscriber(self.url, f"{user}:{user}-secret", topics, context=context)
        subscriber.start()
        try:
            yield subscriber
        finally:
            subscriber.stop()


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    made = Production(tmp_path_factory.mktemp("production"))
    with made.broker:
        yield made


def test_the_engine_publishes_for_its_site_and_the_dashboard_reads(production: Production, tmp_path: Path) -> None:
    with ExitStack() as stack:
        dashboard = stack.enter_context(production.login("dashboard"))
        observer = stack.enter_context(production.login("observer"))
        outbox = stack.enter_context(Outbox(tmp_path / "outbox.db"))
        for topic in (PLATE, PARKING):
            outbox.put(topic, b"1")
        address = BrokerAddress.parse(production.url, "engine:engine-secret", production.authority)
        stack.enter_context(Publisher(outbox, address, "bac-giang"))
        wait_for(lambda: {PLATE, PARKING, f"{SITE}/status"} <= set(dashboard.topics))
        wait_for(lambda: observer.topics == [PARKING], what="the observer gets what it is listed for")
        wait_for(lambda: outbox.waiting == 0)


def test_only_the_dashboard_gets_live_pictures(production: Production, tmp_path: Path) -> None:
    address = BrokerAddress.parse(production.url, "engine:engine-secret", production.authority)
    with (
        production.login("dashboard") as dashboard,
        production.login("observer") as observer,
        production.login("engine") as engine,
        LivePictures(address, "bac-giang", rate=1.0) as live,
    ):
        wait_for(lambda: live.health.connected)
        live.take(replace(frame(), camera="c1"))
        wait_for(lambda: LIVE in dashboard.topics)
        engine.publish(PARKING, b"1")
        wait_for(lambda: observer.topics == [PARKING])


def test_the_engine_cannot_speak_for_another_site(production: Production, tmp_path: Path) -> None:
    with production.login("dashboard") as dashboard, Outbox(tmp_path / "outbox.db") as outbox:
        outbox.put(ELSEWHERE, b"1")
        outbox.put(PARKING, b"2")
        address = BrokerAddress.parse(production.url, "engine:engine-secret", production.authority)
        with Publisher(outbox, address, "bac-giang") as publisher:
            wait_for(lambda: PARKING in dashboard.topics)
            wait_for(lambda: "refused by the broker" in publisher.health.problem)
        assert ELSEWHERE not in dashboard.topics


@pytest.mark.parametrize("user", ["dashboard", "observer"])
def test_who_listens_cannot_speak(production: Production, user: str) -> None:
    with (
        production.login("dashboard") as dashboard,
        production.login(user) as liar,
        production.login("engine") as engine,
    ):
        liar.publish(PARKING, b"forged")
        engine.publish(PARKING, b"true")
        wait_for(lambda: b"true" in dashboard.payloads)
        assert b"forged" not in dashboard.payloads


def test_nobody_gets_in_without_a_password(production: Production) -> None:
    stranger = Subscriber(production.url, context=ssl.create_default_context(cafile=production.authority))
    with pytest.raises(AssertionError, match="did not take the subscription"):
        stranger.start(seconds=1)
    stranger.stop()


def test_nobody_gets_in_without_tls(production: Production) -> None:
    plain = Subscriber(production.broker.url, "dashboard:dashboard-secret")
    with pytest.raises((AssertionError, OSError)):
        plain.start(seconds=1)
    plain.stop()


def test_the_save_interval_stays_within_what_the_engine_sends_again() -> None:
    settings = dict(
        line.split(maxsplit=1)
        for line in (SHIPPED / "ioc.conf").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    assert settings["persistence"] == "true"
    assert int(settings["autosave_interval"]) <= 30
    assert "autosave_on_changes" not in settings
    assert int(settings["max_queued_messages"]) >= 100_000

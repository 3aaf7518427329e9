"""What is in the outbox reaches the broker, in order, whatever the broker does meanwhile."""

from __future__ import annotations

import logging
import os
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.address import BrokerAddress
from alerts.broker import EmbeddedBroker
from alerts.outbox import Outbox
from alerts.publisher import Publisher
from alerts.wire import EngineStatus, decode
from ioc import clock
from tests.alerts.certificates import certify
from tests.alerts.drawn import SITE
from tests.alerts.engine import start
from tests.alerts.peers import ConfiguredMosquitto, Subscriber, free_port, subscribed, wait_for
from tests.mosquitto_peer import MosquittoPeer

TOPIC = f"ioc/v1/{SITE}/c1/alerts/k"
STATUS = f"ioc/v1/{SITE}/status"
CAMERA = f"ioc/v1/{SITE}/c1/status"
ANONYMOUS = "listener {port} 127.0.0.1\nallow_anonymous true\n"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as running:
        yield running


@contextmanager
def publishing(outbox: Outbox, url: str, secret: str | None = None, ca_file: Path | None = None) -> Iterator[Publisher]:
    """Return a publisher that runs."""
    with Publisher(outbox, BrokerAddress.parse(url, secret, ca_file), SITE) as publisher:
        yield publisher


def put_numbers(outbox: Outbox, first: int, last: int, topic: str = TOPIC) -> None:
    for number in range(first, last):
        outbox.put(topic, b"%d" % number)


def numbers(subscriber: Subscriber, topic: str = TOPIC) -> list[int]:
    """Return the numbers that came, in the order of their first coming."""
    return list(dict.fromkeys(int(payload) for came_on, payload, _ in list(subscriber.got) if came_on == topic))


def states(subscriber: Subscriber) -> list[str]:
    """Return the engine's states that came, in order."""
    decoded = [decode(topic, payload) for topic, payload, _ in list(subscriber.got) if topic == STATUS]
    return [message.state for message in decoded if isinstance(message, EngineStatus)]


def test_what_waits_and_what_comes_later_arrives_in_order(outbox: Outbox, embedded: EmbeddedBroker) -> None:
    put_numbers(outbox, 0, 200)
    with subscribed(embedded.url, embedded.secret) as subscriber, publishing(*wired(outbox, embedded)) as publisher:
        put_numbers(outbox, 200, 300)
        publisher.notify()
        wait_for(lambda: outbox.waiting == 0)
        wait_for(lambda: numbers(subscriber) == list(range(300)))
        assert publisher.health.connected
        assert publisher.health.problem == ""


def wired(outbox: Outbox, broker: EmbeddedBroker) -> tuple[Outbox, str, str]:
    return outbox, broker.url, broker.secret


def test_a_row_does_not_wait_for_a_full_second(outbox: Outbox, embedded: EmbeddedBroker) -> None:
    with subscribed(embedded.url, embedded.secret) as subscriber, publishing(*wired(outbox, embedded)) as publisher:
        wait_for(lambda: publisher.health.connected)
        took = []
        for number in range(5):
            put_numbers(outbox, number, number + 1)
            began = clock.monotonic()
            publisher.notify()
            wait_for(lambda wanted=number: wanted in numbers(subscriber))  # type: ignore[misc]
            took.append(clock.monotonic() - began)
        assert min(took) < 0.25, "it was woken and did not find the row by chance"


def test_the_engine_says_that_it_is_up_and_that_it_goes(outbox: Outbox, embedded: EmbeddedBroker) -> None:
    with subscribed(embedded.url, embedded.secret, STATUS) as subscriber:
        before = len(states(subscriber))
        with publishing(*wired(outbox, embedded)):
            wait_for(lambda: states(subscriber)[before:][-1:] == ["online"])
            with subscribed(embedded.url, embedded.secret, STATUS) as late:
                wait_for(lambda: states(late) == ["online"])
        wait_for(lambda: states(subscriber)[-1] == "offline")


def test_the_broker_says_it_when_the_engine_dies(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    with (
        subscribed(embedded.url, embedded.secret, STATUS) as subscriber,
        engine(tmp_path, *address(embedded)) as process,
    ):
        wait_for(lambda: states(subscriber)[-1:] == ["online"])
        process.kill()
        wait_for(lambda: states(subscriber)[-1:] == ["offline"])


def address(broker: EmbeddedBroker) -> tuple[str, str]:
    return broker.url, broker.secret


def test_stopping_sends_what_waits(outbox: Outbox, embedded: EmbeddedBroker) -> None:
    with subscribed(embedded.url, embedded.secret) as subscriber:
        with publishing(*wired(outbox, embedded)) as publisher:
            wait_for(lambda: publisher.health.connected)
            put_numbers(outbox, 0, 500)
        assert outbox.waiting == 0
        assert not publisher.health.running
        wait_for(lambda: numbers(subscriber) == list(range(500)))


def test_stopping_without_a_broker_is_quick_and_loses_nothing(outbox: Outbox) -> None:
    put_numbers(outbox, 0, 3)
    with publishing(outbox, f"mqtt://127.0.0.1:{free_port()}") as publisher:
        wait_for(lambda: publisher.health.problem)
        began = clock.monotonic()
    assert clock.monotonic() - began < 3
    assert outbox.waiting == 3


@pytest.mark.mosquitto
def test_a_broker_that_is_away_is_said_once_and_its_coming_once(
    outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "alerts.publisher")
    broker = MosquittoPeer(tmp_path)
    outbox.put(CAMERA, b"online", retain=True)
    with publishing(outbox, broker.url) as publisher:
        wait_for(lambda: publisher.health.problem == "connection refused")
        assert publisher.health.waiting == 1
        with broker:
            wait_for(lambda: outbox.waiting == 0)
            assert publisher.health.problem == ""
            said = [record.getMessage() for record in caplog.records]
    assert said == [
        f"broker {broker.url} cannot be reached: connection refused; messages wait in the outbox",
        f"broker {broker.url} is back",
    ]


def test_a_broker_that_is_killed_is_said_once_and_forgets_nothing(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "alerts.publisher")
    with EmbeddedBroker() as broker:
        made = Publisher(outbox, BrokerAddress.parse(*address(broker)), SITE, settled=timedelta(seconds=2))
        with subscribed(*address(broker)) as subscriber, made as publisher:
            outbox.put(CAMERA, b"online", retain=True)
            put_numbers(outbox, 0, 50)
            wait_for(lambda: numbers(subscriber) == list(range(50)))
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGKILL)
            put_numbers(outbox, 50, 100)
            # The new broker knows neither the subscriber nor the retained state, and acknowledges all the same.
            wait_for(lambda: numbers(subscriber) == list(range(100)))
            with subscribed(*address(broker), CAMERA) as late:
                wait_for(lambda: late.payloads[:1] == [b"online"])
            wait_for(lambda: publisher.health.connected)
    said = [record.getMessage() for record in caplog.records if record.name == "alerts.publisher"]
    assert said == [
        f"broker {broker.url} is connected",
        f"broker {broker.url} lost: connection closed; messages wait in the outbox",
        f"broker {broker.url} is back",
    ]


@pytest.mark.mosquitto
def test_rows_wait_while_nobody_has_subscribed(
    outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with ConfiguredMosquitto(tmp_path, ANONYMOUS) as broker, publishing(outbox, broker.url) as publisher:
        put_numbers(outbox, 0, 100)
        outbox.put(CAMERA, b"online", retain=True)
        publisher.notify()
        wait_for(lambda: publisher.health.problem == f"{TOPIC}: nobody has subscribed")
        wait_for(lambda: outbox.waiting == 100, what="a retained state needs nobody")
        with subscribed(broker.url) as subscriber:
            wait_for(lambda: numbers(subscriber) == list(range(100)))
            wait_for(lambda: publisher.health.problem == "")
            wait_for(lambda: outbox.waiting == 0)
    assert caplog.text.count("nobody has subscribed") == 1


@pytest.mark.mosquitto
def test_a_topic_that_the_broker_refuses_holds_up_no_other(outbox: Outbox, tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text(f"topic readwrite {TOPIC}\ntopic readwrite {STATUS}\n")
    config = f"{ANONYMOUS}acl_file {acl}\n"
    with (
        ConfiguredMosquitto(tmp_path, config) as broker,
        subscribed(broker.url) as subscriber,
        publishing(outbox, broker.url) as publisher,
    ):
        put_numbers(outbox, 0, 60, topic=f"ioc/v1/{SITE}/c1/alerts/fire")
        put_numbers(outbox, 0, 60)
        publisher.notify()
        wait_for(lambda: numbers(subscriber) == list(range(60)))
        wait_for(lambda: "fire: refused by the broker: not authorized" in publisher.health.problem)
        wait_for(lambda: outbox.waiting == 60)


@pytest.mark.mosquitto
def test_a_message_larger_than_the_broker_takes_holds_up_no_other(outbox: Outbox, tmp_path: Path) -> None:
    config = f"{ANONYMOUS}max_packet_size 2000\nmax_inflight_messages 5\n"
    with ConfiguredMosquitto(tmp_path, config) as broker, subscribed(broker.url) as subscriber:
        outbox.put(f"ioc/v1/{SITE}/c1/alerts/large", b"x" * 3000)
        put_numbers(outbox, 0, 60)
        with publishing(outbox, broker.url) as publisher:
            wait_for(lambda: numbers(subscriber) == list(range(60)))
            wait_for(lambda: "larger than the broker allows" in publisher.health.problem)
            wait_for(lambda: outbox.waiting == 1)


@pytest.mark.mosquitto
def test_a_wrong_password_is_said_without_it(outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("engine:right\n")
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    config = "listener {port} 127.0.0.1\nallow_anonymous false\npassword_file " + str(passwords) + "\n"
    with ConfiguredMosquitto(tmp_path, config) as broker:
        with publishing(outbox, broker.url, "engine:hunter2") as publisher:
            wait_for(lambda: publisher.health.problem)
            assert publisher.health.problem == "not authorized; check the secret named for the broker"
        with publishing(outbox, broker.url, "engine:right") as publisher:
            wait_for(lambda: publisher.health.connected)
    assert "hunter2" not in caplog.text


def test_a_wrong_password_for_the_embedded_broker_is_hinted_at(outbox: Outbox, embedded: EmbeddedBroker) -> None:
    with publishing(outbox, embedded.url, "ioc:wrong") as publisher:
        wait_for(lambda: publisher.health.problem)
        assert publisher.health.problem == "connection closed unanswered; check the secret named for the broker"


@pytest.mark.mosquitto
def test_two_engines_of_one_site_find_out(tmp_path: Path) -> None:
    with (
        MosquittoPeer(tmp_path) as broker,
        Outbox(tmp_path / "1.db") as first,
        Outbox(tmp_path / "2.db") as second,
        publishing(first, broker.url) as one,
        publishing(second, broker.url) as other,
    ):
        wait_for(lambda: "does another ioc run under this site's name?" in one.health.problem + other.health.problem)


GARBAGE = {
    "another protocol": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "an answer cut short": b"\x20\x7f\x00",
    "a length without end": b"\x20\xff\xff\xff\xff\xff",
    "unknown properties": b"\x20\x06\x00\x00\x03\x7f\x7f\x7f",
    "MQTT 3.1.1's refusal": b"\x20\x02\x00\x01",
    "nothing at all": b"",
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE)
def test_a_peer_that_is_no_broker_costs_nothing(outbox: Outbox, answer: bytes) -> None:
    put_numbers(outbox, 0, 1)
    with answering(answer) as port, publishing(outbox, f"mqtt://127.0.0.1:{port}") as publisher:
        wait_for(lambda: publisher.health.problem)
        assert publisher.health.running
        assert "\n" not in publisher.health.problem
        assert outbox.waiting == 1


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """Return the port of a server that says one thing to whoever connects, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            server.settimeout(0.1)
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(1024)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join()


@pytest.mark.mosquitto
def test_messages_pass_over_tls_to_a_broker_that_we_trust_and_to_no_other(outbox: Outbox, tmp_path: Path) -> None:
    authority = certify(tmp_path)
    config = ANONYMOUS + "certfile {folder}/broker.crt\nkeyfile {folder}/broker.key\n"
    put_numbers(outbox, 0, 200)
    with ConfiguredMosquitto(tmp_path, config) as broker:
        url = broker.url.replace("mqtt:", "mqtts:")
        with publishing(outbox, url) as publisher:
            wait_for(lambda: publisher.health.problem)
            assert "is not trusted" in publisher.health.problem
            assert "name the authority's file as ca_file" in publisher.health.problem
        seen = tls_subscriber(url, authority)
        with publishing(outbox, url, ca_file=authority) as publisher:
            wait_for(lambda: numbers(seen) == list(range(200)))
            assert publisher.health.connected
        seen.stop()


def tls_subscriber(url: str, authority: Path) -> Subscriber:
    """Return a subscriber that is connected over TLS."""
    subscriber = Subscriber(url, context=ssl.create_default_context(cafile=authority))
    subscriber.start()
    return subscriber


@contextmanager
def engine(folder: Path, url: str, secret: str) -> Iterator[subprocess.Popen[str]]:
    """Return a process that publishes; it is killed in the end."""
    process = start(folder / "engine.db", url, secret, first=0, count=0)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()

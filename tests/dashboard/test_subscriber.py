"""The subscriber against a real broker: what is published is stored, whatever is killed meanwhile."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.wire import MAX_BYTES, AlertMessage, CameraState, CameraStatus, EngineStatus
from dashboard.broker_session import AT_ONCE
from dashboard.database import Database, StoreError, store_url
from dashboard.records import ALL_CAMERAS, AlertFilter, OperatorState
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from dashboard.subscriber import Subscriber
from dashboard.views import CameraView
from ioc import clock
from ioc.types import Phase
from tests.dashboard import sample
from tests.dashboard.peers import Mosquitto, eventually, publisher
from tests.dashboard.sample import SITE, minutes

pytestmark = pytest.mark.mosquitto

TOPIC = f"ioc/v1/{SITE}/bg-017/alerts/illegal_parking"


@pytest.fixture
def listening(settings: DashboardSettings, mosquitto: Mosquitto) -> DashboardSettings:
    return settings.model_copy(update={"broker": mosquitto.url})


@contextmanager
def subscribed(settings: DashboardSettings, store: Store) -> Iterator[Subscriber]:
    subscriber = Subscriber(settings, store.take, lambda: None)
    subscriber.start()
    try:
        eventually(subscriber.subscribed.is_set)
        yield subscriber
    finally:
        subscriber.stop()
        assert not subscriber.state.connected


def _publish(broker: Mosquitto, *messages: AlertMessage | CameraStatus | EngineStatus) -> None:
    with publisher(broker) as publish:
        for message in messages:
            publish(message.topic, message.payload(), not isinstance(message, AlertMessage))


def _count(store: Store) -> int:
    return sum(store.counts(ALL_CAMERAS).values())


def test_what_is_published_is_stored(listening: DashboardSettings, store: Store, mosquitto: Mosquitto) -> None:
    raised, cleared = sample.alert(1), sample.alert(1, phase=Phase.CLEARED, after=minutes(2))
    with subscribed(listening, store) as subscriber:
        _publish(mosquitto, sample.engine(), sample.camera(), raised, sample.alert(2), cleared)
        eventually(lambda: subscriber.state.received == 5)
        (second, first), _ = store.alerts(AlertFilter(), ALL_CAMERAS, 10)
        assert (first.phase, second.phase) == (Phase.CLEARED, Phase.RAISED)
        assert store.engines()[SITE].state == "online"
        assert store.cameras(ALL_CAMERAS)[0].state == "online"


def test_other_sites_are_not_asked_for(listening: DashboardSettings, store: Store, mosquitto: Mosquitto) -> None:
    with subscribed(listening, store) as subscriber:
        _publish(mosquitto, sample.alert(1, site="elsewhere"), sample.alert(2))
        eventually(lambda: _count(store) == 1)
        assert subscriber.state.received == 1


def test_the_broker_keeps_what_comes_while_we_are_away(
    listening: DashboardSettings, store: Store, mosquitto: Mosquitto
) -> None:
    with subscribed(listening, store):
        pass
    _publish(mosquitto, *(sample.alert(number) for number in range(300)))
    with subscribed(listening, store):
        eventually(lambda: _count(store) == 300)


def test_retained_states_are_known_at_once(listening: DashboardSettings, store: Store, mosquitto: Mosquitto) -> None:
    _publish(mosquitto, sample.engine("offline"), sample.camera(state=CameraState.ONLINE, simulated=True))
    with subscribed(listening, store) as subscriber:
        eventually(lambda: bool(store.cameras(ALL_CAMERAS) and store.engines()))
        (camera,) = store.cameras(ALL_CAMERAS)
        shown = CameraView.of(camera, store.engines()[SITE], subscriber.state)
        assert (shown.state, shown.reason) == ("unavailable", "the engine that watches it is offline")
        assert shown.since == store.engines()[SITE].since
        assert shown.simulated
        _publish(mosquitto, sample.engine("online"))
        eventually(lambda: store.engines()[SITE].state == "online")
        assert CameraView.of(camera, store.engines()[SITE], subscriber.state).state is CameraState.ONLINE


def test_hostile_messages_block_nothing_and_fill_no_log(
    listening: DashboardSettings, store: Store, mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    forged = sample.alert(1).payload().replace(b'"car"', b'"bus"').replace(b"bg-017", b"bg-018")
    other = sample.alert(2)
    hostile = [
        b"",
        b"\xff\xfe",
        b"[" * 5000,
        b'{"version":1}',
        b"x" * (MAX_BYTES + 1),
        forged,
        b"null",
        b"secret-payload",
    ]
    hostile += [other.payload().replace(str(other.id).encode(), str(sample.alert(3).id).encode())]
    with subscribed(listening, store) as subscriber, publisher(mosquitto) as publish:
        for number, payload in enumerate(hostile * 5):
            publish(TOPIC, payload, False)
            if number % 10 == 0:
                message = sample.alert(100 + number)
                publish(message.topic, message.payload(), False)
        publish(f"ioc/v1/{SITE}/bg-017/status", b"{}", True)
        eventually(lambda: subscriber.state.refused == 5 * len(hostile) + 1)
        eventually(lambda: _count(store) == 5)
    refusals = [record for record in caplog.records if "refused" in record.message]
    assert len(refusals) == 1, "one line a minute, not one a message"
    assert "secret-payload" not in caplog.text
    assert all(len(record.message) < 1000 for record in caplog.records)
    with subscribed(listening, store) as subscriber:
        eventually(lambda: subscriber.state.refused == 1)  # the retained one; all others were acknowledged
        assert subscriber.state.received == 0


def test_larger_than_any_message_is_not_even_received(
    listening: DashboardSettings, store: Store, mosquitto: Mosquitto
) -> None:
    with subscribed(listening, store) as subscriber, publisher(mosquitto) as publish:
        publish(TOPIC, b"x" * (4 * MAX_BYTES), False)
        _publish(mosquitto, sample.alert(1))
        eventually(lambda: _count(store) == 1)
        assert subscriber.state.refused == 0


def test_while_the_store_is_locked_messages_wait_and_none_is_lost(
    listening: DashboardSettings, store: Store, mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    hasty = Store(Database(store_url(listening), busy_seconds=0.05))
    holder = sqlite3.connect(listening.data / "ioc.db", isolation_level=None, check_same_thread=False)
    with subscribed(listening, hasty) as subscriber:
        holder.execute("BEGIN IMMEDIATE")
        messages = [sample.alert(number) for number in range(2 * AT_ONCE + 50)]
        _publish(mosquitto, *messages)
        eventually(lambda: "held by another program" in subscriber.state.store_error)
        assert subscriber.state.connected
        assert subscriber.state.received == 0
        holder.execute("ROLLBACK")
        eventually(lambda: _count(store) == len(messages))
        eventually(lambda: subscriber.state.store_error == "")
        assert subscriber.state.received == len(messages), "each came once: the line was never cut"
    holder.close()
    hasty.release()
    told = [record.levelname for record in caplog.records if "messages" in record.message]
    assert told == ["ERROR", "WARNING"], "once when it fails, once when it works again"


def test_what_was_not_stored_comes_again_after_a_restart(
    listening: DashboardSettings, store: Store, mosquitto: Mosquitto
) -> None:
    full = threading.Event()

    def refuse(_messages: object, _at: object) -> None:
        full.set()
        raise StoreError("the store is on a full disk: free some space")

    doomed = Subscriber(listening, refuse, lambda: None)  # type: ignore[arg-type]
    doomed.start()
    eventually(doomed.subscribed.is_set)
    _publish(mosquitto, *(sample.alert(number) for number in range(20)))
    assert full.wait(10)
    doomed.stop()
    with subscribed(listening, store):
        eventually(lambda: _count(store) == 20)


def test_a_broker_that_goes_is_told_once_and_once_when_back(
    listening: DashboardSettings, store: Store, mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with subscribed(listening, store) as subscriber:
        _publish(mosquitto, sample.camera())
        eventually(lambda: subscriber.state.received == 1)
        mosquitto.stop()
        eventually(lambda: not subscriber.state.connected)
        lost_since = subscriber.state.since
        eventually(lambda: "refused" in subscriber.state.reason or "reached" in subscriber.state.reason)
        assert subscriber.state.since == lost_since
        shown = CameraView.of(store.cameras(ALL_CAMERAS)[0], None, subscriber.state)
        assert (shown.state, shown.since) == ("unavailable", lost_since), "never the state it had"
        mosquitto.start()
        eventually(lambda: subscriber.state.connected)
        _publish(mosquitto, sample.alert(1))
        eventually(lambda: _count(store) == 1)
    lines = [record.message for record in caplog.records if record.name == "dashboard.subscriber"]
    assert len(lines) == 3
    assert lines[0] == lines[2] == f"listening to the broker 127.0.0.1:{mosquitto.port}"
    assert lines[1].startswith(f"no connection to the broker 127.0.0.1:{mosquitto.port}")


def test_a_broker_with_passwords(settings: DashboardSettings, store: Store, tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path / "guarded", "dashboard", "pass-word-9")
    broker.start()
    url = broker.url.replace("mqtt://", "mqtt://dashboard@")
    right = settings.model_copy(update={"broker": url, "broker_secret": SecretStr("pass-word-9")})
    with subscribed(right, store):
        pass
    wrong = Subscriber(right.model_copy(update={"broker_secret": SecretStr("wrong")}), store.take, lambda: None)
    wrong.start()
    eventually(lambda: "refuses us" in wrong.state.reason)
    wrong.stop()
    broker.stop()


def test_a_peer_that_speaks_no_tls_is_a_reason(listening: DashboardSettings, store: Store) -> None:
    subscriber = Subscriber(
        listening.model_copy(update={"broker": listening.broker.replace("mqtt:", "mqtts:")}), store.take, lambda: None
    )
    subscriber.start()
    eventually(lambda: subscriber.state.reason != "connecting to the broker", 20)
    assert not subscriber.state.connected
    subscriber.stop()


def _start_child(settings: DashboardSettings) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.dashboard.child", settings.model_dump_json()]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline().startswith("http"), "it is subscribed when it says its URL"
    return child


def test_kill_minus_nine_loses_nothing_and_doubles_nothing(
    listening: DashboardSettings, store: Store, mosquitto: Mosquitto
) -> None:
    messages = [sample.alert(number) for number in range(500)]
    messages += [sample.alert(number, phase=Phase.CLEARED, after=minutes(1)) for number in range(500)]
    child = _start_child(listening)
    published = threading.Thread(target=_publish, args=(mosquitto, *messages))
    published.start()
    for mark in (150, 600):
        eventually(partial(_reached, store, mark), 30)
        _kill(child)
        child = _start_child(listening)
    published.join()
    eventually(lambda: _cleared(store) == 500, 30)
    _kill(child)
    assert store.counts(ALL_CAMERAS)[OperatorState.NEW] == 500
    for number in (0, 250, 499):
        assert [step.what for step in store.history(messages[number].id)] == ["raised", "cleared"]
    with store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alert_history").scalar() == 1000


def _kill(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


def _reached(store: Store, change: int) -> bool:
    return store.last_change() >= change


def _cleared(store: Store) -> int:
    return len(store.alerts(AlertFilter(phases=(Phase.CLEARED,)), ALL_CAMERAS, 1000)[0])


def test_ten_thousand_a_minute_are_no_burden(listening: DashboardSettings, store: Store, mosquitto: Mosquitto) -> None:
    with subscribed(listening, store):
        pass
    _publish(mosquitto, *(sample.alert(number) for number in range(1000)))
    began = clock.monotonic()
    with subscribed(listening, store):
        eventually(lambda: _count(store) == 1000)
    assert clock.monotonic() - began < 6

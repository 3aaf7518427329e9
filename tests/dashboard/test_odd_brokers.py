"""Brokers that break the rules: nothing is lost, nothing is acknowledged that is not kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import pytest

from dashboard.broker_connection import BrokerLost
from dashboard.broker_session import AT_ONCE, BrokerSession
from dashboard.database import StoreError
from dashboard.intake import Message
from dashboard.records import ALL_CAMERAS, Taken
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from dashboard.subscriber import Subscriber, Take
from tests.dashboard import sample
from tests.dashboard.odd_broker import CONNECT, SUBSCRIBE, Line, odd_broker, publish, suback
from tests.dashboard.peers import eventually

WAIT = 10_000
"""More acknowledgements than come: reads until the client goes away."""


@contextmanager
def listening(settings: DashboardSettings, url: str, take: Take) -> Iterator[Subscriber]:
    subscriber = Subscriber(settings.model_copy(update={"broker": url}), take, lambda: None)
    subscriber.start()
    try:
        yield subscriber
    finally:
        subscriber.stop()


def _send(line: Line, first: int, count: int) -> None:
    for number in range(first, first + count):
        message = sample.alert(number)
        line.send(publish(number + 1, message.topic, message.payload()))


def test_a_flood_beyond_what_was_asked_for_is_asked_for_again(settings: DashboardSettings, store: Store) -> None:
    held: list[int] = []

    def flood(line: Line) -> None:
        line.welcome()
        _send(line, 0, AT_ONCE + 60)
        held.extend(line.acknowledged(AT_ONCE))
        line.acknowledged(WAIT)

    def rest(line: Line) -> None:
        line.welcome()
        _send(line, AT_ONCE, 60)
        held.extend(line.acknowledged(60))
        line.acknowledged(WAIT)

    full = 0

    def take(messages: Sequence[Message], at: datetime) -> Taken:
        nonlocal full
        full += len(messages) == AT_ONCE
        if full < 2:  # until all that is allowed waits here, and half a second more
            raise StoreError("the store is held by another program")
        return store.take(messages, at)

    with odd_broker(flood, rest) as url, listening(settings, url, take):
        eventually(lambda: len(held) == AT_ONCE + 60)
    assert held == list(range(1, AT_ONCE + 61)), "each once, in order"
    assert sum(store.counts(ALL_CAMERAS).values()) == AT_ONCE + 60


def test_a_line_that_breaks_before_the_commit_acknowledges_nothing(settings: DashboardSettings, store: Store) -> None:
    acknowledged: list[int] = []

    def break_off(line: Line) -> None:
        line.welcome()
        _send(line, 0, 5)  # and closes

    def again(line: Line) -> None:
        line.welcome()
        for number in range(5, 10):  # the same packet ids, now for other messages
            message = sample.alert(number)
            line.send(publish(number - 4, message.topic, message.payload()))
        acknowledged.extend(line.acknowledged(5))
        line.acknowledged(WAIT)

    taken: list[int] = []

    def take(messages: Sequence[Message], at: datetime) -> Taken:
        taken.append(len(messages))
        return store.take(messages, at)

    with odd_broker(break_off, again) as url, listening(settings, url, take):
        eventually(lambda: len(acknowledged) == 5)
    assert acknowledged == [1, 2, 3, 4, 5]
    for number in range(5, 10):
        assert store.alert(sample.alert(number).id, ALL_CAMERAS) is not None, "acknowledged, hence kept"


def test_a_broker_that_says_nothing_is_given_up(settings: DashboardSettings) -> None:
    silent = settings.model_copy(update={"client_id": "silent-one"})
    with odd_broker(lambda line: line.acknowledged(WAIT)) as url:
        session = BrokerSession(silent.model_copy(update={"broker": url}), "silent-one", patience=0.3)
        with pytest.raises(BrokerLost, match="does not answer"), session:
            _turn_forever(session)


def _turn_forever(session: BrokerSession) -> None:
    while True:
        session.turn(0.05)


def test_a_broker_that_refuses_a_topic_is_a_reason(settings: DashboardSettings, store: Store) -> None:
    def refuse(line: Line) -> None:
        assert line.read()[0] == CONNECT
        line.send(bytes([0x20, 3, 0, 0, 0]))
        kind, body = line.read()
        assert kind == SUBSCRIBE
        line.send(suback(int.from_bytes(body[:2], "big"), [1, 0x87, 1]))
        line.acknowledged(WAIT)

    with odd_broker(refuse) as url, listening(settings, url, store.take) as subscriber:
        eventually(lambda: "refuses our subscriptions: Not authorized" in subscriber.state.reason)
        assert not subscriber.subscribed.is_set()


def test_a_second_dashboard_of_the_same_name_is_a_reason(settings: DashboardSettings, store: Store) -> None:
    def taken_over(line: Line) -> None:
        line.welcome()
        line.send(bytes([0xE0, 2, 0x8E, 0]))  # DISCONNECT: session taken over

    with odd_broker(taken_over) as url, listening(settings, url, store.take) as subscriber:
        eventually(lambda: "taken over" in subscriber.state.reason)


def _babble(data: bytes, line: Line) -> None:
    line.send(data)


def test_rubbish_is_a_reason_and_no_end(settings: DashboardSettings, store: Store) -> None:
    rubbish = [bytes(200), b"\x20\x03\x00\x00\x09"]

    def behave(line: Line) -> None:
        line.welcome()
        line.acknowledged(WAIT)

    scripts = [partial(_babble, data) for data in rubbish]
    with odd_broker(*scripts, behave) as url, listening(settings, url, store.take) as subscriber:
        eventually(lambda: "closed the connection" in subscriber.state.reason)
        eventually(subscriber.subscribed.is_set, 60)


def test_a_message_of_quality_zero_is_kept_too(settings: DashboardSettings, store: Store) -> None:
    message = sample.alert(1)

    def careless(line: Line) -> None:
        line.welcome()
        packet = publish(1, message.topic, message.payload())
        topic_end = packet.index(message.topic.encode()) + len(message.topic)
        body = packet[topic_end - len(message.topic) - 2 : topic_end] + packet[topic_end + 2 :]
        line.send(bytes([0x30, len(body) % 128 | 0x80, len(body) // 128]) + body)
        line.acknowledged(WAIT)

    with odd_broker(careless) as url, listening(settings, url, store.take):
        eventually(lambda: store.alert(message.id, ALL_CAMERAS) is not None)


def test_a_topic_that_is_no_text_is_refused(settings: DashboardSettings, store: Store) -> None:
    def garble(line: Line) -> None:
        line.welcome()
        good = sample.alert(2)
        bad = publish(7, "ioc/v1/xx/y/status", b"{}").replace(b"xx", b"\xff\xfe")
        line.send(bad + publish(8, good.topic, good.payload()))
        line.acknowledged(WAIT)

    with odd_broker(garble) as url, listening(settings, url, store.take) as subscriber:
        eventually(lambda: store.alert(sample.alert(2).id, ALL_CAMERAS) is not None)
        assert subscriber.state.refused == 1

"""Live pictures from a real broker: while somebody watches, by a connection of their own, and hostile ones counted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx2 as httpx
import pytest

from alerts.wire_picture import MAX_PICTURE_BYTES, LivePicture, signed
from dashboard import live_listener
from dashboard.accounts import Accounts
from dashboard.live_listener import LiveListener
from dashboard.live_pictures import LivePictures
from dashboard.records import ALL_CAMERAS, Role
from dashboard.settings import DashboardSettings
from ioc import clock
from tests.dashboard import sample
from tests.dashboard.house import OTHER, OWN, PASSWORD, sign_in
from tests.dashboard.odd_broker import CONNACK_OK, SUBSCRIBE, Line, odd_broker, suback
from tests.dashboard.peers import Mosquitto, eventually, publisher, serving
from tests.dashboard.sample import SITE, START

Publish = Callable[[str, bytes, bool], None]


def picture(camera: str = OWN, seconds: float = 0) -> LivePicture:
    return signed(SITE, camera, clock.now() + timedelta(seconds=seconds), sample.small_picture())


@contextmanager
def listening(settings: DashboardSettings, url: str) -> Iterator[LiveListener]:
    pictures = LivePictures(lambda: frozenset({(SITE, OWN)}))
    listener = LiveListener(settings.model_copy(update={"broker": url}), pictures)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


def send(publish: Publish, sent: LivePicture) -> None:
    publish(sent.topic, sent.jpeg, False)


def watch(publish: Publish, listener: LiveListener) -> None:
    """Watch and publish until a picture has come."""

    def shown() -> bool:
        send(publish, picture())
        return listener.newest(SITE, OWN) is not None

    eventually(shown)


@pytest.mark.mosquitto
def test_pictures_come_while_somebody_watches_and_rest_otherwise(
    settings: DashboardSettings, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_listener, "WATCHED_SECONDS", 0.5)
    with publisher(mosquitto) as publish, listening(settings, mosquitto.url) as listener:
        send(publish, picture())
        assert listener.received == 0
        for _ in range(2):
            watch(publish, listener)
            eventually(lambda: listener._pictures.newest(SITE, OWN) is None)
            came = listener.received
            send(publish, picture())
            assert listener.received == came, "nobody watches, nothing comes"


@pytest.mark.mosquitto
def test_hostile_pictures_are_refused_counted_and_told_of_once(
    settings: DashboardSettings, mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    good = picture()
    with (
        caplog.at_level(logging.WARNING),
        publisher(mosquitto) as publish,
        listening(settings, mosquitto.url) as listener,
    ):
        publish(good.topic, good.jpeg, True)
        watch(publish, listener)
        for topic, payload in (
            (good.topic, b"<script>alert(1)</script>"),
            (good.topic, b""),
            (good.topic, picture(OTHER).jpeg),
            (picture(OTHER).topic, picture(OTHER).jpeg),
            (good.topic, picture(seconds=-300).jpeg),
        ):
            publish(topic, payload, False)
        too_large = good.jpeg[:-2] + bytes(MAX_PICTURE_BYTES) + b"\xff\xd9"
        publish(good.topic, too_large, False)
        eventually(lambda: listener.refused >= 5)
        last = picture(seconds=1)
        send(publish, last)
        eventually(lambda: (held := listener.newest(SITE, OWN)) is not None and held.picture.at == last.at)
        assert listener.refused == 5, "the broker keeps the one that is larger than we let it send"
    told = [record.message for record in caplog.records]
    assert len(told) == 1
    assert told[0].startswith("refused 1 live picture(s), the last: picture on 'ioc/v1/bac-giang/bg-017/live'")


def test_a_retained_picture_may_be_of_any_age(settings: DashboardSettings) -> None:
    listener = LiveListener(settings, LivePictures(lambda: frozenset({(SITE, OWN)})))
    sent = picture()
    listener.take(sent.topic, sent.jpeg, retained=True)
    assert (listener.received, listener.refused) == (0, 1)
    assert listener.newest(SITE, OWN) is None


@pytest.mark.mosquitto
def test_a_broker_that_goes_and_comes_back(
    settings: DashboardSettings, mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), listening(settings, mosquitto.url) as listener:
        with publisher(mosquitto) as publish:
            watch(publish, listener)
        mosquitto.stop()
        eventually(lambda: "no live pictures" in caplog.text)
        mosquitto.start()
        came = listener.received
        with publisher(mosquitto) as publish:

            def more() -> bool:
                watch(publish, listener)
                return listener.received > came

            eventually(more)
    assert (caplog.text.count("no live pictures"), caplog.text.count("come again")) == (1, 1)


def test_a_broker_that_lets_nobody_read_pictures_is_told_of(
    settings: DashboardSettings, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(line: Line) -> None:
        line.read()
        line.send(CONNACK_OK)
        kind, body = line.read()
        assert kind == SUBSCRIBE
        line.send(suback(int.from_bytes(body[:2], "big"), [0x87]))
        line.read()

    with caplog.at_level(logging.WARNING), odd_broker(refuse) as url, listening(settings, url) as listener:
        listener.newest(SITE, OWN)
        eventually(lambda: "refuses our subscriptions: Not authorized" in caplog.text)


@pytest.mark.mosquitto
def test_from_the_broker_to_whoever_watches(
    settings: DashboardSettings, mosquitto: Mosquitto, accounts: Accounts
) -> None:
    accounts.create("chief", Role.OPERATOR, ALL_CAMERAS, START, chosen=PASSWORD)
    with (
        serving(settings.model_copy(update={"broker": mosquitto.url}), patience=10) as url,
        httpx.Client(base_url=url) as client,
        publisher(mosquitto) as publish,
    ):
        sign_in(client, "chief", PASSWORD).raise_for_status()
        publish(sample.camera().topic, sample.camera().payload(), True)
        eventually(lambda: bool(client.get("/api/v1/cameras").json()["cameras"]))

        def shown() -> bool:
            send(publish, picture())
            return client.get(f"/api/v1/cameras/{SITE}/{OWN}/live.jpg").status_code == 200

        eventually(shown)
        publish(picture().topic, b"no picture", False)
        eventually(lambda: client.get("/api/v1/health").json()["pictures_refused"] == 1)

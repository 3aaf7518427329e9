"""Live pictures reach a real broker, about once a second by the frames' time, and never make anybody wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from alerts.address import BrokerAddress
from alerts.broker import EmbeddedBroker
from alerts.live import LivePictures
from alerts.wire_picture import MAX_PICTURE_BYTES, decode_picture
from ioc import clock
from ioc.types import Box, Frame, Track
from tests.alerts.drawn import CAMERA, SITE, after, frame
from tests.alerts.peers import Subscriber, free_port, subscribed, wait_for
from tests.dashboard.odd_broker import CONNACK_OK, Line, odd_broker

LIVE = f"ioc/v1/{SITE}/+/live"
NOISE = np.random.default_rng(0).integers(0, 255, (270, 480, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as running:
        yield running


@pytest.fixture
def watcher(embedded: EmbeddedBroker) -> Iterator[Subscriber]:
    with subscribed(embedded.url, embedded.secret, LIVE) as subscriber:
        yield subscriber


@pytest.fixture
def live(embedded: EmbeddedBroker) -> Iterator[LivePictures]:
    with LivePictures(BrokerAddress.parse(embedded.url, embedded.secret), SITE, rate=1.0) as pictures:
        wait_for(lambda: pictures.health.connected)
        yield pictures


def taken(live: LivePictures, shown: Frame) -> None:
    """Show a frame, and wait until it has left when it is one that leaves."""
    live.take(shown)
    wait_for(lambda: not live._newest)


def test_a_picture_a_second_of_the_frames_own_time(live: LivePictures, watcher: Subscriber) -> None:
    for number in range(16):
        taken(live, frame(number, number / 5))
    wait_for(lambda: len(watcher.got) == 4)
    pictures = [decode_picture(topic, payload) for topic, payload, _ in watcher.got]
    assert [(one.site, one.camera, one.at) for one in pictures] == [(SITE, CAMERA, after(n)) for n in range(4)]
    assert not any(retained for _, _, retained in watcher.got)
    wait_for(lambda: live.health.sent == 4)
    assert (live.health.dropped, live.health.unfit) == (0, 0)


def test_what_was_looked_at_is_shown_with_what_is_followed_and_else_what_the_camera_sees(
    live: LivePictures, watcher: Subscriber
) -> None:
    car = Track("run-1", "car", 0.9, Box(0.1, 0.2, 0.3, 0.4), after(0))
    for number in range(10):  # read at once, looked at 0.4 s later
        shown = frame(number, number)
        live.take(shown)
        live.take(replace(shown, at=after(number + 0.4)), [car] if number < 5 else None)
        wait_for(lambda: not live._newest)
    wait_for(lambda: len(watcher.got) >= 8)
    pictures = [decode_picture(topic, payload) for topic, payload, _ in watcher.got]
    times = [one.at for one in pictures]
    assert times == sorted(times)
    followed = [[(box.label, box.box) for box in one.tracks] for one in pictures]
    assert followed[1:5] == [[("car", (0.1, 0.2, 0.3, 0.4))]] * 4
    assert followed[-1] == [], "the analysis has stopped, the camera has not"


def test_a_frame_that_was_looked_at_late_does_not_turn_time_back(live: LivePictures, watcher: Subscriber) -> None:
    taken(live, frame(0, 0))
    taken(live, frame(30, 6))
    live.take(frame(1, 1), [])
    taken(live, frame(60, 12))
    wait_for(lambda: len(watcher.got) == 3)
    assert [decode_picture(*one[:2]).at for one in watcher.got] == [after(0), after(6), after(12)]


def test_each_camera_has_its_own_turn_and_a_clock_set_back_stops_none(live: LivePictures, watcher: Subscriber) -> None:
    for camera in ("a", "b", "c"):
        taken(live, replace(frame(), camera=camera))
    taken(live, replace(frame(0, -3600), camera="b"))
    wait_for(lambda: len(watcher.got) == 4)
    assert [topic.split("/")[3] for topic in watcher.topics] == ["a", "b", "c", "b"]


def test_a_picture_full_of_noise_is_sent_smaller_and_one_that_cannot_be_is_counted(
    live: LivePictures, watcher: Subscriber
) -> None:
    taken(live, replace(frame(image=NOISE)))
    taken(live, replace(frame(image=np.zeros((0, 0, 3), np.uint8)), camera="broken"))
    wait_for(lambda: live.health.unfit == 1)
    wait_for(lambda: len(watcher.got) == 1)
    assert len(watcher.payloads[0]) <= MAX_PICTURE_BYTES


def test_a_link_that_is_stuck_costs_pictures_and_no_time() -> None:
    over = threading.Event()

    def stuck(line: Line) -> None:
        line.read()
        line.send(CONNACK_OK)
        over.wait(30)  # and reads nothing

    with odd_broker(stuck) as url, LivePictures(BrokerAddress.parse(url), SITE, rate=5.0) as live:
        wait_for(lambda: live.health.connected)
        slowest, number, moved = 0.0, 0, (0, clock.monotonic())
        while clock.monotonic() < moved[1] + 0.6:
            began = clock.monotonic()
            live.take(replace(frame(number, number, NOISE), camera=f"c{number % 9}"))
            slowest = max(slowest, clock.monotonic() - began)
            if live.health.sent != moved[0]:
                moved = live.health.sent, clock.monotonic()
            number += 1
            over.wait(0.001)
        assert moved[0] < number / 2, "what the link cannot take is dropped"
        assert live.health.dropped >= number - moved[0] - 9
        assert slowest < 0.2, "a camera's reader never waits for the broker"
        assert len(live._newest) <= 9
        over.set()


def test_without_a_broker_frames_are_let_go_and_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    address = BrokerAddress.parse(f"mqtt://127.0.0.1:{free_port()}")
    with caplog.at_level(logging.WARNING), LivePictures(address, SITE, rate=1.0) as live:
        wait_for(lambda: caplog.records)
        live.take(frame())
        assert not live.health.connected
        assert live._newest == {}
    assert [record.message.split(":")[0] for record in caplog.records] == ["live pictures"]

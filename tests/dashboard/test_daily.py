"""Work that is done by itself: again each day, sooner after a failure, and not after the end."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest

from dashboard.daily import Daily
from dashboard.plate_records import ReadFilter
from dashboard.plate_search import newest_reads
from dashboard.settings import DashboardSettings
from dashboard.store import Store, open_store
from ioc import clock
from ioc.errors import IocError
from tests.dashboard.peers import eventually, serving
from tests.dashboard.test_plate_search import put, read


def test_it_is_done_again_and_again_until_it_is_stopped() -> None:
    done: list[int] = []
    daily = Daily(lambda _: done.append(1), first=0, day=0.01)
    daily.start()
    eventually(lambda: len(done) > 3)
    daily.stop()
    count = len(done)
    assert not threading.Event().wait(0.05)
    assert len(done) == count


def test_a_failure_is_told_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    tries: list[int] = []

    def work(_: threading.Event) -> None:
        tries.append(1)
        if len(tries) < 4:
            raise IocError("the disk is full")

    daily = Daily(work, first=0, day=60, again=0.01)
    with caplog.at_level(logging.WARNING):
        daily.start()
        eventually(lambda: len(tries) == 4)
        daily.stop()
    assert [record.getMessage() for record in caplog.records] == [
        "what is done daily failed and is tried again: the disk is full"
    ]


def test_work_that_takes_long_is_told_to_end() -> None:
    began, told = threading.Event(), []

    def work(stop: threading.Event) -> None:
        began.set()
        told.append(stop.wait(10))

    daily = Daily(work, first=0)
    daily.start()
    assert began.wait(10)
    daily.stop()
    assert told == [True]


def test_a_running_dashboard_deletes_what_is_kept_no_longer(
    settings: DashboardSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.daily.Daily.__init__.__kwdefaults__", {"first": 0.0, "day": 60.0, "again": 60.0})
    store = open_store(settings)
    put(store, read("98A00001", at=clock.now() - timedelta(days=40)), read("98A00002", at=clock.now()))
    with serving(settings):
        eventually(lambda: _texts(store) == ["98A00002"])
    store.release()


def _texts(store: Store) -> list[str]:
    with store.database.read() as connection:
        return [own.text for own in newest_reads(connection, None, ReadFilter(), 9)]

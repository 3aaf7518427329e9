"""What must hold for whatever anybody sends."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.wire import WireError, decode
from dashboard.database import Database, StoreError
from dashboard.feed import MOST_LISTENERS, Feed, FeedFull
from dashboard.records import ALL_CAMERAS, AlertFilter, Rights
from dashboard.settings import DashboardSettings
from dashboard.store import Store, open_store
from ioc.types import Phase
from tests.dashboard import sample
from tests.dashboard.house import House
from tests.dashboard.sample import SITE, START, minutes

SAME_STORE = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PLACES = list(product(("bac-giang", "viet-yen"), ("c1", "c2", "c3")))

Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def two_sites(settings: DashboardSettings) -> Iterator[Store]:
    store = open_store(settings)
    store.take([sample.alert(n, site=site, camera=camera) for n, (site, camera) in enumerate(PLACES * 2)], START)
    store.take([sample.camera(camera, site=site) for site, camera in PLACES], START)
    yield store
    store.release()


@SAME_STORE
@given(st.frozensets(st.sampled_from([*PLACES, ("elsewhere", "c1"), ("bac-giang", "c9")])))
def test_nobody_sees_more_or_less_than_their_cameras(two_sites: Store, cameras: frozenset[tuple[str, str]]) -> None:
    rights = Rights(cameras)
    everything, _ = two_sites.alerts(AlertFilter(), ALL_CAMERAS, 100)
    visible = [one for one in everything if (one.site, one.camera) in cameras]
    assert two_sites.alerts(AlertFilter(), rights, 100)[0] == visible
    assert two_sites.alerts_by_id([one.id for one in everything], rights).keys() == {one.id for one in visible}
    assert sum(two_sites.counts(rights).values()) == len(visible)
    assert {(one.site, one.camera) for one in two_sites.cameras(rights)} == cameras & set(PLACES)
    for one in everything:
        assert rights.cover(one.site, one.camera) == (one in visible)
        assert (two_sites.alert(one.id, rights) is not None) == (one in visible)
    for site in ("bac-giang", "viet-yen"):
        assert rights.touch(site) == any(of == site for of, _ in cameras)


@SAME_STORE
@given(
    field=st.sampled_from(
        ["details", "subject", "rule", "began", "at", "box", "evidence", "severity", "phase", "extra"]
    ),
    value=Json,
)
def test_whatever_passes_the_wire_can_be_stored_and_told(house: House, field: str, value: object) -> None:
    said = json.loads(sample.alert(1).payload()) | {field: value}
    payload = json.dumps(said).encode()
    try:
        message = decode(f"ioc/v1/{SITE}/bg-017/alerts/illegal_parking", payload)
    except WireError:
        return  # what is refused there is the wire's to test
    taken = house.parts.store.take([message], START)
    answer = house.as_("chief").get("/api/v1/alerts")
    assert answer.status_code == 200
    assert taken.refused or str(message.id) in answer.text  # type: ignore[union-attr]


@SAME_STORE
@given(path=st.text(max_size=40), method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"]))
def test_no_path_and_no_method_makes_it_fail(house: House, path: str, method: str) -> None:
    for prefix in ("/api/v1/", "/api/v1/alerts/", "/static/", "/"):
        address = prefix + "".join(letter for letter in path if letter.isprintable()).replace("?", "").replace("#", "")
        if not address.isascii() or address.startswith("//"):
            continue
        answer = house.anybody().request(method, address)
        assert answer.status_code < 500
        assert answer.headers["x-content-type-options"] == "nosniff"


@SAME_STORE
@given(
    numbers=st.lists(st.integers(0, 5), min_size=1, max_size=25),
    limit=st.integers(1, 7),
)
def test_pages_together_are_the_list(store: Store, numbers: list[int], limit: int) -> None:
    # many begin at the same time, so that pages end between equals
    messages = [sample.alert(100 * n + place, began=START + minutes(n)) for place, n in enumerate(numbers)]
    store.take(messages, START)
    whole, _ = store.alerts(AlertFilter(), ALL_CAMERAS, 10_000)
    paged: list[object] = []
    before = None
    while True:
        page, _ = store.alerts(AlertFilter(before=before), ALL_CAMERAS, limit)
        paged += page
        if len(page) < limit:
            break
        before = (page[-1].began, page[-1].id)
    assert paged == whole


def test_a_feed_wakes_listeners_from_any_thread_and_ends() -> None:
    feed = Feed()
    feed.notify()  # before it is open: without effect

    async def follow() -> list[bool]:
        feed.open()
        with feed.listen() as woken:
            thread = threading.Thread(target=feed.notify)
            thread.start()
            await asyncio.wait_for(woken.wait(), 5)
            thread.join()
            woken.clear()
            feed.close()
            return [woken.is_set(), feed.closing]

    assert asyncio.run(follow()) == [True, True]
    feed.notify()  # after its loop is gone: without effect


def test_a_feed_has_room_for_so_many_and_gives_places_back() -> None:
    async def crowd() -> None:
        feed = Feed()
        feed.open()
        places = [feed.listen() for _ in range(MOST_LISTENERS)]
        for place in places:
            place.__enter__()
        assert feed.is_full
        with pytest.raises(FeedFull), feed.listen():
            pass
        places[0].__exit__(None, None, None)
        with feed.listen() as woken:
            assert not woken.is_set()

    asyncio.run(crowd())


def _insert_and_fail(database: Database, failure: Exception | str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO engines VALUES ('s', 'online', '2026-01-01 00:00:00.000000')")
        if isinstance(failure, Exception):
            raise failure
        connection.exec_driver_sql(failure)


def test_a_failed_transaction_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(StoreError, match="no such table"):
        _insert_and_fail(store.database, "INSERT INTO no_such_table VALUES (1)")
    with pytest.raises(ZeroDivisionError):
        _insert_and_fail(store.database, ZeroDivisionError())
    assert store.engines() == {}


def test_a_reader_sees_one_moment(store: Store) -> None:
    store.take([sample.alert(1)], START)
    with store.database.read() as connection:
        count = "SELECT count(*) FROM alerts"
        assert connection.exec_driver_sql(count).scalar() == 1
        store.take([sample.alert(2), sample.alert(1, phase=Phase.CLEARED, after=timedelta(seconds=9))], START)
        assert connection.exec_driver_sql(count).scalar() == 1
        assert connection.exec_driver_sql("SELECT phase FROM alerts").scalar() == "raised"

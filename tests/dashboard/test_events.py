"""The stream of changes, over a real connection: nothing twice, nothing missed, nothing of others' cameras."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx2 as httpx
import pytest

from dashboard.accounts import Accounts
from dashboard.records import ALL_CAMERAS, Rights, Role
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from ioc.types import Phase
from tests.dashboard import sample
from tests.dashboard.house import OTHER, OWN, PASSWORD, sign_in
from tests.dashboard.peers import EventStream, serving
from tests.dashboard.sample import SITE, START, minutes


@pytest.fixture
def people(accounts: Accounts) -> None:
    accounts.create("chief", Role.ADMIN, ALL_CAMERAS, START, chosen=PASSWORD)
    accounts.create("operator", Role.OPERATOR, Rights(frozenset({(SITE, OWN)})), START, chosen=PASSWORD)


@pytest.fixture
def url(settings: DashboardSettings, store: Store, people: None) -> Iterator[str]:
    with serving(settings) as url:
        yield url


@contextmanager
def signed_in(url: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=10) as client:
        sign_in(client, name, PASSWORD).raise_for_status()
        yield client


def _act(client: httpx.Client, number: int, deed: str = "acknowledge", camera: str = OWN) -> None:
    client.post(f"/api/v1/alerts/{sample.alert(number, camera=camera).id}/{deed}", json={}).raise_for_status()


def test_what_happens_is_told_to_all_who_may_see_it(url: str, store: Store) -> None:
    store.take([sample.alert(1), sample.alert(2, camera=OTHER), sample.camera(OWN), sample.camera(OTHER)], START)
    with ExitStack() as stack:
        chief, operator = (stack.enter_context(signed_in(url, name)) for name in ("chief", "operator"))
        theirs, ours = (stack.enter_context(EventStream(client)) for client in (chief, operator))
        assert [one["camera"] for one in theirs.next("cameras").data["cameras"]] == [OWN, OTHER]
        assert [one["camera"] for one in ours.next("cameras").data["cameras"]] == [OWN]
        _act(chief, 2, camera=OTHER)
        _act(chief, 1)
        assert [theirs.next("alert").data["camera"] for _ in range(2)] == [OTHER, OWN]
        first = ours.next("alert")
        assert (first.data["camera"], first.data["state"]) == (OWN, "acknowledged")
        assert first.data == {
            name: value
            for name, value in operator.get(f"/api/v1/alerts/{first.data['id']}").json().items()
            if name != "history"
        }


def test_after_a_gap_the_stream_goes_on_where_it_was(url: str, store: Store) -> None:
    store.take([sample.alert(number) for number in range(5)], START)
    with signed_in(url, "operator") as client:
        shown = client.get("/api/v1/alerts").json()["change"]
        with EventStream(client, after=shown) as stream:
            _act(client, 0)
            seen = stream.next("alert").number
        _act(client, 1)
        _act(client, 1, "close")
        _act(client, 2)
        with EventStream(client, after=shown, last_event_id=str(seen)) as stream:
            told = [stream.next("alert") for _ in range(2)]
            assert [one.data["state"] for one in told] == ["closed", "acknowledged"], "each alert once, as it stands"
            assert seen < told[0].number < told[1].number == store.last_change()
            _act(client, 3)
            assert stream.next("alert").data["id"] == str(sample.alert(3).id)


def test_a_place_that_is_not_known_any_more_starts_the_page_anew(url: str, store: Store) -> None:
    store.take([sample.alert(1)], START)
    with signed_in(url, "operator") as client:
        for place in (10_000, 2**61):
            with EventStream(client, after=place) as stream:
                reset = stream.next("reset")
                assert reset.number == store.last_change()
                _act(client, 1, "close")
                stream.next("cameras")
        with EventStream(client, last_event_id="nonsense") as stream:
            assert stream.next("cameras").number == store.last_change()
        assert client.get("/api/v1/events", params={"after": -1}).status_code == 422


def test_many_changes_come_in_order_and_once(url: str, store: Store) -> None:
    with signed_in(url, "operator") as client, EventStream(client, after=0) as stream:
        for start in range(0, 500, 50):
            store.take([sample.alert(number) for number in range(start, start + 50)], START)
        store.take([sample.alert(600)], START)
        _act(client, 600)  # the store was written by another program: acting here wakes the stream
        told = [stream.next("alert") for _ in range(501)]
        assert [one.number for one in told] == sorted({one.number for one in told})
        assert len({one.data["id"] for one in told}) == 501


def test_a_right_taken_away_is_gone_from_the_stream_too(url: str, store: Store) -> None:
    store.take([sample.alert(number) for number in range(3)], START)
    with signed_in(url, "chief") as chief, signed_in(url, "operator") as operator:
        (user,) = (one for one in chief.get("/api/v1/users").json() if one["name"] == "operator")
        with EventStream(operator) as stream:
            stream.next("cameras")
            _act(chief, 0)
            stream.next("alert")
            chief.patch(f"/api/v1/users/{user['id']}", json={"cameras": [f"{SITE}/{OTHER}"]}).raise_for_status()
            stream.next("reset")
            _act(chief, 1)
            chief.patch(f"/api/v1/users/{user['id']}", json={"active": False}).raise_for_status()
            rest = stream.rest()
        assert [one.name for one in rest if one.name != "cameras"] == ["ended"], "and shutting out ends it"


def test_signing_out_ends_the_stream(url: str) -> None:
    with signed_in(url, "operator") as client, EventStream(client) as stream:
        stream.next("cameras")
        client.delete("/api/v1/session").raise_for_status()
        assert stream.rest()[-1].name == "ended"
        assert client.get("/api/v1/events").status_code == 401


def test_a_later_message_updates_the_row_it_belongs_to(url: str, store: Store, settings: DashboardSettings) -> None:
    store.take([sample.alert(1)], START)
    with signed_in(url, "operator") as client, EventStream(client) as stream:
        stream.next("cameras")
        store.take([sample.alert(1, phase=Phase.CLEARED, after=minutes(2))], START)
        _act(client, 1)
        told = stream.next("alert").data
        assert (told["phase"], told["state"]) == ("cleared", "acknowledged")

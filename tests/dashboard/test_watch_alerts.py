"""Alerts of watch-lists are for the police alone: to see, to follow, to act on."""

from __future__ import annotations

import httpx2 as httpx
import pytest

from dashboard.accounts import Accounts
from dashboard.records import ALL_CAMERAS, WATCH_LIST, AlertFilter, Role
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from tests.dashboard import sample
from tests.dashboard.house import OTHER, OWN, PASSWORD, House, detail, sign_in
from tests.dashboard.peers import EventStream, serving
from tests.dashboard.sample import START
from tests.dashboard.test_watch_intake import POLICE, watch

OTHERS = ("admin", "chief", "operator", "viewer", "engineer")


def raise_two(store: Store, settings: DashboardSettings) -> list[str]:
    """Raise an alert of a watch-list on each of two cameras, and return their ids."""
    watch(store, "98A12345")
    picture = sample.picture(settings.evidence, "pass.jpg")
    passes = [
        sample.alert(number, camera=camera, kind="plate", evidence=(picture,)).model_copy(
            update={"subject": "plate:98A12345"}
        )
        for number, camera in enumerate((OWN, OTHER))
    ]
    store.take([*passes, sample.alert(5, camera=OWN)], START)
    found, _ = store.alerts(AlertFilter(kinds=(WATCH_LIST,)), POLICE, 10)
    return [str(alert.id) for alert in found[::-1]]


@pytest.fixture
def raised(house: House) -> list[str]:
    return raise_two(house.parts.store, house.settings)


def kinds(client: httpx.Client) -> list[str]:
    return [alert["kind"] for alert in client.get("/api/v1/alerts").json()["alerts"]]


def test_the_police_see_them_by_their_cameras(house: House, raised: list[str]) -> None:
    for name in ("officer", "supervisor"):
        assert kinds(house.as_(name)) == ["illegal_parking", WATCH_LIST, WATCH_LIST]
        assert house.as_(name).get("/api/v1/health").json()["alerts"]["new"] == 3
    local = house.as_("local_officer")
    assert kinds(local) == ["illegal_parking", WATCH_LIST]
    own, other = raised
    assert local.get(f"/api/v1/alerts/{own}").json()["details"]["plate"] == "98A12345"
    assert local.get(f"/api/v1/alerts/{own}/evidence/0").status_code == 200
    assert local.get(f"/api/v1/alerts/{other}").status_code == 404
    assert local.get(f"/api/v1/alerts/{other}/evidence/0").status_code == 404


def test_nobody_else_sees_that_there_are_any(house: House, raised: list[str]) -> None:
    for name in OTHERS:
        client = house.as_(name)
        assert WATCH_LIST not in kinds(client)
        assert client.get("/api/v1/health").json()["alerts"]["new"] == (0 if name == "engineer" else 1)
        assert sum(one["count"] for one in client.get("/api/v1/cameras/open").json()) == (name != "engineer")
        for place in (f"alerts/{raised[0]}", f"alerts/{raised[0]}/evidence/0", f"alerts?cursor={raised[0]}"):
            assert client.get(f"/api/v1/{place}").status_code == 404, f"{name}: {place}"
    for deed in ("acknowledge", "close"):
        assert house.as_("chief").post(f"/api/v1/alerts/{raised[0]}/{deed}", json={}).status_code == 404


def test_the_police_act_on_them_and_on_nothing_else(house: House, raised: list[str]) -> None:
    officer = house.as_("officer")
    done = officer.post(f"/api/v1/alerts/{raised[0]}/acknowledge", json={"note": "patrol sent"}).json()
    assert (done["state"], done["acknowledged"]["who"]) == ("acknowledged", "officer")
    assert house.as_("supervisor").post(f"/api/v1/alerts/{raised[0]}/close", json={}).json()["state"] == "closed"
    parked = sample.alert(5, camera=OWN).id
    answer = officer.post(f"/api/v1/alerts/{parked}/acknowledge", json={})
    assert (answer.status_code, "for operators" in detail(answer)) == (403, True)
    assert house.as_("chief").post(f"/api/v1/alerts/{parked}/acknowledge", json={}).status_code == 200


def test_they_are_told_as_they_happen_to_the_police_alone(
    settings: DashboardSettings, store: Store, accounts: Accounts
) -> None:
    for name, role in (("lan", Role.POLICE), ("chief", Role.ADMIN)):
        accounts.create(name, role, ALL_CAMERAS, START, chosen=PASSWORD)
    with serving(settings) as url, httpx.Client(base_url=url) as lan, httpx.Client(base_url=url) as chief:
        for client, name in ((lan, "lan"), (chief, "chief")):
            sign_in(client, name, PASSWORD).raise_for_status()
        with EventStream(lan) as theirs, EventStream(chief) as ours:
            for stream in (theirs, ours):
                stream.next("cameras")
            raise_two(store, settings)
            chief.post(f"/api/v1/alerts/{sample.alert(5).id}/acknowledge", json={}).raise_for_status()
            assert [theirs.next("alert").data["kind"] for _ in range(3)].count(WATCH_LIST) == 2
            assert ours.next("alert").data["kind"] == "illegal_parking"


def test_who_is_no_policeman_any_more_sees_them_no_more(house: House, raised: list[str]) -> None:
    officer, admin = house.as_("officer"), house.as_("admin")
    (user,) = (one for one in admin.get("/api/v1/users").json() if one["name"] == "officer")
    assert officer.get(f"/api/v1/alerts/{raised[0]}").status_code == 200
    admin.patch(f"/api/v1/users/{user['id']}", json={"role": "viewer"}).raise_for_status()
    assert officer.get(f"/api/v1/alerts/{raised[0]}").status_code == 404

"""Records are held for a case by the police, let go by a supervisor, and each of both is written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2 as httpx
import pytest

from dashboard.passwords import Passwords
from dashboard.purge import Purge
from dashboard.settings import DashboardSettings
from ioc import clock
from ioc.retention import Retention
from tests.dashboard import sample
from tests.dashboard.databases import BOTH
from tests.dashboard.house import OTHER, OWN, House, detail
from tests.dashboard.peers import in_parallel
from tests.dashboard.sample import SITE, START
from tests.dashboard.test_plate_search import put, read

WHY = {"purpose": "hit and run", "case": "BG-2026-117"}
OVER = {"purpose": "the case is closed", "case": "BG-2026-117"}
MINE, THEIRS = (read("98A12345", 0, camera, site=SITE) for camera in (OWN, OTHER))


@pytest.fixture
def house(settings: DashboardSettings, passwords: Passwords) -> Iterator[House]:
    house = House(settings, passwords)
    put(house.parts.store, MINE, THEIRS)
    yield house
    house.close()


def hold(house: House, who: str = "officer", record: UUID = MINE.hit, **asked: Any) -> httpx.Response:
    return house.as_(who).post(f"/api/v1/plates/reads/{record}/hold", json={**WHY, **asked})


def release(house: House, number: int, who: str = "supervisor") -> httpx.Response:
    return house.as_(who).post(f"/api/v1/holds/{number}/release", json=OVER)


def held(house: House, who: str = "officer", **asked: Any) -> list[tuple[str, str]]:
    answer = house.as_(who).get("/api/v1/holds", params=asked)
    answer.raise_for_status()
    return [(one["record"], one["case"]) for one in answer.json()["holds"]]


def entries(house: House) -> list[dict[str, Any]]:
    return list(reversed(house.parts.audit.newest(20)))


@BOTH
def test_a_pass_is_held_and_let_go_and_both_are_written_down(house: House) -> None:
    placed = hold(house).json()
    assert (placed["record"], placed["what"], placed["placed_by"]) == (str(MINE.hit), "pass", "officer")
    assert (placed["purpose"], placed["case"], placed["released"]) == (WHY["purpose"], WHY["case"], None)
    assert held(house) == [(str(MINE.hit), WHY["case"])]
    let_go = release(house, placed["id"]).json()
    assert (let_go["released"]["who"], let_go["released"]["note"]) == ("supervisor", OVER["purpose"])
    assert held(house) == []
    told = [(entry["who"], entry["what"], entry["purpose"], entry["details"]) for entry in entries(house)]
    assert told == [
        ("officer", "hold", WHY["purpose"], {"hold": 1, "pass": str(MINE.hit), "plate": "98A12345"}),
        ("supervisor", "release", OVER["purpose"], {"hold": 1, "pass": str(MINE.hit)}),
    ]


def test_an_alert_is_held_too(house: House) -> None:
    message = sample.alert(1, camera=OWN)
    house.parts.store.take([message], START)
    answer = house.as_("officer").post(f"/api/v1/alerts/{message.id}/hold", json=WHY)
    assert answer.json()["what"] == "alert"
    assert held(house, record=message.id) == [(str(message.id), WHY["case"])]
    assert entries(house)[0]["details"] == {
        "hold": 1,
        "alert": str(message.id),
        "kind": "illegal_parking",
        "camera": OWN,
    }


@BOTH
def test_holding_twice_for_one_case_is_holding_once(house: House) -> None:
    assert hold(house).json() == hold(house, purpose="again").json()
    hold(house, "supervisor", case="BG-2026-200")
    assert [case for _, case in held(house, record=MINE.hit)] == ["BG-2026-200", WHY["case"]]
    assert len(entries(house)) == 2
    first = release(house, 1).json()
    assert release(house, 1).json() == first
    assert len(entries(house)) == 3
    assert hold(house).json()["id"] == 3, "what was let go can be held again"


@BOTH
def test_of_many_who_hold_or_let_go_at_once_one_does(house: House) -> None:
    officer = house.as_("officer")
    place = f"/api/v1/plates/reads/{MINE.hit}/hold"
    in_parallel([lambda: officer.post(place, json=WHY)] * 4)
    assert len(held(house)) == len(entries(house)) == 1
    supervisor = house.as_("supervisor")
    in_parallel([lambda: supervisor.post("/api/v1/holds/1/release", json=OVER)] * 4)
    assert (len(held(house)), len(entries(house))) == (0, 2)


@pytest.mark.parametrize("who", ["admin", "chief", "operator", "viewer", "engineer"])
def test_only_the_police_hold(house: House, who: str) -> None:
    message = sample.alert(1, camera=OWN)
    house.parts.store.take([message], START)
    assert hold(house, who).status_code == 403
    assert house.as_(who).post(f"/api/v1/alerts/{message.id}/hold", json=WHY).status_code == 403
    assert house.as_(who).get("/api/v1/holds").status_code == 403
    assert entries(house) == []


@pytest.mark.parametrize("who", ["officer", "admin", "chief"])
def test_only_supervisors_let_go(house: House, who: str) -> None:
    hold(house)
    answer = release(house, 1, who)
    assert answer.status_code == 403
    assert "only supervisors" in detail(answer)
    assert len(held(house)) == 1


def test_whose_camera_it_is_decides(house: House) -> None:
    alert = sample.alert(1, camera=OTHER)
    house.parts.store.take([alert], START)
    hold(house, record=THEIRS.hit)
    hold(house, record=MINE.hit)
    house.as_("officer").post(f"/api/v1/alerts/{alert.id}/hold", json=WHY)
    assert [record for record, _ in held(house, "local_officer")] == [str(MINE.hit)]
    assert held(house, "local_officer", record=THEIRS.hit) == []
    assert hold(house, "local_officer", record=THEIRS.hit).status_code == 404
    assert house.as_("local_officer").post(f"/api/v1/alerts/{alert.id}/hold", json=WHY).status_code == 404
    assert hold(house, record=uuid4()).status_code == 404


@pytest.mark.parametrize("asked", [{"purpose": ""}, {"case": " "}, {"why": "x"}, {"purpose": "a\x00bc"}])
def test_without_a_reason_nothing_is_held(house: House, asked: dict[str, Any]) -> None:
    assert hold(house, **asked).status_code == 422
    assert held(house) == []


@pytest.mark.parametrize("number", [7, 0, -1, 2**63, 2**40])
def test_a_hold_that_is_not_there_is_404(house: House, number: int) -> None:
    assert release(house, number).status_code == 404


def test_the_list_comes_in_pages(house: House) -> None:
    for number in range(5):
        hold(house, case=f"BG-{number}")
    first = house.as_("officer").get("/api/v1/holds", params={"limit": 3}).json()
    rest = house.as_("officer").get("/api/v1/holds", params={"limit": 3, "before": first["next"]}).json()
    assert [one["case"] for one in (*first["holds"], *rest["holds"])] == [f"BG-{number}" for number in range(4, -1, -1)]
    assert rest["next"] is None


def test_what_is_held_outlives_its_time(house: House) -> None:
    hold(house)
    parts = house.parts
    keep = Retention.model_validate({"plates": "P1D"})
    later = clock.now() + timedelta(days=4000)
    work = Purge(parts.store.database, parts.audit, house.settings.evidence, keep)
    assert [(one.name, one.count) for one in work.due(later)] == [("plates", 1), ("alerts", 0)]
    release(house, 1)
    assert work.due(later)[0].count == 2

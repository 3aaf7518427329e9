"""One pass from near: its pictures are for who looked for it, and the log tells of each look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2 as httpx
import pytest

from dashboard.passwords import Passwords
from dashboard.settings import DashboardSettings
from ioc.types import Evidence
from tests.dashboard import sample
from tests.dashboard.house import OTHER, OWN, House, detail
from tests.dashboard.test_plate_search import put, read

WHY = {"purpose": "hit and run", "case": "BG-2026-117"}
FRAME, CROP, LOST = 0, 1, 2


def stored(item: Evidence) -> dict[str, Any]:
    return {"kind": item.kind, "at": item.at.isoformat(), "box": None, "path": item.path, "sha256": item.sha256}


@pytest.fixture
def house(settings: DashboardSettings, passwords: Passwords) -> Iterator[House]:
    house = House(settings, passwords)
    frame = sample.picture(settings.evidence, "frame.jpg")
    crop = replace(sample.picture(settings.evidence, "crop.jpg", hue=90), kind="crop")
    lost = replace(frame, path=None, sha256=None)
    evidence = tuple(stored(item) for item in (frame, crop, lost))
    put(
        house.parts.store,
        read("98A12345", 0, OWN, site="bac-giang", evidence=evidence),
        read("98A12345", 5, OTHER, site="bac-giang", evidence=evidence),
    )
    yield house
    house.close()


def search(house: House, who: str = "officer") -> dict[str, Any]:
    found: dict[str, Any] = house.as_(who).post("/api/v1/plates/search", json=WHY).raise_for_status().json()
    return found


def look(house: House, found: dict[str, Any], who: str = "officer") -> dict[str, Any]:
    place = f"/api/v1/plates/reads/{found['reads'][0]['hit']}"
    seen: dict[str, Any] = house.as_(who).post(place, json={"search": found["search"]}).raise_for_status().json()
    return seen


def picture(house: House, one: dict[str, Any], number: int, entry: int, who: str = "officer") -> httpx.Response:
    return house.as_(who).get(f"/api/v1/plates/reads/{one['hit']}/evidence/{number}", params={"entry": entry})


def test_a_search_opens_the_crops_and_nothing_more(house: House) -> None:
    found = search(house)
    first = found["reads"][0]
    assert [item["kind"] for item in first["evidence"]] == ["frame", "crop", "frame"]
    crop = picture(house, first, CROP, found["search"])
    assert (crop.status_code, crop.headers["content-type"]) == (200, "image/jpeg")
    named = house.as_("officer").get(f"{first['evidence'][CROP]['url']}&entry={found['search']}")
    assert named.content == crop.content
    refused = picture(house, first, FRAME, found["search"])
    assert refused.status_code == 403
    assert "look at the pass first" in detail(refused)


def test_a_look_opens_all_pictures_of_its_pass_alone(house: House) -> None:
    found = search(house)
    seen = look(house, found)
    assert picture(house, seen, FRAME, seen["entry"]).status_code == 200
    assert picture(house, seen, CROP, seen["entry"]).status_code == 200
    assert picture(house, seen, LOST, seen["entry"]).status_code == 404
    assert seen["evidence"][LOST]["url"] is None
    for number in (-1, 3):
        assert picture(house, seen, number, seen["entry"]).status_code == 404
    assert picture(house, found["reads"][1], FRAME, seen["entry"]).status_code == 403, "another pass"


def test_the_look_stands_in_the_log_under_the_search(house: House) -> None:
    found = search(house)
    seen = look(house, found)
    entry = house.parts.audit.entry(seen["entry"])
    assert entry is not None
    assert (entry["what"], entry["case"]) == ("view", WHY["case"])
    assert entry["details"] == {"hit": seen["hit"], "plate": "98A12345", "search": found["search"]}


def test_somebody_elses_entry_opens_nothing(house: House) -> None:
    seen = look(house, search(house))
    assert picture(house, seen, FRAME, seen["entry"], "supervisor").status_code == 403
    assert picture(house, seen, CROP, seen["entry"], "supervisor").status_code == 403
    assert picture(house, seen, FRAME, seen["entry"] + 50).status_code == 403
    for who in ("chief", "admin", "viewer"):
        assert picture(house, seen, FRAME, seen["entry"], who).status_code == 403


def test_a_camera_that_is_taken_away_takes_its_pictures_along(house: House) -> None:
    found = search(house, "local_officer")
    seen = look(house, found, "local_officer")
    assert picture(house, seen, FRAME, seen["entry"], "local_officer").status_code == 200
    (user,) = (one for one in house.as_("admin").get("/api/v1/users").json() if one["name"] == "local_officer")
    house.as_("admin").patch(f"/api/v1/users/{user['id']}", json={"cameras": []}).raise_for_status()
    assert picture(house, seen, FRAME, seen["entry"], "local_officer").status_code == 404
    assert picture(house, seen, CROP, found["search"], "local_officer").status_code == 404


def test_a_picture_that_was_altered_is_not_shown(house: House) -> None:
    seen = look(house, search(house))
    path = house.settings.evidence / "frame.jpg"
    path.write_bytes(path.read_bytes() + b"\x00")
    answer = picture(house, seen, FRAME, seen["entry"])
    assert answer.status_code == 409
    assert "altered" in detail(answer)

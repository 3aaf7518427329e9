"""The police look for plates: only they, only with a reason, only on their cameras, and never unseen."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest

from dashboard.passwords import Passwords
from dashboard.plates_api import as_csv
from dashboard.settings import DashboardSettings
from tests.dashboard.databases import BOTH
from tests.dashboard.house import House, detail
from tests.dashboard.test_plate_search import put, read

WHY = {"purpose": "hit and run", "case": "BG-2026-117"}


@pytest.fixture
def house(settings: DashboardSettings, passwords: Passwords) -> Iterator[House]:
    house = House(settings, passwords)
    put(
        house.parts.store,
        read("98A12345", 0, "bg-017", site="bac-giang", kind="car", details={"upper_len": 8}),
        read("98A12345", 5, "bg-099", site="bac-giang", kind="car", details={"upper_len": 8}),
        read("98B112345", 6, "bg-099", site="bac-giang"),
        read("98A12346", 7, "bg-017", site="bac-giang"),
    )
    yield house
    house.close()


def search(house: House, who: str = "officer", **asked: Any) -> httpx.Response:
    return house.as_(who).post("/api/v1/plates/search", json={**WHY, **asked})


def plates(answer: httpx.Response) -> list[str]:
    answer.raise_for_status()
    return [one["plate"] for one in answer.json()["reads"]]


class TestSearching:
    def test_a_pattern_finds_the_newest_first(self, house: House) -> None:
        assert plates(search(house, plate="98a-???.45")) == ["98A12345", "98A12345"]
        assert plates(search(house, plate="*12345")) == ["98B112345", "98A12345", "98A12345"]
        assert plates(search(house)) == ["98A12346", "98B112345", "98A12345", "98A12345"]

    def test_a_pass_is_shown_as_people_write_it(self, house: House) -> None:
        first = search(house, plate="98A12345", limit=1).json()["reads"][0]
        assert (first["display"], first["province_name"], first["valid"]) == ("98A-123.45", "Bắc Ninh", True)
        assert first["at"] == "2026-03-01T06:05:00.000000Z"

    @BOTH
    def test_pages_follow_by_the_cursor(self, house: House) -> None:
        first = search(house, limit=3).json()
        rest = search(house, limit=3, cursor=first["next"]).json()
        assert len(first["reads"]) == 3
        assert [one["plate"] for one in rest["reads"]] == ["98A12345"]
        assert rest["next"] is None

    @BOTH
    def test_cameras_of_one_name_are_told_apart_by_their_sites(self, house: House) -> None:
        put(house.parts.store, read("29A00001", 8, "bg-017", site="lang-son", kind="car"))
        assert plates(search(house, camera=["bg-017"])) == ["29A00001", "98A12346", "98A12345"]
        assert plates(search(house, site=["lang-son"])) == ["29A00001"]
        assert plates(search(house, site=["bac-giang"], camera=["bg-017"])) == ["98A12346", "98A12345"]
        assert plates(search(house, site=["lang-son"], camera=["bg-099"])) == []

    @BOTH
    def test_a_misread_finds_what_it_may_have_been(self, house: House) -> None:
        answer = search(house, plate="98A-123.45", fuzzy=True).json()
        assert [one["plate"] for one in answer["matches"]][:2] == ["98A12345", "98A12346"]
        assert answer["matches"][0]["cost"] == 0
        assert answer["reads"] == []

    def test_the_pass_that_may_be_misread_can_be_named(self, house: House) -> None:
        passes = {one["plate"]: one["hit"] for one in search(house).json()["reads"]}
        asked: dict[str, Any] = {"plate": "98A-123.45", "fuzzy": True}
        named = search(house, **asked, hit=passes["98A12345"]).json()
        assert "98A12346" in [one["plate"] for one in named["matches"]]
        other = search(house, **asked, hit=passes["98A12346"])
        assert other.status_code == 422
        assert "that pass shows 98A12346" in detail(other)
        assert search(house, **asked, hit=str(uuid4())).status_code == 404

    @pytest.mark.parametrize(
        ("asked", "why"),
        [
            ({"plate": "98A'; --"}, "stands on no plate"),
            ({"plate": "***"}, "at least one letter or digit"),
            ({"plate": "98A*", "fuzzy": True}, "needs the whole plate"),
            ({"fuzzy": True}, "at least one letter or digit"),
        ],
    )
    def test_what_is_no_plate_is_refused_with_the_reason(self, house: House, asked: dict[str, Any], why: str) -> None:
        answer = search(house, **asked)
        assert answer.status_code == 422
        assert why in detail(answer)
        assert house.parts.audit.newest(5) == []

    @pytest.mark.parametrize(
        "asked",
        [{"purpose": ""}, {"purpose": "  \t "}, {"case": "a"}, {"limit": 500}, {"since": "2026-03-01"}, {"x": 1}],
    )
    def test_without_a_reason_or_with_nonsense_nothing_is_searched(self, house: House, asked: dict[str, Any]) -> None:
        assert search(house, **asked).status_code == 422


class TestRights:
    @pytest.mark.parametrize("who", ["admin", "chief", "operator", "viewer", "engineer"])
    def test_only_the_police_may_search(self, house: House, who: str) -> None:
        for route in ("search", "companions", "export"):
            answer = house.as_(who).post(f"/api/v1/plates/{route}", json={**WHY, "plate": "98A12345"})
            assert answer.status_code == 403
        assert house.parts.audit.newest(5) == []

    @BOTH
    def test_an_officer_of_one_camera_finds_its_passes_alone(self, house: House) -> None:
        assert plates(search(house, "local_officer", plate="98A12345")) == ["98A12345"]
        hidden = search(house, "officer", plate="98B112345").json()["reads"][0]["hit"]
        assert search(house, "local_officer", cursor=hidden).status_code == 404

    def test_a_closer_look_needs_a_search_of_ones_own(self, house: House) -> None:
        found = search(house, plate="98A12345").json()
        place = f"/api/v1/plates/reads/{found['reads'][0]['hit']}"
        assert house.as_("officer").post(place, json={"search": found["search"]}).json()["plate"] == "98A12345"
        assert house.as_("supervisor").post(place, json={"search": found["search"]}).status_code == 404
        assert house.as_("officer").post(place, json={"search": found["search"] + 7}).status_code == 404


class TestWrittenDown:
    @BOTH
    def test_each_search_view_and_export_stands_in_the_log(self, house: House) -> None:
        found = search(house, plate="98A*").json()
        officer = house.as_("officer")
        hit = found["reads"][0]["hit"]
        officer.post(f"/api/v1/plates/reads/{hit}", json={"search": found["search"]})
        officer.post("/api/v1/plates/export", json={**WHY, "plate": "98A*"})
        officer.post("/api/v1/plates/companions", json={**WHY, "plate": "98A12345"})
        entries = house.parts.audit.newest(9)[::-1]
        assert [entry["what"] for entry in entries] == ["search", "view", "export", "companions"]
        assert {(entry["who"], entry["purpose"], entry["case"]) for entry in entries} == {
            ("officer", "hit and run", "BG-2026-117")
        }
        assert entries[0]["details"] == {"plate": "98A*", "rows": 3}
        assert entries[1]["details"] == {"hit": hit, "plate": "98A12346", "search": found["search"]}

    @BOTH
    def test_supervisors_read_the_log_and_see_that_it_is_whole(self, house: House) -> None:
        for _ in range(3):
            search(house)
        supervisor = house.as_("supervisor")
        page = supervisor.get("/api/v1/audit", params={"limit": 2}).json()
        assert [entry["number"] for entry in page["entries"]] == [3, 2]
        rest = supervisor.get("/api/v1/audit", params={"before": page["next"]}).json()
        assert [entry["number"] for entry in rest["entries"]] == [1]
        verdict = supervisor.get("/api/v1/audit/verify").json()
        assert (verdict["whole"], verdict["problem"]) == (True, "")
        assert verdict["head"].startswith("3:")

    @pytest.mark.parametrize(
        ("wanted", "numbers"),
        [
            ({"who": "officer"}, [3, 1]),
            ({"what": "companions"}, [3]),
            ({"case": "hồ sơ 7_1"}, [2]),
            ({"case": "2026"}, [3, 1]),
            ({"case": "%"}, []),
            ({"who": "officer", "before": 3}, [1]),
            ({"since": "2020-01-01T00:00:00Z"}, [3, 2, 1]),
            ({"until": "2020-01-01T00:00:00Z"}, []),
        ],
    )
    def test_supervisors_filter_the_log(self, house: House, wanted: dict[str, str], numbers: list[int]) -> None:
        search(house)
        search(house, "supervisor", case="Hồ sơ 7_1")
        house.as_("officer").post("/api/v1/plates/companions", json={**WHY, "plate": "98A12345"}).raise_for_status()
        page = house.as_("supervisor").get("/api/v1/audit", params=wanted).raise_for_status().json()
        assert [entry["number"] for entry in page["entries"]] == numbers

    @pytest.mark.parametrize("who", ["officer", "chief", "viewer", "engineer"])
    def test_nobody_else_reads_the_log(self, house: House, who: str) -> None:
        assert house.as_(who).get("/api/v1/audit").status_code == 403
        assert house.as_(who).get("/api/v1/audit/verify").status_code == 403


class TestExport:
    @BOTH
    def test_a_table_holds_what_was_found(self, house: House) -> None:
        answer = house.as_("officer").post("/api/v1/plates/export", json={**WHY, "plate": "98A12345"})
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [(row["camera"], row["plate"]) for row in rows] == [("bg-099", "98A12345"), ("bg-017", "98A12345")]
        assert answer.headers["content-type"].startswith("text/csv")

    @pytest.mark.parametrize("camera", ["=HYPERLINK(1)", "+1", "-1", "@sum", "\t=1"])
    def test_no_cell_is_a_formula(self, camera: str) -> None:
        (row,) = csv.DictReader(io.StringIO(as_csv([read("98A12345", camera=camera)])))
        assert row["camera"] == f"'{camera}"


@BOTH
class TestCompanions:
    def test_who_goes_along_is_found_and_who_passes_once_is_not(self, house: House) -> None:
        for number, camera in enumerate(("c1", "c2", "c3")):
            at = 60 * number
            put(
                house.parts.store,
                read("29A00001", at, camera),
                read("29A00002", at + 0.5, camera),
                read("29A00003", at + 5, camera),
            )
        put(house.parts.store, read("29A00004", 0.2, "c1"))
        asked = {**WHY, "plate": "29A-000.01", "within_s": 60, "cameras": 2}
        answer = house.as_("officer").post("/api/v1/plates/companions", json=asked).json()
        assert [(one["plate"], one["cameras"]) for one in answer["companions"]] == [("29A00002", 3)]
        assert answer["companions"][0]["latest"]["at"] == "2026-03-01T08:00:30.000000Z"

    def test_a_time_span_bounds_what_is_followed(self, house: House) -> None:
        put(house.parts.store, read("29A00001", 0, "c1"), read("29A00002", 0, "c1"))
        put(house.parts.store, read("29A00001", 90, "c2"), read("29A00002", 90, "c2"))
        asked = {**WHY, "plate": "29A00001", "cameras": 2, "since": "2026-03-01T07:00:00Z"}
        answer = house.as_("officer").post("/api/v1/plates/companions", json=asked).json()
        assert answer["companions"] == []

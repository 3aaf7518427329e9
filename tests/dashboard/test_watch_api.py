"""Watch-lists by the API: whose they are, what may stand on them, and that the log tells of all that is done."""

from __future__ import annotations

from typing import Any

import httpx2 as httpx

from dashboard.records import ALL_CAMERAS, Role
from tests.dashboard.databases import BOTH
from tests.dashboard.house import PASSWORD, House, detail, sign_in
from tests.dashboard.sample import START

STOLEN = {"name": "Stolen", "purpose": "stolen motorcycles", "case": "BG-2026-117"}
LISTS = "/api/v1/watch-lists"


def make(house: House, who: str = "officer", **changes: Any) -> httpx.Response:
    return house.as_(who).post(LISTS, json={**STOLEN, **changes})


def made(house: House, who: str = "officer", **changes: Any) -> str:
    answer = make(house, who, **changes)
    assert answer.status_code == 201, answer.text
    return f"{LISTS}/{answer.json()['id']}"


def put(house: House, place: str, plate: str | int, who: str = "officer", **changes: Any) -> httpx.Response:
    return house.as_(who).post(f"{place}/entries", json={"plate": plate, **changes})


def plates(house: House, place: str, who: str = "officer", **asked: Any) -> list[str]:
    answer = house.as_(who).post(f"{place}/entries/search", json=asked)
    assert answer.status_code == 200, answer.text
    return [entry["plate"] for entry in answer.json()["entries"]]


def logged(house: House) -> list[str]:
    return [str(entry["what"]) for entry in house.parts.audit.newest(100)[::-1]]


def second_officer(house: House) -> httpx.Client:
    house.parts.accounts.create("second", Role.POLICE, ALL_CAMERAS, START, chosen=PASSWORD)
    client = house.anybody()
    sign_in(client, "second", PASSWORD).raise_for_status()
    return client


class TestLists:
    def test_a_list_is_as_it_was_told(self, house: House) -> None:
        told: dict[str, Any] = {"priority": "critical", "misreads": False, "valid_until": "2099-01-01T00:00:00+07:00"}
        view = house.as_("officer").get(made(house, **told)).json()
        assert {name: view[name] for name in STOLEN} == STOLEN
        assert (view["owner"], view["priority"], view["misreads"], view["entries"]) == ("officer", "critical", False, 0)
        assert (view["valid_from"], view["valid_until"]) == (None, "2098-12-31T17:00:00.000000Z")
        assert view["active"]

    def test_a_list_whose_time_is_over_says_so(self, house: House) -> None:
        place = made(house, valid_until="2020-01-01T00:00:00Z")
        assert not house.as_("officer").get(place).json()["active"]

    def test_a_list_is_changed_and_keeps_its_plates(self, house: House) -> None:
        place = made(house)
        put(house, place, "98A-123.45")
        view = house.as_("officer").put(place, json={**STOLEN, "name": "Found", "priority": "low"}).json()
        assert (view["name"], view["priority"], view["entries"]) == ("Found", "low", 1)
        change = house.parts.audit.newest(1)[0]
        assert change["what"] == "watch_change"
        assert change["details"]["before"] == {"name": "Stolen", "priority": "high"}  # type: ignore[index, call-overload]

    @BOTH
    def test_a_list_is_removed_with_its_plates(self, house: House) -> None:
        place = made(house)
        put(house, place, "98A-123.45")
        assert house.as_("officer").delete(place).status_code == 204
        assert house.as_("officer").get(place).status_code == 404
        assert house.as_("officer").get(LISTS).json() == []

    @BOTH
    def test_names_are_taken_once(self, house: House) -> None:
        made(house)
        other = made(house, name="Other")
        assert make(house).status_code == 409
        answer = house.as_("officer").put(other, json=STOLEN)
        assert (answer.status_code, detail(answer)) == (409, "there is a watch-list 'Stolen' already")
        assert house.as_("officer").put(other, json={**STOLEN, "name": "Other"}).status_code == 200
        assert logged(house) == ["watch_make", "watch_make", "watch_change"]

    def test_what_cannot_be_meant_is_refused(self, house: House) -> None:
        for wrong in (
            {"purpose": ""},
            {"case": " "},
            {"name": "  "},
            {"name": "two\nlines"},
            {"name": "x" * 101},
            {"priority": "urgent"},
            {"valid_from": "2026-01-01"},
            {"valid_from": "0001-01-01T00:00:00+07:00"},
            {"valid_from": "2026-02-01T00:00:00Z", "valid_until": "2026-02-01T00:00:00Z"},
            {"more": 1},
        ):
            assert make(house, **wrong).status_code == 422, wrong
        assert house.as_("officer").get(LISTS).json() == []


class TestRights:
    def test_nobody_but_the_police_has_watch_lists(self, house: House) -> None:
        place = made(house)
        for who in ("admin", "chief", "operator", "viewer", "engineer"):
            for answer in (make(house, who), house.as_(who).get(LISTS), house.as_(who).get(place)):
                assert answer.status_code == 403, who

    def test_a_list_is_its_owners_and_supervisors_see_it(self, house: House) -> None:
        place = made(house)
        entry = put(house, place, "98A12345").json()["entry"]["id"]
        other = second_officer(house)
        assert other.get(LISTS).json() == []
        for answer in (
            other.get(place),
            other.put(place, json=STOLEN),
            other.delete(place),
            other.post(f"{place}/entries/search", json={}),
            other.post(f"{place}/entries", json={"plate": "98A12345"}),
            other.delete(f"{place}/entries/{entry}"),
            other.get(f"{place}/export"),
            other.post(f"{place}/import", content=b"plate\n98A1\n", headers={"Content-Type": "text/csv"}),
        ):
            assert answer.status_code == 404, answer.request.method
            assert answer.json() == other.get(f"{LISTS}/999").json(), "not even that it exists"
        assert [one["name"] for one in house.as_("supervisor").get(LISTS).json()] == ["Stolen"]
        assert plates(house, place, "supervisor") == ["98A12345"]

    def test_only_supervisors_give_a_list_to_somebody_else(self, house: House) -> None:
        place = made(house)
        other = second_officer(house)
        assert house.as_("officer").put(place, json={**STOLEN, "owner": "second"}).status_code == 403
        supervisor = house.as_("supervisor")
        house.as_("chief")
        for nobody in ("chief", "nobody"):
            answer = supervisor.put(place, json={**STOLEN, "owner": nobody})
            assert (answer.status_code, "nobody of the police" in detail(answer)) == (422, True)
        assert supervisor.put(place, json={**STOLEN, "owner": "second"}).json()["owner"] == "second"
        assert other.get(place).status_code == 200
        assert house.as_("officer").get(place).status_code == 404


class TestPlates:
    def test_a_plate_is_put_right_and_says_how_people_write_it(self, house: House) -> None:
        place = made(house)
        told = {"note": "  red Wave  ", "priority": "critical", "valid_from": "2026-03-01T00:00:00+07:00"}
        view = put(house, place, "98a - 123.45", **told).json()
        entry = view["entry"]
        assert not view["replaced"]
        assert (entry["plate"], entry["display"], entry["usual"]) == ("98A12345", "98A12345", True)
        assert (entry["note"], entry["priority"]) == ("red Wave", "critical")
        assert (entry["valid_from"], entry["valid_until"]) == ("2026-02-28T17:00:00.000000Z", None)
        assert put(house, place, "98AB12345").json()["entry"]["display"] == "98-AB 123.45"

    def test_a_plate_that_no_plate_of_vietnam_looks_like_is_taken_and_says_so(self, house: House) -> None:
        assert put(house, made(house), "YN 77 KPH").json()["entry"]["usual"] is False

    def test_the_same_plate_is_replaced(self, house: House) -> None:
        place = made(house)
        put(house, place, "98A12345", note="old")
        assert put(house, place, "98A-123.45", note="new").json()["replaced"]
        page = house.as_("officer").post(f"{place}/entries/search", json={}).json()
        assert [entry["note"] for entry in page["entries"]] == ["new"]

    def test_what_is_no_whole_plate_is_refused_with_the_reason(self, house: House) -> None:
        place = made(house)
        for plate, why in (
            ("98A-1??.45", "whole plates, without"),
            ("98A*", "whole plates, without"),
            ("98A", "at least 4 characters"),
            ("98O12345", "cameras read no O"),
            ("<b>98A12345</b>", "stands on no plate"),
            ("=98A12345", "stands on no plate"),
            ("９８A12345\u200b", "stands on no plate"),
            ("", "at least one letter or digit"),
            ("9" * 30, "at most 24"),
        ):
            answer = put(house, place, plate)
            assert (answer.status_code, why in detail(answer)) == (422, True), detail(answer)
        assert plates(house, place) == []

    def test_what_is_no_note_is_refused(self, house: House) -> None:
        place = made(house)
        for note in ("x" * 501, "a\x00b", "a\u202eb", 7):
            assert put(house, place, "98A12345", note=note).status_code == 422, note
        assert put(house, place, 98, note="").status_code == 422

    def test_html_in_a_note_is_text(self, house: House) -> None:
        note = "<img src=x onerror=alert(1)> =1+1"
        assert put(house, made(house), "98A12345", note=f" {note}\n").json()["entry"]["note"] == note

    @BOTH
    def test_a_list_is_looked_through_by_pattern_and_page(self, house: House) -> None:
        place = made(house)
        for plate in ("98A12347", "98A12345", "29C54321", "98A12346"):
            put(house, place, plate)
        assert plates(house, place) == ["29C54321", "98A12345", "98A12346", "98A12347"]
        assert plates(house, place, plate="98a-*") == ["98A12345", "98A12346", "98A12347"]
        first = house.as_("officer").post(f"{place}/entries/search", json={"limit": 3}).json()
        assert plates(house, place, cursor=first["next"]) == ["98A12347"]
        for wrong, status in (({"plate": "a'"}, 422), ({"cursor": 999}, 404), ({"limit": 0}, 422)):
            assert house.as_("officer").post(f"{place}/entries/search", json=wrong).status_code == status

    def test_a_plate_is_taken_off(self, house: House) -> None:
        place = made(house)
        entry = put(house, place, "98A12345").json()["entry"]["id"]
        other = made(house, name="Other")
        assert house.as_("officer").delete(f"{other}/entries/{entry}").status_code == 404, "it stands on another list"
        assert house.as_("officer").delete(f"{place}/entries/{entry}").status_code == 204
        assert house.as_("officer").delete(f"{place}/entries/{entry}").status_code == 404
        assert plates(house, place) == []


def test_all_that_is_done_stands_in_the_log_under_the_lists_purpose(house: House) -> None:
    place = made(house)
    entry = put(house, place, "98A12345", note="red Wave").json()["entry"]["id"]
    plates(house, place, "supervisor", plate="98A*")
    house.as_("officer").delete(f"{place}/entries/{entry}")
    house.as_("officer").delete(place)
    entries = house.parts.audit.newest(100)[::-1]
    assert [(entry["who"], entry["what"]) for entry in entries] == [
        ("officer", "watch_make"),
        ("officer", "watch_put"),
        ("supervisor", "watch_view"),
        ("officer", "watch_take_off"),
        ("officer", "watch_remove"),
    ]
    assert {(entry["purpose"], entry["case"]) for entry in entries} == {(STOLEN["purpose"], STOLEN["case"])}
    assert entries[1]["details"] == {
        "list": 1, "name": "Stolen", "plate": "98A12345", "note": "red Wave", "replaced": 0,
        "priority": None, "valid": {"since": None, "until": None},
    }  # fmt: skip
    assert entries[2]["details"] == {"list": 1, "name": "Stolen", "plate": "98A*", "rows": 1}
    assert house.parts.audit.verify().problem == ""

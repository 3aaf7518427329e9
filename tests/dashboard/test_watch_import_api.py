"""Tables go into a watch-list whole or not at all, unless part of one is asked for; and they come out again."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx2 as httpx
import pytest

from dashboard.watch_table import MOST_BYTES
from tests.dashboard.databases import BOTH
from tests.dashboard.house import House, detail
from tests.dashboard.test_watch_api import logged, made, plates, put

GOOD = "plate;note\n98A-123.45;red\n29C54321;\n"
BAD = "plate,note\n98A12346,\n98A*,\n98A12347,=1+1\n"


def send(house: House, place: str, table: str | bytes, **how: Any) -> httpx.Response:
    content = table.encode() if isinstance(table, str) else table
    headers = {"Content-Type": "text/csv; charset=utf-8"}
    return house.as_("officer").post(f"{place}/import", content=content, headers=headers, params=how)


@pytest.fixture
def place(house: House) -> str:
    return made(house)


def test_a_table_is_taken_and_stands_in_the_log(house: House, place: str) -> None:
    put(house, place, "98A12345", note="old")
    answer = send(house, place, GOOD)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "detail": "plates taken: 2, of them replaced: 1, taken off: 0",
            "taken": 2,
            "replaced": 1,
            "removed": 0,
            "problems": [],
        },
    )
    assert plates(house, place) == ["29C54321", "98A12345"]
    entry = house.parts.audit.newest(2)[1]
    assert entry["what"] == "watch_import"
    digest = hashlib.sha256(GOOD.encode()).hexdigest()
    assert entry["details"] == {
        "list": 1, "name": "Stolen", "taken": 2, "replaced": 1, "removed": 0, "problems": 0, "sha256": digest
    }  # fmt: skip


def test_one_wrong_cell_and_nothing_is_taken_but_every_error_is_told(house: House, place: str) -> None:
    answer = send(house, place, BAD)
    assert answer.status_code == 422
    assert detail(answer).startswith("cells that cannot be used: 2; nothing was taken")
    assert [(one["row"], one["column"]) for one in answer.json()["problems"]] == [(3, "plate"), (4, "note")]
    assert plates(house, place) == []
    assert logged(house) == ["watch_make", "watch_view"]


def test_part_of_a_table_is_taken_when_it_is_asked_for(house: House, place: str) -> None:
    answer = send(house, place, BAD, partial=True)
    assert answer.status_code == 200
    assert answer.json()["detail"] == "plates taken: 1, of them replaced: 0, taken off: 0; cells that cannot be used: 2"
    assert len(answer.json()["problems"]) == 2
    assert plates(house, place) == ["98A12346"]


@BOTH
def test_a_list_can_be_replaced_by_a_table_without_errors(house: House, place: str) -> None:
    for plate in ("98A12345", "98A99999"):
        put(house, place, plate)
    assert send(house, place, BAD, replace=True).status_code == 422
    both = send(house, place, GOOD, replace=True, partial=True)
    assert (both.status_code, "would be lost" in detail(both)) == (422, True)
    assert plates(house, place) == ["98A12345", "98A99999"]
    done = send(house, place, GOOD, replace=True).json()
    assert [done[name] for name in ("taken", "replaced", "removed")] == [2, 1, 1]
    assert plates(house, place) == ["29C54321", "98A12345"]


@pytest.mark.parametrize(
    ("table", "why"), [("", "no column 'plate'"), (b"\xff\xd8\xff", "not UTF-8"), ("plate\n", "no plate below")]
)
def test_what_is_no_table_is_refused_in_one_line(house: House, place: str, table: str | bytes, why: str) -> None:
    answer = send(house, place, table)
    assert (answer.status_code, why in detail(answer)) == (422, True), detail(answer)


def test_other_forms_and_sizes_are_refused_before_they_are_read(house: House, place: str) -> None:
    officer, where = house.as_("officer"), f"{place}/import"
    answer = officer.post(where, json={"plate": "98A12345"})
    assert (answer.status_code, detail(answer)) == (415, "send it as Content-Type: text/csv")
    answer = officer.post(where, content=b" " * (MOST_BYTES + 1), headers={"Content-Type": "text/csv"})
    assert answer.status_code == 413
    assert officer.post("/api/v1/watch-lists", content=GOOD, headers={"Content-Type": "text/csv"}).status_code == 415
    stranger = {"Origin": "http://evil.example", "Content-Type": "text/csv"}
    assert officer.post(where, content=GOOD, headers=stranger).status_code == 403


def test_what_comes_out_goes_in_again(house: House, place: str) -> None:
    for plate, note in (("98A12345", "=1+1"), ("29C54321", "+84 912 345 678"), ("98B12345", "<b>đỏ</b>, 'x'")):
        put(house, place, plate, note=note, valid_until="2026-12-31T00:00:00+07:00", priority="low")
    before = house.as_("officer").post(f"{place}/entries/search", json={}).json()["entries"]
    answer = house.as_("officer").get(f"{place}/export")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert send(house, place, answer.content, replace=True).status_code == 200
    after = house.as_("officer").post(f"{place}/entries/search", json={}).json()["entries"]
    assert [entry | {"id": 0} for entry in after] == [entry | {"id": 0} for entry in before]
    export = next(entry for entry in house.parts.audit.newest(9) if entry["what"] == "watch_export")
    digest = hashlib.sha256(answer.content).hexdigest()
    assert export["details"] == {"list": 1, "name": "Stolen", "rows": 3, "sha256": digest}

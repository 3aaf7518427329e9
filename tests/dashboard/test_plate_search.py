"""Passes of vehicles: written once, and found exactly, by pattern, and among misreads."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from dashboard import plate_search
from dashboard.plate_intake import take_reads
from dashboard.plate_records import PlateRead, ReadFilter
from dashboard.plate_search import likely_plates, newest_reads
from dashboard.plate_texts import ids_of_texts
from dashboard.records import NO_CAMERAS, Rights
from dashboard.schema import plate_places, plate_reads, plates
from dashboard.store import Store
from ioc.plate_confusion import Confusions
from ioc.plate_grammar import CHARACTERS
from ioc.plate_pattern import parse_pattern
from tests.dashboard.databases import BOTH

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
NAMESPACE = UUID("6f1b9a52-0f0e-4a30-9a41-6d35d3a8a001")
MEASURED = Confusions({**{(own, own): 1000 for own in CHARACTERS}, ("8", "B"): 50, ("1", ""): 30, ("5", "6"): 40})


def read(text: str, minute: float = 0, camera: str = "c1", **changes: Any) -> PlateRead:
    at = START + timedelta(minutes=minute)
    values: dict[str, Any] = {
        "hit": uuid5(NAMESPACE, f"{text} {camera} {at}"),
        "text": text,
        "site": "bg",
        "camera": camera,
        "at": at,
        "vehicle": "motorcycle",
        "colour": "white",
        "kind": "moto_letterdigit",
        "province": "98",
        "direction": None,
        "score": 0.9,
        **changes,
    }
    return PlateRead(**values)


def put(store: Store, *reads: PlateRead) -> int:
    with store.database.write() as connection:
        return len(take_reads(connection, reads))


def texts(store: Store, typed: str | None, limit: int = 50, **wanted: Any) -> list[str]:
    pattern = parse_pattern(typed) if typed else None
    with store.database.read() as connection:
        found = newest_reads(connection, pattern, ReadFilter(**wanted), limit)
        return [own.text for own in found]


def likely(store: Store, text: str, limit: int = 5, **wanted: Any) -> list[tuple[str, float]]:
    with store.database.read() as connection:
        found = likely_plates(connection, text, MEASURED, ReadFilter(**wanted), limit)
        return [(match.text, round(match.cost, 2)) for match in found]


@pytest.fixture
def filled(store: Store) -> Store:
    put(
        store,
        read("98A12345", 0),
        read("98A12345", 30, "c2", vehicle="car", colour="yellow", kind="car", direction="in"),
        read("98B112345", 10),
        read("99A10045", 20, province="99", colour="blue"),
        read("29C54321", 40, "c2", province="29"),
    )
    return store


@BOTH
class TestWriting:
    def test_a_pass_is_written_once_however_often_it_comes(self, store: Store) -> None:
        assert put(store, read("98A12345"), read("98A12345"), read("98A12345", 1)) == 2
        assert put(store, read("98A12345"), read("98A12345", 2)) == 1
        assert texts(store, "98A12345") == ["98A12345"] * 3

    def test_a_text_and_a_camera_are_kept_once(self, store: Store) -> None:
        put(store, *(read("98A12345", minute) for minute in range(5)))
        put(store, *(read("98A12345", minute) for minute in range(5, 9)), read("98A1", 3, "c2"))
        with store.database.read() as connection:
            counts = [
                connection.scalar(select(func.count()).select_from(table))
                for table in (plates, plate_places, plate_reads)
            ]
        assert counts == [2, 2, 10]

    def test_all_that_was_told_of_a_pass_comes_back(self, store: Store) -> None:
        told = read(
            "98A12345",
            1.5,
            box=(0.1, 0.2, 0.3, 0.4),
            direction="out",
            details={"raw": "98A1234S", "alternatives": [["98A12346", 0.2]]},
            evidence=({"kind": "frame", "seq": 7},),
        )
        put(store, told)
        with store.database.read() as connection:
            assert newest_reads(connection, None, ReadFilter(), 5) == [told]

    def test_nothing_is_nothing(self, store: Store) -> None:
        assert put(store) == 0
        assert texts(store, None) == []


class TestPatterns:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("98A-123.45", ["98A12345", "98A12345"]),
            ("98a12345", ["98A12345", "98A12345"]),
            ("98A1234", []),
            ("*12345", ["98A12345", "98B112345", "98A12345"]),
            ("9?A1????", ["98A12345", "99A10045", "98A12345"]),
            ("98*", ["98A12345", "98B112345", "98A12345"]),
            ("*10*", ["99A10045"]),
            ("?9*1", ["29C54321"]),
            ("*2*3*", ["29C54321", "98A12345", "98B112345", "98A12345"]),
        ],
    )
    def test_the_newest_that_fit_come_first(self, filled: Store, typed: str, found: list[str]) -> None:
        assert texts(filled, typed) == found

    @BOTH
    @pytest.mark.parametrize("typed", [None, "98A*", "*45"])
    def test_pages_follow_each_other_without_a_gap(self, filled: Store, typed: str | None) -> None:
        pattern = parse_pattern(typed) if typed else None
        with filled.database.read() as connection:
            whole = newest_reads(connection, pattern, ReadFilter(), 50)
            paged: list[PlateRead] = []
            while page := newest_reads(
                connection, pattern, ReadFilter(before=(paged[-1].at, paged[-1].hit) if paged else None), 1
            ):
                paged += page
        assert paged == whole

    @BOTH
    def test_passes_of_one_moment_are_paged_by_their_ids(self, store: Store) -> None:
        put(store, *(read(f"98A1234{digit}") for digit in range(6)))
        with store.database.read() as connection:
            first = newest_reads(connection, None, ReadFilter(), 4)
            rest = newest_reads(connection, None, ReadFilter(before=(first[-1].at, first[-1].hit)), 4)
        assert len({own.hit for own in (*first, *rest)}) == 6

    @pytest.mark.parametrize(("many", "newest"), [(2000, 100_000), (0, 100_000), (0, 1), (0, 3)])
    def test_whichever_way_it_is_looked_up_the_answer_is_the_same(
        self, filled: Store, monkeypatch: pytest.MonkeyPatch, many: int, newest: int
    ) -> None:
        monkeypatch.setattr(plate_search, "MANY", many)
        monkeypatch.setattr(plate_search, "NEWEST", newest)
        assert texts(filled, "*12345", limit=2) == ["98A12345", "98B112345"]
        assert texts(filled, "98*") == ["98A12345", "98B112345", "98A12345"]
        assert texts(filled, "*10*") == ["99A10045"]
        assert texts(filled, "98*", cameras=("c1",)) == ["98B112345", "98A12345"]

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(typed=st.text("89A1?*", min_size=1, max_size=6).filter(lambda text: text.strip("?*")))
    def test_a_pattern_finds_what_it_matches(self, store: Store, typed: str) -> None:
        known = [left + right for left in ("98A", "99A", "89A", "8A") for right in ("1", "11", "819", "91A")]
        put(store, *(read(text, number) for number, text in enumerate(known)))
        expression = re.compile(parse_pattern(typed).text.replace("?", ".").replace("*", ".*"))
        assert sorted(texts(store, typed)) == sorted(filter(expression.fullmatch, known))

    def test_a_hostile_pattern_takes_no_time(self, store: Store) -> None:
        put(store, *(read("A" * 23 + digit) for digit in "0123456789"))
        began = time.perf_counter()
        assert texts(store, "*A" * 11 + "*B") == []
        assert time.perf_counter() - began < 5


class TestFilters:
    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({"cameras": ("c2",)}, ["29C54321", "98A12345"]),
            ({"cameras": ("c9",)}, []),
            ({"vehicles": ("car",)}, ["98A12345"]),
            ({"colours": ("yellow", "blue")}, ["98A12345", "99A10045"]),
            ({"kinds": ("car",)}, ["98A12345"]),
            ({"provinces": ("99", "29")}, ["29C54321", "99A10045"]),
            ({"directions": ("in",)}, ["98A12345"]),
            ({"since": START + timedelta(minutes=30)}, ["29C54321", "98A12345"]),
            ({"until": START + timedelta(minutes=10)}, ["98A12345"]),
            ({"rights": Rights(frozenset({("bg", "c2")}))}, ["29C54321", "98A12345"]),
            ({"rights": Rights(frozenset({("elsewhere", "c2")}))}, []),
            ({"rights": NO_CAMERAS}, []),
        ],
    )
    def test_only_what_is_wanted_and_may_be_seen_is_found(
        self, filled: Store, wanted: dict[str, Any], found: list[str]
    ) -> None:
        assert texts(filled, None, **wanted) == found
        assert texts(filled, "*1*", **wanted) == found  # which all of them fit

    @BOTH
    def test_rights_hold_for_every_way_to_search(self, filled: Store) -> None:
        only = Rights(frozenset({("bg", "c2")}))
        assert texts(filled, "98A12345", rights=only) == ["98A12345"]
        assert texts(filled, "*12345", rights=only) == ["98A12345"]
        assert [text for text, _ in likely(filled, "9BA12345", rights=only)] == ["98A12345"]


@BOTH
class TestMisreads:
    @pytest.fixture
    def misread(self, store: Store) -> Store:
        reads = ("98A12345", "9BA12345", "98A12346", "98A2345", "98A72345", "9BA12346", "51F99999")
        put(store, *(read(text, number) for number, text in enumerate(reads)))
        return store

    def test_the_likeliest_misreads_come_first(self, misread: Store) -> None:
        found = likely(misread, "98A12345", 10)
        assert [text for text, _ in found] == ["98A12345", "9BA12345", "98A12346", "98A2345", "9BA12346", "98A72345"]
        assert [cost for _, cost in found] == sorted(cost for _, cost in found)
        assert found[0][1] == 0

    def test_what_is_far_is_not_found(self, misread: Store) -> None:
        assert likely(misread, "30E00000") == []

    def test_a_limit_keeps_the_likeliest(self, misread: Store) -> None:
        assert [text for text, _ in likely(misread, "98A12345", 2)] == ["98A12345", "9BA12345"]

    def test_each_match_shows_its_newest_wanted_pass(self, misread: Store) -> None:
        put(misread, read("9BA12345", 100), read("9BA12345", 200, "c2"))
        for wanted, minute in ((ReadFilter(), 200), (ReadFilter(cameras=("c1",)), 100)):
            with misread.database.read() as connection:
                found = likely_plates(connection, "98A12345", MEASURED, wanted, 9)
            (match,) = (own for own in found if own.text == "9BA12345")
            assert match.latest.at == START + timedelta(minutes=minute)

    def test_a_plate_that_passes_often_is_rather_misread_than_one_seen_once(self, store: Store) -> None:
        put(store, *(read("98A12346", minute) for minute in range(9)), read("98A12342", 60), read("98A12345", 70))
        assert [text for text, _ in likely(store, "98A12345")] == ["98A12345", "98A12346", "98A12342"]

    def test_of_a_plate_that_passes_often_the_rare_ones_are_misreads(self, store: Store) -> None:
        put(store, *(read("98A12345", minute) for minute in range(40)))
        put(store, read("9BA12345", 50), *(read("98A12346", minute) for minute in range(60, 100)))
        assert [text for text, _ in likely(store, "98A12345")] == ["98A12345", "9BA12345", "98A12346"]

    def test_where_the_reader_was_unsure_an_error_is_likelier(self, store: Store) -> None:
        sure, unsure = [0.9995] * 8, [0.9995] * 7 + [0.5]
        put(store, read("98A12345", 0, details={"scores": sure}), read("98A12345", 5, details={"scores": unsure}))
        put(store, read("98A12347", 10), read("48A12345", 20))
        assert [text for text, _ in likely(store, "98A12345")] == ["98A12345", "98A12347", "48A12345"]

    def test_a_pass_that_may_be_misread_can_be_named(self, store: Store) -> None:
        first = read("98A12345", 0, details={"scores": [0.4] + [0.9995] * 7})
        last = read("98A12345", 5, details={"scores": [0.9995] * 7 + [0.5]})
        put(store, first, last, read("98A12347", 10), read("48A12345", 20))
        for seen, best in ((first, "48A12345"), (last, "98A12347"), (None, "48A12345")):
            with store.database.read() as connection:
                found = likely_plates(connection, "98A12345", MEASURED, ReadFilter(), 5, seen)
            assert found[1].text == best

    def test_what_was_read_in_the_named_pass_alone_is_what_is_in_doubt(self, store: Store) -> None:
        seen = read("9BA12345", 0)
        put(store, seen, read("98A12345", 5))
        for again, expected in ((None, ["98A12345"]), (read("9BA12345", 9), ["9BA12345", "98A12345"])):
            put(store, *([again] if again else []))
            with store.database.read() as connection:
                found = likely_plates(connection, "9BA12345", MEASURED, ReadFilter(), 5, seen)
            assert [match.text for match in found] == expected

    @pytest.mark.parametrize("scores", [None, "high", [0.5], [0.5] * 7 + ["low"]])
    def test_scores_that_tell_nothing_are_left_out(self, store: Store, scores: Any) -> None:
        put(store, read("98A12345", details={"scores": scores}), read("98A12347", 10), read("48A12345", 20))
        assert [text for text, _ in likely(store, "98A12345")] == ["98A12345", "48A12345", "98A12347"]

    def test_a_plate_on_another_kind_of_vehicle_is_less_likely_the_one(self, store: Store) -> None:
        told: dict[str, Any] = {"details": {"scores": [0.9] * 8}}
        put(store, read("98A12345", 0, vehicle="car", colour="yellow", **told))
        put(store, *(read("98A12347", minute, vehicle="motorcycle") for minute in range(5, 9)))
        put(store, read("98A12342", 1, vehicle="car", colour="yellow"), read("98A12349", 2, vehicle="car"))
        assert [text for text, _ in likely(store, "98A12345")][:2] == ["98A12345", "98A12342"]

    def test_a_vehicle_that_could_not_be_told_counts_neither_way(self, store: Store) -> None:
        told: dict[str, Any] = {"details": {"scores": [0.9] * 8}}
        put(store, read("98A12345", 0, vehicle="unknown", colour="unknown", **told))
        put(store, *(read("98A12347", minute, vehicle="motorcycle") for minute in range(5, 9)))
        put(store, read("98A12342", 1, vehicle="unknown", colour="unknown"))
        assert [text for text, _ in likely(store, "98A12345")][:2] == ["98A12345", "98A12347"]

    def test_a_text_without_passes_is_no_match(self, store: Store) -> None:
        with store.database.write() as connection:
            ids_of_texts(connection, {"98A12345", "9BA12345"})
        put(store, read("98A12346"))
        assert [text for text, _ in likely(store, "98A12345")] == ["98A12346"]

    def test_a_text_with_letters_that_no_plate_bears_is_looked_for_all_the_same(self, store: Store) -> None:
        put(store, read("98A12340"))
        assert [text for text, _ in likely(store, "98A1234O")] == ["98A12340"]

    def test_of_equal_costs_the_newer_comes_first(self, store: Store) -> None:
        put(store, read("98A12347", 0), read("98A12342", 9), read("98A12349", 5))
        assert [text for text, _ in likely(store, "98A12340")] == ["98A12342", "98A12349", "98A12347"]

"""What anybody may type or send about plates: it is taken, flagged or refused in a line, and nothing falls over."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.wire import AlertMessage, decode
from dashboard import plates_api
from dashboard.passwords import Passwords
from dashboard.plate_records import ReadFilter
from dashboard.plate_search import likely_plates, newest_reads, read_with
from dashboard.plate_views import ReadView
from dashboard.plates_api import as_csv
from dashboard.records import ALL_CAMERAS
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from ioc.plate_confusion import Confusions
from ioc.plate_pattern import Pattern
from ioc.types import Json
from tests.dashboard import sample
from tests.dashboard.databases import BOTH
from tests.dashboard.house import House, detail
from tests.dashboard.sample import SITE, START
from tests.dashboard.test_plate_search import put, read

WHY = {"purpose": "hit and run", "case": "BG-2026-117"}
HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE plates; --",
    "%_%",
    "*9*8*A*1*2*3*4*5*6*",
    "?" * 24,
    "=HYPERLINK(1)",
    "\u202e54321A89",
    "９８Ａ１２３４５",
    "🚗" * 20,
    "ßﬁİ",
    "98A\x0012345",
    "\ud800",
    "x" * 99,
    "x" * 60_000,
    "\n",
    "粤B12345",
]
FORGIVING = hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NAMES = ("raw", "scores", "alternatives", "upper_len", "kind", "province", "colour", "vehicle", "direction", "score")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=30),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.sampled_from(["a", "<b>"]), inner),
    max_leaves=9,
)
DETAILS = st.dictionaries(st.sampled_from(NAMES), JSON)


@pytest.fixture
def house(settings: DashboardSettings, passwords: Passwords) -> Iterator[House]:
    house = House(settings, passwords)
    put(house.parts.store, read("98A12345", 0, "bg-017", site=SITE), read("29C54321", 1, "bg-099", site=SITE))
    yield house
    house.close()


def post(house: House, path: str, body: object) -> httpx.Response:
    """Ask as somebody does who writes their own JSON: half a pair of surrogates is sent as such."""
    headers = {"Content-Type": "application/json"}
    return house.as_("officer").post(f"/api/v1/plates/{path}", content=json.dumps(body), headers=headers)


def told(subject: str = "plate:98A12345", details: Mapping[str, Json] | None = None, **changes: Any) -> AlertMessage:
    """Return a message of a pass as it comes from the wire; its id is what its fields make."""
    message = sample.alert(1, kind="plate").model_copy(update={"subject": subject, "details": details or {}, **changes})
    message = message.model_copy(update={"id": message.computed_id})
    return decode(message.topic, message.payload())  # type: ignore[return-value]


class TestAsked:
    @BOTH
    @pytest.mark.parametrize("route", ["search", "companions", "export"])
    def test_every_field_takes_or_refuses_any_text(self, house: House, route: str) -> None:
        for text in HOSTILE:
            for field in ("plate", "purpose", "case", "vehicle", "camera", "province", "cursor", "since"):
                value = [text] if field in {"vehicle", "camera", "province"} else text
                answer = post(house, route, {**WHY, "plate": "98A12345", field: value})
                assert answer.status_code in {200, 413, 422}, (field, text[:40])
                assert answer.status_code == 200 or "\n" not in detail(answer)
        assert house.parts.audit.verify().problem == ""

    @pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-03-01T00:00:00"])
    def test_times_that_no_clock_shows_are_refused(self, house: House, time: str) -> None:
        for field in ("since", "until"):
            assert post(house, "search", {**WHY, field: time}).status_code == 422
            answer = house.as_("supervisor").get("/api/v1/audit", params={field: time})
            assert answer.status_code == 422
            assert field in detail(answer)

    def test_a_cursor_that_is_made_up_finds_nothing(self, house: House) -> None:
        for cursor, status in (("0" * 32, 404), (str(read("x").hit), 404), ("7", 422), ([], 422)):
            assert post(house, "search", {**WHY, "cursor": cursor}).status_code == status

    @pytest.mark.parametrize("field", ["camera", "vehicle", "colour", "kind", "province", "direction"])
    def test_lists_have_an_end(self, house: House, field: str) -> None:
        assert post(house, "search", {**WHY, field: ["a"] * 200}).status_code == 200
        assert post(house, "search", {**WHY, field: ["a"] * 201}).status_code == 422

    def test_what_is_too_much_for_one_export_is_refused_and_not_cut_off(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(house.parts.store, *(read("98A12345", minute, site=SITE) for minute in range(10, 14)))
        monkeypatch.setattr(plates_api, "EXPORTED", 4)
        answer = post(house, "export", {**WHY, "plate": "98A12345"})
        assert answer.status_code == 422
        assert detail(answer) == "more than 4 passes fit, too many for one export: ask for less time"
        assert house.parts.audit.newest(5) == []
        answer = post(house, "export", {**WHY, "plate": "98A12345", "since": "2026-03-01T06:01:00Z"})
        assert len(answer.text.splitlines()) == 5


class TestTold:
    @pytest.mark.parametrize(
        "subject",
        ["98A12345", "plate:", "plate:98a12345", "plate:98A-123.45", "plate:粤B12345", "plate:９８Ａ", "plate:<b>"],
    )
    def test_a_subject_that_is_no_canonical_text_is_refused_and_told(self, store: Store, subject: str) -> None:
        taken = store.take([told(subject), told()], START)
        assert [line.endswith("no plate such as 'plate:98A12345'") for line in taken.refused] == [True]
        assert self.texts(store) == ["98A12345"], "what came with it is kept"

    @pytest.mark.parametrize("text", ["0", "AB123CD", "B8888", "ABC1234", "W12345X", "9" * 24])
    def test_plates_of_other_countries_are_kept_and_flagged(self, store: Store, text: str) -> None:
        store.take([told(f"plate:{text}")], START)
        with store.database.read() as connection:
            (own,) = newest_reads(connection, Pattern(text), ReadFilter(), 5)
        view = ReadView.of(own)
        assert (view.plate, view.valid, view.province_name) == (text, False, None)

    @FORGIVING
    @given(details=DETAILS)
    @example(details={"scores": [2**53 - 1] * 8, "upper_len": True, "score": True})
    @example(details={"scores": [-1e308] * 8, "upper_len": -5, "score": 1e-320, "kind": "=1", "colour": "\t=1"})
    @example(details={"scores": [None] * 8, "upper_len": 2**53 - 1, "vehicle": "<b>", "province": "Đ₫"})
    def test_whatever_the_details_say_a_pass_can_be_found_shown_and_exported(
        self, store: Store, details: dict[str, Json]
    ) -> None:
        message = told(details=details, began=START - timedelta(seconds=next(self.counter)))
        assert store.take([message], START).refused == ()
        with store.database.read() as connection:
            own = read_with(connection, message.id, ALL_CAMERAS)
            assert own is not None
            likely_plates(connection, own.text, Confusions.measured(), ReadFilter(), 5)
        assert own.details == details
        assert 0 <= own.score <= 1
        assert ReadView.of(own).model_dump_json()
        (row,) = csv.DictReader(io.StringIO(as_csv([own])))
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())

    counter = itertools.count()

    @staticmethod
    def texts(store: Store) -> list[str]:
        with store.database.read() as connection:
            return [own.text for own in newest_reads(connection, None, ReadFilter(), 99)]

"""Passes of vehicles that are watched for raise alerts, as the dashboard takes them in."""

from __future__ import annotations

import re
import time
from typing import Any, cast

import pytest
from sqlalchemy import select

from alerts.wire import AlertMessage
from dashboard.database import Database
from dashboard.plate_intake import read_of
from dashboard.records import WATCH_LIST, AlertFilter, Rights, StoredAlert
from dashboard.schema import watch_hits
from dashboard.store import Store
from dashboard.watch_intake import matches_of
from dashboard.watch_records import EntryDraft, ListDraft, Span
from dashboard.watch_store import add_list, clear, put_entries
from ioc.types import Json, Severity
from tests.dashboard import sample
from tests.dashboard.databases import BOTH
from tests.dashboard.sample import START, minutes
from tests.dashboard.test_plate_intake import passing

STOLEN = ListDraft("Stolen", "officer", "stolen motorcycles", "BG-2026-117")
POLICE = Rights(None, watch_lists=True)
SURE: dict[str, Any] = {"scores": [0.999] * 8, "alternatives": []}


def watch(store: Store, *plates: str | EntryDraft, **told: Any) -> int:
    draft = ListDraft(**{**{name: getattr(STOLEN, name) for name in STOLEN.__slots__}, **told})
    entries = [plate if isinstance(plate, EntryDraft) else EntryDraft(plate) for plate in plates]
    with store.database.write() as connection:
        list_id = add_list(connection, draft, START)
        put_entries(connection, list_id, entries, START)
    return list_id


def take(store: Store, *messages: AlertMessage) -> list[StoredAlert]:
    """Take messages in, and return the alerts of watch-lists, oldest first."""
    taken = store.take(messages, START)
    assert taken.refused == ()
    found, _ = store.alerts(AlertFilter(kinds=(WATCH_LIST,)), POLICE, 1000)
    return found[::-1]


def said(alert: StoredAlert) -> tuple[object, ...]:
    return tuple(alert.details[name] for name in ("match", "plate", "read", "reason"))


@BOTH
def test_a_watched_plate_raises_an_alert_with_all_that_is_known(store: Store) -> None:
    number = watch(store, EntryDraft("98A12345", "red, dent on the left", Severity.CRITICAL), "29C54321")
    message = passing(**SURE)
    (alert,) = take(store, message, passing(1, "98A99999", **SURE))
    assert (alert.kind, alert.subject, alert.rule) == ("watch_list", "plate:98A12345", f"watch_list:{number}")
    assert (alert.site, alert.camera, alert.began, alert.at) == (message.site, message.camera, START, START)
    assert (alert.severity, alert.phase, alert.state, alert.box) == ("critical", "raised", "new", message.box)
    assert said(alert) == ("exact", "98A12345", "98A12345", "98A12345 was read")
    assert {name: alert.details[name] for name in ("list", "purpose", "case", "note", "hit", "vehicle", "colour")} == {
        "list": "Stolen", "purpose": "stolen motorcycles", "case": "BG-2026-117", "note": "red, dent on the left",
        "hit": str(message.id), "vehicle": "car", "colour": "white",
    }  # fmt: skip


def test_the_passs_pictures_are_the_alerts(store: Store, settings: Any) -> None:
    watch(store, "98A12345")
    picture = sample.picture(settings.evidence, "pass.jpg")
    message = sample.alert(kind="plate", evidence=(picture,)).model_copy(update={"subject": "plate:98A12345"})
    (alert,) = take(store, message)
    assert [(item["path"], item["sha256"]) for item in alert.evidence] == [("pass.jpg", picture.sha256)]


@BOTH
def test_a_page_follows_the_alert_and_a_pass_that_comes_again_raises_no_other(store: Store) -> None:
    watch(store, "98A12345")
    before = store.last_change()
    (alert,) = take(store, passing(**SURE))
    assert [change.alert for change in store.changes(before, 10) or ()] == [alert.id]
    assert len(take(store, passing(**SURE))) == 1
    assert len(take(store, passing(1, **SURE))) == 2, "another pass is another alert"


def test_two_passes_of_one_moment_are_two_alerts(store: Store) -> None:
    watch(store, "98B12345")
    passes = [passing(0, "98B12345", **SURE), passing(0, "98812345", scores=[], alternatives=[])]
    alerts = take(store, *(own.model_copy(update={"id": own.computed_id}) for own in passes))
    assert {alert.details["read"] for alert in alerts} == {"98B12345", "98812345"}


def test_each_list_raises_its_own_alert(store: Store) -> None:
    watch(store, "98A12345")
    watch(store, "98A12345", name="Unpaid", priority=Severity.LOW)
    alerts = take(store, passing(**SURE))
    assert {(alert.details["list"], alert.severity) for alert in alerts} == {("Stolen", "high"), ("Unpaid", "low")}


def test_changes_hold_from_the_next_pass_on(store: Store) -> None:
    assert take(store, passing(0, **SURE)) == []
    number = watch(store, "98A12345")
    assert len(take(store, passing(1, **SURE))) == 1
    with store.database.write() as connection:
        clear(connection, number)
    assert len(take(store, passing(2, **SURE))) == 1


@pytest.mark.parametrize("where", ["list", "entry"])
def test_dates_are_held_against_the_time_of_the_pass(store: Store, where: str) -> None:
    spans = [(None, None), (0, 1), (1, None), (None, 0), (-2, -1)]
    for number, minute in enumerate(spans):
        span = Span(*(None if own is None else START + minutes(own) for own in minute))
        if where == "list":
            watch(store, "98A12345", name=str(number), valid=span)
        else:
            watch(store, EntryDraft("98A12345", valid=span), name=str(number))
    assert {alert.details["list"] for alert in take(store, passing(**SURE))} == {"0", "1"}


class TestMisreads:
    def test_a_common_misread_is_matched_with_the_reason(self, store: Store) -> None:
        watch(store, "98B12345")
        (alert,) = take(store, passing(0, "98812345", scores=[], alternatives=[]))
        match, plate, read, reason = said(alert)
        assert (match, plate, read) == ("misread", "98B12345", "98812345")
        assert re.fullmatch(r"98812345 was read, but B is taken for 8 about once in \d+", str(reason))
        (error,) = cast("list[dict[str, Json]]", alert.details["errors"])
        assert (error["shown"], error["read"]) == ("B", "8")

    def test_a_reader_that_was_sure_is_believed(self) -> None:
        unsure, sure = (
            matches_of(read_of(passing(0, "98812345", scores=[score] * 8, alternatives=[]))) for score in (0.9, 0.9999)
        )
        assert "98B12345" in unsure
        assert "98B12345" not in sure

    def test_the_readers_second_thought_is_matched(self, store: Store) -> None:
        watch(store, "98A12399")
        thoughts = [["98A12345", 8, 0.6], ["98A12399", 8, 0.12], ["98A-123.45", 3, 0.1]]
        (alert,) = take(store, passing(0, score=0.6, scores=[0.999] * 8, alternatives=thoughts))
        assert said(alert)[:3] == ("alternative", "98A12399", "98A12345")
        assert str(said(alert)[3]).endswith("98A12399 was thought of as well, 5.0 times less likely")

    def test_what_was_hardly_thought_of_is_not(self, store: Store) -> None:
        watch(store, "98A12399")
        assert take(store, passing(0, score=0.9, scores=[1.0] * 8, alternatives=[["98A12399", 8, 0.001]])) == []

    def test_a_list_of_exact_plates_knows_no_misreads(self, store: Store) -> None:
        watch(store, "98B12345", misreads=False)
        told: dict[str, Any] = {"score": 0.6, "scores": [], "alternatives": [["98B12345", 8, 0.5]]}
        assert take(store, passing(0, "98812345", **told)) == []
        assert len(take(store, passing(1, "98B12345"))) == 1

    def test_one_list_raises_one_alert_for_the_likeliest_of_its_plates(self, store: Store) -> None:
        watch(store, "98B12345", "98812345")
        (alert,) = take(store, passing(0, "98812345", scores=[], alternatives=[]))
        assert said(alert)[:2] == ("exact", "98812345")

    def test_details_of_any_other_form_match_nothing_and_break_nothing(self, store: Store) -> None:
        watch(store, "98A12345")
        odd: list[Any] = [None, 7, [], ["98A12345"], [["98A12345"], 0.5], ["98A12345", -1], {}]
        long: list[Any] = [["9" * 5000, 0.5], ["", 0.5], ["\u202e98A12346", 0.5]]
        details: list[dict[str, Any]] = [
            {"alternatives": "98A12345", "scores": "high"},
            {"alternatives": odd, "scores": {}},
            {"alternatives": [["98A12345", 0.5]], "score": 0},
            {"alternatives": long, "scores": [1] * 9},
        ]
        passes = [passing(number, "29C54321", **told) for number, told in enumerate(details)]
        assert take(store, *passes) == []


def test_nobody_else_raises_such_alerts(store: Store) -> None:
    forged = sample.alert(kind="watch_list").model_copy(update={"subject": "plate:98A12345"})
    taken = store.take([forged, sample.alert(1)], START)
    assert taken.changes == 1
    assert "raised by the dashboard alone" in taken.refused[0]


@BOTH
def test_which_passes_raised_alerts_is_remembered(store: Store) -> None:
    number = watch(store, "98A12345")
    message = passing(**SURE)
    (alert,) = take(store, message, passing(1, "29C54321", **SURE))
    with store.database.read() as connection:
        assert [tuple(row) for row in connection.execute(select(watch_hits))] == [(alert.id, message.id, number)]


def _fill(database: Database, count: int) -> None:
    entries = [EntryDraft(f"{11 + number % 89}A{number:05d}") for number in range(count)]
    with database.write() as connection:
        put_entries(connection, add_list(connection, STOLEN, START), entries, START)


def test_fifty_passes_a_second_are_matched_against_a_hundred_thousand_plates(store: Store) -> None:
    _fill(store.database, 100_000)
    passes = [passing(number, f"29B{number:05d}", scores=[0.9] * 8) for number in range(50)]
    began = time.process_time()
    store.take(passes, START)
    assert time.process_time() - began < 1.0, "processor time, however busy the machine is"

"""A vehicle's pass comes by MQTT like an alert, and is kept as a record that nobody has to answer."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.wire import AlertMessage
from dashboard.plate_intake import read_of
from dashboard.plate_records import PlateRead, ReadFilter
from dashboard.plate_search import newest_reads
from dashboard.records import ALL_CAMERAS, AlertFilter
from dashboard.store import Store
from ioc.plate_pattern import parse_pattern
from tests.dashboard import sample
from tests.dashboard.sample import START, minutes

DETAILS: dict[str, Any] = {
    "raw": "98A1234S",
    "alternatives": [["98A12345", 0.61], ["98A12346", 0.2]],
    "scores": [0.99] * 8,
    "vehicle": "car",
    "colour": "white",
    "kind": "car",
    "province": "98",
    "direction": "in",
    "score": 0.87,
}


def passing(number: int = 0, text: str = "98A12345", **details: Any) -> AlertMessage:
    message = sample.alert(number, kind="plate", rule="plates", details={**DETAILS, **details})
    return message.model_copy(update={"subject": f"plate:{text}"})


def kept(store: Store, typed: str | None = None) -> list[PlateRead]:
    with store.database.read() as connection:
        return newest_reads(connection, parse_pattern(typed) if typed else None, ReadFilter(), 50)


def test_a_pass_is_kept_with_all_that_was_told(store: Store) -> None:
    message = passing()
    assert store.take([message], START).refused == ()
    (read,) = kept(store, "98A-123.45")
    assert (read.hit, read.text, read.site, read.camera, read.at) == (
        message.id, "98A12345", sample.SITE, "bg-017", START,
    )  # fmt: skip
    assert (read.vehicle, read.colour, read.kind, read.province, read.direction) == ("car", "white", "car", "98", "in")
    assert read.score == 0.87
    assert read.box == (0.2, 0.3, 0.5, 0.7)
    assert read.details["raw"] == "98A1234S"
    assert read.details["alternatives"] == [["98A12345", 0.61], ["98A12346", 0.2]]


def test_a_pass_is_no_alert_and_changes_nothing_that_a_page_follows(store: Store) -> None:
    taken = store.take([passing(), sample.alert(1)], START)
    assert taken.changes == 1
    held, _ = store.alerts(AlertFilter(), ALL_CAMERAS, 10)
    assert [alert.kind for alert in held] == ["illegal_parking"]


def test_a_pass_that_comes_again_is_kept_once(store: Store) -> None:
    message = passing()
    store.take([message, message], START)
    store.take([message, passing(1)], START + minutes(3))
    assert len(kept(store)) == 2


@pytest.mark.parametrize("text", ["", "98a12345", "98A-123.45", "9" * 25, "98A12345;DROP", "<b>"])
def test_a_subject_that_is_no_plate_is_refused_with_the_reason_and_the_rest_is_kept(store: Store, text: str) -> None:
    taken = store.take([passing(0, text), passing(1)], START)
    assert len(taken.refused) == 1
    assert "no plate such as 'plate:98A12345'" in taken.refused[0]
    assert len(kept(store)) == 1


def test_another_subject_is_refused() -> None:
    with pytest.raises(ValueError, match="its subject is 'place:0,500'"):
        read_of(sample.alert(kind="plate"))


@pytest.mark.parametrize("value", [None, 7, ["car"], "", "x" * 99])
def test_details_of_another_kind_cannot_be_searched_but_are_kept(store: Store, value: Any) -> None:
    store.take([passing(vehicle=value, score="sure")], START)
    (read,) = kept(store)
    assert (read.vehicle, read.score) == ("unknown", 0.0)
    assert read.details["vehicle"] == value


def test_what_no_browser_can_hold_is_refused(store: Store) -> None:
    message = passing().model_copy(update={"details": {**DETAILS, "score": float("nan")}})
    (refused,) = store.take([message], START).refused
    assert "cannot be kept" in refused
    assert kept(store) == []

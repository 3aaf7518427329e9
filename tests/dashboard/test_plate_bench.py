"""The traffic that is made up to measure the search of plates by, and the measuring."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sqlalchemy import func, inspect, select

from dashboard.database import StoreError
from dashboard.plate_bench import found_again, measure, searches, stored_texts
from dashboard.plate_records import ReadFilter
from dashboard.plate_search import newest_reads
from dashboard.plate_traffic import END, SPAN, MadeUpReader, fill, look_of, vehicle_texts
from dashboard.schema import plate_endings, plate_reads, plates
from dashboard.store import Store
from ioc.plate_confusion import Confusions, Sureness
from ioc.plate_grammar import CHARACTERS, parse
from ioc.plate_pattern import parse_pattern

MEASURED = Confusions(
    {**{(own, own): 1000 for own in CHARACTERS}, ("8", "B"): 50, ("1", ""): 30, ("5", "6"): 40},
    Sureness((0.0, 0.5, 0.9, 1.0), (0, 1, 9), (5, 5, 0)),
)


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store.database, 3000, 1, MEASURED, lambda _: None)
    return store


def test_the_texts_are_plates_that_there_can_be_each_once_and_mostly_from_here() -> None:
    texts = vehicle_texts(np.random.default_rng(1), 2000)
    assert len(set(texts)) == 2000
    assert all(parse(text).valid for text in texts)
    assert 0.5 < Counter(text[:2] for text in texts)["98"] / 2000 < 0.75
    assert texts == vehicle_texts(np.random.default_rng(1), 2000)


def test_a_misread_has_as_many_of_the_measured_errors_as_are_asked_for() -> None:
    rng = np.random.default_rng(2)
    reader = MadeUpReader(MEASURED)

    def seen(text: str, errors: int = 1) -> set[str]:
        return {reader.misread(rng, text, errors)[0] for _ in range(60)}

    assert seen("98A00000") == {"9BA00000"}
    assert seen("98A15000") == {"9BA15000", "98A5000", "98A16000"}
    assert seen("98A15000", 2) == {"9BA5000", "9BA16000", "98A6000"}
    assert seen("99A00000", 2) == {"99A00000"}, "where no error was counted none is made up"


def test_errors_come_as_often_as_they_were_counted_made_up_characters_too() -> None:
    rng = np.random.default_rng(3)
    reader = MadeUpReader(Confusions({("8", "8"): 100, ("8", "B"): 30, ("8", ""): 10, ("", "1"): 14}))
    found = Counter(reader.misread(rng, "8")[0] for _ in range(4000))
    assert set(found) == {"B", "", "18", "81"}
    assert found["B"] / found[""] == pytest.approx(3, rel=0.15)
    # Two places for one that is made up, at 14 in 154 counted characters; one place for 40 errors in 100.
    assert (found["18"] + found["81"]) / 4000 == pytest.approx((2 * 14 / 154) / (2 * 14 / 154 + 0.4), rel=0.1)


def test_which_characters_are_wrong_is_told() -> None:
    rng = np.random.default_rng(4)
    assert MadeUpReader(MEASURED).misread(rng, "980") == ("9B0", [True, False, True])
    assert MadeUpReader(MEASURED).misread(rng, "910") == ("90", [True, True])


def test_scores_are_as_they_were_measured() -> None:
    rng, reader = np.random.default_rng(5), MadeUpReader(MEASURED)
    right, wrong = (reader.scores(rng, (2000,), right=right) for right in (True, False))
    assert right.min() >= 0.5
    assert (right > 0.9).mean() == pytest.approx(0.9, abs=0.03)
    assert wrong.max() <= 0.9
    assert (wrong < 0.5).mean() == pytest.approx(0.5, abs=0.04)


def test_the_passes_lie_in_the_days_before_the_end_and_tell_themselves_in_order(filled: Store) -> None:
    with filled.database.read() as connection:
        found = newest_reads(connection, None, ReadFilter(), 5000)
    assert len(found) == 3000
    times = [own.at for own in found]
    assert times == sorted(times, reverse=True)
    assert END - SPAN <= times[-1] < times[0] <= END
    common = Counter(own.text for own in found).most_common()
    assert common[0][1] > 20 > common[-1][1], "a few come by far more often than most"


def test_misread_passes_tell_what_was_shown_and_how_sure_each_character_was(filled: Store) -> None:
    with filled.database.read() as connection:
        found = newest_reads(connection, None, ReadFilter(), 5000)
    wrong = [own for own in found if "shown" in own.details]
    assert 30 < len(wrong) < 180
    for own in found:
        scores = np.array(own.details["scores"])
        assert len(scores) == len(own.text)
        assert own.score == pytest.approx(scores.prod())
    assert {own.details["errors"] for own in wrong} == {1, 2}
    assert all(own.text != own.details["shown"] for own in wrong if "8" in str(own.details["shown"]))


def test_a_vehicle_looks_the_same_each_time_it_comes_by_but_for_a_few(filled: Store) -> None:
    with filled.database.read() as connection:
        found = newest_reads(connection, None, ReadFilter(), 5000)
    right = [own for own in found if "shown" not in own.details]
    assert {own.vehicle for own in right if len(own.text) == 9} == {"motorcycle", "car"}
    alike = sum((own.vehicle, own.colour) == look_of(own.text) for own in right)
    assert 0.9 < alike / len(right) < 0.97
    assert {look_of(own.text)[1] for own in right} == {"white", "yellow", "blue"}


def test_endings_stand_beside_every_text(filled: Store) -> None:
    with filled.database.read() as connection:
        known = dict(connection.execute(select(plates.c.id, plates.c.text)).all())
        rows = connection.execute(select(plate_endings)).all()
    assert Counter(row.plate_id for row in rows) == {number: len(text) - 1 for number, text in known.items()}
    assert all(known[row.plate_id].endswith(row.ending) for row in rows)


def test_the_indexes_are_there_again(filled: Store) -> None:
    kept = {index["name"] for index in inspect(filled.database.engine).get_indexes("plate_reads")}
    assert {index.name for index in plate_reads.indexes} <= kept


def test_a_store_that_holds_passes_is_not_filled(filled: Store) -> None:
    with pytest.raises(StoreError, match="empty SQLite file only"):
        fill(filled.database, 10, 1, MEASURED, lambda _: None)


def test_an_empty_store_is_told(store: Store) -> None:
    with pytest.raises(StoreError, match="fill it first"):
        stored_texts(store.database, np.random.default_rng(1), 5)


def test_every_search_of_the_measure_finds_the_text_that_it_is_made_for(filled: Store) -> None:
    rng = np.random.default_rng(1)
    text = stored_texts(filled.database, rng, 1)[0]
    for kind, search in searches(MEASURED, rng).items():
        found = search(text)(filled.database)
        assert isinstance(found, list)
        assert text in [getattr(own, "text", own) for own in found], kind


def test_several_search_while_passes_are_written(filled: Store) -> None:
    measured = measure(filled.database, MEASURED, people=2, seconds=1.0, writes=20, seed=1)
    assert set(measured.seconds) == set(searches(MEASURED, np.random.default_rng(1)))
    assert all(0 < measured.percentile(kind, 50) <= measured.percentile(kind, 95) for kind in measured.seconds)
    with filled.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(plate_reads)) == 3000 + measured.written
    assert 0 < measured.written < 20 * measured.lasted + 10


def test_a_plate_is_found_again_by_its_misread(filled: Store) -> None:
    hits, tried = found_again(filled.database, MEASURED, errors=1, count=20, seed=1)
    assert tried == 20
    assert hits >= 0.9 * tried
    assert found_again(filled.database, MEASURED, errors=2, count=10_000, seed=1)[1] < 60, "all that there are"
    assert found_again(filled.database, MEASURED, errors=3, count=20, seed=1) == (0, 0)


def test_a_pattern_of_a_stored_plate_finds_it_among_thousands(filled: Store) -> None:
    text = stored_texts(filled.database, np.random.default_rng(3), 1)[0]
    with filled.database.read() as connection:
        found = newest_reads(connection, parse_pattern(f"{text[:3]}*{text[-3:]}"), ReadFilter(), 50)
    assert text in {own.text for own in found}

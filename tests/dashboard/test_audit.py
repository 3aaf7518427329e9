"""The audit log: it grows by whole entries, refuses to be changed, and tells when it was."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update

from dashboard.audit import Audit, Pen, kept_head
from dashboard.data_folder import DataFolderError
from dashboard.database import StoreError
from dashboard.schema import audit_log, engines
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from ioc.audit_chain import EMPTY, Head
from tests.dashboard.databases import BOTH, IN_POSTGRESQL

AT = datetime(2026, 3, 1, 6, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def audit(store: Store, tmp_path: Path) -> Audit:
    return Audit(store.database, tmp_path / "audit.head")


def fill(audit: Audit, count: int) -> None:
    for number in range(count):
        audit.add(
            AT + timedelta(minutes=number),
            "chief",
            "search",
            purpose="điều tra trộm cắp",
            case=f"BG-2026-{number}",
            details={"asked": "98A*", "rows": number},
        )


def tamper(settings: DashboardSettings, statement: str) -> None:
    """Do to the file what somebody with the disk can do: without our triggers."""
    assert settings.store is None
    with sqlite3.connect(settings.data / "ioc.db") as raw:
        raw.execute("DROP TRIGGER audit_log_no_update")
        raw.execute("DROP TRIGGER audit_log_no_delete")
        raw.execute(statement)


def test_entries_come_back_newest_first_in_pages(audit: Audit) -> None:
    fill(audit, 5)
    first = audit.newest(2)
    assert [entry["number"] for entry in first] == [5, 4]
    assert [entry["number"] for entry in audit.newest(9, before=4)] == [3, 2, 1]
    assert first[0]["at"] == "2026-03-01T06:34:00.123456Z"
    assert first[0]["purpose"] == "điều tra trộm cắp"
    assert first[0]["details"] == {"asked": "98A*", "rows": 4}


def test_a_log_that_nobody_touched_is_whole(audit: Audit) -> None:
    assert audit.verify().head == EMPTY
    fill(audit, 5)
    verdict = audit.verify()
    assert verdict.problem == ""
    assert verdict.head.count == 5


@BOTH
def test_the_database_refuses_to_change_or_delete(audit: Audit, store: Store) -> None:
    fill(audit, 2)
    for deed in (update(audit_log).values(who="nobody"), delete(audit_log)):
        with pytest.raises(StoreError, match="the audit log is append-only"), store.database.write() as connection:
            connection.execute(deed)
    assert audit.verify().problem == ""


@IN_POSTGRESQL
def test_not_even_the_whole_log_can_be_cut_off(audit: Audit, store: Store) -> None:
    fill(audit, 2)
    with pytest.raises(StoreError, match="the audit log is append-only"), store.database.write() as connection:
        connection.execute(text("TRUNCATE audit_log"))
    assert audit.verify().head.count == 2


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit_log SET who = 'nobody' WHERE number = 2", "entry 2 was changed"),
        ("UPDATE audit_log SET details = '{}' WHERE number = 3", "entry 3 was changed"),
        ("UPDATE audit_log SET at = '2026-03-01 06:31:00.123457' WHERE number = 2", "entry 2 was changed"),
        ("DELETE FROM audit_log WHERE number = 2", "entry 2 is missing"),
        ("DELETE FROM audit_log WHERE number = 4", "the last entries are missing: there were 4, there are 3"),
        ("DELETE FROM audit_log", "the last entries are missing: there were 4, there are 0"),
    ],
)
def test_what_is_done_to_the_file_is_found(
    audit: Audit, settings: DashboardSettings, statement: str, problem: str
) -> None:
    fill(audit, 4)
    tamper(settings, statement)
    assert problem in audit.verify().problem


def test_a_head_that_was_written_down_finds_a_log_begun_anew(audit: Audit, tmp_path: Path) -> None:
    fill(audit, 2)
    noted = Head(2, "0" * 64)
    assert "entry 2 is not the one that was there" in audit.verify(noted).problem
    assert audit.verify(Head.parse((tmp_path / "audit.head").read_text())).problem == ""


@BOTH
def test_entries_written_at_once_form_one_chain(audit: Audit) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: fill(audit, 5), range(4)))
    assert audit.verify() == audit.verify()
    assert audit.verify().problem == ""
    assert audit.verify().head.count == 20


def test_the_head_is_for_its_owner_alone_and_a_damaged_one_is_told(audit: Audit, tmp_path: Path) -> None:
    fill(audit, 1)
    head = tmp_path / "audit.head"
    assert head.stat().st_mode & 0o077 == 0
    assert kept_head(head).count == 1
    head.write_text("nonsense")
    with pytest.raises(DataFolderError, match=r"audit\.head cannot be read"):
        audit.verify()


def test_a_head_that_lags_behind_after_a_crash_is_no_problem(audit: Audit, tmp_path: Path) -> None:
    fill(audit, 2)
    lagging = (tmp_path / "audit.head").read_text()
    fill(audit, 1)
    (tmp_path / "audit.head").write_text(lagging)
    assert audit.verify().problem == ""


def test_a_head_that_cannot_be_kept_is_told(store: Store, tmp_path: Path) -> None:
    audit = Audit(store.database, tmp_path / "missing" / "audit.head")
    with pytest.raises(DataFolderError, match="cannot be written"):
        fill(audit, 1)


@BOTH
def test_what_is_done_with_an_entry_is_kept_with_it_or_not_at_all(audit: Audit, store: Store) -> None:
    fill(audit, 1)
    engine = {"site": "bg", "state": "online", "since": AT}
    with pytest.raises(StoreError), audit.write() as pen:
        _write_twice(pen, engine)
    assert (audit.verify().head.count, store.engines()) == (1, {})
    with audit.write() as pen:
        pen.connection.execute(insert(engines), [engine])
        numbers = [pen.add(AT, "chief", "purge", purpose="retention", case="-", details={"n": n}) for n in range(2)]
    assert numbers == [2, 3]
    assert set(store.engines()) == {"bg"}
    assert audit.verify().problem == ""


def _write_twice(pen: Pen, engine: dict[str, object]) -> None:
    pen.add(AT, "chief", "purge", purpose="retention", case="-", details={})
    for _ in range(2):
        pen.connection.execute(insert(engines), [engine])


def test_a_pen_that_writes_nothing_leaves_the_head_alone(audit: Audit, tmp_path: Path) -> None:
    with audit.write():
        pass
    assert not (tmp_path / "audit.head").exists()

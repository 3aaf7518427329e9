"""The list, what people do about alerts, and a store that is locked, full or of another version."""

from __future__ import annotations

import sqlite3
import stat
import sys
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from dashboard.database import Database, StoreError, open_database, store_url
from dashboard.records import ALL_CAMERAS, NO_CAMERAS, AlertFilter, OperatorState, Rights, StoredAlert
from dashboard.schema import metadata
from dashboard.settings import DashboardSettings
from dashboard.store import CHANGES_KEPT, Conflict, Store, open_store
from ioc.types import Phase, Severity
from tests.dashboard import sample
from tests.dashboard.databases import BOTH, IN_POSTGRESQL
from tests.dashboard.peers import in_parallel
from tests.dashboard.sample import SITE, START, minutes
from tests.postgresql_peer import PostgresqlPeer

OWN = Rights(frozenset({(SITE, "bg-017")}))


def _fill(store: Store) -> None:
    store.take([sample.alert(number, camera=("bg-017", "bg-099")[number % 2]) for number in range(10)], START)


def _numbers(found: list[StoredAlert]) -> list[int]:
    return [round((one.began - START) / minutes(1)) for one in found]


def test_the_list_is_newest_first_and_only_of_cameras_one_may_see(store: Store) -> None:
    _fill(store)
    assert _numbers(store.alerts(AlertFilter(), ALL_CAMERAS, 100)[0]) == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert _numbers(store.alerts(AlertFilter(), OWN, 100)[0]) == [8, 6, 4, 2, 0]
    assert store.alerts(AlertFilter(), NO_CAMERAS, 100)[0] == []
    elsewhere = Rights(frozenset({("another-site", "bg-017")}))
    assert store.alerts(AlertFilter(), elsewhere, 100)[0] == [], "rights hold for a camera of one site"


def test_single_reads_ask_for_rights_too(store: Store) -> None:
    _fill(store)
    theirs = sample.alert(1, camera="bg-099").id
    assert store.alert(theirs, ALL_CAMERAS) is not None
    assert store.alert(theirs, OWN) is None
    assert store.acknowledge(theirs, OWN, "lan", None, START) is None
    assert store.close(theirs, OWN, "lan", None, START) is None
    assert store.counts(OWN)[OperatorState.NEW] == 5
    assert store.counts(ALL_CAMERAS) == {OperatorState.NEW: 10, OperatorState.ACKNOWLEDGED: 0, OperatorState.CLOSED: 0}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AlertFilter(kinds=("fire",)), [2]),
        (AlertFilter(kinds=("fire", "flood")), [3, 2]),
        (AlertFilter(cameras=("bg-099",)), [1]),
        (AlertFilter(sites=("nowhere",)), []),
        (AlertFilter(phases=(Phase.CLEARED,)), [3]),
        (AlertFilter(severities=(Severity.CRITICAL, Severity.LOW)), [2, 1]),
        (AlertFilter(states=(OperatorState.CLOSED,)), [0]),
        (AlertFilter(states=(OperatorState.NEW, OperatorState.ACKNOWLEDGED)), [3, 2, 1]),
        (AlertFilter(since=START + minutes(1), until=START + minutes(3)), [2, 1]),
        (AlertFilter(kinds=("fire",), severities=(Severity.LOW,)), []),
    ],
)
def test_filters(store: Store, wanted: AlertFilter, expected: list[int]) -> None:
    messages = [
        sample.alert(0),
        sample.alert(1, camera="bg-099", severity=Severity.LOW),
        sample.alert(2, kind="fire", severity=Severity.CRITICAL),
        sample.alert(3, kind="flood", phase=Phase.CLEARED, after=minutes(1)),
    ]
    store.take(messages, START)
    store.close(messages[0].id, ALL_CAMERAS, "lan", None, START)
    assert _numbers(store.alerts(wanted, ALL_CAMERAS, 100)[0]) == expected


def test_paging_shows_each_alert_once_while_new_ones_come(store: Store) -> None:
    store.take([sample.alert(number, began=START) for number in range(7)], START)  # all began at one time
    seen: list[StoredAlert] = []
    for number in range(4):
        before = (seen[-1].began, seen[-1].id) if seen else None
        page, _ = store.alerts(AlertFilter(before=before), ALL_CAMERAS, 2)
        seen += page
        store.take([sample.alert(100 + number)], START)
    assert len(seen) == 7
    assert {one.id for one in seen} == {sample.alert(number, began=START).id for number in range(7)}


def test_the_first_to_acknowledge_stands(store: Store) -> None:
    _fill(store)
    chosen = sample.alert(4).id
    first = store.acknowledge(chosen, ALL_CAMERAS, "lan", "patrol sent", START + minutes(21))
    again = store.acknowledge(chosen, ALL_CAMERAS, "minh", "me too", START + minutes(22))
    assert first is not None
    assert first == again
    assert first.acknowledged is not None
    assert (first.acknowledged.who, first.acknowledged.at) == ("lan", START + minutes(21))
    assert [step.who for step in store.history(chosen)] == [None, "lan"]


def test_closing_needs_no_acknowledgement_and_ends_it(store: Store) -> None:
    _fill(store)
    chosen = sample.alert(4).id
    closed = store.close(chosen, ALL_CAMERAS, "lan", "towed", START + minutes(1))
    assert closed is not None
    assert closed == store.close(chosen, ALL_CAMERAS, "minh", None, START + minutes(2))
    with pytest.raises(Conflict, match="closed by lan already"):
        store.acknowledge(chosen, ALL_CAMERAS, "minh", None, START + minutes(3))


def test_of_many_who_act_at_once_exactly_one_did_it(store: Store) -> None:
    _fill(store)
    chosen, before = sample.alert(4).id, store.last_change()

    def act(name: str) -> StoredAlert | None:
        return store.acknowledge(chosen, ALL_CAMERAS, name, None, START)

    found = in_parallel([partial(act, name) for name in ("lan", "minh", "hoa", "duc")])
    assert all(isinstance(one, StoredAlert) for one in found)
    assert all(one == found[0] for one in found)
    assert store.last_change() == before + 1
    assert len(store.history(chosen)) == 2


def test_changes_follow_each_other_and_old_ones_are_forgotten(store: Store) -> None:
    _fill(store)
    store.take([sample.camera()], START)
    followed = store.changes(8, 100)
    assert followed is not None
    assert [(change.id, change.what) for change in followed] == [(9, "alert"), (10, "alert"), (11, "camera")]
    assert store.changes(11, 100) == []
    assert store.changes(12, 100) is None, "a number from another store"
    with store.database.write() as connection:
        connection.execute(
            text("UPDATE sqlite_sequence SET seq = :seq WHERE name = 'changes'"), {"seq": CHANGES_KEPT + 5}
        )
    store.take([sample.alert(50)], START)
    assert store.changes(5, 100) is None, "what was forgotten cannot be followed"
    last = store.changes(CHANGES_KEPT + 5, 100)
    assert last is not None
    assert [change.alert for change in last] == [sample.alert(50).id]


def test_the_list_says_which_change_it_shows(store: Store) -> None:
    _fill(store)
    assert store.alerts(AlertFilter(), OWN, 1)[1] == store.last_change() == 10


def test_the_migrations_make_what_the_code_expects(store: Store) -> None:
    with store.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_schema_suits_postgresql_too() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        said = str(CreateTable(table).compile(dialect=dialect))
        assert "BIGSERIAL" in said or table.name not in {"changes", "alert_history"}
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))


def test_what_was_stored_is_there_after_a_restart(settings: DashboardSettings) -> None:
    first = open_store(settings)
    _fill(first)
    expected = first.alerts(AlertFilter(), ALL_CAMERAS, 100)
    first.release()
    second = open_store(settings)
    assert second.alerts(AlertFilter(), ALL_CAMERAS, 100) == expected
    second.release()


def test_programs_that_start_together_make_one_store(settings: DashboardSettings) -> None:
    stores = in_parallel([lambda: open_store(settings)] * 4)
    for one in stores:
        assert isinstance(one, Store)
        assert one.last_change() == 0
        one.release()


def test_the_file_is_for_its_owner_only(settings: DashboardSettings, store: Store) -> None:
    for path in settings.data.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700


def test_a_store_of_a_later_version_is_left_alone(settings: DashboardSettings, store: Store) -> None:
    with store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="written by another version"):
        open_store(settings)


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("a.db", b"This is a letter to the mayor. " * 40, "is not a store of city-ioc"),
        ("letter/ioc.db", None, "cannot be made"),
    ],
)
def test_a_file_that_is_no_store(tmp_path: Path, path: str, content: bytes | None, said: str) -> None:
    (tmp_path / "letter").write_text("Dear mayor")
    if content is not None:
        (tmp_path / path).write_bytes(content)
    settings = DashboardSettings(data=tmp_path, evidence=tmp_path, sites=(SITE,), store=str(tmp_path / path))
    with pytest.raises(StoreError, match=said) as caught:
        open_store(settings)
    assert "\n" not in str(caught.value)


def test_a_store_by_url(tmp_path: Path) -> None:
    settings = DashboardSettings(
        data=tmp_path,
        evidence=tmp_path,
        sites=(SITE,),
        store="postgresql://ioc@db.invalid/ioc",
        store_secret=SecretStr("s3cret-word"),
    )
    assert (store_url(settings).drivername, store_url(settings).password) == ("postgresql+psycopg", "s3cret-word")
    with pytest.raises(StoreError, match=r"db\.invalid/ioc refused: ") as caught:
        open_database(settings)
    assert "s3cret-word" not in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(StoreError, match="cannot be used: "):
        open_database(settings.model_copy(update={"store": "nonsense://db.invalid/ioc"}))
    with pytest.raises(StoreError, match="neither a path nor"):
        store_url(settings.model_copy(update={"store": "://"}))


def test_a_driver_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    url = "postgresql://ioc@db.invalid/ioc"
    settings = DashboardSettings(data=tmp_path, evidence=tmp_path, sites=(SITE,), store=url)
    with pytest.raises(StoreError, match=r"needs a driver: pip install 'city-ioc\[postgresql\]'"):
        open_database(settings)


@IN_POSTGRESQL
def test_programs_that_start_together_make_one_store_on_a_server(
    settings: DashboardSettings, migrated: tuple[PostgresqlPeer, str]
) -> None:
    with migrated[0].database() as name:
        fresh = settings.model_copy(update={"store": migrated[0].url(name)})
        stores = in_parallel([lambda: open_store(fresh)] * 3)
        for one in stores:
            assert isinstance(one, Store)
            assert one.last_change() == 0
            one.release()


@BOTH
def test_alerts_are_kept_listed_and_acted_on_in_each_database(store: Store) -> None:
    _fill(store)
    newest = store.alerts(AlertFilter(), OWN, 3)[0]
    done = store.close(newest[0].id, OWN, "lan", "patrol sent", START)
    assert done is not None
    assert done.state is OperatorState.CLOSED
    with store.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_locked_store_says_so_and_takes_the_same_batch_later(settings: DashboardSettings, store: Store) -> None:
    hasty = Store(Database(store_url(settings), busy_seconds=0.05))
    holder = sqlite3.connect(settings.data / "ioc.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is held by another program") as caught:
        hasty.take([sample.alert()], START)
    assert "\n" not in str(caught.value)
    assert hasty.alerts(AlertFilter(), ALL_CAMERAS, 10)[0] == [], "reading goes on"
    holder.execute("ROLLBACK")
    holder.close()
    assert hasty.take([sample.alert()], START).changes == 1
    hasty.release()


def test_a_full_disk_says_so_and_loses_nothing(settings: DashboardSettings, store: Store) -> None:
    store.take([sample.alert()], START)
    full = Database(store_url(settings))
    pages: list[int] = []

    @event.listens_for(full.engine, "connect")
    def _limit(connection: sqlite3.Connection, _entry: object) -> None:
        (count,) = connection.execute("PRAGMA page_count").fetchone()
        pages.append(connection.execute(f"PRAGMA max_page_count={count}").fetchone()[0])

    batch = [sample.alert(number, details={"text": "x" * 2000}) for number in range(1, 50)]
    with pytest.raises(StoreError, match="is on a full disk: free some space"):
        Store(full).take(batch, START)
    full.close()
    assert pages
    assert store.counts(ALL_CAMERAS)[OperatorState.NEW] == 1, "all of a batch or nothing"
    assert store.take(batch, START).changes == 49

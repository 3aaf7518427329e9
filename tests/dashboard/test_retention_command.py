"""`ioc retention`: what would go is told, and what is overdue goes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, make_url

from dashboard.audit import HEAD, Audit
from dashboard.database import Database, open_file
from dashboard.plate_records import PlateRead, ReadFilter
from dashboard.plate_search import newest_reads
from dashboard.schema import doomed_files
from dashboard.store import Store
from ioc import clock
from ioc.__main__ import run_command
from tests.dashboard.peers import eventually
from tests.dashboard.test_plate_search import put, read
from tests.dashboard.test_purge import files, with_file


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text('[site]\nid = "bg"\ndata = "kept"\n\n[retention]\nplates = "P7D"\n\n[[camera]]\nid = "c1"\n')
    return path


@pytest.fixture
def store(site: Path) -> Iterator[Store]:
    (site.parent / "kept").mkdir()
    store = Store(open_file(site.parent / "kept" / "ioc.db"))
    for number, days in enumerate((1, 6, 8, 40)):
        put(store, read(f"98A0000{number}", at=clock.now() - timedelta(days=days)))
    yield store
    store.release()


def kept(store: Store) -> list[PlateRead]:
    with store.database.read() as connection:
        return newest_reads(connection, None, ReadFilter(), 5000)


def texts(store: Store) -> list[str]:
    return [own.text for own in kept(store)]


def test_a_dry_run_tells_and_deletes_nothing(site: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["retention", "--site", str(site), "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "plates: 2 kept longer than 7 days",
        "alerts: 0 kept longer than 365 days",
    ]
    assert len(texts(store)) == 4


def test_what_is_overdue_goes_and_the_log_tells(site: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["retention", "--site", str(site)]) == 0
    assert "plates: 2 deleted\nalerts: 0 deleted\nfiles: 0 deleted\n" in capsys.readouterr().out
    assert texts(store) == ["98A00000", "98A00001"]
    audit = Audit(store.database, site.parent / "kept" / HEAD)
    assert [entry["what"] for entry in audit.newest(9)] == ["purge"]
    assert audit.verify().problem == ""


def test_a_program_that_is_killed_leaves_no_record_without_its_files_and_no_file_without_its_record(
    site: Path, store: Store
) -> None:
    evidence = site.parent / "kept" / "evidence"
    reads = [read(f"29B{number:05d}", at=clock.now() - timedelta(days=20)) for number in range(2200)]
    put(store, *(with_file(evidence, own) for own in reads))
    command = [sys.executable, "-m", "ioc", "retention", "--site", str(site)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as program:
        eventually(lambda: len(texts(store)) < 2200, 60)
        program.kill()
    left = {f"{own.hit}-raised-7.jpg" for own in kept(store) if own.evidence}
    assert left - files(evidence) == set()
    assert run_command(["retention", "--site", str(site)]) == 0
    assert texts(store) == ["98A00000", "98A00001"]
    assert files(evidence) == set()
    audit = Audit(store.database, site.parent / "kept" / HEAD)
    deleted = sum(entry["details"]["records"] for entry in audit.newest(9))  # type: ignore[call-overload,index,misc]
    assert deleted == 2202
    assert audit.verify().problem == ""


@pytest.mark.postgresql
def test_a_store_on_a_server_is_seen_to_as_well(
    site: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Store(Database(make_url(postgresql)))
    put(server, read("98A00001", at=clock.now() - timedelta(days=20)), read("98A00002", at=clock.now()))
    address = postgresql.replace("postgresql+psycopg://ioc@", "postgresql://")
    site.write_text(f'{site.read_text()}\n[dashboard]\nstore = "{address}"\nstore_secret = "store"\n')
    monkeypatch.setenv("IOC_SECRET_STORE", "ioc:any-word-will-do")
    assert run_command(["retention", "--site", str(site)]) == 0
    assert "plates: 1 deleted" in capsys.readouterr().out
    assert texts(server) == ["98A00002"]
    assert run_command(["audit", "verify", "--site", str(site)]) == 0
    assert capsys.readouterr().out.startswith("whole: 1 entries")
    server.release()


def test_off_is_told(site: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    site.write_text(site.read_text().replace('plates = "P7D"', 'plates = "off"\nalerts = "off"'))
    assert run_command(["retention", "--site", str(site)]) == 0
    assert capsys.readouterr().out.startswith("nothing is ever deleted: the site file says so\n")
    assert len(texts(store)) == 4


def test_files_that_cannot_be_deleted_are_an_error(
    site: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    with store.database.write() as connection:
        connection.execute(insert(doomed_files), [{"path": "c1/a-1.jpg", "record": read("98A1").hit}])
    assert run_command(["retention", "--site", str(site)]) == 1
    said = capsys.readouterr().err
    assert "1 files of deleted records cannot be deleted yet" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('plates = "a month"', 'retention.plates: expected a duration of a day or more, such as "P30D", or "off"'),
        ("plates = 30", "retention.plates: expected a duration of a day or more"),
        ('passes = "P30D"', "retention.passes: unknown key"),
    ],
)
def test_a_time_that_is_none_is_told_by_its_key(
    site: Path, capsys: pytest.CaptureFixture[str], said: str, why: str
) -> None:
    site.write_text(site.read_text().replace('plates = "P7D"', said))
    assert run_command(["retention", "--site", str(site)]) == 2
    assert why in capsys.readouterr().err


def test_a_site_without_a_store_is_told(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["retention", "--site", str(site)]) == 2
    assert "no dashboard has kept its store here" in capsys.readouterr().err

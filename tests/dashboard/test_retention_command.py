"""`ioc retention`: what would go is told, and what is overdue goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from dashboard.audit import HEAD, Audit
from dashboard.database import open_file
from dashboard.plate_records import ReadFilter
from dashboard.plate_search import newest_reads
from dashboard.schema import doomed_files
from dashboard.store import Store
from ioc import clock
from ioc.__main__ import run_command
from tests.dashboard.test_plate_search import put, read


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


def texts(store: Store) -> list[str]:
    with store.database.read() as connection:
        return [own.text for own in newest_reads(connection, None, ReadFilter(), 99)]


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

"""`ioc watchlist`: watch-lists at the terminal, beside a running dashboard."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.accounts import Accounts
from dashboard.audit import HEAD, Audit
from dashboard.database import open_file
from dashboard.passwords import Passwords
from dashboard.records import ALL_CAMERAS, Role
from ioc.__main__ import run_command

WHY = ("--purpose", "stolen motorcycles", "--case", "BG-2026-117")
TABLE = "plate;note\n98A-123.45;red\n29C54321;\n"


@pytest.fixture
def site(tmp_path: Path, passwords: Passwords) -> Path:
    path = tmp_path / "site.toml"
    path.write_text('[site]\nid = "bg"\ndata = "kept"\n\n[[camera]]\nid = "c1"\n')
    (tmp_path / "kept").mkdir()
    database = open_file(tmp_path / "kept" / "ioc.db")
    accounts = Accounts(database, passwords)
    for name, role in (("lan", Role.POLICE), ("chief", Role.OPERATOR)):
        accounts.create(name, role, ALL_CAMERAS, datetime(2026, 3, 1, tzinfo=UTC), chosen="quiet river lantern")
    database.close()
    return path


@pytest.fixture
def stolen(site: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(site, "make", "--list", "Stolen", "--owner", "lan", *WHY) == 0
    capsys.readouterr()
    return site


def run(site: Path, *arguments: object) -> int:
    return run_command(["watchlist", *map(str, arguments), "--site", str(site)])


def table(site: Path, text: str) -> Path:
    path = site.with_name("plates.csv")
    path.write_text(text, encoding="utf-8")
    return path


def logged(site: Path) -> list[tuple[object, object]]:
    database = open_file(site.parent / "kept" / "ioc.db")
    audit = Audit(database, site.parent / "kept" / HEAD)
    try:
        assert audit.verify().problem == ""
        return [(str(entry["who"]).partition(":")[0], entry["what"]) for entry in audit.entries()]
    finally:
        audit.release()


def test_a_table_goes_in_and_comes_out_again(stolen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(stolen, "import", table(stolen, TABLE), "--list", "Stolen") == 0
    assert capsys.readouterr().out == "Stolen: plates taken: 2, of them replaced: 0, taken off: 0\n"
    assert run(stolen, "list") == 0
    assert capsys.readouterr().out == "Stolen: 2 plates, high, of lan: stolen motorcycles\n"
    out = stolen.with_name("out.csv")
    assert run(stolen, "export", "--list", "Stolen", "--out", out) == 0
    assert run(stolen, "remove", "--list", "Stolen", "--plate", "98A-123.45") == 0
    assert run(stolen, "import", out, "--list", "Stolen", "--replace") == 0
    assert "plates taken: 2, of them replaced: 1, taken off: 0" in capsys.readouterr().out
    assert run(stolen, "remove", "--list", "Stolen") == 0
    assert "removed, 2 plates with it" in capsys.readouterr().out
    assert run(stolen, "list") == 0
    assert "no watch-list yet" in capsys.readouterr().out
    deeds = ("make", "import", "export", "take_off", "import", "remove")
    assert logged(stolen) == [("terminal", f"watch_{deed}") for deed in deeds]


def test_errors_are_told_a_line_each_and_nothing_is_taken(stolen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = table(stolen, "plate,valid_until\n98A12345,\n98A*,31/12/2026\n")
    assert run(stolen, "import", path, "--list", "Stolen") == 2
    told = capsys.readouterr()
    assert told.err.splitlines() == [
        f"{path}: row 3, plate: a watch-list holds whole plates, without ? and *",
        f"{path}: row 3, valid_until: '31/12/2026' is no date such as 2026-03-01 or 2026-03-01T08:00+07:00",
    ]
    assert "nothing was taken" in told.out
    assert run(stolen, "import", path, "--list", "Stolen", "--partial") == 0
    assert "plates taken: 1" in capsys.readouterr().out
    assert logged(stolen) == [("terminal", "watch_make"), ("terminal", "watch_import")]


def test_wrong_usage_is_told_in_one_line(stolen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, empty = table(stolen, TABLE), stolen.with_name("empty.csv")
    empty.write_text("")
    for arguments, why in (
        (("import", good, "--list", "Other"), "there is no watch-list 'Other': `ioc watchlist list`"),
        (("import", "missing.csv", "--list", "Stolen"), "missing.csv: No such file"),
        (("import", empty, "--list", "Stolen"), "no column 'plate'"),
        (("import", good, "--list", "Stolen", "--partial", "--replace"), "would be lost"),
        (("export", "--list", "Stolen", "--out", good), "exists already"),
        (("remove", "--list", "Stolen", "--plate", "98A*"), "whole plates"),
        (("remove", "--list", "Stolen", "--plate", "98A12345"), "does not stand on 'Stolen'"),
        (("make", "--list", "Other", "--owner", "chief", *WHY), "'chief' is nobody of the police"),
        (("make", "--list", "Other", "--owner", "lan", "--purpose", "x", "--case", "y"), "--purpose: "),
        (("make", "--list", "Other", "--owner", "lan", "--priority", "urgent", *WHY), "--priority: "),
    ):
        assert run(stolen, *arguments) == 2, arguments
        said = capsys.readouterr().err
        assert why in said
        assert said.count("\n") == 1
    assert run(stolen, "make", "--list", "Stolen", "--owner", "lan", *WHY) == 1
    assert "there is a watch-list 'Stolen' already" in capsys.readouterr().err
    assert logged(stolen) == [("terminal", "watch_make")]

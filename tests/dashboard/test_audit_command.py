"""`ioc audit`: a site's own log, and an exported one on any machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.audit import HEAD, Audit
from dashboard.database import open_file
from ioc.__main__ import run_command


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text('[site]\nid = "bg"\ndata = "kept"\n\n[[camera]]\nid = "c1"\n')
    return path


@pytest.fixture
def filled(site: Path) -> Path:
    folder = site.parent / "kept"
    folder.mkdir()
    database = open_file(folder / "ioc.db")
    audit = Audit(database, folder / HEAD)
    for number in range(3):
        at = datetime(2026, 3, 1, 6, number, tzinfo=UTC)
        audit.add(at, "lan", "search", purpose="hit and run", case=f"BG-{number}", details={"plate": "98A*"})
    audit.release()
    return site


def verified(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = run_command(["audit", "verify", *map(str, arguments)])
    return code, capsys.readouterr().out.strip()


def test_a_sites_log_is_whole_and_its_head_can_be_written_down(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = verified(capsys, "--site", filled)
    assert code == 0
    assert said.startswith("whole: 3 entries, head 3:")
    head = said.rsplit(" ", 1)[1]
    assert verified(capsys, "--site", filled, "--expect", head)[0] == 0
    code, said = verified(capsys, "--site", filled, "--expect", f"3:{'0' * 64}")
    assert (code, said) == (1, "NOT WHOLE: entry 3 is not the one that was there: the log was written anew")


def test_an_exported_log_is_checked_anywhere(filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "audit.jsonl"
    assert run_command(["audit", "export", "--site", str(filled), "--out", str(out)]) == 0
    head = capsys.readouterr().out.strip().rsplit(" ", 1)[1]
    assert verified(capsys, "--file", out, "--expect", head) == (0, f"whole: 3 entries, head {head}")
    lines = out.read_text().splitlines()
    out.write_text("\n".join([*lines[:1], lines[1].replace("BG-1", "BG-7"), lines[2]]))
    assert verified(capsys, "--file", out) == (1, "NOT WHOLE: entry 2 was changed, or one before it was")
    out.write_text(lines[0] + "\nnot JSON\n")
    assert verified(capsys, "--file", out) == (1, "NOT WHOLE: entry 2 is damaged: it lacks a field")
    assert [json.loads(line)["case"] for line in lines] == ["BG-0", "BG-1", "BG-2"]


def test_one_changed_byte_of_the_store_is_found(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = filled.parent / "kept" / "ioc.db"
    content = store.read_bytes()
    assert content.count(b"BG-1") == 1
    store.write_bytes(content.replace(b"BG-1", b"BG-7"))
    assert verified(capsys, "--site", filled) == (1, "NOT WHOLE: entry 2 was changed, or one before it was")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "give --site SITE"),
        (["--site", "a.toml", "--file", "b"], "give --site SITE"),
        (["--file", "missing.jsonl"], "missing.jsonl: No such file"),
        (["--file", "x", "--expect", "3"], "--expect 3: expected a number of entries"),
    ],
)
def test_wrong_usage_is_told_in_one_line(arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["audit", "verify", *arguments]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1


def test_a_site_without_a_store_is_told(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["audit", "verify", "--site", str(site)]) == 2
    assert "no dashboard has kept its store here" in capsys.readouterr().err


def test_an_export_overwrites_nothing(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["audit", "export", "--site", str(filled), "--out", str(filled)]) == 2
    assert "exists already" in capsys.readouterr().err

"""`ioc bench search` makes up its passes, measures, and uses them again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.database import open_file
from dashboard.plate_records import ReadFilter
from dashboard.plate_search import newest_reads
from ioc.__main__ import run_command


def bench(capsys: pytest.CaptureFixture[str], store: Path, *more: str) -> tuple[int, str]:
    arguments = ["bench", "search", "--store", str(store), "--reads", "1000", "--seconds", "1", "--misreads", "10"]
    code = run_command([*arguments, *more])
    return code, capsys.readouterr().out


def passes(store: Path) -> int:
    database = open_file(store)
    with database.read() as connection:
        count = len(newest_reads(connection, None, ReadFilter(), 9999))
    database.close()
    return count


def test_a_new_file_is_filled_and_an_old_one_used_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "plates.db"
    code, said = bench(capsys, store, "--json")
    found = json.loads(said)
    assert code == 0
    assert {"exact", "fuzzy"} <= set(found["searches"])
    assert all(0 < row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"] for row in found["searches"].values())
    assert found["found_among_best_5"]["1 wrong"]["share"] > 0.8
    first = passes(store)
    assert first > 1000, "what was written the while stays"
    code, said = bench(capsys, store)
    assert code == 0
    assert "p95 ms" in said
    assert "1 wrong:" in said
    assert first < passes(store) < first + 1000


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["bench", "search", "--store", str(tmp_path / "no" / "plates.db")]) == 2
    assert "its folder does not exist" in capsys.readouterr().err

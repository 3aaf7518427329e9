from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ioc.errors import IocError, UsageError
from models.manifest import load_manifest
from models.training import figures
from models.training.average_precision import Precision
from models.training.figures import (
    Wanted,
    hazard_table,
    markdown,
    plate_table,
    reader_table,
    road_tables,
    weights_by_name,
)
from models.training.hazard_evaluate import THRESHOLDS
from models.training.hazard_evaluate import Figures as HazardFigures
from models.training.plate_evaluate import Figures, Truth
from models.training.plate_finder_evaluate import Figures as FinderFigures


def test_rows_become_a_table_of_markdown() -> None:
    assert markdown([["", "car"], ["ours", "0.900"]]).splitlines() == ["|  | car |", "|---|---|", "| ours | 0.900 |"]


def test_the_road_s_tables_are_one_a_source_with_what_it_shows() -> None:
    start = {
        "vietnam": {"person": Precision(None, 0), "motorcycle": Precision(0.5, 40), "car": Precision(0.7, 2)},
        "drawn": {"bag": Precision(0.25, 66)},
    }
    ours = {
        "vietnam": {"person": Precision(None, 0), "motorcycle": Precision(0.75, 40), "car": Precision(0.8, 2)},
        "drawn": {"bag": Precision(0.5, 66)},
    }
    vietnam, drawn = road_tables([("start 320", start), ("**ours** 320", ours)])
    assert vietnam.splitlines() == [
        "**Vietnam**",
        "",
        "| weights, width | motorcycle (40) | car (2) | mean |",
        "|---|---|---|---|",
        "| start 320 | 0.500 | 0.700 | 0.500 |",
        "| **ours** 320 | 0.750 | 0.800 | 0.750 |",
    ]
    assert drawn.startswith("**Drawn scenes**\n\n| weights, width | bag (66) | mean |\n")


def test_the_plate_detector_s_table_has_a_column_a_way() -> None:
    def way(average: float) -> dict[str, FinderFigures]:
        return {"gate": FinderFigures(average, 0.8, plates=118, pictures=112, false=0.1)}

    assert plate_table({"start, 640 px": way(0.96), "ours, 640 px": way(0.99)}).splitlines() == [
        "|  | start, 640 px | ours, 640 px |",
        "|---|---|---|",
        "| gate, 118 plates: AP50 | 0.960 | 0.990 |",
        "| tightness | 0.800 | 0.800 |",
        "| false | 0.100 | 0.100 |",
    ]


def test_the_reader_s_table_has_readers_side_by_side() -> None:
    named = {"ours": Figures(), "published reader": Figures()}
    for read, own in zip(("98A1", "98A7"), named.values(), strict=True):
        own.add(Truth("a", "98A1", "", ("one-line",)), (read, 4))
        own.add(Truth("b", "30", "F2", ("two-line",)), ("30F2", 2))
    assert reader_table(named).splitlines() == [
        "| held-back crops | number | exact | characters | lines right | published reader, exact |",
        "|---|---|---|---|---|---|",
        "| one-line | 1 | 1.000 | 1.000 | 1.000 | 0.000 |",
        "| two-line | 1 | 1.000 | 1.000 | 1.000 | 1.000 |",
    ]


def test_the_hazard_detector_s_table_has_a_row_a_threshold() -> None:
    part = dict.fromkeys(THRESHOLDS, 0.5)
    own = HazardFigures({"fire": 0.25, "smoke": None}, {"fire": part, "stills": part}, {"fire": 4, "stills": 6})
    lines = hazard_table({"start": own, "ours": own}).splitlines()
    assert lines[0] == "|  | fire AP50 | smoke AP50 | fire (4) | stills (6) | recall | hard false |"
    assert lines[2] == f"| start, from {THRESHOLDS[0]} | 0.250 | – | 0.500 | 0.500 | 0.500 | 0.500 |"
    assert len(lines) == 2 + 2 * len(THRESHOLDS)


def test_other_weights_are_taken_by_name(tmp_path: Path) -> None:
    file = tmp_path / "new.onnx"
    file.write_bytes(b"")
    wanted = Wanted(tmp_path, tmp_path, weights_by_name([f"road={file}"]))
    assert wanted.file("road") == file
    assert wanted.file("plate") == load_manifest().weights(load_manifest().named("plate"))
    for bad in ("road", f"flowers={file}", "road=none.onnx"):
        with pytest.raises(UsageError, match="expected NAME=FILE, one of road, plate"):
            weights_by_name([bad])


def test_start_weights_that_are_there_are_used_and_others_made_by_the_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    class Recipe:
        @staticmethod
        def main(arguments: list[str]) -> int:
            asked.append(arguments)
            Path(arguments[arguments.index("--out") + 1]).write_bytes(b"start")
            return 0

    monkeypatch.setitem(sys.modules, "models.training.road", Recipe)
    work = tmp_path / "work"
    wanted = Wanted(tmp_path / "data", work, {})
    assert [wanted.start("road") for _ in range(2)] == [work / "road_start.onnx"] * 2
    options = {"--data": tmp_path / "data", "--work": work / "road", "--out": work / "road_start.onnx", "--hours": 0}
    assert asked == [[str(word) for pair in options.items() for word in pair]]


def test_without_the_extra_the_start_weights_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "models.training.road", raising=False)
    monkeypatch.delitem(sys.modules, "models.training.command", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(IocError, match=r"start weights need torch: pip install 'city-ioc\[train\]', or bring .*_start"):
        Wanted(tmp_path, tmp_path, {}).start("road")


def test_the_command_prints_every_table_below_its_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Wanted] = []

    def tables(wanted: Wanted) -> list[str]:
        seen.append(wanted)
        return ["| a |", "| b |"]

    monkeypatch.setattr(figures, "FIGURES", {"road": tables, "plate": tables})
    where = ["--data", str(tmp_path), "--work", str(tmp_path / "w")]
    assert figures.main([*where, "--drawn", str(tmp_path / "d")]) == 0
    assert capsys.readouterr().out == "# road\n\n| a |\n\n| b |\n\n# plate\n\n| a |\n\n| b |\n\n"
    assert seen[0] == Wanted(tmp_path, tmp_path / "w", {}, tmp_path / "d")
    assert figures.main(["plate", *where]) == 0
    assert capsys.readouterr().out.startswith("# plate\n\n| a |")


def test_an_unknown_model_and_data_that_is_missing_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--data", str(tmp_path), "--work", str(tmp_path)]
    assert figures.main(["flowers", *where]) == 2
    known = "road, plate, plate_reader, hazard, water, crowd"
    assert capsys.readouterr().err == f"no figures of 'flowers'; there are: {known}\n"
    assert figures.main(["road", *where]) != 0
    (line,) = capsys.readouterr().err.splitlines()
    assert str(tmp_path) in line


def test_what_another_command_prints_becomes_a_block(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Evaluate:
        @staticmethod
        def main(arguments: list[str]) -> int:
            sys.stdout.write(" ".join(arguments[3:]) + "\n")
            return 0 if arguments[2] == "good" else 1

    monkeypatch.setitem(sys.modules, "models.training.dense_evaluate", Evaluate)
    file = tmp_path / "new.onnx"
    (text,) = figures.water(Wanted(Path("good"), tmp_path, {"water": file}))
    assert text == f"```\n--weights {file}\n```"
    (text,) = figures.crowd(Wanted(Path("good"), tmp_path, {"crowd": file}))
    assert text == f"```\n--weights {file}\n```"
    with pytest.raises(IocError, match="dense_evaluate failed"):
        list(figures.water(Wanted(Path("bad"), tmp_path, {"water": file})))


def test_a_model_that_does_not_ship_is_measured_only_when_its_weights_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(figures, "FIGURES", {"road": lambda _: [], "flying": lambda _: []})
    file = tmp_path / "new.onnx"
    file.write_bytes(b"")
    where = ["--data", str(tmp_path), "--work", str(tmp_path)]
    assert figures.main(where) == 0
    assert capsys.readouterr().out == "# road\n\n"
    assert figures.main([*where, "--weights", f"flying={file}"]) == 0
    assert capsys.readouterr().out == "# road\n\n# flying\n\n"

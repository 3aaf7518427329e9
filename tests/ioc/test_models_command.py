"""`ioc models` as a person meets it, mostly with a drawn model in a manifest of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ioc.__main__ import run_command
from ioc.commands.models_text import cell, numbers, ratio, renames, table
from ioc.commands.models_train import NEEDED, RECIPES, drawn_scenes, needs_drawn_scenes
from ioc.errors import UsageError
from models.labelled_set import read_set
from models.manifest import load_manifest
from streams.scenes import LABELS
from tests.models.drawn_model import Colours, write
from tests.models.drawn_set import draw_manifest, draw_set

SCENES = {"a": [("red", 1, 1), ("green", 5, 5)], "b": [("red", 8, 2)]}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return draw_manifest(tmp_path / "models")


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what stands on standard error, which must be one line."""
    (line,) = capsys.readouterr().err.splitlines()
    return line


def models(verb: str, *arguments: object) -> int:
    return run_command(["models", verb, *map(str, arguments)])


@pytest.mark.parametrize("verb", ["list", "verify", "eval", "bench", "quantise", "export", "pull", "train"])
def test_help_teaches_every_verb(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert models(verb, "--help") == 0
    assert f" models {verb} [OPTIONS]" in capsys.readouterr().out


def test_no_verb_shows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["models"]) == 2
    shown = capsys.readouterr()
    assert "verify" in shown.out + shown.err


class TestList:
    def test_names_every_bundled_model(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert models("list") == 0
        shown = capsys.readouterr().out
        for entry in load_manifest().model:
            assert f"{entry.name}: " in shown
            assert entry.licence in shown
        assert "finds: person, bicycle, motorcycle, car, bus, truck, bag" in shown

    def test_json_says_all_there_is_to_know(self, manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert models("list", "--manifest", manifest, "--json") == 0
        (row,) = json.loads(capsys.readouterr().out)
        weights = manifest.parent / "weights" / "colours.onnx"
        assert row == {
            "name": "colours",
            "bytes": weights.stat().st_size,
            "labels": ["red", "green", "blue"],
            "finds": ["red", "green", "blue"],
            "size": 320,
            "layout": "yolo",
            "licence": "AGPL-3.0-or-later",
            "card": str(manifest.parent / "cards" / "colours.md"),
            "sha256": load_manifest(manifest).named("colours").sha256,
        }

    def test_missing_weights_are_said(self, manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (manifest.parent / "weights" / "colours.onnx").unlink()
        assert models("list", "--manifest", manifest) == 0
        assert "colours: no file" in capsys.readouterr().out


class TestVerify:
    def test_bundled_models_are_whole(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert models("verify") == 0
        shown = capsys.readouterr()
        assert [line.split(":")[0] for line in shown.out.splitlines()] == [
            entry.name for entry in load_manifest().model
        ]
        assert shown.err == ""

    def test_each_bad_model_is_one_line_and_the_good_ones_are_still_checked(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        manifest = draw_manifest(tmp_path)
        good = manifest.read_text()
        altered = good.replace('"colours"', '"altered"').replace("colours.onnx", "altered.onnx")
        absent = good.replace('"colours"', '"absent"').replace("colours.onnx", "absent.onnx")
        fewer = good.replace('"colours"', '"fewer"').replace('"red", "green", "blue"', '"red", "green"')
        manifest.write_text(altered + absent + fewer + good)
        content = (tmp_path / "weights" / "colours.onnx").read_bytes()
        (tmp_path / "weights" / "altered.onnx").write_bytes(content[:-1] + b"x")
        assert models("verify", "--manifest", manifest) == 1
        shown = capsys.readouterr()
        assert shown.out.startswith("colours: good, sha256 ")
        first, second, third = shown.err.splitlines()
        assert first.startswith("ioc: altered: ")
        assert "have been altered" in first
        assert "ioc: absent: " in second
        assert "No such file" in second
        assert "ioc: fewer: " in third
        assert "for the manifest's 2 labels" in third


class TestEval:
    def run(self, manifest: Path, folder: Path, *more: object) -> int:
        return models("eval", "colours", "--manifest", manifest, "--data", folder, *more)

    def test_figures_for_people(self, manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.run(manifest, draw_set(tmp_path / "set", SCENES)) == 0
        title, names, boxes, ap50, ap = capsys.readouterr().out.splitlines()
        assert title == f"colours on 2 pictures of {tmp_path / 'set'}"
        assert names.split() == ["size", "red", "green", "blue", "mean"]
        assert boxes.split() == ["boxes", "2", "1", "0"]
        assert ap50.split() == ["320", "AP50", "1.000", "1.000", "–", "1.000"]
        assert ap.split() == ["AP50-95", "1.000", "1.000", "–", "1.000"]

    def test_figures_for_programs(self, manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder = draw_set(tmp_path / "set", SCENES)
        assert self.run(manifest, folder, "--size", 320, "--size", 160, "--json") == 0
        value = json.loads(capsys.readouterr().out)
        assert (value["model"], value["pictures"], value["data"]) == ("colours", 2, str(folder))
        assert value["sha256"] == load_manifest(manifest).named("colours").sha256
        large, small = value["sizes"]
        assert (large["size"], large["ap50"], small["size"]) == (320, 1.0, 160)
        assert large["labels"]["green"] == {"boxes": 1, "ap50": 1.0, "ap50_95": 1.0}

    def test_classes_are_mapped_and_those_left_out_are_told(
        self, manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = draw_set(tmp_path / "set", SCENES, classes=["crimson", "green", "azure"])
        assert self.run(manifest, folder, "--classes", "crimson=red", "--json") == 0
        shown = capsys.readouterr()
        labels = json.loads(shown.out)["sizes"][0]["labels"]
        assert {name: own["ap50"] for name, own in labels.items()} == {"red": 1.0, "green": 1.0}
        (note,) = shown.err.splitlines()
        assert note.endswith("(--classes from=to maps them): azure")

    def test_other_weights_are_measured_in_place_of_the_model_s(
        self, manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "worse").mkdir()
        worse, sha256 = write(tmp_path / "worse", Colours(box=64.0))
        folder = draw_set(tmp_path / "set", {"a": [("red", 4, 4)]})
        assert self.run(manifest, folder, "--weights", worse, "--json") == 0
        value = json.loads(capsys.readouterr().out)
        assert (value["sha256"], value["weights"]) == (sha256, str(worse))
        assert value["sizes"][0]["labels"]["red"]["ap50"] == 0.0

    def test_a_list_and_a_true_shape(self, manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder = draw_set(tmp_path / "set", SCENES)
        (tmp_path / "val.txt").write_text("b\n")
        assert self.run(manifest, folder, "--list", tmp_path / "val.txt", "--aspect", "16:9", "--json") == 0
        assert json.loads(capsys.readouterr().out)["pictures"] == 1

    def test_labels_used_by_other_names_are_the_ones_that_count(
        self, manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        manifest.write_text(manifest.read_text() + 'use = { green = "car", red = "car" }\n')
        folder = draw_set(tmp_path / "set", SCENES, classes=["car", "van", "azure"])
        assert self.run(manifest, folder, "--classes", "van=car", "--json") == 0
        labels = json.loads(capsys.readouterr().out)["sizes"][0]["labels"]
        assert labels == {"car": {"boxes": 3, "ap50": 1.0, "ap50_95": 1.0}}

    @pytest.mark.parametrize(
        ("options", "code", "line"),
        [
            (["--classes", "red"], 2, "--classes red: expected FROM=TO"),
            (["--classes", "rot=red"], 2, "has no class 'rot'; there are: red, green, blue"),
            (["--aspect", "wide"], 2, "--aspect wide: expected width:height, such as 16:9"),
            (["--list", "absent.txt"], 2, "absent.txt: No such file"),
            (["--weights", "absent.onnx"], 1, "absent.onnx: No such file"),
            (["--size", "7"], 2, "--size"),
            (["--join-riders", "never"], 2, "--join-riders"),
        ],
    )
    def test_what_cannot_be_done_is_one_line(
        self,
        manifest: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        options: list[str],
        code: int,
        line: str,
    ) -> None:
        assert self.run(manifest, draw_set(tmp_path / "set", SCENES), *options) == code
        assert line in said(capsys)

    def test_unreadable_pictures_and_labels_are_one_line(
        self, manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = draw_set(tmp_path / "set", SCENES, labels={"b": "red 1 2 3 4"})
        assert self.run(manifest, folder) == 2
        assert "b.txt, line 1: expected a class from 0 to 2" in said(capsys)
        (folder / "labels" / "b.txt").unlink()
        (folder / "images" / "b.png").write_bytes(b"no picture")
        assert self.run(manifest, folder) == 1
        assert "b.png: cannot be read as a picture" in said(capsys)

    def test_unknown_models_are_refused(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert models("eval", "rode", "--data", tmp_path) == 1
        assert "no model 'rode'; there are: road" in said(capsys)

    @pytest.mark.parametrize("options", [(), ("--drawn", 2), ("--data", ".", "--confusions", "c.json")])
    def test_a_detector_needs_a_folder_and_has_no_options_of_readers(
        self, capsys: pytest.CaptureFixture[str], options: tuple[object, ...]
    ) -> None:
        assert models("eval", "road", *options) == 2
        assert "needs --data, a folder with images/ and labels/; only readers have --drawn" in said(capsys)

    def test_a_map_is_sent_to_its_own_command_before_the_folder_is_read(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        manifest = draw_manifest(tmp_path / "models")
        manifest.write_text(manifest.read_text().replace('"yolo"', '"mask"'))
        assert self.run(manifest, tmp_path / "none") == 2
        assert "measured by `python -m models.training.dense_evaluate colours --data DIR`" in said(capsys)


class TestBench:
    def test_every_way_is_a_row(self, manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
        ways = ["--batch", "1,3", "--threads", "1,2", "--seconds", "0.1", "--size", "320"]
        assert models("bench", "colours", "--manifest", manifest, *ways, "--json") == 0
        value = json.loads(capsys.readouterr().out)
        assert value["processor"]
        assert [(row["threads"], row["batch"]) for row in value["costs"]] == [(1, 1), (1, 3), (2, 1), (2, 3)]
        assert {(row["model"], row["weights"], row["input"]) for row in value["costs"]} == {
            ("colours", "colours.onnx", "320×192")
        }
        assert all(row["cpu_ms"] > 0 and row["wall_ms"] > 0 and row["rounds"] >= 5 for row in value["costs"])

    def test_a_fixed_input_is_what_is_timed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        manifest = draw_manifest(tmp_path, Colours(shape=("batch", 3, 320, 320)))
        ways = ["--batch", "2", "--threads", "1", "--seconds", "0.1", "--json"]
        assert models("bench", "--manifest", manifest, *ways) == 0
        (row,) = json.loads(capsys.readouterr().out)["costs"]
        assert row["input"] == "320×320"

    def test_eight_bit_copies_stand_beside_without_being_asked_for(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("models.session.places", lambda: ["cpu"])
        ways = ["--batch", "1", "--threads", "1", "--seconds", "0.1", "--size", "96", "--json"]
        assert models("bench", "road", *ways) == 0
        costs = json.loads(capsys.readouterr().out)["costs"]
        assert [(cost["weights"], cost["runtime"]) for cost in costs] == [
            ("road.onnx", "cpu"),
            ("road_int8.onnx", "cpu"),
        ]

    def test_other_weights_stand_beside_and_people_get_a_table(
        self, manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "other").mkdir()
        other, _ = write(tmp_path / "other", Colours(box=64.0))
        other = other.rename(other.with_name("int8.onnx"))
        ways = ["--batch", "1", "--threads", "1", "--seconds", "0.1", "--size", "96"]
        assert models("bench", "colours", "--manifest", manifest, "--weights", other, *ways) == 0
        title, head, first, second = capsys.readouterr().out.splitlines()
        assert title.startswith("Processor: ")
        assert head.split() == [
            "model",
            "weights",
            "runtime",
            "input",
            "threads",
            "batch",
            "cpu_ms",
            "wall_ms",
            "rounds",
        ]
        assert first.split()[1:4] == ["colours.onnx", "cpu", "96×64"]
        assert second.split()[1] == "int8.onnx"

    @pytest.mark.parametrize(
        ("options", "line"),
        [
            (["--batch", "1,,4"], "--batch 1,,4: expected whole numbers"),
            (["--threads", "0"], "--threads 0: expected whole numbers"),
            (["--weights", "x.onnx"], "--weights needs the NAME"),
            (["--seconds", "0"], "--seconds"),
        ],
    )
    def test_bad_usage_is_one_line(self, capsys: pytest.CaptureFixture[str], options: Sequence[str], line: str) -> None:
        assert models("bench", *options) == 2
        assert line in said(capsys)


class TestQuantise:
    def test_pictures_must_be_there(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert models("quantise", "road", "--data", tmp_path, "--out", tmp_path / "x.onnx") == 2
        assert "holds no pictures" in said(capsys)


class TestTrain:
    def test_an_unknown_recipe_names_those_there_are(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert models("train", "rode", "--work", tmp_path) == 2
        assert said(capsys) == f"ioc: no recipe trains 'rode'; there are: {', '.join(RECIPES)}"

    def test_every_recipe_is_there_and_every_bundled_model_has_one(self) -> None:
        assert set(RECIPES) >= {entry.name for entry in load_manifest().model}
        training = Path(__file__).parents[2] / "models" / "training"
        for recipe in RECIPES.values():
            assert "def main(" in (training / f"{recipe}.py").read_text()

    @pytest.mark.parametrize(
        ("options", "needed"),
        [
            ([], True),
            (["--hours", "2", "--seed=3"], True),
            (["--drawn", "there"], False),
            (["--drawn=there"], False),
            (["--help"], False),
        ],
    )
    def test_scenes_are_drawn_unless_some_are_given(self, options: list[str], needed: bool) -> None:
        assert needs_drawn_scenes(options) is needed

    def test_drawn_scenes_are_whole_and_drawn_once(self, tmp_path: Path) -> None:
        folder = drawn_scenes(tmp_path, 4)
        assert len(read_set(folder, LABELS).pictures) == 4
        assert [path.name for path in tmp_path.iterdir()] == ["drawn"]
        before = (folder / "classes.txt").stat().st_mtime_ns
        assert drawn_scenes(tmp_path, 4) == folder
        assert (folder / "classes.txt").stat().st_mtime_ns == before

    def test_scenes_that_a_stopped_run_left_half_drawn_are_drawn_again(self, tmp_path: Path) -> None:
        (tmp_path / "drawn.partial" / "images").mkdir(parents=True)
        assert len(read_set(drawn_scenes(tmp_path, 3), LABELS).pictures) == 3

    @pytest.mark.parametrize("package", NEEDED)
    def test_without_the_extra_one_line_names_it(self, tmp_path: Path, package: str) -> None:
        code = (
            f"import sys; sys.modules[{package!r}] = None\n"
            "from ioc.__main__ import run_command\n"
            f"sys.exit(run_command(['models', 'train', 'road', '--work', {str(tmp_path)!r}]))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        line = "ioc: training needs torch, ultralytics and onnx: pip install 'city-ioc[train]'\n"
        assert (done.returncode, done.stderr) == (1, line)
        assert list(tmp_path.iterdir()) == []


class TestOptions:
    def test_renames(self) -> None:
        assert renames(None) == {}
        assert renames(["van=car", "motorbike=motorcycle"]) == {"van": "car", "motorbike": "motorcycle"}
        for bad in ("van", "=car", "van="):
            with pytest.raises(UsageError, match="expected FROM=TO"):
                renames([bad])

    def test_ratio(self) -> None:
        assert ratio("16:9") == pytest.approx(16 / 9)
        for bad in ("16", "16:0", "a:b", "1:999", "-4:3"):
            with pytest.raises(UsageError, match="expected width:height"):
                ratio(bad)

    def test_numbers(self) -> None:
        assert numbers("--batch", "1,4,4,8") == [1, 4, 8]
        for bad in ("", "1,", "0", "257", "-1", "²"):
            with pytest.raises(UsageError, match="expected whole numbers"):
                numbers("--batch", bad)

    def test_cells_and_tables(self) -> None:
        assert [cell(value) for value in (None, "a", 3, 0.5, 1.0, 12.34)] == ["–", "a", "3", "0.500", "1.000", "12.3"]
        assert table([["a", "bb"], ["ccc", ""]]) == ["  a  bb", "ccc"]

from __future__ import annotations

from pathlib import Path

import pytest

from ioc.errors import ModelError
from models.catalogue import load_catalogue
from models.layouts import FORMS

GOOD = {
    "name": '"signs"',
    "publisher": '"Road office"',
    "url": '"https://models.example/signs.onnx"',
    "sha256": f'"{"0" * 64}"',
    "bytes": "1000",
    "layout": '"rtdetr"',
    "words": '"plain"',
    "licence": '"MIT"',
}
WORDS = '[words.plain]\nlabels = ["Stop", "yield"]\nuse = { Stop = "stop" }\n'


def written(folder: Path, words: str = WORDS, **changes: str | None) -> Path:
    lines = (f"{key} = {value}\n" for key, value in {**GOOD, **changes}.items() if value is not None)
    path = folder / "ours.toml"
    path.write_text(words + "[[model]]\n" + "".join(lines), encoding="utf-8")
    return path


def test_the_bundled_catalogue_names_detectors_that_rules_can_use() -> None:
    catalogue = load_catalogue()
    assert len(catalogue.model) >= 5
    for published in catalogue.model:
        entry = catalogue.entry(published)
        assert entry.layout in FORMS
        assert len(entry.labels) == 80
        assert set(entry.finds) == {"person", "bicycle", "motorcycle", "car", "bus", "truck", "bag"}
        assert entry.sha256 == published.sha256
        assert published.url.startswith("https://github.com/ultralytics/")
        assert published.url.endswith(f"/{published.name}.onnx")
    assert len({own.sha256 for own in catalogue.model}) == len({own.name for own in catalogue.model})


def test_a_model_becomes_a_manifest_s_entry(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path))
    entry = catalogue.entry(catalogue.named("signs"))
    assert (entry.name, entry.file, entry.layout, entry.size) == ("signs", "signs.onnx", "rtdetr", 640)
    assert (entry.labels, entry.finds, entry.licence) == (("Stop", "yield"), ("stop",), "MIT")


def test_an_unknown_model_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"ours\.toml: no model 'lights'; there are: signs$"):
        load_catalogue(written(tmp_path)).named("lights")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": '"http://models.example/a.onnx"'}, "model[0].url: expected a URL that begins with https://"),
        ({"url": '"https://me:secret@models.example/a.onnx"'}, "model[0].url: expected a URL that begins with"),
        ({"sha256": '"abc"'}, "model[0].sha256: "),
        ({"sha256": None}, "model[0].sha256: is missing"),
        ({"bytes": "0"}, "model[0].bytes: "),
        ({"bytes": "3000000000"}, "model[0].bytes: "),
        ({"layout": '"ssd"'}, "model[0].layout: "),
        ({"name": '"../a"'}, "model[0].name: "),
        ({"colour": '"red"'}, "model[0].colour: unknown key"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, changes: dict[str, str | None], says: str) -> None:
    with pytest.raises(ModelError) as caught:
        load_catalogue(written(tmp_path, WORDS, **changes))
    assert str(caught.value).startswith(f"{tmp_path / 'ours.toml'}: {says}")
    assert "\n" not in str(caught.value)


def test_labels_that_are_missing_or_wrong_are_said_with_the_model(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path))
    strange = catalogue.named("signs").model_copy(update={"words": "coco"})
    with pytest.raises(ModelError, match=r"signs: there is no table \[words.coco\]"):
        catalogue.entry(strange)
    odd = load_catalogue(written(tmp_path, '[words.plain]\nlabels = ["Stop"]\n'))
    with pytest.raises(ModelError, match="signs: labels: 'Stop' is no word for rules"):
        odd.entry(odd.named("signs"))


def test_a_catalogue_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.toml: No such file or directory; expected a catalogue"):
        load_catalogue(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[[model]", encoding="utf-8")
    with pytest.raises(ModelError, match=r"bad\.toml: not TOML: "):
        load_catalogue(tmp_path / "bad.toml")

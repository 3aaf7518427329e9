from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pydantic import ValidationError

from ioc.errors import ModelError
from models.manifest import ModelEntry, as_toml, load_manifest

ENTRY = {
    "name": '"signs"',
    "file": '"signs.onnx"',
    "sha256": f'"{"0" * 64}"',
    "layout": '"yolo"',
    "labels": '["stop", "yield"]',
    "exclusive": '[["stop", "yield"]]',
    "size": "320",
    "licence": '"MIT"',
    "card": '"signs.md"',
}


def table(**changes: str | None) -> str:
    """Return a `[[model]]` table with some keys changed, or left out where None."""
    words = {**ENTRY, **changes}
    return "[[model]]\n" + "".join(f"{key} = {value}\n" for key, value in words.items() if value is not None)


def written(folder: Path, text: str) -> Path:
    path = folder / "more.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_bundled_weights_are_the_ones_that_the_manifest_names() -> None:
    manifest = load_manifest()
    for entry in manifest.model:
        content = manifest.weights(entry).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry.sha256, f"put the digest of {entry.file} into the manifest"


def test_bundled_road_model_sees_the_contracted_labels() -> None:
    road = load_manifest().named("road")
    assert set(road.labels) == {"person", "bicycle", "motorcycle", "car", "bus", "truck", "bag"}
    assert road.licence == "AGPL-3.0-or-later"


def test_a_further_manifest_adds_models_beside_itself(tmp_path: Path) -> None:
    manifest = load_manifest(written(tmp_path, table() + table(name='"lights"', file='"far/lights-2.onnx"')))
    assert [entry.name for entry in manifest.model] == ["signs", "lights"]
    assert manifest.weights(manifest.named("lights")) == tmp_path / "weights" / "far" / "lights-2.onnx"
    assert manifest.card(manifest.named("signs")) == tmp_path / "cards" / "signs.md"
    assert manifest.named("signs").exclusive == (("stop", "yield"),)


def test_what_may_be_left_out_has_a_default(tmp_path: Path) -> None:
    manifest = load_manifest(written(tmp_path, table(exclusive=None, size=None, card=None)))
    entry = manifest.named("signs")
    assert entry.exclusive == ()
    assert entry.size == 640
    assert entry.finds == ("stop", "yield")
    assert manifest.card(entry) == tmp_path / "cards" / "signs.md"


def test_labels_in_any_language_are_used_by_our_words(tmp_path: Path) -> None:
    text = table(labels='["Biển báo STOP", "yield", "no entry"]', exclusive='[["stop", "give way"]]')
    entry = load_manifest(
        written(tmp_path, text + 'use = { "no entry" = "stop", "Biển báo STOP" = "stop", yield = "give way" }\n')
    ).named("signs")
    assert entry.finds == ("stop", "give way")
    assert entry.labels == ("Biển báo STOP", "yield", "no entry")


def test_an_entry_cannot_be_changed(tmp_path: Path) -> None:
    entry = load_manifest(written(tmp_path, table())).named("signs")
    with pytest.raises(ValidationError):
        entry.sha256 = "1" * 64  # type: ignore[misc]  # what is tested


def test_unknown_model_names_those_there_are(tmp_path: Path) -> None:
    manifest = load_manifest(written(tmp_path, table() + table(name='"lights"')))
    with pytest.raises(ModelError, match=r"more\.toml: no model 'plates'; there are: signs, lights$"):
        manifest.named("plates")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (table(colour='"red"'), "model[0].colour: unknown key"),
        (table(sha256=None), "model[0].sha256: is missing"),
        (table(sha256='"abc"'), "model[0].sha256: "),
        (table(sha256=f'"{"A" * 64}"'), "model[0].sha256: "),
        (table(layout='"ssd"'), "model[0].layout: "),
        (table(labels="[]"), "model[0].labels: "),
        (table(labels='["stop", "stop"]', exclusive=None), "model[0]: labels: expected each label once"),
        (table(exclusive='[["stop", "halt"]]'), "model[0]: exclusive: 'halt' is not among what is found"),
        (table(use='{ halt = "stop" }'), "model[0]: use: 'halt' is not among the labels"),
        (table(use='{ stop = "Stop" }'), "model[0].use.stop: "),
        (table(use='{ stop = "halt" }'), "model[0]: exclusive: 'stop' is not among what is found"),
        (table(labels='["stop", "Yield"]', exclusive=None), "model[0]: labels: 'Yield' is no word for rules; name it"),
        (table(labels='["stop", " yield"]', exclusive=None), "model[0].labels[1]: "),
        (table(labels='["stop", "a\\nb"]', exclusive=None), "model[0].labels[1]: "),
        (table(exclusive='[["stop"], ["yield", "stop"]]'), "model[0]: exclusive: expected each label in one group"),
        (table(size="16"), "model[0].size: "),
        (table(size='"big"'), "model[0].size: "),
        (table(file='"/etc/passwd"'), "model[0].file: "),
        (table(file='"../road.onnx"'), "model[0].file: "),
        (table(licence='""'), "model[0].licence: "),
        (table() + table(), "model: the name 'signs' stands twice"),
        (table() + table(name='"lights"', size="0"), "model[1].size: "),
        ("", "model: is missing"),
        ("model = []", "model: "),
        ('path = "x"\n' + table(), "path: unknown key"),
        ("models = 3\n" + table(), "models: unknown key"),
        ("[[model]", "not TOML: "),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ModelError) as caught:
        load_manifest(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: {says}")
    assert "\n" not in message


def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.toml: No such file or directory; expected a manifest"):
        load_manifest(tmp_path / "none.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes("[[model]]\nname = 'đèn'".encode("utf-16"))
    with pytest.raises(ModelError, match=r"latin\.toml: not TOML: "):
        load_manifest(latin)


def test_a_table_that_is_written_reads_as_the_same(tmp_path: Path) -> None:
    words = {
        "name": "junction",
        "file": "junction.onnx",
        "sha256": "0" * 64,
        "layout": "yolo-end2end",
        "labels": ["xe máy", 'a "quoted" \\ word', "bus"],
        "use": {"xe máy": "motorcycle", 'a "quoted" \\ word': "car", "bus": "bus"},
        "exclusive": [["car", "bus"]],
        "size": 416,
        "licence": "MIT",
    }
    entry = ModelEntry.model_validate(words)
    other = entry.model_copy(update={"name": "b"})
    assert load_manifest(written(tmp_path, as_toml(entry) + "\n" + as_toml(other))).model == (entry, other)


def test_a_written_table_leaves_out_what_is_usual() -> None:
    words = {"name": "a", "file": "a.onnx", "sha256": "0" * 64, "layout": "yolo", "labels": ["car"], "licence": "MIT"}
    assert as_toml(ModelEntry.model_validate(words)).splitlines() == [
        "[[model]]",
        'name = "a"',
        'file = "a.onnx"',
        f'sha256 = "{"0" * 64}"',
        'layout = "yolo"',
        'labels = ["car"]',
        'licence = "MIT"',
    ]

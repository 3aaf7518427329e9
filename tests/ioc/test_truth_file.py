"""Truth files as people make them: what is doubted, how they are written, the template, the schema."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ioc.errors import UsageError
from ioc.rulebook import kinds
from ioc.site import RuleEntry, Zone
from ioc.truth import TruthError, parse_truth, read_truth
from ioc.truth_file import KINDS, doubts, length_doubt, schema, text_of
from ioc.truth_template import template
from tests.ioc.test_truth import FIRE, written

ROOT = Path(__file__).parents[2]
KERB = Zone(name="kerb", polygon=((0.1, 0.5), (0.9, 0.5), (0.9, 0.9)))


PASS: dict[str, Any] = {"text": "98A12345", "start_s": 1, "end_s": 3}


def doubted(**changes: Any) -> list[str]:
    return doubts(parse_truth({"duration_s": 40.0, "events": [FIRE], **changes}, "truth.json"))


def test_every_kind_of_rule_is_known() -> None:
    assert set(kinds()) <= set(KINDS)


def test_a_truth_that_can_be_meant_is_not_doubted() -> None:
    assert doubted(ignore=[{"kind": "smoke", "start_s": 0, "end_s": 40.0}]) == []
    assert doubted(events=[{"kind": "flood", "start_s": 40.0, "due_s": 40.0}]) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"events": [{**FIRE, "kind": "fires"}]}, "events[0].kind: unknown kind 'fires'; there are: illegal_parking"),
        ({"events": [FIRE, {**FIRE, "box": [0.1, 0.2, 1.3, 0.4]}]}, "events[1].box: reaches out of the picture"),
        ({"events": [{**FIRE, "box": [-0.1, 0.2, 0.3, 0.4]}]}, "events[0].box: reaches out of the picture"),
        ({"events": [{**FIRE, "end_s": 41}]}, "events[0].end_s: 41 lies after the end of the recording at 40 s"),
        ({"events": [{**FIRE, "due_s": 41, "end_s": None}]}, "events[0].due_s: 41 lies after the end"),
        ({"events": [{"kind": "fire", "start_s": 50, "due_s": 60}]}, "events[0].start_s: 50 lies after the end"),
        ({"ignore": [{"kind": "fog", "start_s": 1, "end_s": 2}]}, "ignore[0].kind: unknown kind 'fog'"),
        ({"ignore": [{"kind": "fire", "start_s": 1, "end_s": 99}]}, "ignore[0].end_s: 99 lies after the end"),
        ({"plates": [{**PASS, "end_s": 99}]}, "plates[0].end_s: 99 lies after the end"),
        ({"plates": [{**PASS, "box": [0.1, 0.2, 1.3, 0.4]}]}, "plates[0].box: reaches out of the picture"),
        ({"counts": [{"at_s": 2, "people": 3}, {"at_s": 41, "people": 3}]}, "counts[1].at_s: 41 lies after the end"),
    ],
)
def test_each_doubt_names_its_key_once(changes: dict[str, Any], said: str) -> None:
    (doubt,) = doubted(**changes)
    assert doubt.startswith(said)


@pytest.mark.parametrize(("seconds", "said"), [(40.4, None), (39.6, None), (42, "shorter than"), (38, "longer than")])
def test_the_length_may_differ_by_little(seconds: float, said: str | None) -> None:
    doubt = length_doubt(parse_truth({"duration_s": 40}, "truth.json"), seconds)
    assert doubt is None if said is None else doubt is not None and said in doubt


def test_all_problems_of_a_file_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path, duration_s=-1, events=[{**FIRE, "kind": ""}, {"kind": "fire"}])
    with pytest.raises(TruthError, match=r"and 3 more: `ioc truth check` lists them") as caught:
        read_truth(path)
    assert [problem.split(": ")[1] for problem in caught.value.problems] == [
        "duration_s",
        "events[0].kind",
        "events[1].start_s",
        "events[1].due_s",
    ]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_no_time_is_endless(tmp_path: Path, number: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(f'{{"duration_s": {number}}}')
    with pytest.raises(UsageError, match="duration_s"):
        read_truth(path)


def test_a_file_of_brackets_is_no_truth(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    path.write_text("[" * 200_000)
    with pytest.raises(UsageError, match="not JSON"):
        read_truth(path)


def test_what_is_written_can_be_read_and_edited() -> None:
    document = {"clip": "chợ.mp4", "notes": "[1,\n 2]", "events": [FIRE], "zones": [{"polygon": [[0.1, 1e-7], [2, 3]]}]}
    text = text_of(document)
    assert json.loads(text) == document
    assert '"box": [0.1, 0.2, 0.3, 0.4]' in text
    assert "chợ.mp4" in text
    assert "[0.1, 1e-07]" in text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_no_file_can_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        text_of({"notes": value})


def test_the_template_has_what_the_site_knows_and_an_example_that_is_refused() -> None:
    rule = RuleEntry.model_validate(
        {"name": "no-parking", "kind": "illegal_parking", "camera": "c1", "zone": "kerb", "after": "PT8S"}
    )
    made = json.loads(text_of(template("gate.mp4", 40.04, [KERB], [rule])))
    assert (made["clip"], made["duration_s"], made["events"], made["ignore"]) == ("gate.mp4", 40.04, [], [])
    assert made["zones"] == [{"name": "kerb", "polygon": [[0.1, 0.5], [0.9, 0.5], [0.9, 0.9]]}]
    assert made["rules"][0]["after"] == "PT8S"
    (event,) = made["example"]["events"]
    assert event["due_s"] - event["start_s"] == pytest.approx(timedelta(seconds=8).total_seconds())
    with pytest.raises(TruthError, match=r"truth\.json: example: remove this key"):
        parse_truth(made, "truth.json")
    filled = made | made.pop("example")
    assert doubts(parse_truth(filled, "truth.json")) == []


def test_the_template_needs_no_site() -> None:
    made = template("gate.mp4", 3.5)
    assert (made["zones"], made["rules"]) == ([], [])
    assert doubts(parse_truth(made | made.pop("example"), "truth.json")) == []


def test_the_published_schema_is_the_codes() -> None:
    published = json.loads((ROOT / "docs" / "truth.schema.json").read_text(encoding="utf-8"))
    assert published == schema(), "run: ioc truth schema > docs/truth.schema.json"


def test_the_schema_takes_what_the_reader_takes() -> None:
    good = {"duration_s": 40.0, "events": [FIRE], "notes": "windy"}
    jsonschema.validate(good, schema())
    unfinished: list[dict[str, Any]] = [good | {"example": {}}, good | {"events": [{"kind": "fire"}]}]
    for bad in ({"events": []}, {"duration_s": 0}, *unfinished):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema())
        with pytest.raises(TruthError):
            parse_truth(bad, "truth.json")

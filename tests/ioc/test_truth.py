"""Truth files: what they may say, and one line for what they may not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ioc.errors import UsageError
from ioc.truth import read_truth

FIRE = {"kind": "fire", "start_s": 3.0, "due_s": 5.0, "end_s": 20.0, "box": [0.1, 0.2, 0.3, 0.4]}


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "truth.json"
    path.write_text(json.dumps({"clip": "a.mp4", "duration_s": 40.0, "events": [FIRE], **changes}))
    return path


def test_a_truth_file_is_read_whatever_else_it_says(tmp_path: Path) -> None:
    truth = read_truth(written(tmp_path, notes="windy", zones=[], ignore=[{"kind": "smoke", "start_s": 0, "end_s": 2}]))
    (event,) = truth.events
    assert (truth.clip, truth.duration_s, event.kind, event.due_s) == ("a.mp4", 40.0, "fire", 5.0)
    assert event.box == (0.1, 0.2, 0.3, 0.4)
    assert truth.ignore[0].end_s == 2


def test_an_event_needs_neither_box_nor_end(tmp_path: Path) -> None:
    path = written(tmp_path, events=[{"kind": "flood", "start_s": 1, "due_s": 1}])
    (event,) = read_truth(path).events
    assert event.box is None
    assert event.end_s is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"duration_s": 0}, "duration_s"),
        ({"duration_s": "long"}, "duration_s"),
        ({"events": [{**FIRE, "due_s": 1}]}, "events[0]: due_s 1 lies before start_s 3"),
        ({"events": [{**FIRE, "end_s": 1}]}, "events[0]: end_s 1 lies before start_s 3"),
        ({"events": [FIRE, {**FIRE, "box": [0.3, 0.2, 0.1, 0.4]}]}, "events[1].box: expected x1 < x2"),
        ({"events": [{"kind": "fire", "start_s": 3}]}, "events[0].due_s: is missing"),
        ({"events": [{**FIRE, "kind": ""}]}, "events[0].kind"),
        ({"ignore": [{"kind": "fire", "start_s": 3, "end_s": 2}]}, "ignore[0]: end_s 2 lies before"),
    ],
)
def test_what_cannot_be_true_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = written(tmp_path, **changes)
    with pytest.raises(UsageError) as caught:
        read_truth(path)
    assert str(caught.value).startswith(f"{path}: {said}")


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]"])
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "truth.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"truth\.json: "):
        read_truth(path)


def test_a_missing_file_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a truth file"):
        read_truth(tmp_path / "none.json")


def test_plates_are_canonical_and_may_be_left_out(tmp_path: Path) -> None:
    passes = [{"text": "98-MĐ1 123.45", "start_s": 1, "end_s": 3, "box": [0.1, 0.2, 0.3, 0.4]}]
    (seen,) = read_truth(written(tmp_path, plates=passes)).plates or ()
    assert (seen.text, seen.start_s, seen.end_s, seen.box) == ("98MD112345", 1, 3, (0.1, 0.2, 0.3, 0.4))
    assert read_truth(written(tmp_path)).plates is None
    assert read_truth(written(tmp_path, plates=[])).plates == ()


def test_people_are_counted_in_zones_or_the_whole_picture(tmp_path: Path) -> None:
    counts = [{"at_s": 3, "people": 12, "zone": "square"}, {"at_s": 4, "people": 0}]
    first, second = read_truth(written(tmp_path, counts=counts)).counts
    assert (first.at_s, first.people, first.zone) == (3.0, 12, "square")
    assert second.zone is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"plates": [{"text": "98A12345", "start_s": 5, "end_s": 3}]}, "plates[0]: end_s 3 lies before start_s 5"),
        ({"plates": [{"text": "-.", "start_s": 5, "end_s": 7}]}, "plates[0].text: "),
        ({"plates": [{"start_s": 5, "end_s": 7}]}, "plates[0].text: is missing"),
        ({"counts": [{"at_s": 5, "people": -1}]}, "counts[0].people: Input should be greater"),
        ({"counts": [{"at_s": 5, "people": 1.5}]}, "counts[0].people: "),
    ],
)
def test_a_plate_or_count_that_cannot_be_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_truth(written(tmp_path, **changes))
    assert said in str(caught.value)

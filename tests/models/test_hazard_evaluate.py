"""The hazard detector's figures, on drawn pictures and films, with a finder that looks at brightness."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.errors import ModelError
from models.training.hazard_evaluate import (
    THRESHOLDS,
    Figures,
    figures,
    film_rates,
    frames,
    kind,
    main,
    rates,
    surest,
    table,
    worth,
)
from models.training.hazard_sources import FIRE, SMOKE, Scene
from models.training.road_boxes import Labelled, Rows, no_boxes
from models.training.road_found import Image

HALF = (0.0, 0.0, 0.5, 1.0)
FPS = 10


def brightness(image: Image) -> Rows:
    """Find a fire on the left half, as surely as the picture is bright."""
    return np.array([[FIRE, *HALF, float(image.mean()) / 255]], np.float32)


def scene(folder: Path, source: str, bright: float, *labels: int, name: str = "a") -> Scene:
    path = folder / f"{source}-{name}.png"
    cv2.imwrite(str(path), np.full((40, 60, 3), round(bright * 255), np.uint8))
    boxes = np.array([[label, *HALF] for label in labels], np.float32).reshape(-1, 5)
    known = Labelled(boxes if source == "boxed" else no_boxes(), no_boxes())
    return Scene(source, path, known, frozenset(labels), held_back=True)


def film(folder: Path, bright: Callable[[float], float], seconds: float = 4.0) -> Path:
    """Write a film whose brightness follows the time, and return it."""
    path = folder / "film.avi"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (64, 48))
    for number in range(round(seconds * FPS)):
        video.write(np.full((48, 64, 3), round(255 * bright(number / FPS)), np.uint8))
    video.release()
    return path


class TestPictures:
    def test_each_picture_is_judged_in_its_set(self, tmp_path: Path) -> None:
        shown = {"classes": (SMOKE,), "boxed": (FIRE,), "stills": (), "streets": (), "normal": ()}
        assert {kind(scene(tmp_path, source, 0.5, *labels)) for source, labels in shown.items()} == {
            "smoke",
            "boxed",
            "stills",
            "streets",
            "normal",
        }
        assert kind(scene(tmp_path, "boxed", 0.5)) == "clear"

    def test_recall_counts_what_shows_something_and_false_alarms_the_hard_negatives(self, tmp_path: Path) -> None:
        own = figures(
            [
                scene(tmp_path, "classes", 0.9, FIRE),
                scene(tmp_path, "classes", 0.22, SMOKE, name="b"),
                scene(tmp_path, "boxed", 0.45, FIRE),
                scene(tmp_path, "boxed", 0.1, FIRE, SMOKE, name="b"),
                scene(tmp_path, "stills", 0.3),
                scene(tmp_path, "normal", 0.05),
                scene(tmp_path, "streets", 0.9),
            ],
            brightness,
        )
        assert (own.recall(0.15), own.recall(0.4), own.recall(0.5)) == (0.75, 0.5, 0.25)
        assert (own.false(0.25), own.false(0.35)) == (0.5, 0.0)
        assert own.noticed["streets"][0.5] == 1.0
        assert own.precision == {"fire": pytest.approx(1.0), "smoke": 0.0}
        assert own.pictures == {"fire": 1, "smoke": 1, "boxed": 2, "stills": 1, "normal": 1, "streets": 1}

    def test_nothing_found_has_no_score_and_counts_as_missed(self) -> None:
        assert surest(no_boxes(6)) == 0.0
        assert rates([surest(no_boxes(6)), 0.25]) == {limit: 0.5 if limit <= 0.25 else 0.0 for limit in THRESHOLDS}


class TestWorth:
    def figures(self, recall: float, false: float, precision: float | None = 0.5) -> Figures:
        part = dict.fromkeys(THRESHOLDS, 0.0)
        noticed = {"fire": {**part, 0.25: recall}, "stills": {**part, 0.15: 0.9, 0.25: false}}
        return Figures({"fire": precision, "smoke": None}, noticed, {"fire": 10, "stills": 10})

    def test_recall_less_false_alarms_counts_at_the_best_threshold(self) -> None:
        assert worth(self.figures(0.9, 0.1)) == pytest.approx(0.8 + 0.5)
        assert worth(self.figures(0.4, 0.6)) == pytest.approx(0.5)

    def test_without_boxes_recall_alone_chooses(self) -> None:
        assert worth(self.figures(0.8, 0.0, None)) == pytest.approx(0.8)

    def test_the_table_shows_every_set_with_its_pictures(self) -> None:
        text = table(self.figures(0.9, 0.04))
        assert "fire 0.500, smoke –" in text
        lines = {line.split("  ")[0]: line.split()[-len(THRESHOLDS) :] for line in text.splitlines()[2:]}
        assert lines["fire (10)"][THRESHOLDS.index(0.25)] == "0.900"
        assert lines["hard false"][THRESHOLDS.index(0.25)] == "0.040"


class TestFilms:
    def described(self, path: Path, **changes: object) -> Path:
        clip = path.with_suffix(".json")
        event = {"kind": "fire", "start_s": 2.0, "end_s": 3.9}
        clip.write_text(json.dumps({"clip": path.name, "events": [event], "ignore": [], **changes}))
        return clip

    def test_frames_come_twice_a_second_with_their_times(self, tmp_path: Path) -> None:
        found = list(frames(film(tmp_path, lambda seconds: seconds / 4)))
        assert [seconds for seconds, _ in found] == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
        assert [round(float(image.mean()) / 255, 1) for _, image in found] == pytest.approx(
            [seconds / 4 for seconds, _ in found], abs=0.06
        )

    def test_frames_during_an_event_and_outside_are_apart(self, tmp_path: Path) -> None:
        clip = self.described(film(tmp_path, lambda seconds: 0.8 if seconds >= 2.5 else 0.1))
        found = film_rates(clip, brightness)
        assert found["during"][0.5] == 0.75  # 2.0 is missed, 2.5, 3.0 and 3.5 are not
        assert found["outside"][0.15] == 0.0

    def test_what_is_to_be_ignored_counts_neither_way_unless_an_event_is_on(self, tmp_path: Path) -> None:
        path = film(tmp_path, lambda seconds: 0.8)
        ignored = self.described(path, ignore=[{"kind": "smoke", "start_s": 0, "end_s": 4}])
        assert set(film_rates(ignored, brightness)) == {"during"}
        parked = self.described(path, events=[{"kind": "illegal_parking", "start_s": 0, "end_s": 4}])
        assert film_rates(parked, brightness) == {"outside": dict.fromkeys(THRESHOLDS, 1.0)}

    def test_a_film_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "film.avi"
        path.write_bytes(b"no film")
        with pytest.raises(ModelError, match=r"film\.avi cannot be read as a film"):
            film_rates(self.described(path), brightness)


def test_missing_pictures_end_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) != 0
    assert capsys.readouterr().err.count("\n") == 1

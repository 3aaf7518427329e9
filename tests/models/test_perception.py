from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError
from ioc.ports import Perception, Sight
from ioc.types import Detection, Frame, Image, Json, Reading
from models.detector import Detector
from models.perception import MAX_BATCH, Assigned, JointPerception, RoadPerception
from models.session import Session
from tests.models.drawn_model import Colours, entry, write

ALL = frozenset({"red", "green", "blue"})


def perception(
    folder: Path,
    labels: frozenset[str] = ALL,
    network: Colours | None = None,
    of_camera: dict[str, frozenset[str]] | None = None,
    threshold: float = 0.5,
) -> RoadPerception:
    path, sha256 = write(folder, network)
    seen = Detector(entry(sha256), Session(path, sha256, provider="cpu"))
    return RoadPerception(labels, size=320, threshold=threshold, of_camera=of_camera, detector=seen)


def frame(image: Image, camera: str = "c1", seq: int = 0) -> Frame:
    image.flags.writeable = False
    return Frame(camera, "20260301T080000", seq, datetime(2026, 3, 1, 8, tzinfo=UTC), image)


def cells(*channels: int, height: int = 192, width: int = 320) -> Image:
    """Return a black picture whose first cells are each full of one channel: 0 blue, 1 green, 2 red."""
    image = np.zeros((height, width, 3), dtype=np.uint8)
    for number, channel in enumerate(channels):
        image[:32, 32 * number : 32 * (number + 1), channel] = 255
    return image


def labels(sight: Sight) -> list[str]:
    return sorted(item.label for item in sight.detections)


def test_is_the_port_s_perception(tmp_path: Path) -> None:
    port: Perception = perception(tmp_path)
    (sight,) = port.look([frame(cells(2))])
    assert labels(sight) == ["red"]
    assert sight.readings == ()


def test_gives_one_sight_a_frame_in_order(tmp_path: Path) -> None:
    channels = [n % 3 for n in range(MAX_BATCH["cpu"] * 4 + 3)]
    frames = [frame(cells(c, height=(192, 320)[n % 2]), f"c{n}") for n, c in enumerate(channels)]
    sights = perception(tmp_path).look(frames)
    assert [labels(sight) for sight in sights] == [[("blue", "green", "red")[c]] for c in channels]


def test_gives_only_the_labels_that_rules_need(tmp_path: Path) -> None:
    (sight,) = perception(tmp_path, frozenset({"red", "blue"})).look([frame(cells(0, 1, 2))])
    assert labels(sight) == ["blue", "red"]


def test_a_camera_may_need_fewer(tmp_path: Path) -> None:
    seen = perception(tmp_path, of_camera={"c2": frozenset({"green"}), "c3": frozenset()})
    frames = [frame(cells(0, 1, 2), camera) for camera in ("c1", "c2", "c3", "c1")]
    assert list(map(labels, seen.look(frames))) == [["blue", "green", "red"], ["green"], [], ["blue", "green", "red"]]


def test_a_frame_of_which_nothing_is_needed_is_not_looked_at(tmp_path: Path) -> None:
    breaks = cells(2)
    network = Colours(fails_above=0.9)
    idle = perception(tmp_path, network=network, of_camera={"idle": frozenset()})
    assert idle.look([frame(breaks, "idle")]) == [Sight()]
    with pytest.raises(ModelError):
        idle.look([frame(breaks, "busy")])


def test_a_failure_is_never_an_empty_sight(tmp_path: Path) -> None:
    seen = perception(tmp_path, network=Colours(fails_above=0.9))
    assert seen.look([frame(cells())]) == [Sight()]
    with pytest.raises(ModelError, match="not finite"):
        seen.look([frame(cells()), frame(cells(2), "c2")])


def test_a_label_that_no_model_sees_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model sees 'violet', which a rule needs; colours sees: red, green, blue"):
        perception(tmp_path, frozenset({"red", "violet"}))
    with pytest.raises(ModelError, match="'grey'"):
        perception(tmp_path, of_camera={"c1": frozenset({"grey"})})


def test_the_least_score_is_kept_to(tmp_path: Path) -> None:
    pale = np.full((192, 320, 3), 100, dtype=np.uint8)
    pale[:32, :32, 2] = 151
    assert perception(tmp_path, threshold=0.21).look([frame(pale)]) == [Sight()]
    (sight,) = perception(tmp_path, threshold=0.19).look([frame(pale)])
    assert labels(sight) == ["red"]


def test_no_frames_give_no_sights(tmp_path: Path) -> None:
    assert perception(tmp_path).look([]) == []


def test_describes_what_decides_what_is_seen(tmp_path: Path) -> None:
    seen = perception(tmp_path, frozenset({"red", "blue"})).describe()
    assert seen == {
        "name": "colours",
        "sha256": hashlib.sha256((tmp_path / "colours.onnx").read_bytes()).hexdigest(),
        "reading": entry("0" * 64).reading,
        "size": 320,
        "threshold": 0.5,
        "labels": ["blue", "red"],
        "provider": "cpu",
        "variant": "float32",
    }
    assert json.loads(json.dumps(seen)) == seen
    assert perception(tmp_path, frozenset({"red"})).describe() != seen


def test_another_reading_of_the_same_weights_is_described_as_another(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path)
    described = [
        RoadPerception(
            frozenset({"red"}),
            size=320,
            threshold=0.5,
            detector=Detector(entry(sha256, use=use), Session(path, sha256, provider="cpu")),
        ).describe()
        for use in ({"red": "red"}, {"green": "red"})
    ]
    assert described[0] != described[1]


def test_a_size_that_the_weights_do_not_take_is_refused_before_the_first_picture(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path, Colours(shape=(1, 3, 192, 320)))
    seen = Detector(entry(sha256), Session(path, sha256, provider="cpu"))
    with pytest.raises(ModelError, match="set size = 320"):
        RoadPerception(frozenset({"red"}), size=640, threshold=0.5, detector=seen)


class Counts:
    """Reads how many objects were found, and how many frames of the camera it has been shown."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.shown: list[str] = []

    def look(self, frames: Sequence[Frame], found: Sequence[Sequence[Detection]]) -> list[tuple[Reading, ...]]:
        self.shown += [frame.camera for frame in frames]
        return [(Reading(self.kind, len(one), 1.0),) for one in found]

    def describe(self) -> dict[str, Json]:
        return {"reads": self.kind}

    def ran(self) -> list[dict[str, str]]:
        return [{"name": self.kind}]


def test_a_seer_is_shown_its_cameras_frames_and_what_was_found_in_them(tmp_path: Path) -> None:
    few, all_ = Counts("few"), Counts("all")
    joint = JointPerception(
        perception(tmp_path), [Assigned(few, frozenset({"c2"})), Assigned(all_, frozenset({"c1", "c2"}))]
    )
    port: Perception = joint
    sights = port.look([frame(cells(0), "c1"), frame(cells(0, 1), "c2"), frame(cells(0, 1, 2), "c3")])
    told = [[(reading.kind, reading.value) for reading in sight.readings] for sight in sights]
    assert told == [[("all", 1)], [("few", 2), ("all", 2)], []]
    assert [len(sight.detections) for sight in sights] == [1, 2, 3]
    assert (few.shown, all_.shown) == (["c2"], ["c1", "c2"])


def test_a_seer_without_frames_of_its_cameras_is_not_asked() -> None:
    idle = Counts("idle")
    assert JointPerception(None, [Assigned(idle, frozenset({"c9"}))]).look([frame(cells(0))]) == [Sight()]
    assert idle.shown == []


def test_where_no_objects_are_needed_seers_see_all_the_same() -> None:
    joint = JointPerception(None, [Assigned(Counts("light"), frozenset({"c1"}))])
    assert joint.look([frame(cells(0))]) == [Sight(readings=(Reading("light", 0, 1.0),))]
    assert joint.describe() == ({"reads": "light"},)
    assert joint.ran() == [{"name": "light"}]


def test_the_detector_and_the_seers_are_described_in_turn(tmp_path: Path) -> None:
    road = perception(tmp_path)
    joint = JointPerception(road, [Assigned(Counts("light"), frozenset({"c1"}))])
    assert joint.describe() == (road.describe(), {"reads": "light"})
    assert joint.ran() == [road.ran(), {"name": "light"}]
    twice = JointPerception(road, [Assigned(Counts("light"), frozenset({"c1"}))] * 2)
    assert twice.ran() == joint.ran()

"""A scene script stands in for a camera or a recording: drawn as it is asked for, the same each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ioc.errors import StreamError, UsageError
from ioc.ports import Bounded
from ioc.sampler import Sampler
from ioc.types import Frame
from streams.pacing import Paced
from streams.scene import Scene
from streams.scene_source import SceneSource
from streams.sources import open_source
from tests.streams.drawn_video import always
from tests.streams.scripts import write


def frames(path: Path, start: datetime = datetime(2026, 5, 1, tzinfo=UTC)) -> list[Frame]:
    return list(open_source("c1", str(path), start=start).frames(Sampler(2).wants))


def test_only_what_the_sampler_wants_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[timedelta] = []
    picture = Scene.picture
    monkeypatch.setattr(Scene, "picture", lambda scene, t: drawn.append(t) or picture(scene, t))  # type: ignore[func-returns-value]
    seen = frames(write(tmp_path, duration=3))
    assert [t.total_seconds() for t in drawn] == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert [frame.seq for frame in seen] == [0, 5, 10, 15, 20, 25]


def test_frames_are_those_of_a_recording_of_one_run(tmp_path: Path) -> None:
    seen = frames(write(tmp_path, duration=2))
    assert {frame.camera for frame in seen} == {"c1"}
    assert {frame.run for frame in seen} == {"20260501T000000.000000Z"}
    assert [frame.at.second + frame.at.microsecond / 1e6 for frame in seen] == [0.0, 0.5, 1.0, 1.5]
    assert seen[0].image.shape == (112, 192, 3)
    assert not seen[0].image.flags.writeable


def test_it_is_the_same_again(tmp_path: Path) -> None:
    path = write(tmp_path, duration=2)
    assert all((a.image == b.image).all() for a, b in zip(frames(path), frames(path), strict=True))


def test_it_says_how_long_it_lasts_before_anything_is_drawn(tmp_path: Path) -> None:
    source = open_source("c1", str(write(tmp_path, duration="PT90M")))
    assert isinstance(source, Bounded)
    assert source.length() == timedelta(minutes=90)


def test_while_the_camera_is_offline_there_are_no_pictures(tmp_path: Path) -> None:
    path = write(tmp_path, duration=4, fault=[{"kind": "offline", "start": 1, "end": 3}])
    seen = frames(path)
    assert [frame.seq for frame in seen] == [0, 5, 30, 35]


def test_as_a_camera_it_keeps_real_time(tmp_path: Path) -> None:
    waited: list[float] = []
    source = open_source("c1", str(write(tmp_path, duration=2)))
    paced = Paced(source, lambda seconds: waited.append(seconds) or False, monotonic=lambda: 7.0)  # type: ignore[func-returns-value]
    assert len(list(paced.frames(Sampler(2).wants))) == 4
    assert waited == pytest.approx([0.5, 1.0, 1.5])


def test_a_script_that_is_wrong_or_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gate\.toml: duration: Input should be greater than 0"):
        list(SceneSource("c1", write(tmp_path, duration=0)).frames(always))
    with pytest.raises(UsageError, match=r"none\.toml: No such file"):
        list(open_source("c1", str(tmp_path / "none.toml")).frames(always))


def test_a_camera_shows_one_script(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path, name=name)
    with pytest.raises(StreamError, match="names 2 files; a camera shows one scene script"):
        open_source("c1", f"{tmp_path}/*.toml")

"""Encoding a scene into a file."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from ioc.errors import StreamError
from streams.drawing import Mesh
from streams.encoder import encode
from streams.scene import Actor, Sensor
from streams.scene_motion import Pose, Still
from tests.streams.small_scenes import passing_car


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "car.mp4"
    encode(passing_car(3.0), path)
    return path


def test_it_is_h264_that_every_browser_plays(video: Path) -> None:
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (192, 112)
        assert len(container.streams) == 1


def test_it_holds_the_whole_scene_at_its_rate(video: Path) -> None:
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        times = [frame.time for frame in container.decode(stream)]
        assert stream.average_rate == 10
    assert times == pytest.approx([n / 10 for n in range(30)])


def test_a_key_frame_comes_each_second_and_nothing_is_reordered(video: Path) -> None:
    with av.open(str(video)) as container:
        packets = [p for p in container.demux(video=0) if p.pts is not None]
        assert [n for n, p in enumerate(packets) if p.is_keyframe] == [0, 10, 20]
        assert all(p.pts == p.dts for p in packets)
        assert container.streams.video[0].codec_context.has_b_frames == 0


def test_the_pictures_look_like_the_scene(video: Path) -> None:
    scene = passing_car(3.0)
    with av.open(str(video)) as container:
        for n, frame in enumerate(container.decode(video=0)):
            wanted = scene.picture(timedelta(seconds=n / 10)).image.astype(int)
            error = frame.to_ndarray(format="bgr24") - wanted
            assert np.abs(error).mean() < 6
            assert abs(error.mean()) < 2


def test_the_same_scene_gives_the_same_bytes(video: Path, tmp_path: Path) -> None:
    encode(passing_car(3.0), tmp_path / "again.mp4")
    assert (tmp_path / "again.mp4").read_bytes() == video.read_bytes()


def test_another_scene_gives_other_bytes(video: Path, tmp_path: Path) -> None:
    encode(passing_car(3.0, seed=2), tmp_path / "other.mp4")
    assert (tmp_path / "other.mp4").read_bytes() != video.read_bytes()


def test_the_rate_is_the_scenes(tmp_path: Path) -> None:
    encode(replace(passing_car(2.0), fps=5), tmp_path / "slow.mp4")
    with av.open(str(tmp_path / "slow.mp4")) as container:
        packets = [p for p in container.demux(video=0) if p.pts is not None]
        assert len(packets) == 10
        assert [n for n, p in enumerate(packets) if p.is_keyframe] == [0, 5]


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "car.mp4"
    target.write_text("old")
    encode(passing_car(0.5), target)
    with av.open(str(target)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 5


def test_only_the_finished_file_is_left(tmp_path: Path) -> None:
    encode(passing_car(0.5), tmp_path / "car.mp4")
    assert [p.name for p in tmp_path.iterdir()] == ["car.mp4"]


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="choose a folder") as caught:
        encode(passing_car(0.5), tmp_path / "nowhere" / "car.mp4")
    assert "\n" not in str(caught.value)


def test_a_scene_that_breaks_off_leaves_the_older_file_and_no_other(tmp_path: Path) -> None:
    def shape(pose: Pose) -> Mesh:
        raise ZeroDivisionError

    target = tmp_path / "car.mp4"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError):
        encode(passing_car(0.5, actors=(Actor("car", Still(0, 10, 0), shape),)), target)
    assert [p.name for p in tmp_path.iterdir()] == ["car.mp4"]
    assert target.read_text() == "old"


def encoded(tmp_path: Path, sensor: Sensor) -> tuple[int, float]:
    """Return a file's size in bytes, and how far its pictures are from those drawn, in levels."""
    scene = replace(passing_car(3.0), sensor=sensor)
    path = tmp_path / "car.mp4"
    encode(scene, path)
    with av.open(str(path)) as container:
        errors = [
            np.abs(frame.to_ndarray(format="bgr24") - scene.picture(timedelta(seconds=n / 10)).image.astype(int)).mean()
            for n, frame in enumerate(container.decode(video=0))
        ]
    return path.stat().st_size, float(np.mean(errors))


def test_a_poorer_quality_makes_a_smaller_file_and_coarser_pictures(tmp_path: Path) -> None:
    sharp, coarse = (encoded(tmp_path, Sensor(noise=1.5, crf=crf)) for crf in (20, 40))
    assert coarse[0] < sharp[0] / 4
    assert coarse[1] > sharp[1] + 1


def test_a_bandwidth_is_kept_to(tmp_path: Path) -> None:
    wide, narrow = (encoded(tmp_path, Sensor(noise=4.0, kbps=kbps)) for kbps in (600, 80))
    assert narrow[0] * 8 / 3 < 80_000 * 1.25
    assert wide[0] * 8 / 3 < 600_000 * 1.25
    assert wide[1] < narrow[1] - 0.5


def test_a_bandwidth_gives_the_same_bytes_again(tmp_path: Path) -> None:
    scene = replace(passing_car(1.0), sensor=Sensor(kbps=200))
    for name in ("first.mp4", "second.mp4"):
        encode(scene, tmp_path / name)
    assert (tmp_path / "first.mp4").read_bytes() == (tmp_path / "second.mp4").read_bytes()

"""Where the crowd model's pictures and heads come from, how crowds are drawn, and what it is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError
from models.training.crowd_mix import STRIDE, CrowdMix, density, moved
from models.training.crowd_paste import MOST, crowd
from models.training.crowd_sources import read_crowds, read_mall
from models.training.mat_points import read_points
from models.training.road_augment import View
from tests.models.drawn_crowds import (
    DOUBLE,
    HEADS,
    SINGLE,
    cells,
    crowd_sets,
    matrix,
    save_grey,
    save_mat,
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One or a few pictures of every set."""
    crowd_sets(tmp_path / "crowd")
    cameras = tmp_path / "traffic_cctv"
    for stem in ("screenshot_2", "screenshot_3", "lorry"):
        save_grey(cameras / "images" / f"{stem}.jpg")
        (cameras / "labels").mkdir(exist_ok=True)
        (cameras / "labels" / f"{stem}.txt").write_text("4 0.5 0.5 0.2 0.5\n2 0.2 0.2 0.1 0.1")
    return tmp_path


class TestPoints:
    @pytest.mark.parametrize("packed", [True, False])
    @pytest.mark.parametrize("kind", [SINGLE, DOUBLE])
    def test_matrices_of_points_are_read_in_order(self, tmp_path: Path, kind: int, packed: bool) -> None:
        content = cells(matrix(HEADS, kind), matrix(HEADS[:1] + 1, kind), matrix(np.ones((3, 1)), kind))
        found = read_points(save_mat(tmp_path / "a.mat", content, packed=packed))
        assert len(found) == 2
        np.testing.assert_allclose(found[0], HEADS)
        np.testing.assert_allclose(found[1], HEADS[:1] + 1)

    def test_nobody_is_no_points(self, tmp_path: Path) -> None:
        (found,) = read_points(save_mat(tmp_path / "a.mat", matrix(np.zeros((0, 2)))))
        assert found.shape == (0, 2)

    def test_a_missing_file_and_one_of_another_kind_are_told(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match=r"a\.mat: No such file"):
            read_points(tmp_path / "a.mat")
        (tmp_path / "b.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(200))
        with pytest.raises(ModelError, match=r"b\.mat is no MAT file of version 5"):
            read_points(tmp_path / "b.mat")

    @pytest.mark.parametrize("packed", [True, False])
    def test_a_file_that_is_cut_short_is_told(self, tmp_path: Path, packed: bool) -> None:
        path = save_mat(tmp_path / "a.mat", matrix(HEADS), packed=packed)
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(ModelError, match="cut short or damaged"):
            read_points(path)


class TestSources:
    def test_a_stretch_of_the_film_every_third_photo_and_whole_cameras_are_held_back(self, data: Path) -> None:
        assert {picture.path.stem: picture.held_back for picture in read_crowds(data)} == {
            "seq_000001": False,
            "seq_000002": False,
            "seq_000180": True,
            "IMG_1": False,
            "IMG_3": True,
            "screenshot_2": True,
            "screenshot_3": False,
        }

    def test_heads_are_fractions_of_the_frame(self, data: Path) -> None:
        heads = {picture.path.stem: picture.heads for picture in read_crowds(data)}
        np.testing.assert_allclose(heads["seq_000002"], [[0.1, 0.1], [0.5, 0.5]])
        np.testing.assert_allclose(heads["IMG_1"], [[0.5, 0.5]])
        np.testing.assert_allclose(heads["screenshot_3"], [[0.5, 0.29]])

    def test_a_frame_that_nobody_counted_is_told(self, data: Path) -> None:
        save_grey(data / "crowd" / "mall" / "frames" / "seq_000201.jpg")
        with pytest.raises(ModelError, match="knows 200 frames only"):
            read_mall(data / "crowd" / "mall")


class TestDrawnCrowds:
    def test_heads_that_count_lie_in_the_picture_and_differ_in_number(self) -> None:
        image = np.full((256, 416, 3), 128, np.uint8)
        counts = []
        for seed in range(25):
            shown, heads = crowd(np.random.default_rng(seed), image)
            assert shown.shape == image.shape
            assert ((heads >= 0) & (heads < (416, 256))).all()
            assert len(heads) <= MOST
            counts.append(len(heads))
        assert min(counts) < 10
        assert max(counts) > 50

    def test_where_a_head_counts_something_is_drawn(self) -> None:
        image = np.full((256, 416, 3), 128, np.uint8)
        shown, heads = crowd(np.random.default_rng(3), image)
        changed = [abs(shown[int(y), int(x)].astype(int) - 128).max() > 15 for x, y in heads]
        assert np.mean(changed) > 0.8

    def test_the_picture_itself_stays_as_it_was(self) -> None:
        image = np.full((128, 208, 3), 128, np.uint8)
        crowd(np.random.default_rng(1), image)
        assert (image == 128).all()


class TestDensity:
    def test_no_head_is_lost_even_at_the_edge(self) -> None:
        heads = np.array([[0.0, 0.0], [95.9, 63.9], [48.0, 32.0], [50.0, 0.5]])
        assert density(heads, 96, 64).sum() == pytest.approx(4, abs=0.01)

    def test_heads_outside_do_not_count(self) -> None:
        assert density(np.array([[-1.0, 5.0], [96.0, 5.0], [5.0, 64.0]]), 96, 64).sum() == 0
        assert density(np.zeros((0, 2)), 96, 64).shape == (8, 12)

    def test_a_head_is_densest_where_it_is(self) -> None:
        plane = density(np.array([[44.0, 20.0]]), 96, 64)
        assert divmod(int(plane.argmax()), 12) == (2, 5)

    def test_points_follow_a_view(self) -> None:
        view = View(-2.0, 0.5, 100.0, 10.0)
        np.testing.assert_allclose(moved(view, np.array([[10.0, 20.0]])), [[80.0, 20.0]])


class TestMix:
    def test_samples_fit_the_network_and_depend_on_the_seed_alone(self, data: Path, tmp_path: Path) -> None:
        mix = CrowdMix(read_crowds(data), [save_grey(tmp_path / "street.png")])
        totals = []
        for seed in range(40):
            sample = mix.draw(np.random.default_rng(seed), 96, 64, 0.0)
            assert sample.image.shape == (64, 96, 3)
            assert sample.wanted.shape == sample.known.shape == (64 // STRIDE, 96 // STRIDE)
            totals.append(float(sample.wanted.sum()))
        again = mix.draw(np.random.default_rng(39), 96, 64, 0.0)
        np.testing.assert_array_equal(again.image, sample.image)
        np.testing.assert_array_equal(again.wanted, sample.wanted)
        assert min(totals) == 0
        assert max(totals) > 3

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError
from ioc.types import Image, Point
from models.dense import DenseMap, DenseModel, heads, water_mask
from tests.models.drawn_map import CELL, Saturation, model

LEFT_HALF = [Point(0, 0), Point(0.5, 0), Point(0.5, 1), Point(0, 1)]
LOWER_LEFT = [Point(0, 0), Point(1, 1), Point(0, 1)]


def painted(height: int = 160, width: int = 320) -> Image:
    """A grey picture whose lower right quarter is blue."""
    image = np.full((height, width, 3), 90, np.uint8)
    image[height // 2 :, width // 2 :] = (255, 0, 0)
    return image


class TestMaps:
    def test_cells_lie_where_the_colour_is(self, tmp_path: Path) -> None:
        (found,) = model(tmp_path).maps([painted()])
        assert found.values.shape == (160 // CELL, 320 // CELL)
        assert found.values[10:, 20:].min() == 1
        assert found.values.sum() == 10 * 20

    @pytest.mark.parametrize(("height", "width"), [(90, 320), (720, 1280), (333, 101), (31, 640)])
    def test_padding_is_cut_off_whatever_the_shape(self, tmp_path: Path, height: int, width: int) -> None:
        blue = np.zeros((height, width, 3), np.uint8)
        blue[:, :, 0] = 255
        (found,) = model(tmp_path).maps([blue])
        assert found.rows_seen <= found.values.shape[0] < found.rows_seen + 1
        assert found.columns_seen <= found.values.shape[1] < found.columns_seen + 1
        assert found.share() > 0.95
        assert found.total() == pytest.approx(found.rows_seen * found.columns_seen, rel=0.08)

    def test_order_and_company_do_not_matter(self, tmp_path: Path) -> None:
        own = model(tmp_path)
        images = [painted(), painted(320, 160), np.ascontiguousarray(painted()[:, ::-1]), painted(200, 320)]
        alone = [own.maps([image])[0].values for image in images]
        for together, single in zip(own.maps(images, max_batch=2), alone, strict=True):
            np.testing.assert_array_equal(together.values, single)
        assert own.maps([]) == []

    def test_a_larger_size_gives_more_cells_of_the_same_share(self, tmp_path: Path) -> None:
        own = model(tmp_path)
        small, large = own.maps([painted()])[0], own.maps([painted()], size=640)[0]
        assert large.values.size == 4 * small.values.size
        assert large.share() == pytest.approx(small.share())


class TestZones:
    def test_the_whole_picture_without_a_zone(self) -> None:
        found = DenseMap(np.ones((4, 6), np.float32), 3.5, 5.25)
        assert found.total() == pytest.approx(3.5 * 5.25)
        assert found.share() == 1

    @pytest.mark.parametrize(("zone", "part"), [(LEFT_HALF, 0.5), (LOWER_LEFT, 0.5)])
    def test_cells_on_the_edge_count_in_part(self, zone: list[Point], part: float) -> None:
        found = DenseMap(np.ones((10, 15), np.float32), 10.0, 15.0)
        assert found.total(zone) == pytest.approx(150 * part, rel=0.02)

    def test_the_share_is_of_the_zone_alone(self, tmp_path: Path) -> None:
        (found,) = model(tmp_path).maps([painted()])
        lower_right = [Point(0.5, 0.5), Point(1, 0.5), Point(1, 1), Point(0.5, 1)]
        assert found.share() == pytest.approx(0.25)
        assert found.share(LEFT_HALF) == 0
        assert found.share(lower_right) == 1

    def test_the_threshold_is_reached(self) -> None:
        found = DenseMap(np.array([[0.3, 0.5, 0.7]], np.float32), 1.0, 3.0)
        assert found.share() == pytest.approx(2 / 3)
        assert found.share(threshold=0.6) == pytest.approx(1 / 3)

    def test_a_zone_outside_the_picture_is_refused(self) -> None:
        found = DenseMap(np.ones((4, 4), np.float32), 4.0, 4.0)
        outside = [Point(2, 2), Point(3, 2), Point(3, 3)]
        with pytest.raises(ValueError, match="covers a part of the picture"):
            found.share(outside)
        assert found.total(outside) == 0


class TestUses:
    @pytest.mark.parametrize(("height", "width"), [(160, 320), (720, 1280), (300, 533)])
    def test_water_has_the_picture_s_pixels(self, tmp_path: Path, height: int, width: int) -> None:
        image = painted(height, width)
        found = water_mask(model(tmp_path), image)
        assert found.shape == (height, width)
        assert (found != (image[:, :, 0] == 255)).mean() < 0.02

    def test_heads_are_summed_in_a_zone(self, tmp_path: Path) -> None:
        own = model(tmp_path, Saturation(factor=3.0), layout="density", labels=["person"])
        assert heads(own, painted()) == pytest.approx(3 * 200)
        assert heads(own, painted(), LEFT_HALF) == 0


class TestBadModels:
    @pytest.mark.parametrize("network", [Saturation(tall=16), Saturation(channels=2)])
    def test_another_output_is_refused(self, tmp_path: Path, network: Saturation) -> None:
        with pytest.raises(ModelError, match=r"map\.onnx: expected an output of \(1, 1, rows, columns\)"):
            model(tmp_path, network)

    @pytest.mark.parametrize("factor", [-1.0, 2.0, float("nan")])
    def test_figures_that_are_no_probabilities_are_refused(self, tmp_path: Path, factor: float) -> None:
        with pytest.raises(ModelError, match="no mask; restore the file"):
            model(tmp_path, Saturation(factor=factor)).maps([painted()])

    def test_a_density_may_exceed_one_but_not_be_below_none(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="no density"):
            model(tmp_path, Saturation(factor=-1.0), layout="density").maps([painted()])

    def test_a_detector_gives_no_map(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="'map' has the layout 'yolo'; a map needs"):
            model(tmp_path, layout="yolo")

    def test_an_unknown_name_is_told(self) -> None:
        with pytest.raises(ModelError, match="no model 'sea'"):
            DenseModel.load("sea")

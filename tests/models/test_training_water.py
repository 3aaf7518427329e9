"""Where the water model's pictures come from, how streets are flooded, and what it is shown."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.errors import ModelError
from ioc.types import Image
from models.training.dense_sample import SIZES, mask_sample, pick_size
from models.training.road_augment import Plane
from models.training.road_store import read_image
from models.training.water_mix import SHARES, STRIDE, WaterMix, chances, keep, tinted
from models.training.water_paste import flooded, noise, ripples, shape, texture_of
from models.training.water_sources import TWINS, WaterPicture, mask_of, read_buses, read_masks, read_water, strips

BUS = np.array([[1, 0.25, 0.25, 0.75, 0.5]], np.float32)
"""Label, then corners in frame fractions."""


def generator(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


def save(path: Path, image: Image | None = None, label: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((90, 160, 3), 120, np.uint8) if image is None else image)
    if label is not None:
        labels = path.parent.parent / "labels"
        labels.mkdir(exist_ok=True)
        (labels / f"{path.stem}.txt").write_text(label)
    return path


def save_flood(folder: Path, number: int) -> None:
    """A picture whose lower half is brown water, and its mask."""
    image = np.full((80, 120, 3), 200, np.uint8)
    image[40:] = (60, 90, 120)
    mask = np.zeros((80, 120), np.uint8)
    mask[40:] = 250
    save(folder / "images" / f"{number}.png", image)
    save(folder / "masks" / f"{number}.png", mask)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One or a few pictures of every set."""
    for number in (50, 51, 53, 94):
        save_flood(tmp_path / "flood" / "ground_masks", number)
    for part in ("train", "valid"):
        buses = tmp_path / "flood" / "bus_depth" / part / "images"
        save(buses / "deep.jpg", label="2 0.5 0.4 0.5 0.3")
        save(buses / "shallow.jpg", label="0 0.5 0.4 0.5 0.3")
    for stem in ("vn_0001_dnA", "vn_0002_nightrain"):
        save(tmp_path / "traffic_vn" / "images" / f"{stem}.jpg", label="0 0.5 0.5 0.1 0.1")
    for stem in ("screenshot_2", "screenshot_3", "0e1f"):
        save(tmp_path / "traffic_cctv" / "images" / f"{stem}.jpg", label="4 0.5 0.5 0.1 0.1")
    save(tmp_path / "traffic_dhaka" / "images" / "a.jpg", label="20 0.5 0.5 0.1 0.1")
    for stem in ("test4_001_ok", "test16_001_ok", "test8_001_ok"):
        save(tmp_path / "road_stills" / f"{stem}.jpg")
    for stem in ("normal_0003", "normal_0005", "normal_0012"):
        save(tmp_path / "fire" / "classes" / "normal" / f"{stem}.jpg")
    save(tmp_path / "fire" / "cctv_boxes" / "train" / "images" / "f.jpg")
    return tmp_path


class TestSources:
    def test_every_fourth_place_is_held_back_with_its_twin(self, data: Path) -> None:
        held = {picture.path.stem: picture.held_back for picture in read_masks(data / "flood" / "ground_masks")}
        assert held == {"50": True, "51": False, "53": True, "94": True}
        assert not set(TWINS) & set(TWINS.values())

    def test_a_missing_mask_is_named(self, data: Path) -> None:
        (data / "flood" / "ground_masks" / "masks" / "51.png").unlink()
        with pytest.raises(ModelError, match=r"51\.png is missing"):
            read_masks(data / "flood" / "ground_masks")

    def test_only_buses_in_deep_water_tell_something(self, data: Path) -> None:
        buses = read_buses(data / "flood" / "bus_depth")
        assert [(picture.path.stem, picture.held_back) for picture in buses] == [("deep", False), ("deep", True)]

    def test_streets_are_held_back_by_camera(self, data: Path) -> None:
        rest = {
            p.path.stem: (p.source, p.held_back, p.wet) for p in read_water(data) if p.source not in {"masks", "buses"}
        }
        assert rest == {
            "vn_0001_dnA": ("streets", False, False),
            "vn_0002_nightrain": ("streets", True, True),
            "screenshot_2": ("streets", True, False),
            "screenshot_3": ("streets", False, False),
            "a": ("roads", False, False),
            "test4_001_ok": ("stills", False, False),
            "test16_001_ok": ("stills", True, True),
            "test8_001_ok": ("stills", True, False),
            "f": ("fires", False, False),
            "normal_0003": ("rooms", False, False),
            "normal_0005": ("rooms", True, False),
        }

    def test_a_missing_set_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match=r"ground_masks.*holds no pictures"):
            read_water(tmp_path)


class TestTruth:
    def test_a_mask_is_known_everywhere(self, data: Path) -> None:
        picture = read_masks(data / "flood" / "ground_masks")[0]
        mask, known = mask_of(picture, 40, 60)
        assert mask[:20].max() == 0
        assert mask[20:].min() == 1
        assert known.min() == 1

    def test_a_street_has_no_water_and_a_bus_tells_little(self) -> None:
        street = WaterPicture("streets", Path("a.jpg"), held_back=False, boxes=BUS)
        mask, known = mask_of(street, 20, 40)
        assert (mask.max(), known.min()) == (0, 1)
        mask, known = mask_of(WaterPicture("buses", Path("a.jpg"), held_back=False, boxes=BUS), 200, 400)
        assert 0 < known.mean() < 0.2

    def test_water_lies_below_a_bus_and_not_in_its_windows(self) -> None:
        mask, known = strips(BUS, 200, 400)
        assert (mask[103:105, 150:250] == 1).all()
        assert (known[103:105, 150:250] == 1).all()
        assert known[60, 200] == 1
        assert mask[60, 200] == 0
        assert known[95, 200] == 0
        assert known[150:].max() == 0

    def test_a_bus_in_front_hides_the_water_below_another(self) -> None:
        front = np.array([[1, 0.25, 0.45, 0.75, 0.9]], np.float32)
        mask, _ = strips(np.concatenate([BUS, front]), 200, 400)
        assert mask[103:105, 150:250].max() == 0
        assert mask[182:190, 150:250].min() == 1

    def test_a_bus_at_the_edge_asks_for_nothing_outside(self) -> None:
        low = np.array([[1, 0.0, 0.5, 1.0, 1.0]], np.float32)
        mask, known = strips(low, 100, 100)
        assert mask.max() == 0
        assert known.max() == 1


class TestLaidWater:
    def test_a_flooded_street_changes_where_the_mask_says(self) -> None:
        image = np.zeros((120, 200, 3), np.uint8)
        image[:, :, 1] = 255
        for seed in range(12):
            wet, mask = flooded(generator(seed), image, BUS[:0], None)
            changed = np.abs(wet.astype(int) - image).max(axis=2) > 40
            assert wet.shape == image.shape
            assert changed[mask > 0].mean() > 0.8 or not mask.any()
            assert changed[mask == 0].mean() < 0.25 or mask.all()

    def test_the_upper_part_of_a_vehicle_stays_dry(self) -> None:
        image = np.full((120, 200, 3), 90, np.uint8)
        for seed in range(20):
            _, mask = flooded(generator(seed), image, BUS, None)
            assert mask[30:48, 50:150].max() == 0

    def test_water_is_now_high_now_low_and_never_only_above(self) -> None:
        shares = [float(shape(generator(seed), 90, 160).mean()) for seed in range(60)]
        assert min(shares) < 0.2
        assert max(shares) > 0.6
        upper = [shape(generator(seed), 90, 160)[:10].mean() for seed in range(60)]
        assert np.mean(upper) < np.mean(shares) / 3

    def test_drawn_water_is_muddy_or_grey_and_has_waves(self) -> None:
        for seed in range(10):
            water = ripples(generator(seed), 80, 120)
            assert water.shape == (80, 120, 3)
            assert water.std(axis=(0, 1)).min() > 2
            assert 30 < water.mean() < 220

    def test_noise_has_the_size_asked_for(self) -> None:
        field = noise(generator(), 50, 70, 4, 6)
        assert field.shape == (50, 70)
        assert 0.2 < field.std() < 2

    def test_a_texture_is_water_throughout(self) -> None:
        image = np.zeros((80, 120, 3), np.uint8)
        image[40:] = 255
        mask = (image[:, :, 0] > 0).astype(np.float32)
        texture = texture_of(generator(), image, mask)
        assert texture is not None
        assert texture.mean() > 0.96 * 255
        assert texture_of(generator(), image, np.zeros_like(mask)) is None

    def test_the_same_seed_lays_the_same_water(self) -> None:
        image = np.full((60, 90, 3), 120, np.uint8)
        first, again = flooded(generator(3), image, BUS, image), flooded(generator(3), image, BUS, image)
        np.testing.assert_array_equal(first[0], again[0])
        np.testing.assert_array_equal(first[1], again[1])


class TestMix:
    def test_shares_are_kept_and_absent_sources_give_theirs_away(self) -> None:
        sources = ["masks"] * 3 + ["buses"]
        drawn = chances([WaterPicture(source, Path(str(n)), held_back=False) for n, source in enumerate(sources)])
        assert drawn.sum() == pytest.approx(1)
        assert drawn[:3].sum() / drawn[3] == pytest.approx(SHARES["masks"] / SHARES["buses"])

    def test_samples_fit_the_network_and_depend_on_the_seed_alone(self, data: Path, tmp_path: Path) -> None:
        mix = WaterMix(read_water(data), tmp_path / "kept")
        for seed in range(25):
            sample = mix.draw(generator(seed), 96, 64, 0.0)
            assert sample.image.shape == (64, 96, 3)
            assert sample.wanted.shape == sample.known.shape == (64 // STRIDE, 96 // STRIDE)
            assert 0 <= sample.wanted.min() <= sample.wanted.max() <= 1.001
        again = mix.draw(generator(24), 96, 64, 0.0)
        np.testing.assert_array_equal(again.image, sample.image)
        np.testing.assert_array_equal(again.wanted, sample.wanted)

    def test_held_back_pictures_are_not_even_copied(self, data: Path, tmp_path: Path) -> None:
        pictures = read_water(data)
        WaterMix(pictures, tmp_path / "kept")
        assert len(list((tmp_path / "kept").iterdir())) == sum(not picture.held_back for picture in pictures)

    def test_what_the_network_is_sure_of_becomes_known_around_buses(self, data: Path, tmp_path: Path) -> None:
        buses = read_buses(data / "flood" / "bus_depth")
        mix = WaterMix(buses, tmp_path / "kept")
        before = [mix.draw(generator(seed), 96, 64, 0.0).known.mean() for seed in range(10)]

        def look(image: Image) -> Plane:
            guess = np.full((image.shape[0], image.shape[1]), 0.5, np.float32)
            guess[: guess.shape[0] // 3] = 0.01
            return guess

        mix.teach(look)
        after = [mix.draw(generator(seed), 96, 64, 0.0).known.mean() for seed in range(10)]
        assert np.mean(before) + 0.1 < np.mean(after) < 0.9

    def test_a_copy_has_the_true_shape_and_is_made_once(self, tmp_path: Path) -> None:
        path = save(tmp_path / "square.png", np.zeros((90, 90, 3), np.uint8))
        picture = WaterPicture("streets", path, held_back=False, aspect=16 / 9)
        file = keep(picture, tmp_path / "kept")
        assert read_image(file).shape == (90, 160, 3)
        path.unlink()
        assert keep(picture, tmp_path / "kept") == file

    def test_only_water_changes_its_colour(self) -> None:
        image = np.full((60, 80, 3), (40, 90, 160), np.uint8)
        mask = np.zeros((60, 80), np.float32)
        mask[30:] = 1
        changed = np.abs(tinted(generator(), image, mask).astype(int) - image).max(axis=2)
        assert changed[:25].max() <= 1
        assert changed[35:].min() > 5


class TestSamples:
    def test_a_cell_wants_the_mean_of_what_is_known(self) -> None:
        mask = np.array([[1, 1, 0, 0], [1, 0, 0, 0]], np.float32)
        known = np.array([[1, 1, 1, 1], [0, 0, 0, 0]], np.float32)
        sample = mask_sample(np.zeros((2, 4, 3), np.uint8), mask, known, 2)
        np.testing.assert_allclose(sample.wanted, [[1, 0]])
        np.testing.assert_allclose(sample.known, [[0.5, 0.5]])

    def test_nothing_known_wants_nothing(self) -> None:
        ones, none = np.ones((4, 4), np.float32), np.zeros((4, 4), np.float32)
        sample = mask_sample(np.zeros((4, 4, 3), np.uint8), ones, none, 4)
        assert sample.wanted.max() == sample.known.max() == 0

    def test_batches_hold_about_as_many_pixels_at_every_size(self) -> None:
        drawn = {pick_size(generator(seed), 16 * 416 * 256) for seed in range(40)}
        assert {(width, height) for width, height, _ in drawn} == set(SIZES)
        for width, height, count in drawn:
            assert width * height * count == pytest.approx(16 * 416 * 256, rel=0.15)

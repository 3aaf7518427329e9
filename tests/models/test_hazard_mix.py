"""What the hazard detector is trained on: flames, smoke and decoys in streets that the test draws, and the shares."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training import hazard_mix, hazard_paste
from models.training.hazard_mix import SHARES, SIZES, HazardMix
from models.training.hazard_paste import SEEN, add_decoy, add_flame, add_smoke, cloud, flames, plume
from models.training.hazard_sources import FIRE, SMOKE, SQUASHED, Scene
from models.training.road_boxes import Labelled, Rows, no_boxes
from models.training.road_found import Image

PIXELS = 8 * 416 * 256


def street() -> Image:
    return np.full((256, 416, 3), 100, np.uint8)


def flame() -> Image:
    """A bright flame before a black background."""
    image = np.zeros((90, 60, 3), np.uint8)
    cv2.ellipse(image, (30, 50), (18, 36), 0, 0, 360, (40, 170, 255), -1)
    return image


def changed(before: Image, after: Image, least: int) -> Rows:
    """The bounds of what differs by at least so much."""
    rows, columns = np.nonzero(np.abs(after.astype(np.int16) - before).max(axis=2) >= least)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)


def scene(folder: Path, source: str, image: Image, name: str = "a", **changes: object) -> Scene:
    path = folder / f"{source}-{name}.png"
    cv2.imwrite(str(path), image)
    settings: dict[str, object] = {
        "source": source,
        "path": path,
        "known": Labelled(no_boxes(), no_boxes()),
        "shown": frozenset(),
        "held_back": False,
        **changes,
    }
    return Scene(**settings)  # type: ignore[arg-type]


def fire_scene(folder: Path) -> Scene:
    known = Labelled(np.array([[FIRE, 0.2, 0.15, 0.8, 0.95]], np.float32), no_boxes())
    return scene(folder, "classes", flame(), known=known, shown=frozenset({FIRE}))


class TestFlames:
    def test_only_flames_before_a_dark_background_are_cut_out(self, tmp_path: Path) -> None:
        bright = np.full((90, 60, 3), 180, np.uint8)
        scenes = [
            fire_scene(tmp_path),
            scene(tmp_path, "classes", bright, "bright", shown=frozenset({FIRE})),
            scene(tmp_path, "classes", flame(), "smoke", shown=frozenset({SMOKE})),
            scene(tmp_path, "boxed", flame(), "boxed", shown=frozenset({FIRE})),
        ]
        (only,) = flames(scenes)
        assert np.array_equal(only, flame())

    @pytest.mark.parametrize("seed", range(6))
    def test_a_flame_lies_in_its_box_and_inside_the_picture(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hazard_paste, "_add_light", lambda *_: None)  # the glow reaches further than the flame
        canvas = street()
        (row,) = add_flame(np.random.default_rng(seed), canvas, flame())
        assert row[0] == FIRE
        assert row[1:3].min() >= 0
        assert (row[3:5] <= (416, 256)).all()
        assert np.abs(changed(street(), canvas, 60) - row[1:]).max() <= max(4, 0.2 * (row[3:5] - row[1:3]).max())

    def test_far_flames_are_put_in_as_well_as_near_ones(self) -> None:
        heights = []
        for seed in range(60):
            made = add_flame(np.random.default_rng(seed), street(), flame())
            heights += (made[:, 4] - made[:, 2]).tolist()
        assert min(heights) < 12
        assert max(heights) > 80

    def test_a_flame_that_gives_no_light_makes_no_label(self) -> None:
        assert add_flame(np.random.default_rng(1), street(), np.zeros((40, 30, 3), np.uint8)).shape == (0, 5)


class TestSmoke:
    def test_a_plume_is_densest_within_and_ends_before_the_patch_does(self) -> None:
        cover = np.mean([plume(np.random.default_rng(seed), (80, 120)) for seed in range(30)], axis=0)
        assert cover.shape == (120, 80)
        assert cover.min() >= 0
        assert cover.max() <= 1
        assert cover[60, 40] > 3 * max(cover[60, 0], cover[60, -1])

    @pytest.mark.parametrize("seed", range(6))
    def test_smoke_covers_what_its_box_says(self, seed: int) -> None:
        canvas = street()
        for row in add_smoke(np.random.default_rng(seed), canvas):
            assert row[0] == SMOKE
            left, top, right, bottom = row[1:].astype(int)
            inside = np.abs(canvas[top:bottom, left:right].astype(int) - 100).max()
            canvas[top:bottom, left:right] = 100
            outside = np.abs(canvas.astype(int) - 100).max()
            assert inside > outside
            assert outside <= SEEN * 155 + 2  # 155 is the furthest that any smoke is from the street's grey

    def test_clouds_have_large_and_small_parts(self) -> None:
        noise = cloud(np.random.default_rng(3), (96, 96))
        assert noise.min() >= 0
        assert noise.max() <= 1
        coarse = cv2.resize(cv2.resize(noise, (4, 4), interpolation=cv2.INTER_AREA), (96, 96))
        assert float(np.std(coarse)) > 0.05
        assert float(np.std(noise - coarse)) > 0.05


class TestDecoys:
    def test_every_kind_changes_the_picture_and_none_leaves_it(self) -> None:
        for seed in range(40):
            canvas = street()
            add_decoy(np.random.default_rng(seed), canvas)
            assert canvas.shape == (256, 416, 3)
            assert not np.array_equal(canvas, street())

    @pytest.mark.parametrize("seed", range(8))
    def test_a_lamp_brightens_and_never_darkens_unless_the_road_mirrors_it(self, seed: int) -> None:
        canvas = street()
        hazard_paste._lamp(np.random.default_rng(seed), canvas)
        assert int(canvas.max()) > 200
        darker = (canvas < street() - 1).all(axis=2)
        assert not darker.any()

    @pytest.mark.parametrize("seed", range(8))
    def test_a_caption_is_written_in_warm_colours_at_an_edge(self, seed: int) -> None:
        canvas = street()
        hazard_paste._caption(np.random.default_rng(seed), canvas)
        rows, columns = np.nonzero((canvas != street()).any(axis=2))
        assert rows.max() - rows.min() < 32
        blue, green, red = canvas[rows, columns].astype(int).T
        assert (red > blue).mean() > 0.9
        assert (red + 60 > green).mean() > 0.9

    def test_fog_hides_what_is_far_more_than_what_is_near(self) -> None:
        canvas = street()
        hazard_paste._fog(np.random.default_rng(5), canvas)
        far, near = canvas[:20].astype(int).mean(), canvas[-20:].astype(int).mean()
        assert far > near >= 100


class TestBlending:
    def test_what_lies_outside_the_picture_is_cut_off(self) -> None:
        canvas = street()
        patch = np.full((10, 20, 3), 200, np.float32)
        hazard_paste._blend(canvas, patch, np.ones((10, 20), np.float32), -15, 251)
        assert (canvas[251:, :5] == 200).all()
        canvas[251:, :5] = 100
        assert np.array_equal(canvas, street())

    def test_a_patch_that_misses_the_picture_changes_nothing(self) -> None:
        canvas = street()
        patch = np.full((10, 20, 3), 200, np.float32)
        for left, top in ((-20, 5), (416, 5), (5, 256), (5, -10)):
            hazard_paste._blend(canvas, patch, np.ones((10, 20), np.float32), left, top)
        assert np.array_equal(canvas, street())

    def test_half_a_cover_shows_both(self) -> None:
        canvas = street()
        hazard_paste._blend(canvas, np.full((4, 4, 3), 200, np.float32), np.full((4, 4), 0.5, np.float32), 8, 8)
        assert canvas[9, 9].tolist() == [150, 150, 150]

    def test_a_feathered_patch_ends_in_nothing(self) -> None:
        feather = hazard_paste._feather((40, 30))
        assert feather.shape == (30, 40)
        edges = np.concatenate([feather[0], feather[-1], feather[:, 0], feather[:, -1]])
        assert edges.max() == 0
        assert feather[15, 20] == 1


class TestMix:
    def mix(self, folder: Path) -> HazardMix:
        boxes = Labelled(np.array([[SMOKE, 0.3, 0.3, 0.7, 0.7]], np.float32), no_boxes())
        boxed = np.full((200, 200, 3), 60, np.uint8)
        scenes = [
            fire_scene(folder),
            scene(folder, "boxed", boxed, known=boxes, shown=frozenset({SMOKE}), aspect=SQUASHED),
            scene(folder, "streets", street()),
            scene(folder, "streets", street(), "held", held_back=True),
            scene(folder, "stills", street()),
            scene(folder, "normal", street()),
        ]
        return HazardMix.of(scenes)

    def test_what_is_held_back_is_never_drawn(self, tmp_path: Path) -> None:
        mix = self.mix(tmp_path)
        assert [len(mix.scenes[source]) for source in SHARES] == [1] * 5
        assert not any(own.held_back for scenes in mix.scenes.values() for own in scenes)

    def test_a_seed_fixes_the_pictures_and_another_draws_others(self, tmp_path: Path) -> None:
        mix = self.mix(tmp_path)
        first, again, other = (mix.batch(np.random.default_rng(seed), PIXELS) for seed in (1, 1, 2))
        assert all(
            np.array_equal(a.image, b.image) and np.array_equal(a.boxes, b.boxes)
            for a, b in zip(first, again, strict=True)
        )
        assert not np.array_equal(first[0].image, other[0].image)

    def test_a_batch_has_one_size_and_its_boxes_lie_in_the_pictures(self, tmp_path: Path) -> None:
        mix, sizes = self.mix(tmp_path), Counter[tuple[int, int]]()
        for seed in range(12):
            samples = mix.batch(np.random.default_rng(seed), PIXELS)
            (shape,) = {sample.image.shape for sample in samples}
            sizes[shape[1], shape[0]] += 1
            assert abs(len(samples) * shape[0] * shape[1] - PIXELS) <= shape[0] * shape[1]
            for sample in samples:
                assert sample.image.dtype == np.uint8
                assert set(sample.boxes[:, 0].tolist()) <= {FIRE, SMOKE}
                assert (sample.boxes[:, 1:] >= 0).all()
                assert (sample.boxes[:, 3:5] <= (shape[1], shape[0])).all()
        assert set(sizes) == set(SIZES)

    def test_streets_burn_now_and_then_and_only_as_often_as_is_said(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hazard_mix, "MOSAIC", 0.0)
        mix = HazardMix.of([fire_scene(tmp_path), scene(tmp_path, "streets", street())])
        alone = HazardMix({"streets": mix.scenes["streets"]}, mix.pool)
        labels = Counter[frozenset[float]]()
        for seed in range(25):
            for sample in alone.batch(np.random.default_rng(seed), PIXELS):
                labels[frozenset(sample.boxes[:, 0].tolist())] += 1
        total = sum(labels.values())
        assert labels[frozenset()] / total == pytest.approx(1 - hazard_mix.PASTED, abs=0.15)
        assert min(labels[frozenset({FIRE})], labels[frozenset({SMOKE})], labels[frozenset({FIRE, SMOKE})]) > 0

    def test_the_last_stretch_has_no_mosaics(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hazard_mix, "MOSAIC", 1.0)
        monkeypatch.setattr(hazard_mix, "mosaic", lambda *_: pytest.fail("a mosaic"))
        mix = self.mix(tmp_path)
        assert mix.batch(np.random.default_rng(1), PIXELS, plain=True)
        with pytest.raises(pytest.fail.Exception, match="a mosaic"):
            mix.batch(np.random.default_rng(1), PIXELS)

"""The truth of random streets against an independent witness: what changes when one thing is taken away."""

import numpy as np
import numpy.typing as npt
import pytest

from ioc.geometry import pairwise_iou
from ioc.types import Image
from streams.drawing import Light, Posed, View
from streams.scene import Scene
from streams.scene_painter import paint
from streams.scene_random import random_light, random_scene
from streams.scene_silhouettes import Silhouette

FLAT = Light(sun=(0.2, -0.4, 0.89), sunshine=0.0, skylight=0.9, haze_distance=1e9, shadow=0.0)
SEEDS = (3, 6, 100, 104, 108, 204)


def posed_at(scene: Scene, seconds: float) -> list[Posed]:
    poses = [(actor, actor.motion.at(seconds)) for actor in scene.actors]
    return [Posed(actor.shape(pose), pose.x, pose.y, pose.heading) for actor, pose in poses if pose is not None]


def painted(solids: list[Posed], view: View) -> tuple[Image, tuple[Silhouette | None, ...]]:
    """Return the solids on magenta, a colour that nothing has, without shadows and haze."""
    image = np.empty((view.size[1], view.size[0], 3), np.uint8)
    image[:] = (255, 0, 255)
    return image, paint(image, solids, view, FLAT).silhouettes


def named(silhouette: Silhouette | None) -> bool:
    """Say whether the truth of a scene names it: enough of it is visible, inside and large enough."""
    if silhouette is None or silhouette.visible < 0.5 or silhouette.inside < 0.12:
        return False
    x1, y1, x2, y2 = silhouette.extent
    return min(x2 - x1, y2 - y1) >= 7


def around(mask: npt.NDArray[np.bool_]) -> tuple[float, float, float, float] | None:
    """Return (x1, y1, x2, y2) in pixels around what is set."""
    rows, columns = np.nonzero(mask)
    if len(rows) == 0:
        return None
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


def overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    return float(pairwise_iou(np.array([a]), np.array([b]))[0, 0])


@pytest.mark.parametrize("seed", SEEDS)
def test_taking_something_away_changes_the_picture_where_the_truth_said_it_was(seed: int) -> None:
    scene = random_scene(seed)
    solids = posed_at(scene, 5.0)
    image, found = painted(solids, scene.view)
    checked = 0
    for i, silhouette in enumerate(found[:40]):
        if not named(silhouette):
            continue
        assert silhouette is not None
        taken = painted(solids[:i] + solids[i + 1 :], scene.view)[0]
        box = around(np.abs(image.astype(int) - taken).max(axis=2) > 10)
        assert box is not None
        if silhouette.visible > 0.97 and silhouette.inside > 0.99:
            assert np.asarray(box) == pytest.approx(np.asarray(silhouette.extent), abs=2.5), (i, silhouette)
        else:
            # Outlines are taken to be convex, which is a little too much where something cuts them.
            assert overlap(box, silhouette.extent) > 0.5, (i, silhouette)
        checked += 1
    assert checked >= 2


@pytest.mark.parametrize("seed", SEEDS)
def test_every_pixel_drawn_lies_in_a_box_of_the_truth(seed: int) -> None:
    scene = random_scene(seed)
    image, found = painted(posed_at(scene, 5.0), scene.view)
    unexplained = (image != (255, 0, 255)).any(axis=2)
    assert unexplained.any()
    for silhouette in found:
        if silhouette is not None:
            x1, y1, x2, y2 = silhouette.extent
            unexplained[max(int(y1) - 2, 0) : int(y2) + 3, max(int(x1) - 2, 0) : int(x2) + 3] = False
    assert unexplained.sum() < 20


@pytest.mark.parametrize("seed", SEEDS)
def test_every_box_of_the_truth_is_filled_from_edge_to_edge(seed: int) -> None:
    scene = random_scene(seed)
    image, found = painted(posed_at(scene, 5.0), scene.view)
    for silhouette in found:
        if silhouette is not None and named(silhouette):
            x1, y1, x2, y2 = (round(v) for v in silhouette.extent)
            drawn = (image[y1:y2, x1:x2] != (255, 0, 255)).any(axis=2)
            assert drawn.any(axis=0).mean() > 0.85
            assert drawn.any(axis=1).mean() > 0.85


@pytest.mark.parametrize("seed", range(30))
def test_random_lights_are_possible(seed: int) -> None:
    light = random_light(np.random.default_rng(seed))
    assert float(np.hypot(np.hypot(light.sun[0], light.sun[1]), light.sun[2])) == pytest.approx(1.0)
    assert light.sun[2] > 0.3
    assert 0.3 < light.skylight + light.sunshine < 1.6
    assert light.lamps == (light.skylight + light.sunshine < 0.75)
    assert 0 < light.shadow < 0.7


@pytest.mark.parametrize("seed", range(0, 400, 16))
def test_random_viewpoints_stand_between_the_house_fronts_and_look_along_the_street(seed: int) -> None:
    scene = random_scene(seed)
    x, _, z = scene.view.position
    front = scene.place.half_road + scene.place.pavement
    assert abs(x) < front
    assert 3 < z < 9
    assert abs(scene.view.yaw) <= 1.25
    assert 0.1 < scene.view.pitch < 0.6


@pytest.mark.parametrize("seed", range(0, 400, 16))
def test_people_and_bags_of_random_streets_keep_off_the_houses(seed: int) -> None:
    scene = random_scene(seed)
    front = scene.place.half_road + scene.place.pavement
    for actor in scene.actors:
        pose = actor.motion.at(5.0)
        assert pose is not None
        if actor.label in {"person", "bag"}:
            assert abs(pose.x) < front + 2.1

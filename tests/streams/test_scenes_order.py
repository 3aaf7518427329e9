"""Which solid is drawn before which."""

import numpy as np
import pytest

from streams.drawing import Floats
from streams.scene_order import far_to_near
from tests.streams.small_scenes import rectangle

EVERYWHERE = (-1e6, -1e6, 1e6, 1e6)


def order_of(corners: list[Floats], eye: tuple[float, float] = (0.0, 0.0)) -> list[int]:
    return far_to_near(corners, eye, np.array([EVERYWHERE] * len(corners)))


def test_nothing_needs_no_order() -> None:
    assert far_to_near([], (0.0, 0.0), np.empty((0, 4))) == []


def test_the_farther_comes_first() -> None:
    near, far = rectangle(0, 10, 4, 2), rectangle(0, 30, 4, 2)
    assert order_of([near, far]) == [1, 0]
    assert order_of([far, near]) == [0, 1]


def test_a_motorcycle_between_the_camera_and_a_long_bus_covers_it() -> None:
    # The bus's middle is nearer to the camera than the motorcycle, which still stands before the bus's flank.
    bus = rectangle(3.0, 12.0, 12.0, 2.5, np.pi / 2)
    motorcycle = rectangle(1.0, 17.0, 1.8, 0.7, np.pi / 2)
    eye = (-6.0, 6.0)
    assert np.hypot(3 + 6, 12 - 6) < np.hypot(1 + 6, 17 - 6)
    assert order_of([bus, motorcycle], eye) == [0, 1]
    assert order_of([motorcycle, bus], eye) == [1, 0]


def test_solids_that_do_not_meet_in_the_picture_keep_the_order_of_distance() -> None:
    corners = [rectangle(-20, 10, 4, 2), rectangle(20, 40, 4, 2)]
    spans = np.array([(0.0, 0.0, 50.0, 50.0), (500.0, 0.0, 550.0, 50.0)])
    assert far_to_near(corners, (0.0, 0.0), spans) == [1, 0]


def test_footprints_that_meet_fall_back_to_the_distance() -> None:
    assert order_of([rectangle(0, 10, 4, 4), rectangle(0, 12, 4, 4)]) == [1, 0]


def hits(eye: Floats, ray: Floats, corners: Floats) -> float | None:
    """Return how far along the ray it enters the rectangle, by an independent slab test in its own axes."""
    middle = corners.mean(axis=0)
    axes = np.stack([corners[0] - corners[1], corners[1] - corners[2]])
    sizes = np.hypot(axes[:, 0], axes[:, 1])
    axes = axes / sizes[:, None]
    start, step = axes @ (eye - middle), axes @ ray
    with np.errstate(divide="ignore"):
        first, second = (-sizes / 2 - start) / step, (sizes / 2 - start) / step
    enter, leave = np.minimum(first, second).max(), np.maximum(first, second).min()
    return float(enter) if 0 < enter < leave else None


@pytest.mark.parametrize("seed", range(25))
def test_along_every_line_of_sight_the_nearer_is_drawn_later(seed: int) -> None:
    rng = np.random.default_rng(seed)
    placed: list[Floats] = []
    for column in range(4):
        for row in range(5):
            x, y = column * 9.0 - 13.5 + rng.uniform(-1.5, 1.5), row * 9.0 + 9 + rng.uniform(-1.5, 1.5)
            placed.append(rectangle(x, y, rng.uniform(1, 5.5), rng.uniform(0.5, 2.5), rng.uniform(0, 3)))
    eye = np.array([rng.uniform(-8, 8), 0.0])
    rank = {solid: k for k, solid in enumerate(order_of(placed, (float(eye[0]), 0.0)))}
    checked = 0
    for angle in np.linspace(0.2, np.pi - 0.2, 120):
        ray = np.array([np.cos(angle), np.sin(angle)])
        met = sorted((d, k) for k, c in enumerate(placed) if (d := hits(eye, ray, c)) is not None)
        ranks = [rank[k] for _, k in met]
        assert ranks == sorted(ranks, reverse=True)
        checked += len(met) > 1
    assert checked > 20

"""The drawn scenes' camera model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.drawing import View

LEVEL = View(position=(0.0, 0.0, 5.0), yaw=0.0, pitch=0.0, focal=500.0)
TILTED = View(position=(-3.0, 2.0, 6.0), yaw=0.4, pitch=0.3, focal=520.0)


def project_one(view: View, x: float, y: float, z: float) -> tuple[float, float, float]:
    pixels, depth = view.project(np.array([[x, y, z]]))
    return float(pixels[0, 0]), float(pixels[0, 1]), float(depth[0])


def test_a_point_straight_ahead_is_in_the_middle_of_the_picture() -> None:
    assert project_one(LEVEL, 0, 10, 5) == pytest.approx((320, 180, 10))


def test_right_is_right_and_up_is_up() -> None:
    middle = project_one(LEVEL, 0, 10, 5)
    assert project_one(LEVEL, 1, 10, 5)[0] > middle[0]
    assert project_one(LEVEL, 0, 10, 6)[1] < middle[1]


def test_size_falls_with_distance() -> None:
    def width_at(y: float) -> float:
        return project_one(LEVEL, 1, y, 0)[0] - project_one(LEVEL, -1, y, 0)[0]

    assert width_at(10) == pytest.approx(500 * 2 / 10)
    assert width_at(20) == pytest.approx(width_at(10) / 2)


def test_yaw_turns_towards_the_right() -> None:
    turned = View(position=(0.0, 0.0, 5.0), yaw=0.3, pitch=0.0, focal=500.0)
    ahead = (10 * float(np.sin(0.3)), 10 * float(np.cos(0.3)))
    assert project_one(turned, *ahead, 5)[:2] == pytest.approx((320, 180))
    assert project_one(turned, 0, 10, 5)[0] < 320


def test_pitch_puts_the_horizon_above_the_middle() -> None:
    tilted = View(position=(0.0, 0.0, 5.0), yaw=0.0, pitch=0.25, focal=500.0)
    horizon = project_one(tilted, 0, 1e7, 5)
    assert horizon[1] == pytest.approx(180 - 500 * np.tan(0.25), abs=0.01)


def test_the_axes_are_at_right_angles_and_of_length_one() -> None:
    assert TILTED.axes @ TILTED.axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.cross(TILTED.axes[0], TILTED.axes[1]) == pytest.approx(TILTED.axes[2])


def test_what_lies_behind_has_a_negative_depth() -> None:
    assert project_one(LEVEL, 0, -4, 5)[2] == pytest.approx(-4)


@given(column=st.integers(0, 639), row=st.integers(0, 359), distance=st.floats(1, 200))
def test_a_ray_projects_back_to_its_own_pixel(column: int, row: int, distance: float) -> None:
    ray = TILTED.rays(640, 360)[row, column]
    x, y, _ = project_one(TILTED, *(np.asarray(TILTED.position) + ray * distance))
    assert (x, y) == pytest.approx((column + 0.5, row + 0.5), abs=1e-6)


def test_a_finer_grid_of_rays_covers_the_same_picture() -> None:
    coarse, fine = TILTED.rays(640, 360), TILTED.rays(1280, 720)
    quartet = fine[100:102, 200:202].reshape(-1, 3).mean(axis=0)
    assert quartet == pytest.approx(coarse[50, 100])

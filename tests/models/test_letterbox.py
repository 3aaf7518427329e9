from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.types import Image
from models.letterbox import GREY, STRIDE, Letterbox, fit

Sides = st.integers(min_value=1, max_value=4000)
Sizes = st.integers(min_value=32, max_value=1280)


def painted(height: int, width: int, colour: tuple[int, int, int]) -> Image:
    return np.full((height, width, 3), colour, dtype=np.uint8)


@pytest.mark.parametrize(
    ("height", "width", "size", "shape"),
    [
        (360, 640, 640, (384, 640)),
        (1080, 1920, 416, (256, 416)),
        (360, 640, 320, (192, 320)),
        (480, 640, 416, (320, 416)),
        (1920, 1080, 416, (416, 256)),
        (500, 500, 320, (320, 320)),
        (360, 640, 400, (256, 416)),
        (1, 3000, 320, (32, 320)),
    ],
)
def test_pads_only_to_the_next_multiple_of_32(height: int, width: int, size: int, shape: tuple[int, int]) -> None:
    assert Letterbox.around(height, width, size).shape == shape


@given(Sides, Sides, Sizes)
def test_the_picture_lies_inside_and_in_the_middle(height: int, width: int, size: int) -> None:
    box = Letterbox.around(height, width, size)
    assert box.height % STRIDE == 0
    assert box.width % STRIDE == 0
    assert max(box.inner_height, box.inner_width) == size
    for outer, inner, before in (
        (box.height, box.inner_height, box.top),
        (box.width, box.inner_width, box.left),
    ):
        after = outer - inner - before
        assert 0 <= before <= after <= before + 1
        assert outer - inner < STRIDE


@given(Sides, Sides, Sizes)
def test_mapping_back_is_exact_at_the_picture_s_corners(height: int, width: int, size: int) -> None:
    box = Letterbox.around(height, width, size)
    corners = [box.left, box.top, box.left + box.inner_width, box.top + box.inner_height]
    assert box.fractions(np.array([corners], dtype=np.float32)).tolist() == [[0, 0, 1, 1]]


def test_what_lies_in_the_bars_is_cut_at_the_picture_s_edge() -> None:
    box = Letterbox.around(360, 640, 320)
    assert (box.top, box.inner_height) == (6, 180)
    found = box.fractions(np.array([[-40, 0, 160, 96], [32, 150, 400, 192]], dtype=np.float32))
    assert found.tolist() == [[0, 0, 0.5, 0.5], [0.1, 0.8, 1, 1]]


@given(
    st.integers(40, 700),
    st.integers(40, 700),
    st.integers(64, 640),
    st.tuples(*[st.floats(0.1, 0.45)] * 2, *[st.floats(0.55, 0.9)] * 2),
)
def test_a_painted_rectangle_is_found_where_it_was_painted(
    height: int, width: int, size: int, share: tuple[float, float, float, float]
) -> None:
    x1, y1, x2, y2 = (round(f * side) for f, side in zip(share, (width, height) * 2, strict=True))
    image = painted(height, width, (0, 0, 0))
    image[y1:y2, x1:x2] = 255
    box = Letterbox.around(height, width, size)
    written = np.empty((3, *box.shape), dtype=np.float32)
    box.write(image, written)
    inner = written[0, box.top : box.top + box.inner_height, box.left : box.left + box.inner_width]
    rows, columns = np.nonzero(inner > 0.5)
    if not rows.size:  # thinner than a pixel of the input
        return
    corners = [
        columns.min() + box.left,
        rows.min() + box.top,
        columns.max() + 1 + box.left,
        rows.max() + 1 + box.top,
    ]
    (found,) = box.fractions(np.array([corners], dtype=np.float32)).tolist()
    pixel = max(1 / box.inner_width, 1 / width), max(1 / box.inner_height, 1 / height)
    for value, true, step in zip(found, (x1 / width, y1 / height, x2 / width, y2 / height), pixel * 2, strict=True):
        assert abs(value - true) <= step


def test_writes_red_green_blue_planes_between_grey_bars() -> None:
    box = Letterbox.around(360, 640, 320)
    written = np.full((3, *box.shape), np.nan, dtype=np.float32)
    box.write(painted(360, 640, (0, 51, 255)), written)
    inner = written[:, 6:186]
    assert inner[0].min() == inner[0].max() == 1
    assert np.allclose(inner[1], 0.2)
    assert inner[2].max() == 0
    bars = np.concatenate((written[:, :6], written[:, 186:]), axis=1)
    assert np.allclose(bars, GREY / 255)


def test_takes_a_read_only_picture_and_leaves_it_alone() -> None:
    image = np.random.default_rng(1).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    before = image.copy()
    image.flags.writeable = False
    for size in (64, 160, 320):
        box = Letterbox.around(90, 160, size)
        box.write(image, np.empty((3, *box.shape), dtype=np.float32))
    assert np.array_equal(image, before)


def test_a_picture_of_the_right_size_is_not_resampled() -> None:
    image = np.random.default_rng(1).integers(0, 255, (180, 320, 3), dtype=np.uint8)
    assert np.array_equal(fit(image, 180, 320), image)


@pytest.mark.parametrize(("height", "width"), [(135, 240), (100, 178), (234, 416), (400, 711)])
def test_shrinking_averages_all_pixels(height: int, width: int) -> None:
    """Fine stripes must become grey: sampling between them would show a pattern that is not there."""
    image = painted(1080, 1920, (0, 0, 0))
    image[:, ::2] = 200
    assert np.abs(fit(image, height, width).astype(int) - 100).max() <= 1


def test_an_object_of_one_pixel_is_not_lost_in_shrinking() -> None:
    for x in range(600, 608):
        image = painted(1080, 1920, (0, 0, 0))
        image[500:508, x] = 255
        assert fit(image, 135, 240).max() > 10


def test_odd_and_tiny_pictures_are_fitted() -> None:
    for height, width, to_height, to_width in ((135, 241, 33, 59), (1, 1, 320, 320), (3, 3000, 1, 320), (7, 5, 2, 1)):
        assert fit(painted(height, width, (9, 9, 9)), to_height, to_width).shape == (to_height, to_width, 3)


def test_a_fixed_input_holds_the_picture_as_large_as_it_can() -> None:
    wide = Letterbox.within(360, 640, (320, 320))
    assert (wide.shape, wide.top, wide.left, wide.inner_height, wide.inner_width) == ((320, 320), 70, 0, 180, 320)
    tall = Letterbox.within(640, 360, (192, 320))
    assert (tall.shape, tall.top, tall.left, tall.inner_height, tall.inner_width) == ((192, 320), 0, 106, 192, 108)
    assert Letterbox.within(1, 3000, (320, 320)).inner_height == 1


def test_a_stretched_picture_has_no_bars_and_its_boxes_come_back() -> None:
    box = Letterbox.filled((320, 320))
    planes = np.empty((3, 320, 320), dtype=np.float32)
    box.write(painted(90, 160, (255, 255, 255)), planes)
    assert planes.min() == pytest.approx(1)
    assert box.fractions(np.array([[32, 64, 160, 320]], dtype=np.float32)).tolist() == [
        pytest.approx([0.1, 0.2, 0.5, 1])
    ]

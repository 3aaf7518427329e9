from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from models.layouts import FORMS, LABEL_BY_NUMBER, expected, plain, problem
from models.manifest import Layout

Floats = npt.NDArray[np.float32]
SHAPE = (192, 320)
LABELS = 3

# Two things: a box around (80, 48) of 32 × 16 that is label 2, and one around (160, 96) of 320 × 192 that is label 0.
PLAIN = np.array(
    [[80, 160], [48, 96], [32, 320], [16, 192], [0, 0.75], [0, 0], [0.5, 0]],
    dtype=np.float32,
)
ONE: dict[Layout, list[list[float]]] = {
    "yolov5": [[80, 48, 32, 16, 1, 0, 0, 0.5], [160, 96, 320, 192, 0.75, 1, 0, 0]],
    "yolo-end2end": [[64, 40, 96, 56, 0.5, 2], [0, 0, 320, 192, 0.75, 0]],
    "rtdetr": [[0.25, 0.25, 0.1, 1 / 12, 0, 0, 0.5], [0.5, 0.5, 1, 1, 0.75, 0, 0]],
    "rtdetr-end2end": [[0.25, 0.25, 0.1, 1 / 12, 0.5, 2], [0.5, 0.5, 1, 1, 0.75, 0]],
}


def given(layout: Layout) -> Floats:
    """Return the two things as a network of that layout says them, one picture's output."""
    return PLAIN if layout == "yolo" else np.array(ONE[layout], dtype=np.float32)


@pytest.mark.parametrize("layout", FORMS)
def test_every_layout_comes_into_one_form(layout: Layout) -> None:
    output = given(layout)
    assert problem(layout, output[None], LABELS) is None
    found = plain(layout, output, LABELS, SHAPE)
    assert found.dtype == np.float32
    assert found == pytest.approx(PLAIN, abs=1e-4)


@pytest.mark.parametrize(
    ("layout", "shape"),
    [
        ("yolo", (7, None)),
        ("yolov5", (None, 8)),
        ("rtdetr", (None, 7)),
        ("yolo-end2end", (None, 6)),
        ("rtdetr-end2end", (None, 6)),
    ],
)
def test_shapes(layout: Layout, shape: tuple[int | None, int | None]) -> None:
    assert expected(layout, LABELS) == shape


def test_a_wrong_shape_names_the_layout_that_it_fits() -> None:
    said = problem("yolo", given("yolov5")[None], LABELS)
    assert said == (
        "expected an output of (batch, 7, places) for the manifest's 3 labels, found (1, 2, 8), which fits the layout "
        "yolov5"
    )
    said = problem("yolo", given("yolo-end2end")[None], LABELS)
    assert said is not None
    assert said.endswith("which fits the layout yolo-end2end or rtdetr-end2end")
    said = problem("yolov5", np.zeros((1, 5, 5), np.float32), LABELS)
    assert said is not None
    assert said.endswith("found (1, 5, 5)")


@pytest.mark.parametrize("layout", FORMS)
def test_a_batch_without_places_or_with_zeros_alone_is_good(layout: Layout) -> None:
    output = given(layout)
    assert problem(layout, np.zeros((2, *output.shape), np.float32), LABELS) is None
    empty = output[:, :0] if layout == "yolo" else output[:0]
    assert problem(layout, empty[None], LABELS) is None


@pytest.mark.parametrize("layout", FORMS)
@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_found(layout: Layout, odd: float) -> None:
    for place in ((0, 0), (0, 1), (1, 1)):
        output = given(layout).copy()
        output[place] = odd
        assert problem(layout, output[None], LABELS) == "gave numbers that are not finite"


def test_scores_before_the_sigmoid_are_found() -> None:
    output = given("rtdetr").copy()
    output[0, 5] = -7.5
    assert problem("rtdetr", output[None], LABELS) == "gave scores from -7.5 to 0.75 where 0 to 1 was expected"
    output[0, 5] = 1.05
    assert problem("rtdetr", output[None], LABELS) is None


def test_boxes_in_another_unit_are_found() -> None:
    pixels, parts = given("yolo-end2end"), given("rtdetr-end2end")
    said = problem("rtdetr-end2end", pixels[None], LABELS)
    assert said == "gave boxes up to 320 where fractions of the input were expected"
    assert problem("yolo-end2end", parts[None], LABELS) == "gave boxes up to 1 where pixels were expected"


@pytest.mark.parametrize("layout", sorted(LABEL_BY_NUMBER))
@pytest.mark.parametrize("number", [3, -1, 0.5])
def test_numbers_of_no_label_are_found(layout: Layout, number: float) -> None:
    output = given(layout).copy()
    output[1, 5] = number
    assert problem(layout, output[None], LABELS) == "gave numbers of labels other than 0 to 2"

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.geometry import iou
from ioc.types import Box
from models.yolo import MAX_GUESSES, Floats, Guesses, Suppression, decode, stays, suppress

Corners = tuple[float, float, float, float]


def output(*places: tuple[Corners, Sequence[float]]) -> Floats:
    """Return a network's output for places given as (centre x, y, width, height) and scores."""
    return np.array([[*box, *scores] for box, scores in places], dtype=np.float32).T


def guesses(*items: tuple[Corners, int, float]) -> Guesses:
    return Guesses(
        np.array([corners for corners, _, _ in items], dtype=np.float32).reshape(-1, 4),
        np.array([label for _, label, _ in items], dtype=np.int64),
        np.array([score for _, _, score in items], dtype=np.float32),
    )


def shifted(pixels: float) -> Corners:
    """Return a box of 100 × 100 pixels, moved right: 50 pixels leave an overlap of 1/3."""
    return (100 + pixels, 100, 200 + pixels, 200)


def test_decodes_centre_and_size_to_corners_best_first() -> None:
    found = decode(output(((50, 40, 20, 10), (0.1, 0.6)), ((10, 10, 4, 8), (0.9, 0.2))), 0.5)
    assert found.corners.tolist() == [[8, 6, 12, 14], [40, 35, 60, 45]]
    assert found.labels.tolist() == [0, 1]
    assert found.scores.tolist() == pytest.approx([0.9, 0.6])


def test_threshold_is_inclusive_and_may_leave_nothing() -> None:
    places = output(((50, 40, 20, 10), (0.5, 0.0)), ((10, 10, 4, 8), (0.49, 0.25)))
    assert len(decode(places, 0.5)) == 1
    nothing = decode(places, 0.75)
    assert len(nothing) == 0
    assert nothing.corners.shape == (0, 4)
    assert len(suppress(nothing, [frozenset({0, 1})], Suppression())) == 0


def test_a_place_gives_its_best_label_or_every_label() -> None:
    places = output(((50, 40, 20, 10), (0.7, 0.8, 0.1)))
    assert decode(places, 0.3).labels.tolist() == [1]
    assert decode(places, 0.3, every_label=True).labels.tolist() == [1, 0]


def test_boxes_without_an_area_are_dropped() -> None:
    places = output(((50, 40, 0, 10), (0.9,)), ((50, 40, 10, -3), (0.9,)), ((50, 40, 10, 3), (0.8,)))
    assert decode(places, 0.1).corners.tolist() == [[45, 38.5, 55, 41.5]]


def test_equal_scores_keep_the_order_of_their_places() -> None:
    places = output(*(((10 + 20 * n, 10, 8, 8), (0.5 if n % 3 else 0.25, 0.0)) for n in range(600)))
    expected = [n for n in range(600) if n % 3] + [n for n in range(600) if not n % 3]
    assert decode(places, 0.1).corners[:, 0].tolist() == [6 + 20 * n for n in expected]


def test_of_too_many_guesses_the_best_are_kept() -> None:
    scores = np.random.default_rng(1).permutation(MAX_GUESSES + 500) / 10_000 + 0.1
    places = output(*(((10, 10, 5, 5), (score,)) for score in scores))
    found = decode(places, 0.0)
    assert len(found) == MAX_GUESSES
    assert found.scores.min() == pytest.approx(np.sort(scores)[500])


def test_of_overlapping_boxes_of_one_label_the_best_stays() -> None:
    found = suppress(
        guesses((shifted(0), 0, 0.9), (shifted(10), 0, 0.8), (shifted(300), 0, 0.7), (shifted(5), 1, 0.6)),
        [],
        Suppression(same_label=0.5),
    )
    assert found.labels.tolist() == [0, 0, 1]
    assert found.scores.tolist() == pytest.approx([0.9, 0.7, 0.6])


def test_boxes_that_overlap_less_than_the_limit_stay() -> None:
    pair = guesses((shifted(0), 0, 0.9), (shifted(50), 0, 0.8))
    assert len(suppress(pair, [], Suppression(same_label=0.34))) == 2
    assert len(suppress(pair, [], Suppression(same_label=0.33))) == 1


def test_a_suppressed_box_suppresses_nothing() -> None:
    chain = guesses((shifted(0), 0, 0.9), (shifted(30), 0, 0.8), (shifted(60), 0, 0.7), (shifted(90), 0, 0.6))
    found = suppress(chain, [], Suppression(same_label=0.5))
    assert found.corners[:, 0].tolist() == [100, 160]


def test_one_object_keeps_one_of_the_labels_that_exclude_each_other() -> None:
    seen = guesses((shifted(0), 3, 0.9), (shifted(2), 4, 0.8), (shifted(1), 0, 0.7), (shifted(200), 4, 0.6))
    found = suppress(seen, [frozenset({3, 4})], Suppression())
    assert found.labels.tolist() == [3, 0, 4]
    assert found.scores.tolist() == pytest.approx([0.9, 0.7, 0.6])


def test_a_truck_behind_a_car_stays() -> None:
    seen = guesses((shifted(0), 3, 0.9), (shifted(30), 4, 0.8))
    assert len(suppress(seen, [frozenset({3, 4})], Suppression())) == 2


def test_no_more_than_asked_for_stay_and_they_are_the_best() -> None:
    far = guesses(*(((n * 30.0, 0, n * 30 + 20.0, 20), n % 3, 0.9 - n / 1000) for n in range(50)))
    found = suppress(far, [], Suppression(at_most=7))
    assert found.scores.tolist() == pytest.approx([0.9 - n / 1000 for n in range(7)])


def greedy(boxes: Sequence[Box], limit: float) -> list[bool]:
    """The textbook's loop over boxes, best first."""
    stay: list[bool] = []
    for number, box in enumerate(boxes):
        better = [other for other, kept in zip(boxes[:number], stay, strict=True) if kept]
        stay.append(all(iou(other, box) <= limit for other in better))
    return stay


Places = st.tuples(*[st.floats(0, 0.6)] * 2, *[st.floats(0.05, 0.4)] * 2)


@given(st.lists(Places, max_size=40), st.sampled_from([0.1, 0.3, 0.5, 0.8]))
@settings(max_examples=100, deadline=None)
def test_suppression_agrees_with_the_textbook(places: list[Corners], limit: float) -> None:
    boxes = [Box(x, y, x + width, y + height) for x, y, width, height in places]
    corners = np.array([box.as_tuple() for box in boxes], dtype=np.float32).reshape(-1, 4)
    exact = [Box(*map(float, row)) for row in corners]
    assert stays(corners, limit).tolist() == greedy(exact, limit)


def test_a_long_chain_is_settled_to_its_end() -> None:
    corners = np.array([shifted(30 * n) for n in range(301)], dtype=np.float32)
    assert stays(corners, 0.5).tolist() == [n % 2 == 0 for n in range(301)]

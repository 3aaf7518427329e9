"""Average precision against figures worked out by hand and a slow second implementation, and the whole way to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ioc.geometry import pairwise_iou
from ioc.types import Detection
from models.bench import open_weights
from models.detector import Detector
from models.evaluation import (
    OVERLAPS,
    SURE_RIDER,
    Figures,
    LabelFigures,
    Riders,
    average_precision,
    evaluate,
    joined,
    label_figures,
    matches,
    stretched,
)
from models.labelled_set import Boxes, read_set
from models.manifest import load_manifest
from models.pictures import PictureError, detect_images
from tests.models.drawn_model import LABELS, Colours
from tests.models.drawn_set import draw_manifest, draw_set, line, picture

LEFT, RIGHT, FAR = (0.1, 0.1, 0.3, 0.3), (0.6, 0.6, 0.8, 0.8), (0.1, 0.7, 0.3, 0.9)
Row = tuple[float, float, float, float]


def boxes(*rows: Row, label: int = 0, scores: tuple[float, ...] | None = None) -> Boxes:
    count = len(rows)
    return Boxes(
        np.array(rows, dtype=np.float64).reshape(-1, 4),
        np.full(count, label, dtype=np.int64),
        np.array(scores or (1.0,) * count, dtype=np.float64),
    )


def wide(overlap: float) -> Row:
    """Return a box inside LEFT that overlaps it by that intersection over union."""
    return (0.1, 0.1, 0.1 + 0.2 * overlap, 0.3)


class TestByHand:
    def test_all_found_and_nothing_else_is_one(self) -> None:
        figures = label_figures(
            "car", 0, [boxes(LEFT, scores=(0.2,)), boxes(RIGHT, scores=(0.9,))], [boxes(LEFT), boxes(RIGHT)]
        )
        assert figures == LabelFigures("car", 2, 1.0, 1.0)

    def test_half_found_reaches_the_recalls_up_to_a_half(self) -> None:
        # Recalls 0, 0.01 … 0.50 are 51 of 101.
        figures = label_figures("car", 0, [boxes(LEFT)], [boxes(LEFT, RIGHT)])
        assert figures.ap50 == pytest.approx(51 / 101)

    def test_a_wrong_box_costs_only_where_it_ranks_higher(self) -> None:
        above = label_figures("car", 0, [boxes(RIGHT, LEFT, scores=(0.9, 0.5))], [boxes(LEFT)])
        below = label_figures("car", 0, [boxes(LEFT, RIGHT, scores=(0.9, 0.5))], [boxes(LEFT)])
        assert above.ap50 == pytest.approx(0.5)
        assert below.ap50 == pytest.approx(1.0)

    def test_right_wrong_right_of_three(self) -> None:
        # Precision 1 up to recall 1/3 (34 recalls), 2/3 up to recall 2/3 (33 more), then never reached.
        found = boxes(LEFT, (0.4, 0.4, 0.5, 0.5), RIGHT, scores=(0.9, 0.8, 0.7))
        figures = label_figures("car", 0, [found], [boxes(LEFT, RIGHT, FAR)])
        assert figures.ap50 == pytest.approx((34 + 33 * 2 / 3) / 101)

    def test_an_overlap_of_0_72_is_right_at_five_of_ten(self) -> None:
        figures = label_figures("car", 0, [boxes(wide(0.72))], [boxes(LEFT)])
        assert figures.ap50 == pytest.approx(1.0)
        assert figures.ap50_95 == pytest.approx(0.5)

    def test_found_twice_is_wrong_once(self) -> None:
        # The second is a duplicate of the first and stands above the third.
        found = boxes(LEFT, wide(0.9), RIGHT, scores=(0.9, 0.8, 0.7))
        figures = label_figures("car", 0, [found], [boxes(LEFT, RIGHT)])
        assert figures.ap50 == pytest.approx((51 + 50 * 2 / 3) / 101)

    def test_wrong_boxes_on_pictures_that_show_nothing_count(self) -> None:
        figures = label_figures(
            "car", 0, [boxes(LEFT, scores=(0.5,)), boxes(LEFT, scores=(0.9,))], [boxes(LEFT), boxes()]
        )
        assert figures.ap50 == pytest.approx(0.5)

    def test_other_labels_neither_help_nor_harm(self) -> None:
        found = Boxes(np.array([LEFT, RIGHT]), np.array([1, 0]), np.array([0.9, 0.8]))
        truth = Boxes(np.array([LEFT, RIGHT]), np.array([0, 0]), np.ones(2))
        assert label_figures("car", 0, [found], [truth]).ap50 == pytest.approx(51 / 101)

    def test_nothing_found_is_nought_and_nothing_to_find_is_no_figure(self) -> None:
        assert label_figures("car", 0, [boxes()], [boxes(LEFT)]) == LabelFigures("car", 1, 0.0, 0.0)
        assert label_figures("car", 0, [boxes(LEFT)], [boxes()]) == LabelFigures("car", 0, None, None)

    def test_the_order_in_which_boxes_are_given_does_not_matter(self) -> None:
        rows, scores = (LEFT, RIGHT, FAR), (0.3, 0.9, 0.6)
        truth = [boxes(LEFT, RIGHT)]
        given = label_figures("car", 0, [boxes(*rows, scores=scores)], truth)
        turned = label_figures("car", 0, [boxes(*rows[::-1], scores=scores[::-1])], truth)
        assert given == turned
        assert given.ap50 == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_a_box_takes_the_known_one_that_it_overlaps_most_and_that_is_free() -> None:
    known = np.array([LEFT, wide(0.8)])
    found = np.array([wide(0.8), wide(0.8)])
    # The first takes its equal; what is left for the second is LEFT, overlapped by 0.8.
    right = matches(found, known)
    assert right[0].all()
    assert right[1].tolist() == [overlap <= 0.8 + 1e-9 for overlap in OVERLAPS]


def slow(found: list[Boxes], truth: list[Boxes], overlap: float) -> float:
    """Return average precision as COCO's tools compute it, one box at a time."""
    ranked: list[tuple[float, bool]] = []
    for found_here, truth_here in zip(found, truth, strict=True):
        taken: set[int] = set()
        for row in np.argsort(-found_here.scores, kind="stable"):
            best, at = overlap, -1
            for number in range(len(truth_here)):
                own = pairwise_iou(found_here.corners[row : row + 1], truth_here.corners[number : number + 1])[0, 0]
                if number not in taken and own >= best:
                    best, at = own, number
            taken.add(at)
            ranked.append((float(found_here.scores[row]), at >= 0))
    ranked.sort(key=lambda pair: -pair[0])
    total, points, hits = sum(map(len, truth)), [], 0
    for rank, (_, right) in enumerate(ranked, 1):
        hits += right
        points.append((hits / total, hits / rank))
    reached = [max((p for r, p in points if r >= recall), default=0.0) for recall in np.linspace(0, 1, 101)]
    return sum(reached) / len(reached)


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_a_slow_implementation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, found = [], []
    for _ in range(6):
        corner = rng.uniform(0, 0.7, (rng.integers(1, 6), 2))
        known = np.hstack((corner, corner + rng.uniform(0.05, 0.25, corner.shape)))
        guesses = np.repeat(known, rng.integers(0, 3, len(known)), axis=0) + rng.normal(0, 0.006, 4)
        guesses = np.vstack((guesses, rng.permutation(known) + 0.3))
        truth.append(Boxes(known, np.zeros(len(known), np.int64), np.ones(len(known))))
        found.append(Boxes(guesses, np.zeros(len(guesses), np.int64), rng.integers(1, 20, len(guesses)) / 20))
    figures = label_figures("car", 0, found, truth)
    by_overlap = [slow(found, truth, overlap) for overlap in OVERLAPS]
    assert by_overlap[-1] < by_overlap[0] < 1
    assert by_overlap[5] > 0
    assert figures.ap50 == pytest.approx(by_overlap[0], abs=1e-12)
    assert figures.ap50_95 == pytest.approx(sum(by_overlap) / 10, abs=1e-12)


def test_no_boxes_at_all_are_nought_in_every_column() -> None:
    assert average_precision(np.zeros((0, 10), np.bool_), np.zeros(0), 3).tolist() == [0.0] * 10


def test_the_mean_is_over_labels_that_have_a_figure() -> None:
    figures = Figures(
        640, (LabelFigures("car", 3, 0.8, 0.5), LabelFigures("bus", 0, None, None), LabelFigures("bag", 1, 0.4, 0.1))
    )
    assert figures.ap50 == pytest.approx(0.6)
    assert figures.ap50_95 == pytest.approx(0.3)
    assert Figures(640, (LabelFigures("bus", 0, None, None),)).ap50 is None
    assert figures.to_json()["labels"] == {
        "car": {"boxes": 3, "ap50": 0.8, "ap50_95": 0.5},
        "bus": {"boxes": 0, "ap50": None, "ap50_95": None},
        "bag": {"boxes": 1, "ap50": 0.4, "ap50_95": 0.1},
    }


class TestRiders:
    NAMES = ("car", "person", "motorcycle")
    BIKE, RIDER, WALKER = (0.4, 0.5, 0.5, 0.7), (0.42, 0.4, 0.48, 0.65), (0.8, 0.4, 0.85, 0.7)

    def street(self, rider_score: float = 0.6) -> Boxes:
        return Boxes(
            np.array([self.RIDER, self.BIKE, self.WALKER, LEFT]),
            np.array([1, 2, 1, 0]),
            np.array([rider_score, 0.9, 0.3, 0.5]),
        )

    def test_the_rider_becomes_part_of_the_two_wheeler(self) -> None:
        made = joined(self.street(), self.NAMES)
        assert [self.NAMES[label] for label in made.labels] == ["motorcycle", "car", "person"]
        np.testing.assert_allclose(made.corners[0], (0.4, 0.4, 0.5, 0.7), atol=1e-6)
        np.testing.assert_allclose(made.corners[2], self.WALKER, atol=1e-6)
        np.testing.assert_allclose(made.scores, [0.9, 0.5, 0.3], atol=1e-6)

    def test_a_rider_that_is_hardly_seen_changes_nothing(self) -> None:
        made = joined(self.street(SURE_RIDER / 2), self.NAMES)
        assert len(made) == 4
        np.testing.assert_allclose(made.corners[0], self.BIKE, atol=1e-6)

    def test_nothing_is_made_of_nothing(self) -> None:
        assert len(joined(boxes(), self.NAMES)) == 0


@pytest.fixture
def colours(tmp_path: Path) -> Detector:
    return Detector.load("colours", provider="cpu", manifest=load_manifest(draw_manifest(tmp_path / "models")))


SCENES = {"a": [("red", 1, 1), ("green", 5, 5)], "b": [("red", 8, 2)], "c": []}


def test_a_detector_that_finds_everything_has_full_marks(colours: Detector, tmp_path: Path) -> None:
    labelled = read_set(draw_set(tmp_path / "set", SCENES), LABELS)
    looked_at: list[int] = []
    (figures,) = evaluate(colours, labelled, [320], each=lambda: looked_at.append(1))
    assert [(own.label, own.boxes, own.ap50, own.ap50_95) for own in figures.labels] == [
        ("red", 2, 1.0, 1.0),
        ("green", 1, 1.0, 1.0),
        ("blue", 0, None, None),
    ]
    assert len(looked_at) == 3


def test_what_is_missed_and_what_is_not_there_cost(colours: Detector, tmp_path: Path) -> None:
    # In b the red cell is said to be elsewhere: it is missed, and what is found there is wrong.
    labels = {"b": line(0, 3, 3)}
    labelled = read_set(draw_set(tmp_path / "set", SCENES, labels=labels), LABELS)
    (figures,) = evaluate(colours, labelled, [320])
    red, green, _ = figures.labels
    # Both score 1 and rank in the pictures' order: right, then wrong; recall ends at a half.
    assert red.ap50 == pytest.approx(51 / 101)
    assert green.ap50 == pytest.approx(1.0)


def test_sizes_are_measured_apart_and_labels_that_the_set_lacks_are_not_judged(
    colours: Detector, tmp_path: Path
) -> None:
    folder = draw_set(tmp_path / "set", {"a": [("red", 1, 1)]}, classes=["red"])
    half, full = evaluate(colours, read_set(folder, LABELS), [160, 320])
    assert (half.size, full.size) == (160, 320)
    # At 160 px two pixels of the picture are one: the cell is a quarter of the network's, its box four times too large.
    assert (half.ap50, full.ap50) == (0.0, 1.0)
    assert [own.label for own in full.labels] == ["red"]


def test_pictures_are_looked_at_as_by_ioc_detect(colours: Detector, tmp_path: Path) -> None:
    """The known boxes are those that `ioc detect` gives: only the same way of looking finds them all exactly."""
    folder = draw_set(tmp_path / "set", {"a": [("red", 1, 1), ("green", 7, 4)]})
    path = folder / "images" / "a.png"
    ((_, seen),) = detect_images([path], [colours], size=192)
    assert not isinstance(seen, PictureError)
    assert len(seen) > 2
    (folder / "labels" / "a.txt").write_text("".join(map(as_line, seen)))
    (figures,) = evaluate(colours, read_set(folder, LABELS), [192])
    assert {own.ap50_95 for own in figures.labels if own.boxes} == {1.0}


def as_line(seen: Detection) -> str:
    box = seen.box
    return f"{LABELS.index(seen.label)} {box.centre.x} {box.centre.y} {box.width} {box.height}\n"


def test_the_same_twice_gives_the_same(colours: Detector, tmp_path: Path) -> None:
    labelled = read_set(draw_set(tmp_path / "set", SCENES, labels={"b": line(0, 3, 3)}), LABELS)
    assert evaluate(colours, labelled, [96, 320]) == evaluate(colours, labelled, [96, 320])


def test_squashed_pictures_are_shown_at_their_true_shape(colours: Detector, tmp_path: Path) -> None:
    image = picture(("red", 1, 1))
    assert stretched(image, 16 / 9).shape == (320, 569, 3)
    assert stretched(image, 0.5).shape == (320, 160, 3)
    assert stretched(image, None) is image
    # Twice as wide, the cell covers two of the network's at a size of 640: neither box is the known one at 0.5.
    labelled = read_set(draw_set(tmp_path / "set", {"a": [("red", 1, 1)]}), LABELS)
    (as_stored,) = evaluate(colours, labelled, [320])
    (as_it_was,) = evaluate(colours, labelled, [640], aspect=2.0)
    assert as_stored.labels[0].ap50 == 1.0
    assert as_it_was.labels[0].ap50_95 is not None
    assert as_it_was.labels[0].ap50_95 < 0.5


def test_riders_are_joined_on_the_side_that_is_asked_for(tmp_path: Path) -> None:
    """Red plays the person and green the motorcycle; the network's boxes are two cells wide and high and overlap."""
    manifest = load_manifest(draw_manifest(tmp_path / "models", Colours(box=64.0)))
    entry = manifest.named("colours").model_copy(update={"labels": ("person", "motorcycle", "car")})
    detector = Detector(entry, open_weights(manifest.weights(entry), 1))
    scene, classes = {"a": [("red", 4, 4), ("green", 4, 5)]}, ["person", "motorcycle"]
    one = "1 0.45 0.5 0.2 0.3\n"
    two = "0 0.45 0.45 0.2 0.2\n1 0.45 0.55 0.2 0.2\n"

    def motorcycle(name: str, known: str, persons: int, riders: Riders | None) -> float | None:
        folder = draw_set(tmp_path / name, scene, classes=classes, labels={"a": known})
        (figures,) = evaluate(detector, read_set(folder, entry.labels), [320], riders=riders)
        person, own = figures.labels
        assert person.boxes == persons
        return own.ap50_95

    # The motorcycle alone is two thirds of both together: right at 0.50, 0.55, 0.60 and 0.65.
    assert motorcycle("one", one, 0, None) == pytest.approx(0.4)
    assert motorcycle("one", one, 0, "found") == pytest.approx(1.0)
    assert motorcycle("two", two, 1, None) == pytest.approx(1.0)
    assert motorcycle("two", two, 0, "truth") == pytest.approx(0.4)
    assert motorcycle("two", two, 0, "both") == pytest.approx(1.0)


def test_a_picture_that_cannot_be_read_ends_it(colours: Detector, tmp_path: Path) -> None:
    folder = draw_set(tmp_path / "set", SCENES)
    (folder / "images" / "b.png").write_bytes(b"no picture")
    with pytest.raises(PictureError, match=r"b\.png: cannot be read as a picture"):
        evaluate(colours, read_set(folder, LABELS), [320])

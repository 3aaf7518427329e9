"""Boxes of the road detector's training: reading labels, joining riders, completing labels by a teacher."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.errors import ModelError
from models.training.road_boxes import (
    Labelled,
    Rows,
    Teaching,
    call_buses,
    complete,
    inside,
    join_riders,
    no_boxes,
    read_yolo,
    rides,
)
from models.training.road_labels import (
    BAG,
    BICYCLE,
    BUS,
    CAR,
    COCO_ROWS,
    EVERY_LABEL,
    LABELS,
    MOTORCYCLE,
    OTHER_NAMES,
    PERSON,
    TRUCK,
)


def rows(*boxes: tuple[float, ...]) -> Rows:
    return np.array(boxes, np.float32).reshape(len(boxes), -1)


def labels_of(boxes: Rows) -> list[int]:
    return sorted(int(label) for label in boxes[:, 0])


# A motorcycle alone, the person who rides it, and a person who walks beside it.
BIKE = (MOTORCYCLE, 0.40, 0.50, 0.50, 0.70)
RIDER = (PERSON, 0.41, 0.36, 0.49, 0.62)
WALKER = (PERSON, 0.56, 0.40, 0.60, 0.70)


class TestLabels:
    def test_the_order_is_that_of_the_outputs(self) -> None:
        assert LABELS == ("person", "bicycle", "motorcycle", "car", "bus", "truck", "bag")

    def test_every_label_stands_for_coco_classes_and_none_is_used_twice(self) -> None:
        used = [row for row_group in COCO_ROWS for row in row_group]
        assert len(COCO_ROWS) == len(LABELS)
        assert len(used) == len(set(used))
        assert all(0 <= row < 80 for row in used)

    @pytest.mark.parametrize(
        ("name", "label"),
        [
            ("van", CAR),
            ("container_truck", TRUCK),
            ("fire_engine", TRUCK),
            ("motorbike", MOTORCYCLE),
            ("bag", BAG),
        ],
    )
    def test_other_sets_use_other_words(self, name: str, label: int) -> None:
        assert OTHER_NAMES[name] == label

    def test_what_is_no_road_user_has_no_label(self) -> None:
        assert "traffic light" not in OTHER_NAMES


class TestReadYolo:
    def write(self, folder: Path, text: str) -> Path:
        path = folder / "a.txt"
        path.write_text(text)
        return path

    def test_centre_and_size_become_corners_and_classes_become_labels(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, "1 0.5 0.4 0.2 0.1\n0 0.1 0.1 0.1 0.1")
        found = read_yolo(path, [CAR, MOTORCYCLE])
        assert labels_of(found) == [MOTORCYCLE, CAR]
        np.testing.assert_allclose(found[0], [MOTORCYCLE, 0.4, 0.35, 0.6, 0.45], atol=1e-6)

    def test_a_polygon_becomes_its_bounds(self, tmp_path: Path) -> None:
        found = read_yolo(self.write(tmp_path, "0 0.2 0.3 0.6 0.3 0.4 0.7"), [CAR])
        np.testing.assert_allclose(found, [[CAR, 0.2, 0.3, 0.6, 0.7]], atol=1e-6)

    def test_boxes_are_cut_to_the_frame_and_empty_ones_dropped(self, tmp_path: Path) -> None:
        found = read_yolo(self.write(tmp_path, "0 0.0 0.5 0.4 0.2\n0 0.5 0.5 0 0.2\n0 1.5 0.5 0.2 0.2"), [CAR])
        np.testing.assert_allclose(found, [[CAR, 0.0, 0.4, 0.2, 0.6]], atol=1e-6)

    def test_classes_that_we_do_not_detect_are_left_out(self, tmp_path: Path) -> None:
        assert len(read_yolo(self.write(tmp_path, "0 0.5 0.5 0.2 0.2"), [None])) == 0

    def test_no_file_and_an_empty_file_mean_no_boxes(self, tmp_path: Path) -> None:
        assert read_yolo(tmp_path / "missing.txt", [CAR]).shape == (0, 5)
        assert read_yolo(self.write(tmp_path, "\n \n"), [CAR]).shape == (0, 5)

    @pytest.mark.parametrize(
        "line", ["car 0.5 0.5 0.1 0.1", "7 0.5 0.5 0.1 0.1", "0 0.5 0.5", "0 1 2 3 4 5", "0 a b c d"]
    )
    def test_a_line_that_is_no_label_is_refused_with_the_file_named(self, tmp_path: Path, line: str) -> None:
        path = self.write(tmp_path, line)
        with pytest.raises(ModelError, match=r"a\.txt"):
            read_yolo(path, [CAR])


class TestRiders:
    def test_a_rider_becomes_part_of_the_motorcycle(self) -> None:
        joined = join_riders(rows(BIKE, RIDER))
        np.testing.assert_allclose(joined, [[MOTORCYCLE, 0.40, 0.36, 0.50, 0.70]], atol=1e-6)

    def test_someone_walking_beside_it_stays_a_person(self) -> None:
        joined = join_riders(rows(BIKE, WALKER))
        assert labels_of(joined) == [PERSON, MOTORCYCLE]
        np.testing.assert_allclose(joined[joined[:, 0] == MOTORCYCLE], [BIKE], atol=1e-6)

    def test_two_riders_share_one_motorcycle(self) -> None:
        pillion = (PERSON, 0.44, 0.34, 0.51, 0.60)
        joined = join_riders(rows(BIKE, RIDER, pillion))
        np.testing.assert_allclose(joined, [[MOTORCYCLE, 0.40, 0.34, 0.51, 0.70]], atol=1e-6)

    def test_each_rider_joins_the_motorcycle_that_holds_most_of_them(self) -> None:
        second = (MOTORCYCLE, 0.46, 0.50, 0.56, 0.70)
        joined = join_riders(rows(BIKE, second, RIDER))
        assert len(joined) == 2
        tops = {round(float(box[1]), 2): round(float(box[2]), 2) for box in joined}
        assert tops == {0.40: 0.36, 0.46: 0.50}

    def test_a_cyclist_joins_the_bicycle(self) -> None:
        bicycle = (BICYCLE, *BIKE[1:])
        assert labels_of(join_riders(rows(bicycle, RIDER))) == [BICYCLE]

    def test_a_rider_already_inside_the_box_is_no_person_beside_it(self) -> None:
        whole = (MOTORCYCLE, 0.40, 0.36, 0.50, 0.70)
        np.testing.assert_allclose(join_riders(rows(whole, RIDER)), [whole], atol=1e-6)

    def test_someone_far_behind_whose_feet_end_above_is_no_rider(self) -> None:
        behind = (PERSON, 0.42, 0.20, 0.48, 0.49)
        assert labels_of(join_riders(rows(BIKE, behind))) == [PERSON, MOTORCYCLE]

    def test_a_tall_person_in_front_of_a_small_far_bike_is_no_rider(self) -> None:
        in_front = (PERSON, 0.40, 0.10, 0.50, 0.72)
        assert labels_of(join_riders(rows(BIKE, in_front))) == [PERSON, MOTORCYCLE]

    def test_cars_and_bags_are_left_as_they_are(self) -> None:
        car, bag = (CAR, 0.1, 0.1, 0.3, 0.3), (BAG, 0.42, 0.55, 0.45, 0.60)
        joined = join_riders(rows(BIKE, RIDER, car, bag))
        assert labels_of(joined) == [MOTORCYCLE, CAR, BAG]

    def test_the_score_of_the_two_wheeler_stays(self) -> None:
        joined = join_riders(rows((*BIKE, 0.4), (*RIDER, 0.9)))
        assert joined.shape == (1, 6)
        assert joined[0, 5] == pytest.approx(0.4)

    def test_without_persons_or_two_wheelers_nothing_changes(self) -> None:
        for boxes in (no_boxes(), rows(BIKE), rows(RIDER), rows((CAR, 0.1, 0.1, 0.2, 0.2))):
            np.testing.assert_array_equal(join_riders(boxes), boxes)

    def test_joining_twice_changes_nothing_more(self) -> None:
        once = join_riders(rows(BIKE, RIDER, WALKER))
        np.testing.assert_array_equal(join_riders(once), once)

    def test_rides_has_a_row_a_person_and_a_column_a_two_wheeler(self) -> None:
        assert rides(rows(RIDER, WALKER), rows(BIKE)).tolist() == [[True], [False]]

    @given(st.lists(st.tuples(*[st.floats(0.05, 0.9)] * 4, st.integers(0, 6)), max_size=8))
    def test_joined_boxes_cover_what_they_were_made_of(
        self, drawn: list[tuple[float, float, float, float, int]]
    ) -> None:
        boxes = rows(*[(label, x, y, x + w / 10, y + h / 10) for x, y, w, h, label in drawn]) if drawn else no_boxes()
        joined = join_riders(boxes)
        assert len(joined) <= len(boxes)
        for box in boxes:
            cover = (joined[:, 1:3] <= box[1:3]).all(axis=1) & (joined[:, 3:5] >= box[3:5]).all(axis=1)
            assert cover.any()


class TestInside:
    def test_the_fraction_of_the_first_counts(self) -> None:
        small, large = rows((0, 0.0, 0.0, 0.2, 0.2)), rows((0, 0.1, 0.0, 0.9, 0.9))
        assert inside(small, large)[0, 0] == pytest.approx(0.5, abs=1e-5)
        assert inside(large, small)[0, 0] == pytest.approx(0.02 / 0.72, abs=1e-5)


class TestComplete:
    teaching = Teaching(believe=0.5, believe_person=0.5, believe_bag=0.3, believe_rider=0.15, doubt=0.1)

    def known(self, *boxes: tuple[float, ...]) -> Labelled:
        return Labelled(rows(*boxes) if boxes else no_boxes(), no_boxes())

    def test_a_sure_box_that_nobody_labelled_becomes_a_label(self) -> None:
        found = rows((*WALKER, 0.8))
        taught = complete(self.known(BIKE), found, self.teaching)
        assert labels_of(taught.boxes) == [PERSON, MOTORCYCLE]
        assert len(taught.unsure) == 0

    def test_a_doubtful_one_is_left_out_of_the_loss_for_every_label(self) -> None:
        taught = complete(self.known(BIKE), rows((*WALKER, 0.3)), self.teaching)
        assert labels_of(taught.boxes) == [MOTORCYCLE]
        np.testing.assert_allclose(taught.unsure, [[EVERY_LABEL, *WALKER[1:]]], atol=1e-6)

    def test_one_below_doubt_is_background(self) -> None:
        taught = complete(self.known(), rows((*WALKER, 0.05)), self.teaching)
        assert len(taught.boxes) == 0
        assert len(taught.unsure) == 0

    def test_a_doubtful_bag_silences_bags_only(self) -> None:
        taught = complete(self.known(), rows((BAG, 0.1, 0.1, 0.2, 0.2, 0.2)), self.teaching)
        assert labels_of(taught.unsure) == [BAG]

    def test_a_bag_is_believed_sooner(self) -> None:
        taught = complete(self.known(), rows((BAG, 0.1, 0.1, 0.2, 0.2, 0.35)), self.teaching)
        assert labels_of(taught.boxes) == [BAG]

    def test_the_rider_of_a_labelled_motorcycle_is_no_pedestrian(self) -> None:
        taught = complete(self.known(BIKE), rows((*RIDER, 0.9)), self.teaching)
        np.testing.assert_allclose(taught.boxes, [BIKE], atol=1e-6)
        assert len(taught.unsure) == 0

    def test_a_box_without_its_rider_grows_where_the_set_is_known_for_it(self) -> None:
        taught = complete(self.known(BIKE), rows((*RIDER, 0.2)), self.teaching, grow_wheelers=True)
        np.testing.assert_allclose(taught.boxes, [[MOTORCYCLE, 0.40, 0.36, 0.50, 0.70]], atol=1e-6)

    def test_it_does_not_grow_around_a_guess(self) -> None:
        taught = complete(self.known(BIKE), rows((*RIDER, 0.11)), self.teaching, grow_wheelers=True)
        np.testing.assert_allclose(taught.boxes, [BIKE], atol=1e-6)

    def test_a_vehicle_that_is_labelled_already_is_not_labelled_again_as_another(self) -> None:
        truck = (TRUCK, 0.1, 0.1, 0.3, 0.3)
        taught = complete(self.known(truck), rows((CAR, 0.11, 0.1, 0.3, 0.29, 0.9)), self.teaching)
        np.testing.assert_allclose(taught.boxes, [truck], atol=1e-6)

    def test_a_large_doubtful_box_does_not_silence_half_the_picture(self) -> None:
        taught = complete(self.known(), rows((TRUCK, 0.0, 0.0, 0.9, 0.9, 0.3)), self.teaching)
        assert len(taught.unsure) == 0

    def test_the_rider_of_a_suspected_motorcycle_is_neither_label_nor_doubt(self) -> None:
        taught = complete(self.known(), rows((*RIDER, 0.9)), self.teaching, suspected=rows(BIKE))
        assert len(taught.boxes) == 0
        assert len(taught.unsure) == 0

    def test_suspicion_does_not_touch_people_on_foot(self) -> None:
        taught = complete(self.known(), rows((*WALKER, 0.9)), self.teaching, suspected=rows(BIKE))
        assert labels_of(taught.boxes) == [PERSON]

    def test_the_teachers_own_motorcycle_comes_with_its_rider(self) -> None:
        taught = complete(self.known(), rows((*BIKE, 0.7), (*RIDER, 0.9)), self.teaching)
        np.testing.assert_allclose(taught.boxes, [[MOTORCYCLE, 0.40, 0.36, 0.50, 0.70]], atol=1e-6)

    def test_what_was_unsure_before_stays_so(self) -> None:
        before = rows((EVERY_LABEL, 0.8, 0.8, 0.9, 0.9))
        taught = complete(Labelled(no_boxes(), before), no_boxes(6), self.teaching)
        np.testing.assert_allclose(taught.unsure, before)

    def test_a_teacher_who_saw_nothing_changes_nothing(self) -> None:
        taught = complete(self.known(BIKE, WALKER), no_boxes(6), self.teaching, grow_wheelers=True)
        np.testing.assert_allclose(taught.boxes[np.argsort(-taught.boxes[:, 0])], rows(BIKE, WALKER), atol=1e-6)


class TestCallBuses:
    labels = rows((CAR, 0.1, 0.1, 0.3, 0.3), (TRUCK, 0.5, 0.5, 0.8, 0.8))

    def test_a_car_that_the_teacher_takes_for_a_bus_is_one(self) -> None:
        called = call_buses(self.labels, rows((BUS, 0.1, 0.1, 0.3, 0.29, 0.6)))
        assert called[:, 0].tolist() == [BUS, TRUCK]

    @pytest.mark.parametrize(
        "found",
        [
            (BUS, 0.1, 0.1, 0.3, 0.3, 0.2),
            (BUS, 0.2, 0.2, 0.4, 0.4, 0.9),
            (BUS, 0.5, 0.5, 0.8, 0.8, 0.9),
            (TRUCK, 0.1, 0.1, 0.3, 0.3, 0.9),
        ],
    )
    def test_a_guess_another_place_and_other_vehicles_change_nothing(self, found: tuple[float, ...]) -> None:
        np.testing.assert_array_equal(call_buses(self.labels, rows(found)), self.labels)

    def test_the_given_labels_are_left_alone(self) -> None:
        before = self.labels.copy()
        call_buses(self.labels, rows((BUS, 0.1, 0.1, 0.3, 0.3, 0.9)))
        np.testing.assert_array_equal(self.labels, before)

"""The demo's scripts show what its rules are to find, and nothing impossible."""

import re
from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pytest

from ioc.geometry import contains, covered, iou, polygon_area
from ioc.types import Box, Detection, Point
from streams.scene_demo import DemoCamera, city_scripts, demo_cameras
from streams.scene_truth import PlateLog
from tests.streams.collisions import first_collision

CAMERAS = tuple(path.stem for path in city_scripts())


@pytest.fixture(scope="module")
def city() -> Mapping[str, DemoCamera]:
    return {camera.id: camera for camera in demo_cameras()}


def objects_at(camera: DemoCamera, seconds: float) -> tuple[Detection, ...]:
    return camera.scene.picture(timedelta(seconds=seconds)).objects


def within(objects: tuple[Detection, ...], label: str, zone: tuple[Point, ...]) -> list[Detection]:
    return [o for o in objects if o.label == label and contains(zone, o.box.foot)]


def test_the_city_has_six_to_eight_cameras_named_like_their_scripts(city: Mapping[str, DemoCamera]) -> None:
    assert tuple(city) == CAMERAS
    assert 6 <= len(CAMERAS) <= 8


@pytest.mark.parametrize("name", CAMERAS)
def test_a_camera_says_where_it_is_and_that_it_is_simulated(city: Mapping[str, DemoCamera], name: str) -> None:
    camera = city[name]
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", camera.id)
    assert "simulated" in camera.script.name
    assert "mô phỏng" in camera.script.name
    assert camera.script.loop
    assert camera.script.location == pytest.approx((21.27, 106.19), abs=0.03)
    assert camera.scene.sensor.caption == "SIMULATED"


@pytest.mark.parametrize("name", CAMERAS)
def test_zones_lie_in_the_frame_and_have_an_area(city: Mapping[str, DemoCamera], name: str) -> None:
    for polygon in city[name].zones.values():
        assert len(polygon) >= 3
        assert all(0 <= p.x <= 1 and 0 <= p.y <= 1 for p in polygon)
        assert polygon_area(polygon) > 0.02


def inner_part(box: Box) -> Box | None:
    """Return what of the box lies well inside the picture."""
    return Box.clipped(max(box.x1, 0.03), max(box.y1, 0.03), min(box.x2, 0.97), min(box.y2, 0.97))


@pytest.mark.parametrize("name", CAMERAS)
def test_the_loop_has_no_jump(city: Mapping[str, DemoCamera], name: str) -> None:
    camera = city[name]
    period = camera.script.seconds
    assert objects_at(camera, period) == objects_at(camera, 0.0)
    before, after = objects_at(camera, period - 0.1), objects_at(camera, period)
    for last in before:
        if last.box.area > 0.004 and inner_part(last.box) == last.box:
            assert max(iou(last.box, o.box) for o in after if o.label == last.label) > 0.2


@pytest.mark.parametrize("name", CAMERAS)
def test_no_two_vehicles_drive_through_one_another(city: Mapping[str, DemoCamera], name: str) -> None:
    assert first_collision(city[name].scene, 0.5) is None


def test_a_car_parks_at_the_kerb_and_leaves(city: Mapping[str, DemoCamera]) -> None:
    camera = city["demo-kerb"]
    zone = camera.zones["kerb"]
    parked = {t: within(objects_at(camera, t), "car", zone) for t in (1, 6, 10, 15, 20, 25, 30, 31, 36, 39)}
    assert all(len(parked[t]) >= 1 for t in (6, 10, 15, 20, 25, 30, 31))
    assert not parked[1]
    assert not parked[36]
    assert not parked[39]


def test_the_parked_car_stands_still_and_is_large_and_mostly_in_view(city: Mapping[str, DemoCamera]) -> None:
    camera = city["demo-kerb"]
    zone = camera.zones["kerb"]
    clear = []
    for t in np.arange(5.0, 32.0, 0.5):
        boxes = [o.box for o in within(objects_at(camera, float(t)), "car", zone)]
        clear += boxes[:1]
    assert len(clear) >= 50
    widest = max(clear, key=lambda b: b.area)
    assert widest.width * 640 >= 60
    assert sum(iou(widest, b) > 0.9 for b in clear) >= 0.8 * len(clear)
    assert covered(widest, zone) > 0.3


def test_traffic_passes_the_parked_car(city: Mapping[str, DemoCamera]) -> None:
    camera = city["demo-kerb"]
    labels = {o.label for t in range(6, 32, 2) for o in objects_at(camera, t)}
    assert labels >= {"car", "bus", "truck", "motorcycle", "person"}


def test_nothing_else_stays_in_the_no_parking_zone(city: Mapping[str, DemoCamera]) -> None:
    camera = city["demo-kerb"]
    zone = camera.zones["kerb"]
    others = [[o for o in objects_at(camera, t) if o.label != "person" and contains(zone, o.box.foot)]
              for t in np.arange(0.0, 40.0, 1.0)]  # fmt: skip
    motorcycles = [any(o.label == "motorcycle" for o in objects) for objects in others]
    longest, run = 0, 0
    for there in motorcycles:
        run = run + 1 if there else 0
        longest = max(longest, run)
    assert longest <= 3


def test_the_square_fills_beyond_its_limit_and_empties(city: Mapping[str, DemoCamera]) -> None:
    camera = city["demo-square"]
    zone = camera.zones["square"]
    limit = camera.rules[0]["at_most"]
    assert isinstance(limit, int)
    counts = {t: len(within(objects_at(camera, t), "person", zone)) for t in (0, 1, 2, 36, 37, 39, 17, 20, 23, 26, 28)}
    assert max(counts[t] for t in (0, 1, 2, 36, 37, 39)) <= limit - 3
    assert min(counts[t] for t in (17, 20, 23, 26, 28)) >= limit + 4


def test_people_in_the_square_stand_apart_and_tall_enough_to_be_found(city: Mapping[str, DemoCamera]) -> None:
    camera = city["demo-square"]
    boxes = [o.box for o in within(objects_at(camera, 24), "person", camera.zones["square"])]
    meeting = [iou(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    assert max(meeting) < 0.35
    assert float(np.median([b.height * 360 for b in boxes])) > 40


def test_the_junction_has_a_queue_at_red_that_then_drives_on(city: Mapping[str, DemoCamera]) -> None:
    camera = city["demo-junction"]

    def standing(t: float) -> int:
        early, late = objects_at(camera, t), objects_at(camera, t + 1.0)
        return sum(any(a.label == b.label and iou(a.box, b.box) > 0.97 for b in late) for a in early)

    assert standing(27.0) >= 7
    assert standing(37.0) <= 2
    labels = [o.label for o in objects_at(camera, 27.0)]
    assert labels.count("motorcycle") >= 4
    assert len({"car", "truck"} & set(labels)) == 2


def test_cross_traffic_flows_while_the_queue_waits(city: Mapping[str, DemoCamera]) -> None:
    camera = city["demo-junction"]
    labels = {o.label for t in np.arange(9, 27, 0.5) for o in objects_at(camera, float(t)) if o.box.y2 > 0.62}
    assert labels >= {"car", "motorcycle"}


def test_the_queue_stands_where_a_rule_forbids_it_and_owes_nothing(city: Mapping[str, DemoCamera]) -> None:
    camera = city["demo-junction"]
    assert [rule["kind"] for rule in camera.rules] == ["illegal_parking"]
    there = [o for o in objects_at(camera, 27.0) if contains(camera.zones["approach"], o.box.foot)]
    assert len([o for o in there if o.label != "person"]) >= 4


def test_a_motorcycle_stops_in_the_side_street(city: Mapping[str, DemoCamera]) -> None:
    camera = city["demo-side-street"]
    zone = camera.zones["kerb"]
    there = {t: within(objects_at(camera, t), "motorcycle", zone) for t in (6, 12, 18, 24, 30, 32, 38)}
    assert all(len(there[t]) >= 1 for t in (6, 12, 18, 24, 30, 32))
    assert not there[38]
    assert iou(there[6][0].box, there[30][0].box) > 0.95
    assert there[6][0].box.height * 360 > 40


def test_plates_at_the_gate_are_large_enough_and_one_comes_by_each_time_round(city: Mapping[str, DemoCamera]) -> None:
    camera, log = city["demo-gate"], PlateLog()
    for t in np.arange(0, 40, 0.5).tolist():
        log.take(camera.scene.picture(timedelta(seconds=t)), t)
    texts = [text for text, _, _ in log.passes]
    assert len(texts) >= 10
    assert texts.count("98A56789") == 1, "the car that is looked for"


@pytest.mark.parametrize("name", CAMERAS)
def test_what_moves_in_the_foreground_is_large_enough_for_a_small_detector(
    city: Mapping[str, DemoCamera], name: str
) -> None:
    sizes = [
        o.box.width * 640
        for t in range(0, 40, 2)
        for o in objects_at(city[name], t)
        if o.label in {"car", "bus", "truck"}
    ]
    if sizes:
        assert max(sizes) > 100
        assert float(np.quantile(sizes, 0.7)) > 40

"""Plates on drawn vehicles: their texts, what they look like, and what the truth says of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from ioc.plate_grammar import parse
from ioc.types import Point
from streams.drawing import Mesh, View
from streams.scene import Scene, Sensor, solid
from streams.scene_cars import car
from streams.scene_heavy import bus, truck
from streams.scene_motion import Still
from streams.scene_plates import INK, LONG, PAPER, SHORT, SMALL, Plate, car_plate, motorcycle_plate, plate_drawing
from streams.scene_seen import SeenPlate
from streams.scene_two_wheelers import motorcycle
from tests.streams.small_scenes import passing_car
from tests.streams.test_scenes import block

RNG = np.random.default_rng(5)
TOWARDS, AWAY = -np.pi / 2, np.pi / 2


@pytest.mark.parametrize(
    ("text", "upper", "lower"),
    [
        ("98A-123.45", "98A", "123.45"),
        ("98A-1234", "98A", "1234"),
        ("98-B1 123.45", "98-B1", "123.45"),
        ("98-B1-123.45", "98-B1", "123.45"),
        ("98-MĐ1 123.45", "98-MĐ1", "123.45"),
        ("98LD-012.34", "98LD", "012.34"),
        ("80-441-NG-02", "80-441", "NG-02"),
        ("KP-34-56", "KP", "34-56"),
    ],
)
def test_a_text_is_parted_into_the_lines_of_its_format(text: str, upper: str, lower: str) -> None:
    assert Plate.parse(text) == Plate(upper, lower)


@pytest.mark.parametrize("text", ["", "98A", "98A-", "-123.45", " "])
def test_a_text_of_one_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="two lines of a plate; write it as"):
        Plate.parse(text)


@pytest.mark.parametrize("text", ["98a-123.45", "98A-123.4?", "98O-123.45"])
def test_a_character_that_no_plate_bears_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"no plate bears .[a?O]"):
        Plate.parse(text)


def test_a_colour_that_no_plate_has_is_refused() -> None:
    with pytest.raises(ValueError, match="use one of white, yellow, blue, red"):
        Plate.parse("98A-123.45", "pink")


def test_texts_are_what_a_reader_reads() -> None:
    plate = Plate.parse("98-MĐ1 123.45")
    assert plate.texts(SMALL) == ("98MD1", "12345")
    assert plate.texts(LONG) == ("98MD112345",)


@pytest.mark.parametrize("made", [car_plate, motorcycle_plate])
def test_random_plates_are_of_many_kinds_and_all_can_exist(made: Callable[[np.random.Generator], Plate]) -> None:
    plates = [made(np.random.default_rng(seed)) for seed in range(200)]
    kinds = set()
    for plate in plates:
        upper, lower = plate.texts(SHORT)
        found = parse(upper + lower, upper_len=len(upper))
        assert found.valid, plate
        kinds.add(found.kind)
    assert len(kinds) >= (4 if made is car_plate else 3)
    assert {plate.colour for plate in plates} == set(PAPER if made is car_plate else ("white", "blue"))


@pytest.mark.parametrize("colour", PAPER)
@pytest.mark.parametrize("blank", [LONG, SHORT, SMALL])
def test_a_drawing_has_the_plates_shape_and_colours(colour: str, blank: object) -> None:
    kind = {id(b): b for b in (LONG, SHORT, SMALL)}[id(blank)]
    image = plate_drawing(Plate("98A", "123.45", colour), kind, 400)
    assert image.shape[1] / image.shape[0] == pytest.approx(kind.size[0] / kind.size[1], rel=0.01)
    for tone in (PAPER[colour], INK[colour]):
        assert (np.abs(image.astype(int) - tone).max(axis=2) < 12).mean() > 0.08


def test_other_texts_look_different_and_the_same_alike() -> None:
    one, again, other = (plate_drawing(Plate("98A", lower), SHORT, 100) for lower in ("123.45", "123.45", "123.46"))
    assert (one == again).all()
    assert (one != other).any()


@pytest.mark.parametrize("series", ["NG", "QT", "NN", "CV"])
def test_the_letters_of_foreigners_are_red(series: str) -> None:
    image = plate_drawing(Plate("80-441", f"{series}-02"), SHORT, 400).astype(int)
    red = (image[..., 2] - image[..., 0] > 100).mean(axis=1)
    half = len(red) // 2
    assert red[:half].max() == 0
    assert red[half:].max() > 0.05


@pytest.mark.parametrize("across", [416, 200, 90, 30, 5])
def test_a_small_plate_is_drawn_from_a_small_drawing(across: int) -> None:
    wide = plate_drawing(Plate("98A", "123.45"), LONG, across).shape[1]
    assert across <= wide <= 2 * across or wide == 26


def gate(mesh: Mesh, heading: float, y: float = 7.0, focal: float = 900.0) -> Scene:
    """Return a camera that looks at one vehicle with the plate 98A-123.45."""
    vehicle = solid("car", Still(0.0, y, heading), mesh, name="guest", plate=Plate("98A", "123.45"))
    return replace(
        passing_car(),
        view=View((0.0, 0.0, 2.6), 0.0, 0.28, focal, (640, 360)),
        actors=(vehicle,),
        sensor=Sensor(noise=0.0, softness=0.0),
    )


def plate_of(scene: Scene) -> SeenPlate | None:
    seen = scene.picture(timedelta(0)).seen
    return next((one.plate for one in seen if one.actor == "guest"), None)


@pytest.mark.parametrize(
    ("mesh", "heading", "lines"),
    [
        (car(RNG), TOWARDS, ("98A12345",)),
        (car(RNG), AWAY, ("98A", "12345")),
        (truck(RNG), TOWARDS, ("98A12345",)),
        (truck(RNG), AWAY, ("98A", "12345")),
        (bus(RNG), TOWARDS, ("98A12345",)),
        (bus(RNG), AWAY, ("98A", "12345")),
        (motorcycle(RNG, 1), AWAY, ("98A", "12345")),
    ],
)
def test_vehicles_bear_a_long_plate_before_and_a_short_one_behind(
    mesh: Mesh, heading: float, lines: tuple[str, ...]
) -> None:
    plate = plate_of(gate(mesh, heading, y=7.0 + mesh.footprint[0] / 2))
    assert plate is not None
    assert (plate.lines, plate.text, plate.colour) == (lines, "98A12345", "white")
    assert plate.height > 12


def test_a_motorcycle_has_no_plate_before() -> None:
    assert plate_of(gate(motorcycle(RNG, 1), TOWARDS)) is None


def test_the_drawn_plate_stands_where_the_truth_says() -> None:
    scene = gate(car(np.random.default_rng(2), paint=(40, 36, 178)), TOWARDS)
    plate = plate_of(scene)
    assert plate is not None
    yellow = replace(scene.actors[0], plate=Plate("98A", "123.45", "yellow"))
    first, second = (s.picture(timedelta(0)).image.astype(int) for s in (scene, replace(scene, actors=(yellow,))))
    rows, columns = np.nonzero(np.abs(first - second).max(axis=2) > 20)
    xs, ys = [c.x * 640 for c in plate.corners], [c.y * 360 for c in plate.corners]
    found = (columns.min(), columns.max() + 1, rows.min(), rows.max() + 1)
    assert found == pytest.approx((min(xs), max(xs), min(ys), max(ys)), abs=2.5)
    assert plate.height == pytest.approx(max(ys) - min(ys), rel=0.15)


def test_the_corners_run_clockwise_from_the_upper_left() -> None:
    plate = plate_of(gate(car(RNG), TOWARDS))
    assert plate is not None
    a, b, c, d = plate.corners
    assert a.x < b.x
    assert d.x < c.x
    assert a.y < d.y
    assert b.y < c.y


def test_the_truth_leaves_out_a_plate_behind_something_or_cut_by_the_edge() -> None:
    scene = gate(car(RNG), TOWARDS)
    post = solid("", Still(0.05, 4.2, 0.0), block(1.2, 0.1))
    assert plate_of(replace(scene, actors=(*scene.actors, post))) is None
    turned = [replace(scene, view=replace(scene.view, yaw=yaw)) for yaw in np.arange(0.27, 0.39, 0.02).tolist()]
    whole = [plate_of(one) is not None for one in turned]
    gone = whole.index(False)
    assert gone > 1
    assert not any(whole[gone:])
    assert {seen.actor for seen in turned[gone].picture(timedelta(0)).seen} == {"guest"}


def test_far_plates_are_not_told_of() -> None:
    assert plate_of(gate(car(RNG), TOWARDS, y=45.0, focal=400)) is None


def test_a_vehicle_without_a_plate_has_a_blank_one() -> None:
    scene = gate(car(RNG), TOWARDS)
    bare = replace(scene, actors=(replace(scene.actors[0], plate=None),))
    assert plate_of(bare) is None
    assert (bare.picture(timedelta(0)).image != scene.picture(timedelta(0)).image).any()


def test_plates_throw_light_back_at_night() -> None:
    scene = gate(car(np.random.default_rng(2), paint=(40, 40, 40)), TOWARDS)
    dark = replace(scene, light=replace(scene.light, sunshine=0.0, skylight=0.3, lamps=True))
    plate = plate_of(dark)
    assert plate is not None
    middle = Point(sum(c.x for c in plate.corners) / 4, sum(c.y for c in plate.corners) / 4)
    image = dark.picture(timedelta(0)).image
    row, column = int(middle.y * 360), int(middle.x * 640)
    assert image[row - 6 : row + 6, column - 20 : column + 20].max() > 150

"""Drawing solids: what is covered, what the truth says of it, shadows, haze and lamps."""

from collections.abc import Callable

import numpy as np
import pytest

from ioc.types import Image
from streams.drawing import Colour, Floats, Light, Mesh, Posed, View
from streams.scene_bags import bag
from streams.scene_cars import CAR_SHAPES, car
from streams.scene_heavy import bus, truck
from streams.scene_painter import paint
from streams.scene_people import person, random_look
from streams.scene_silhouettes import Silhouette
from streams.scene_solids import Solid
from streams.scene_two_wheelers import bicycle, motorcycle

VIEW = View(position=(0.0, 0.0, 6.0), yaw=0.0, pitch=0.3, focal=520.0)
PLAIN = Light(sun=(0.0, -0.5, 0.87), sunshine=0.0, skylight=0.9, haze_distance=1e9, shadow=0.0)
GROUND = 110
RED: Colour = (20.0, 20.0, 220.0)
BLUE: Colour = (220.0, 20.0, 20.0)


def empty() -> Image:
    return np.full((360, 640, 3), GROUND, np.uint8)


def block(length: float = 2.0, width: float = 2.0, height: float = 1.5, colour: Colour = RED) -> Mesh:
    solid = Solid()
    solid.box((-length / 2, -width / 2, 0.0), (length / 2, width / 2, height), colour)
    return solid.build()


def seen(found: Silhouette | None) -> Silhouette:
    assert found is not None
    return found


def paint_one(posed: Posed, light: Light = PLAIN) -> tuple[Image, Silhouette]:
    image = empty()
    (found,) = paint(image, [posed], VIEW, light).silhouettes
    return image, seen(found)


def changed(image: Image) -> Floats:
    """Return (x1, y1, x2, y2) around the pixels that clearly differ from the ground."""
    rows, columns = np.nonzero(np.abs(image.astype(int) - GROUND).max(axis=2) > 12)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], dtype=np.float64)


SHAPES: dict[str, Callable[[np.random.Generator], Mesh]] = {
    **{shape: lambda rng, shape=shape: car(rng, shape, RED) for shape in CAR_SHAPES},  # type: ignore[misc]
    "bus": bus,
    **{cargo: lambda rng, cargo=cargo: truck(rng, cargo) for cargo in ("box", "tarp", "flat", "tipper")},  # type: ignore[misc]
    "motorcycle": lambda rng: motorcycle(rng, 1),
    "two up": lambda rng: motorcycle(rng, 2),
    "parked motorcycle": lambda rng: motorcycle(rng, 0),
    "bicycle": bicycle,
    "parked bicycle": lambda rng: bicycle(rng, ridden=False),
    "walker": lambda rng: person(random_look(rng), 0.2, 1.0),
    "stander": lambda rng: person(random_look(rng), 0.0, 0.0),
    "bag": bag,
}


def test_nothing_to_draw_leaves_the_picture_alone() -> None:
    image = empty()
    assert paint(image, [], VIEW, PLAIN).silhouettes == ()
    assert (image == GROUND).all()


def test_a_block_shows_where_its_corners_project_to() -> None:
    _, found = paint_one(Posed(block(), 1.0, 15.0, 0.3))
    cos, sin = np.cos(0.3), np.sin(0.3)
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (0, 1.5)], dtype=np.float64)
    world = np.stack(
        [corners[:, 0] * cos - corners[:, 1] * sin + 1, corners[:, 0] * sin + corners[:, 1] * cos + 15, corners[:, 2]],
        axis=1,
    )
    pixels, _ = VIEW.project(world)
    # The lowest corner at the back is hidden by the block itself and bounds nothing here.
    assert found.extent == pytest.approx((*pixels.min(axis=0), *pixels.max(axis=0)), abs=1.0)
    assert (found.visible, found.inside) == pytest.approx((1.0, 1.0), abs=0.06)


@pytest.mark.parametrize("heading", [0.0, 0.8, 1.57, 2.5, 3.6, 4.71])
@pytest.mark.parametrize("name", SHAPES)
def test_the_truth_is_tight_around_what_was_drawn(name: str, heading: float) -> None:
    mesh = SHAPES[name](np.random.default_rng(7))
    image, found = paint_one(Posed(mesh, 0.7, 13.0, heading))
    assert np.asarray(found.extent) == pytest.approx(changed(image), abs=3.0)


@pytest.mark.parametrize("name", [*CAR_SHAPES, "bus"])
def test_nothing_shows_through_a_closed_body(name: str) -> None:
    # Each is drawn on magenta: a hole in the mesh, or a face turned inside out, would let it through.
    mesh = SHAPES[name](np.random.default_rng(3))
    for heading in np.arange(0, 6.28, 0.5):
        image = empty()
        image[:] = (255, 0, 255)
        (found,) = paint(image, [Posed(mesh, 0.0, 12.0, float(heading))], VIEW, PLAIN).silhouettes
        x1, y1, x2, y2 = seen(found).extent
        cx, cy, rx, ry = (x1 + x2) / 2, (y1 + y2) / 2, (x2 - x1) * 0.18, (y2 - y1) * 0.18
        middle = image[int(cy - ry) : int(cy + ry) + 1, int(cx - rx) : int(cx + rx) + 1].astype(int)
        assert not ((middle[..., 0] > 200) & (middle[..., 1] < 40) & (middle[..., 2] > 200)).any()


@pytest.mark.parametrize("swap", [False, True])
def test_the_nearer_covers_the_farther_whatever_the_order_given(swap: bool) -> None:
    near, far = Posed(block(colour=RED), 0.0, 12.0, 0.0), Posed(block(colour=BLUE), 0.6, 15.0, 0.0)
    image = empty()
    found = paint(image, [far, near] if swap else [near, far], VIEW, PLAIN).silhouettes
    front, back = [seen(f) for f in (found[::-1] if swap else found)]
    assert front.visible > 0.93
    assert 0.2 < back.visible < 0.8
    x1, y1, x2, y2 = front.extent
    blue, _, red = image[int((y1 + y2) / 2), int((x1 + x2) / 2)].astype(int)
    assert red > blue + 60


def test_the_extent_shrinks_to_what_stays_visible() -> None:
    hidden, hiding = Posed(block(colour=BLUE), 0.0, 18.0, 0.0), Posed(block(4.0, 1.0, 3.0), -1.8, 13.0, 0.0)
    alone = paint_one(hidden)[1]
    _, partly = paint(empty(), [hiding, hidden], VIEW, PLAIN).silhouettes
    assert seen(partly).extent[0] > alone.extent[0] + 5
    assert seen(partly).extent[2] == pytest.approx(alone.extent[2])


def test_what_is_wholly_covered_is_not_reported() -> None:
    small, wall = Posed(block(0.5, 0.5, 0.5), 0.0, 16.0, 0.0), Posed(block(6.0, 0.5, 4.0), 0.0, 13.0, 0.0)
    found = paint(empty(), [small, wall], VIEW, PLAIN).silhouettes
    assert found[0] is None
    assert found[1] is not None


@pytest.mark.parametrize(("x", "y"), [(0.0, -10.0), (0.0, 0.0), (60.0, 12.0), (-60.0, 12.0), (0.0, 3.0)])
def test_what_lies_behind_or_beside_the_picture_is_not_reported(x: float, y: float) -> None:
    image = empty()
    assert paint(image, [Posed(block(), x, y, 0.0)], VIEW, PLAIN).silhouettes == (None,)
    assert (image == GROUND).all()


def test_results_stand_in_the_order_of_what_was_given() -> None:
    posed = [Posed(block(), x, y, 0.0) for x, y in ((-4, 12), (0, -9), (4, 20), (0, 14))]
    found = paint(empty(), posed, VIEW, PLAIN).silhouettes
    assert [f is None for f in found] == [False, True, False, False]
    assert seen(found[0]).extent[0] < seen(found[3]).extent[0] < seen(found[2]).extent[0]


def test_what_leaves_the_picture_is_cut_at_its_edge() -> None:
    _, found = paint_one(Posed(block(4.0, 2.0), 8.0, 13.0, 0.0))
    assert found.extent[2] == 640
    assert 0.2 < found.inside < 0.9
    assert found.visible > 0.9


def test_less_and_less_is_inside_as_something_leaves() -> None:
    shares = [paint_one(Posed(block(4.0, 2.0), x, 13.0, 0.0))[1].inside for x in (5.0, 7.5, 8.5, 9.2)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.99
    assert shares[-1] < 0.35


def test_more_solids_than_a_byte_counts_keep_apart() -> None:
    small = block(0.2, 0.2, 0.2)
    posed = [Posed(small, -6 + 0.5 * (k % 25), 10 + 0.9 * (k // 25), 0.0) for k in range(300)]
    found = paint(empty(), posed, VIEW, PLAIN).silhouettes
    assert all(f is not None and f.visible > 0.5 for f in found)
    for k in (0, 130, 256, 299):
        pixels, _ = VIEW.project(np.array([[posed[k].x, posed[k].y, 0.1]]))
        x1, y1, x2, y2 = seen(found[k]).extent
        assert x1 <= pixels[0, 0] <= x2
        assert y1 <= pixels[0, 1] <= y2


def test_the_same_solids_give_the_same_picture() -> None:
    posed = [Posed(car(np.random.default_rng(1)), 0, 14, 0.5), Posed(bus(np.random.default_rng(2)), 3, 20, 1.2)]
    first, second = empty(), empty()
    paint(first, posed, VIEW, PLAIN)
    paint(second, posed, VIEW, PLAIN)
    assert (first == second).all()


def test_the_sun_casts_a_shadow_away_from_itself() -> None:
    sun = Light(sun=(0.7, 0.0, 0.714), sunshine=0.7, skylight=0.5, haze_distance=1e9, shadow=0.5)
    image, found = paint_one(Posed(block(1.0, 1.0, 2.0), 0.0, 14.0, 0.0), sun)
    x1, _, x2, y2 = (round(v) for v in found.extent)
    left, right = image[y2 - 8 : y2 - 4, x1 - 25 : x1 - 10], image[y2 - 8 : y2 - 4, x2 + 10 : x2 + 25]
    assert left.mean() < GROUND * 0.8
    assert right.mean() == pytest.approx(GROUND, abs=1)


def test_an_overcast_sky_shades_only_the_ground_below() -> None:
    dull = Light(sun=(0.7, 0.0, 0.714), sunshine=0.05, skylight=0.9, haze_distance=1e9, shadow=0.5)
    image, found = paint_one(Posed(block(1.0, 1.0, 2.0), 0.0, 14.0, 0.0), dull)
    x1, _, _, y2 = (round(v) for v in found.extent)
    assert image[y2 - 8 : y2 - 4, x1 - 25 : x1 - 10].mean() == pytest.approx(GROUND, abs=1)


def test_haze_takes_the_colour_of_what_is_far() -> None:
    misty = Light(sun=(0, 0, 1), sunshine=0, skylight=0.9, haze=(200, 200, 200), haze_distance=30, shadow=0)

    def colour_at(y: float) -> Floats:
        image, found = paint_one(Posed(block(2.5, 2.5, 2.0), 0.0, y, 0.0), misty)
        x1, y1, x2, y2 = found.extent
        return np.asarray(image[int((y1 + y2) / 2), int((x1 + x2) / 2)], dtype=np.float64)

    def distance(y: float) -> float:
        return float(np.abs(colour_at(y) - 200).sum())

    assert distance(60) < distance(25) < distance(12)


def test_faces_to_the_sun_are_brighter_than_those_turned_away() -> None:
    def front(sun_y: float) -> float:
        light = Light(sun=(0.0, sun_y, 0.6), sunshine=0.7, skylight=0.4, haze_distance=1e9, shadow=0.0)
        image, found = paint_one(Posed(block(3.0, 1.0, 3.0, (120, 120, 120)), 0.0, 14.0, 0.0), light)
        x1, _, x2, y2 = found.extent
        return float(image[int(y2) - 12, int((x1 + x2) / 2)].mean())

    assert front(-0.8) > front(0.8) + 30


@pytest.mark.parametrize(("heading", "shines"), [(-np.pi / 2, True), (np.pi / 2, False)])
def test_headlamps_glow_at_night_and_only_ahead(heading: float, shines: bool) -> None:
    night = Light(sun=(0, 0, 1), sunshine=0, skylight=0.3, haze_distance=1e9, shadow=0, lamps=True)
    image, found = paint_one(Posed(car(np.random.default_rng(1), "sedan", (40, 40, 40)), 0.0, 13.0, heading), night)
    x1, y1, x2, y2 = (round(v) for v in found.extent)
    dazzling = int((image[y1 + 8 : y2 - 4, x1 + 4 : x2 - 4].min(axis=2) > 170).sum())  # not the road ahead of it
    assert (dazzling > 30) == shines
    assert shines or dazzling == 0


def test_headlamps_are_off_by_day() -> None:
    image, found = paint_one(Posed(car(np.random.default_rng(1), "sedan", (40, 40, 40)), 0.0, 13.0, -np.pi / 2))
    assert np.asarray(found.extent) == pytest.approx(changed(image), abs=3.0)


def test_a_parked_motorcycle_has_no_light_on() -> None:
    assert motorcycle(np.random.default_rng(1), 0).lamps == ()
    assert len(motorcycle(np.random.default_rng(1), 1).lamps) == 1

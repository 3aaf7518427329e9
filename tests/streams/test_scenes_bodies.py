"""The drawn cars, people and bags have the measures of real ones and differ among themselves."""

from collections.abc import Callable

import numpy as np
import pytest

from streams.drawing import Mesh
from streams.scene_bags import bag
from streams.scene_cars import CAR_SHAPES, car
from streams.scene_heavy import bus, truck
from streams.scene_people import Look, person, random_look
from streams.scene_solids import Solid, inset, shaded
from streams.scene_two_wheelers import bicycle, motorcycle

Maker = Callable[[np.random.Generator], Mesh]
MEASURES: dict[str, tuple[Maker, tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    # name: maker, then the least and greatest length, width and height in metres
    "car": (car, (3.6, 5.2), (1.6, 2.5), (1.4, 2.2)),
    "bus": (bus, (6.8, 12.2), (2.4, 3.2), (2.7, 3.4)),
    "truck": (truck, (4.5, 7.6), (1.8, 2.8), (1.8, 3.1)),
    "motorcycle": (lambda rng: motorcycle(rng, 1), (1.5, 2.2), (0.4, 0.9), (1.4, 1.75)),
    "parked motorcycle": (lambda rng: motorcycle(rng, 0), (1.5, 2.2), (0.4, 0.9), (1.0, 1.4)),
    "bicycle": (bicycle, (1.4, 1.9), (0.3, 0.8), (1.5, 2.0)),
    "person": (lambda rng: person(random_look(rng), 0.3, 1.0), (0.3, 1.2), (0.3, 0.8), (1.0, 1.95)),
    "bag": (bag, (0.1, 0.8), (0.05, 0.8), (0.15, 1.0)),
    "box": (lambda rng: bag(rng, "box"), (0.4, 0.9), (0.3, 0.7), (0.3, 0.6)),
    "heap": (lambda rng: bag(rng, "heap"), (0.9, 2.2), (0.6, 1.8), (0.3, 0.9)),
}


def extent(mesh: Mesh) -> tuple[float, float, float, float]:
    """Return length, width, lowest and highest point, with the limbs' radii."""
    ends, radii = mesh.vertices[mesh.limbs.index].reshape(-1, 3), mesh.limbs.radii.reshape(-1, 1)
    low = np.concatenate([mesh.vertices, ends - radii])
    high = np.concatenate([mesh.vertices, ends + radii])
    size = high.max(axis=0) - low.min(axis=0)
    return float(size[0]), float(size[1]), float(low[:, 2].min()), float(high[:, 2].max())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", MEASURES)
def test_it_has_the_size_of_the_real_thing(name: str, seed: int) -> None:
    make, lengths, widths, heights = MEASURES[name]
    length, width, _, top = extent(make(np.random.default_rng(seed)))
    assert lengths[0] <= length <= lengths[1]
    assert widths[0] <= width <= widths[1]
    assert heights[0] <= top <= heights[1]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", MEASURES)
def test_it_stands_on_the_ground(name: str, seed: int) -> None:
    _, _, lowest, _ = extent(MEASURES[name][0](np.random.default_rng(seed)))
    assert -0.13 <= lowest <= 0.12


@pytest.mark.parametrize("name", MEASURES)
def test_its_footprint_holds_it(name: str) -> None:
    mesh = MEASURES[name][0](np.random.default_rng(4))
    assert (np.abs(mesh.vertices[:, :2]) <= np.array(mesh.footprint) / 2 + 1e-9).all()


@pytest.mark.parametrize("name", MEASURES)
def test_the_same_seed_makes_the_same_and_others_differ(name: str) -> None:
    make = MEASURES[name][0]

    def looks(seed: int) -> bytes:
        mesh = make(np.random.default_rng(seed))
        return b"".join(a.tobytes() for a in (mesh.vertices, mesh.quads.colour, mesh.discs.colour, mesh.limbs.colour))

    assert looks(5) == looks(5)
    assert len({looks(seed) for seed in range(8)}) >= 6


@pytest.mark.parametrize("name", MEASURES)
def test_colours_are_colours(name: str) -> None:
    mesh = MEASURES[name][0](np.random.default_rng(9))
    for colour in (mesh.quads.colour, mesh.discs.colour, mesh.limbs.colour):
        assert ((colour >= 0) & (colour <= 255)).all()


@pytest.mark.parametrize("shape", CAR_SHAPES)
def test_a_car_may_be_asked_for_by_shape_and_paint(shape: str) -> None:
    mesh = car(np.random.default_rng(1), shape, (10.0, 20.0, 200.0))
    assert mesh.footprint[0] == pytest.approx(CAR_SHAPES[shape].length, abs=0.1)
    assert (mesh.quads.colour == (10.0, 20.0, 200.0)).all(axis=1).sum() > 10


def test_a_second_rider_adds_a_second_head() -> None:
    counts = [len(motorcycle(np.random.default_rng(1), riders).limbs.index) for riders in (0, 1, 2)]
    assert counts[1] - counts[0] == counts[2] - counts[1] > 10


def test_a_bicycle_may_stand_without_a_rider() -> None:
    assert extent(bicycle(np.random.default_rng(1), ridden=False))[3] < 1.2


def look(**changes: object) -> Look:
    plain = {
        "height": 1.7, "girth": 1.0, "skin": (120, 160, 205), "hair": (26, 26, 28), "top": (200, 10, 10),
        "bottom": (10, 200, 10), "short_sleeves": False, "shorts": False, "headgear": "none", "pack": None,
    }  # fmt: skip
    return Look(**{**plain, **changes})  # type: ignore[arg-type]  # the fields of Look


def test_who_walks_swings_the_legs_and_who_stands_does_not() -> None:
    def spread(stride: float) -> float:
        return max(extent(person(look(), gait, stride))[0] for gait in (0.0, 0.25, 0.5, 0.75))

    assert spread(1.0) > spread(0.0) + 0.3


def test_half_a_gait_later_the_other_leg_is_ahead() -> None:
    def feet(gait: float) -> dict[bool, float]:
        mesh = person(look(), gait, 1.0)
        low = mesh.vertices[mesh.vertices[:, 2] < 0.25]
        return {left: float(low[(low[:, 1] > 0) == left][:, 0].max()) for left in (True, False)}

    early, late = feet(0.25), feet(0.75)
    assert (early[True] > early[False]) != (late[True] > late[False])


@pytest.mark.parametrize("height", [1.2, 1.5, 1.8])
def test_people_are_as_tall_as_they_are_said_to_be(height: float) -> None:
    assert extent(person(look(height=height), 0.0, 0.0))[3] == pytest.approx(height, rel=0.05)


@pytest.mark.parametrize(
    ("changes", "bare"),
    [({}, 5), ({"short_sleeves": True}, 7), ({"shorts": True}, 7), ({"shorts": True, "short_sleeves": True}, 9)],
)
def test_clothes_leave_bare_what_they_do_not_cover(changes: dict[str, object], bare: int) -> None:
    mesh = person(look(**changes), 0.0, 0.0)
    skin = (mesh.limbs.colour == (120, 160, 205)).all(axis=1).sum()
    assert skin == bare - 1


def test_a_leaf_hat_widens_the_head() -> None:
    bare, hatted = person(look(), 0, 0), person(look(headgear="cone"), 0, 0)
    assert len(bare.quads.index) == 0
    rim = hatted.vertices[hatted.quads.index].reshape(-1, 3)
    assert np.ptp(rim[:, 1]) == pytest.approx(0.5, abs=0.05)


def test_many_looks_occur() -> None:
    rng = np.random.default_rng(0)
    looks = [random_look(rng) for _ in range(200)]
    assert {one.headgear for one in looks} == {"none", "long", "cap", "cone"}
    assert {one.shorts for one in looks} == {one.short_sleeves for one in looks} == {True, False}
    assert min(one.height for one in looks) < 1.4
    assert max(one.height for one in looks) > 1.7


def test_every_face_of_a_box_looks_outwards() -> None:
    solid = Solid()
    solid.box((-1.0, -0.5, 0.0), (1.0, 0.5, 1.2), (1, 2, 3))
    mesh = solid.build()
    corners = mesh.vertices[mesh.quads.index]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0])
    outwards = corners.mean(axis=1) - np.array([0, 0, 0.6])
    assert ((normals * outwards).sum(axis=1) > 0).all()


def test_every_face_of_a_loft_looks_outwards() -> None:
    solid = Solid()
    outline = [(0.8, 0.2), (0.9, 0.6), (0.6, 1.0)]
    solid.loft([(-2.0, outline), (0.0, outline), (2.0, outline)], (1, 2, 3))
    mesh = solid.build()
    corners = mesh.vertices[mesh.quads.index]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0])
    outwards = corners.mean(axis=1) - np.array([0, 0, 0.6])
    assert ((normals * outwards * [0.1, 1, 1]).sum(axis=1) > 0).all()


@pytest.mark.parametrize("side", [1, -1])
def test_a_disc_looks_to_its_side(side: int) -> None:
    solid = Solid()
    solid.disc((0, 0, 1), 0.5, (1, 2, 3), side=side)
    rim = solid.build().vertices
    normal = np.cross(rim[1] - rim[0], rim[-1] - rim[0])
    assert np.sign(normal[1]) == side
    assert np.hypot(rim[:, 0], rim[:, 2] - 1) == pytest.approx(0.5)


def test_a_box_may_narrow_to_its_top() -> None:
    solid = Solid()
    solid.box((-1.0, -1.0, 0.0), (1.0, 1.0, 1.0), (1, 2, 3), top=0.5)
    vertices = solid.build().vertices
    assert np.abs(vertices[vertices[:, 2] > 0.5][:, :2]).max() == pytest.approx(0.5)


def test_inset_takes_a_part_of_a_quad() -> None:
    quad = [(0.0, 0.0, 0.0), (4.0, 0.0, 0.0), (4.0, 0.0, 2.0), (0.0, 0.0, 2.0)]
    assert inset(quad, 0.25, 0.75, 0.0, 0.5) == [(1, 0, 0), (3, 0, 0), (3, 0, 1), (1, 0, 1)]


def test_shading_never_leaves_the_range_of_colours() -> None:
    assert shaded((100, 200, 250), 1.5) == (150, 255, 255)
    assert shaded((100, 200, 250), 0.5) == (50, 100, 125)

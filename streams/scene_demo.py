"""The cameras of `ioc demo`: scripts of forty seconds, drawn, that loop without a jump."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ioc.types import Json, Point
from streams.drawing import Light, Mesh, View
from streams.scene import Actor, Scene, Sensor, solid, walker
from streams.scene_cars import car
from streams.scene_heavy import bus, truck
from streams.scene_motion import Flow, Script, Still
from streams.scene_people import random_look
from streams.scene_places import Place, Wall
from streams.scene_two_wheelers import bicycle, motorcycle

PERIOD = 40.0
CAPTION = "SIMULATED"
STREET = (-12.0, 88.0)
"""From where to where along Y traffic flows: both ends lie outside every camera's picture."""
Polygon = tuple[Point, ...]
GOES, COMES = 1, -1


@dataclass(frozen=True)
class DemoCamera:
    """A simulated camera with its zones and rules; rules have the keys of the site file, without `camera`."""

    id: str
    name: str
    location: tuple[float, float]
    scene: Scene
    zones: Mapping[str, Polygon]
    rules: tuple[Mapping[str, Json], ...]


def demo_cameras() -> tuple[DemoCamera, ...]:
    """Return the simulated city."""
    return (_kerb(), _square(), _junction(), _side_street())


def _ground_zone(view: View, corners: Iterable[tuple[float, float]]) -> Polygon:
    """Return a polygon on the ground, in metres, as fractions of the frame."""
    pixels, _ = view.project(np.array([(x, y, 0.0) for x, y in corners]))
    width, height = view.size
    return tuple(
        Point(round(min(max(x / width, 0), 1), 4), round(min(max(y / height, 0), 1), 4)) for x, y in pixels.tolist()
    )


def _scene(name: str, seed: int, view: View, light: Light, place: Place, actors: Iterable[Actor]) -> Scene:
    return Scene(
        name=name,
        seed=seed,
        view=view,
        light=light,
        place=place,
        actors=tuple(actors),
        duration=timedelta(seconds=PERIOD),
        sensor=Sensor(noise=1.6, softness=0.45, caption=CAPTION),
    )


def _lane(x: float, way: int, laps: int, users: Iterable[tuple[str, Mesh, float]]) -> list[Actor]:
    """Return road users that flow along X = `x`; each comes by `laps` times in a period, so the loop has no jump."""
    near, far = STREET
    first, last = ((x, near), (x, far)) if way == GOES else ((x, far), (x, near))
    speed = (far - near) * laps / PERIOD
    return [solid(label, Flow(first, last, speed, offset), mesh) for label, mesh, offset in users]


def _stroll(rng: np.random.Generator, x: float, way: int, offsets: Iterable[float]) -> list[Actor]:
    """Return people who walk along X = `x`, once past in a period."""
    first, last = ((x, -6.0), (x, 44.0)) if way == GOES else ((x, 44.0), (x, -6.0))
    return [walker(Flow(first, last, 50.0 / PERIOD, offset), random_look(rng)) for offset in offsets]


def _kerb() -> DemoCamera:
    """Return a street where a car stops in a no-parking strip; high vehicles keep to where they do not hide it."""
    rng = np.random.default_rng(11)
    view = View(position=(-8.5, 1.0, 6.2), yaw=0.62, pitch=0.37, focal=600)
    light = Light((-0.45, -0.5, 0.74), 0.62, 0.58)
    place = Place(
        half_road=8.0,
        pavement=5.0,
        walls=(Wall("x", 13.0, -20.0, 118.0, 13.0), Wall("x", -13.0, 8.0, 118.0), Wall("y", 118.0, -60.0, 60.0)),
        lanes=(0.0, -4.0, 3.3),
        trees=tuple((9.3, y) for y in (12.5, 33.0, 46.0, 60.0)),
        hatched=(5.6, 10.0, 7.9, 27.0),
        worn=0.4,
    )
    actors = [
        solid("car", _parks_at_the_kerb(), car(rng, "sedan", (44, 40, 170))),
        *_lane(
            1.7,
            GOES,
            3,
            [("car", car(rng, shape), x) for shape, x in (("suv", 8.0), ("hatchback", 42.0), ("mpv", 74.0))],
        ),
        *_lane(4.1, GOES, 3, [("motorcycle", motorcycle(rng, 1), 44.0), ("motorcycle", motorcycle(rng, 2), 62.0)]),
        *_lane(-2.0, COMES, 3, [("bus", bus(rng, 9.0), 15.0), ("truck", truck(rng, "box"), 52.0)]),
        *_lane(-5.6, COMES, 4, [("motorcycle", motorcycle(rng, 1), 5.0), ("motorcycle", motorcycle(rng, 1), 55.0)]),
        *_stroll(rng, 11.2, GOES, (5.0, 31.0)),
        *_stroll(rng, 10.4, COMES, (12.0,)),
    ]
    return DemoCamera(
        id="demo-kerb",
        name="Hùng Vương / Lê Lợi (mô phỏng · simulated)",
        location=(21.2731, 106.1946),
        scene=_scene("demo-kerb", 11, view, light, place, actors),
        zones={"kerb": _ground_zone(view, ((4.7, 9.0), (8.4, 9.0), (8.4, 28.0), (4.7, 28.0)))},
        rules=({"name": "no-parking-hung-vuong", "kind": "illegal_parking", "zone": "kerb", "after": "PT8S"},),
    )


def _parks_at_the_kerb() -> Script:
    stops = (
        (0.0, 4.4, -14.0), (1.6, 4.5, -2.0), (3.0, 5.2, 9.5), (4.6, 6.7, 17.0),
        (32.0, 6.7, 17.0), (34.2, 4.9, 24.0), (36.2, 4.4, 42.0), (39.5, 4.4, 88.0),
    )  # fmt: skip
    return Script(stops, PERIOD, facing=np.pi / 2)


def _square() -> DemoCamera:
    """Return a square that fills beyond its limit and empties."""
    rng = np.random.default_rng(22)
    view = View(position=(0.0, 0.0, 5.6), yaw=0.0, pitch=0.34, focal=560)
    light = Light((0.5, -0.35, 0.79), 0.5, 0.66)
    place = Place(
        half_road=0.0,
        pavement=16.0,
        walls=(Wall("x", -17.0, 4.0, 40.0, 11.0), Wall("x", 17.0, 4.0, 40.0, 11.0), Wall("y", 40.0, -30.0, 30.0, 14.0)),
        lanes=(),
        square=(-11.0, 6.0, 11.0, 30.0),
        trees=((-13.5, 24.0), (13.5, 24.0), (-13.5, 33.0), (13.5, 33.0), (-5.0, 36.0), (5.0, 36.0)),
        paving=(142, 150, 156),
    )
    staying = [(-3.6, 12.5), (1.2, 15.6), (4.6, 13.2), (-1.0, 20.5)]
    actors = [walker(Still(x, y, float(rng.uniform(0, 2 * np.pi))), random_look(rng)) for x, y in staying]
    actors.append(
        walker(Script(((0.0, -14.0, 23.5), (20.0, 14.0, 23.5), (40.0, -14.0, 23.5)), PERIOD), random_look(rng))
    )
    meeting = [
        (-5.4, 15.0), (-1.7, 13.6), (2.9, 11.9), (6.3, 15.6), (-3.4, 17.6), (3.2, 18.2), (-6.2, 18.9), (6.6, 19.4),
        (-1.1, 11.2), (1.1, 18.6), (-4.4, 21.2),
    ]  # fmt: skip
    for k, (x, y) in enumerate(meeting):
        side = -1 if x < 0 else 1
        begin, end = 6.0 + 0.85 * k, 28.5 + 0.2 * k
        outside = (side * (13.0 + 0.25 * k), y + 1.0)
        path = ((begin - 6.0, *outside), (begin, x, y), (end, x, y), (end + 6.5, *outside))
        actors.append(walker(Script(path, PERIOD), random_look(rng)))
    return DemoCamera(
        id="demo-square",
        name="Quảng trường 3/2 (mô phỏng · simulated)",
        location=(21.2756, 106.1897),
        scene=_scene("demo-square", 22, view, light, place, actors),
        zones={"square": _ground_zone(view, ((-8.0, 8.5), (8.0, 8.5), (11.5, 26.0), (-11.5, 26.0)))},
        rules=({"name": "crowd-square", "kind": "overcrowding", "zone": "square", "after": "PT5S", "at_most": 9},),
    )


def _passing(
    label: str, mesh: Mesh, begin: float, start: tuple[float, float], end: tuple[float, float], speed: float
) -> Actor:
    """Return something that crosses the picture once in a period."""
    lasts = float(np.hypot(end[0] - start[0], end[1] - start[1])) / speed
    return solid(label, Script(((begin, *start), (begin + lasts, *end)), PERIOD), mesh)


def _queued(label: str, mesh: Mesh, arrives: float, starts: float, x: float, y: float) -> Actor:
    """Return something that comes up to a red light, waits, and drives on past the camera."""
    far = y + 62.0
    gone = starts + 2.5 + (y + 7.0) / 7.5
    stops = (
        (arrives - 9.0, x, far), (arrives - 2.5, x, y + 9.0), (arrives, x, y),
        (starts, x, y), (starts + 2.5, x, y - 7.0), (gone, x, -14.0),
    )  # fmt: skip
    return solid(label, Script(stops, PERIOD), mesh)


def _queue_at_red(rng: np.random.Generator) -> list[Actor]:
    red = 33.5
    return [
        _queued("motorcycle", motorcycle(rng, 1), 15.5, red, -1.0, 23.2),
        _queued("motorcycle", motorcycle(rng, 2), 16.2, red + 0.1, -2.3, 23.0),
        _queued("motorcycle", motorcycle(rng, 1), 17.4, red + 0.2, -3.6, 23.4),
        _queued("motorcycle", motorcycle(rng, 1), 18.0, red + 0.1, -5.0, 23.1),
        _queued("motorcycle", motorcycle(rng, 1), 18.8, red + 0.3, -6.3, 23.3),
        _queued("car", car(rng, "suv"), 17.5, red + 0.9, -1.9, 27.4),
        _queued("car", car(rng, "sedan"), 19.5, red + 1.0, -5.5, 27.6),
        _queued("truck", truck(rng, "tarp"), 21.0, red + 2.0, -1.9, 34.3),
        _queued("motorcycle", motorcycle(rng, 1), 22.0, red + 1.6, -4.7, 31.5),
        _queued("motorcycle", motorcycle(rng, 1), 22.6, red + 1.8, -6.2, 31.9),
    ]


def _cross_traffic(rng: np.random.Generator) -> list[Actor]:
    """Return what crosses while the others wait, and what comes from behind the camera before."""
    left, right = (-44.0, 9.4), (40.0, 9.4)
    back_left, back_right = (-44.0, 13.6), (40.0, 13.6)
    return [
        _passing("car", car(rng, "hatchback"), 15.5, left, right, 8.0),
        _passing("motorcycle", motorcycle(rng, 1), 18.4, left, right, 8.0),
        _passing("bus", bus(rng, 9.5), 20.5, back_right, back_left, 7.5),
        _passing("motorcycle", motorcycle(rng, 2), 19.0, back_right, back_left, 8.0),
        _passing("car", car(rng, "van"), 22.2, left, right, 8.0),
        _passing("bicycle", bicycle(rng), 12.0, (-40.0, 7.6), (40.0, 7.6), 4.2),
        *(_passing("motorcycle", motorcycle(rng, 1), t, (3.0 + 1.3 * (k % 3), -8.0), (3.0 + 1.3 * (k % 3), 90.0), 8.5)
          for k, t in enumerate((1.0, 2.1, 3.5))),
        _passing("car", car(rng, "sedan"), 4.9, (2.6, -8.0), (2.6, 90.0), 8.5),
    ]  # fmt: skip


def _junction() -> DemoCamera:
    """Return a junction with a queue at a red light, where nothing is wrong."""
    rng = np.random.default_rng(33)
    view = View(position=(3.2, -1.0, 6.6), yaw=-0.26, pitch=0.345, focal=600)
    light = Light((0.3, 0.2, 0.93), 0.06, 0.94, haze_distance=220.0, shadow=0.32)
    walls = [Wall("y", 118.0, -60.0, 60.0)]
    for side in (-1, 1):
        ends = (12.0, 70.0) if side > 0 else (-70.0, -12.0)
        walls += [Wall("x", side * 12.0, 21.0, 118.0, 12.0), Wall("y", 21.0, *ends, 12.0)]
    place = Place(
        half_road=7.5,
        pavement=4.5,
        walls=tuple(walls),
        lanes=(0.0, -3.75),
        crossing=(6.5, 16.5),
        zebras=(18.6,),
        worn=0.6,
    )
    actors = [*_queue_at_red(rng), *_cross_traffic(rng), *_stroll(rng, -9.4, GOES, (8.0, 33.0))]
    return DemoCamera(
        id="demo-junction",
        name="Ngã tư Nguyễn Thị Lưu (mô phỏng · simulated)",
        location=(21.2789, 106.2003),
        scene=_scene("demo-junction", 33, view, light, place, actors),
        zones={},
        rules=(),
    )


def _side_street() -> DemoCamera:
    """Return a narrow street at dusk where a motorcycle stops."""
    rng = np.random.default_rng(44)
    view = View(position=(-3.6, 0.0, 5.2), yaw=0.36, pitch=0.42, focal=540)
    light = Light((-0.6, 0.1, 0.79), 0.08, 0.62, (1.06, 0.98, 0.97), haze=(150, 135, 130), shadow=0.3, lamps=True)
    place = Place(
        half_road=3.9,
        pavement=2.6,
        walls=(Wall("x", -6.5, 6.0, 118.0, 11.0), Wall("x", 6.5, -20.0, 118.0, 11.0), Wall("y", 118.0, -60.0, 60.0)),
        poles=((4.6, 9.0), (4.6, 34.0)),
        hatched=(2.2, 9.0, 3.8, 17.0),
        worn=0.8,
    )
    waits = Script(
        ((0.0, 1.6, -10.0), (2.0, 1.7, 3.0), (4.2, 2.9, 12.4), (33.0, 2.9, 12.4), (35.0, 2.5, 18.0), (39.8, 2.5, 62.0)),
        PERIOD,
        facing=np.pi / 2,
    )
    actors = [
        solid("motorcycle", waits, motorcycle(rng, 1)),
        *_lane(1.3, GOES, 2, [("motorcycle", motorcycle(rng, 1), 60.0), ("car", car(rng, "hatchback"), 25.0)]),
        *_lane(-1.7, COMES, 2, [("motorcycle", motorcycle(rng, 2), 20.0), ("bicycle", bicycle(rng), 70.0)]),
        *(solid("motorcycle", Still(-4.9, y, 0.2), motorcycle(rng, 0)) for y in (13.0, 14.0, 15.0)),
        *_stroll(rng, 5.3, COMES, (3.0, 29.0)),
    ]
    return DemoCamera(
        id="demo-side-street",
        name="Ngõ Thân Cảnh Phúc (mô phỏng · simulated)",
        location=(21.2702, 106.1871),
        scene=_scene("demo-side-street", 44, view, light, place, actors),
        zones={"kerb": _ground_zone(view, ((1.9, 8.0), (4.1, 8.0), (4.1, 18.0), (1.9, 18.0)))},
        rules=({"name": "no-stopping-alley", "kind": "illegal_parking", "zone": "kerb", "after": "PT10S"},),
    )

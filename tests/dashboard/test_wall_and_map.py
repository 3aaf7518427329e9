"""The live wall and the map in Chromium: what is live looks live, what is not does not, and nobody else is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import combinations
from math import asin, cos, hypot, radians, sin, sqrt
from pathlib import Path
from typing import Any

import pytest

from alerts.wire import CameraState
from alerts.wire_picture import signed
from dashboard.accounts import Accounts
from dashboard.passwords import Passwords
from dashboard.records import ALL_CAMERAS, Rights, Role
from ioc import clock
from ioc.types import Box, Severity, Track
from tests.dashboard import sample
from tests.dashboard.browser import Browser
from tests.dashboard.house import PASSWORD
from tests.dashboard.operations import Operations
from tests.dashboard.peers import eventually
from tests.dashboard.sample import SITE

pytestmark = [pytest.mark.chromium, pytest.mark.mosquitto]

PLACES: dict[str, tuple[float, float] | None] = {
    "bg-001": (21.2700, 106.1900),
    "bg-002": (21.2790, 106.1900),
    "bg-003": (21.2700, 106.2000),
    "bg-004": (21.2702, 106.2001),
    "bg-005": None,
}
"""The third and the fourth are 24 m apart, the fifth has no location."""
HUES = {camera: 30 * number for number, camera in enumerate(PLACES)}
ROADS = {
    "type": "FeatureCollection",
    "attribution": "© the city",
    "features": [
        {
            "type": "Feature",
            "properties": {"highway": "primary", "name": "Lý Thái Tổ"},
            "geometry": {"type": "LineString", "coordinates": [[106.19, 21.27], [106.2, 21.27]]},
        },
        {
            "type": "Feature",
            "properties": {"natural": "water"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[106.191, 21.271], [106.192, 21.271], [106.192, 21.272], [106.191, 21.271]]],
            },
        },
    ],
}


class Streets(Operations):
    """Five cameras whose pictures come several times a second, but for those that are frozen."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        (folder / "roads.geojson").write_text(json.dumps(ROADS), encoding="utf-8")
        super().__init__(folder, stack, map=folder / "roads.geojson")
        self.frozen: set[str] = set()
        self._over = threading.Event()
        self._pouring = threading.Thread(target=self._pour)
        for camera, location in PLACES.items():
            self.tell(camera, location=location)
        self.send(sample.engine())
        eventually(lambda: len(self.store.cameras(ALL_CAMERAS)) == len(PLACES))
        self._pouring.start()
        stack.callback(self._pouring.join)
        stack.callback(self._over.set)
        accounts = Accounts(self.store.database, Passwords())
        accounts.create("chief", Role.OPERATOR, ALL_CAMERAS, clock.now(), chosen=PASSWORD)
        accounts.create("guard", Role.VIEWER, Rights(frozenset({(SITE, "bg-002")})), clock.now(), chosen=PASSWORD)

    def tell(self, camera: str, state: CameraState = CameraState.ONLINE, **more: Any) -> None:
        simulated = camera == "bg-001"
        self.send(sample.camera(camera, state, title=f"Street {camera[-1]}", simulated=simulated, **more))

    def _pour(self) -> None:
        while not self._over.wait(0.25):
            for camera in PLACES.keys() - self.frozen:
                car = Track("run-1", "car", 0.9, Box(0.25, 0.5, 0.75, 0.9), clock.now())
                picture = signed(SITE, camera, clock.now(), sample.small_picture(HUES[camera]), [car])
                self.publish(picture.topic, picture.jpeg, False)


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streets]:
    with ExitStack() as stack:
        yield Streets(tmp_path_factory.mktemp("streets"), stack)


@pytest.fixture(scope="module")
def browser(streets: Streets) -> Browser:
    return streets.sign_in("chief", PASSWORD)


def opened(browser: Browser, streets: Streets, page: str) -> Browser:
    browser.open(f"{streets.url}/{page}")
    browser.sees("#line", "Live")
    return browser


def lives(browser: Browser) -> list[str]:
    """Return whether each tile's picture is waiting, live or frozen."""
    found: list[str] = browser.run(
        "return [...document.querySelectorAll('.tile .live')].map((one) => one.dataset.live)"
    )
    return found


def colour(browser: Browser, tile: int, at: tuple[int, int] = (240, 40)) -> list[int]:
    """Return red, green and blue of a place on a tile's canvas; without one near its upper edge."""
    script = (
        "return [...document.querySelectorAll('.live canvas')[arguments[0]]"
        ".getContext('2d').getImageData(arguments[1], arguments[2], 1, 1).data].slice(0, 3)"
    )
    found: list[int] = browser.run(script, tile, *at)
    return found


def asked(browser: Browser, camera: str = "") -> int:
    """Return how many pictures have been asked for, of one camera or of all."""
    script = "return performance.getEntriesByType('resource').filter((one) => one.name.endsWith(arguments[0])).length"
    found: int = browser.run(script, f"{camera}/live.jpg" if camera else "live.jpg")
    return found


def without_tables(jpeg: bytes) -> bytes:
    """Return a JPEG that is whole in form and cannot be drawn: its quantisation tables are gone."""
    while (at := jpeg.find(b"\xff\xdb")) >= 0:
        jpeg = jpeg[:at] + jpeg[at + 2 + int.from_bytes(jpeg[at + 2 : at + 4]) :]
    return jpeg


def press(browser: Browser, key: str, target: str = "document.body") -> None:
    browser.run(f"{target}.dispatchEvent(new KeyboardEvent('keydown', {{ key: arguments[0], bubbles: true }}))", key)


def test_every_camera_has_a_tile_with_its_own_live_picture(browser: Browser, streets: Streets, tmp_path: Path) -> None:
    opened(browser, streets, "wall")
    eventually(lambda: lives(browser) == ["live"] * 5)
    assert browser.texts(".tile .name") == [f"Street {number}" for number in range(1, 6)]
    red, yellow = colour(browser, 0), colour(browser, 1)
    assert red[0] > 180
    assert red[1] < 120
    assert min(yellow[:2]) > 180 > yellow[2]
    assert browser.text(".tile .age").endswith("s ago")
    assert browser.texts(".tile .mark-simulated") == ["simulated"]
    assert browser.run("return document.querySelector('#wall').dataset.size") == "9", "the smallest that holds all"
    browser.screenshot(tmp_path / "wall.png")
    assert (tmp_path / "wall.png").stat().st_size > 15_000


def test_open_alerts_frame_their_tile_as_they_come_and_go(browser: Browser, streets: Streets) -> None:
    opened(browser, streets, "wall")
    severe = streets.alert(1, camera="bg-002", severity=Severity.CRITICAL, evidence=())
    streets.send(streets.alert(0, camera="bg-002", evidence=()), severe)
    tile = ".tile:nth-child(2)"
    eventually(lambda: browser.text(f"{tile} .count") == "2")
    assert browser.run(f"return document.querySelector('{tile}').dataset.severity") == "critical"
    assert len(browser.texts(".tile .count")) == 1
    streets.store.close(severe.id, ALL_CAMERAS, "lan", None, clock.now())
    streets.send(streets.alert(2, camera="bg-005", severity=Severity.LOW, evidence=()))
    eventually(lambda: browser.text(f"{tile} .count") == "1")
    assert browser.run(f"return document.querySelector('{tile}').dataset.severity") == "medium"


def test_an_old_picture_never_looks_live(browser: Browser, streets: Streets) -> None:
    opened(browser, streets, "wall")
    eventually(lambda: lives(browser) == ["live"] * 5)
    streets.frozen.add("bg-003")
    streets.tell("bg-003", CameraState.LOST, reason="no picture for 10 s", location=PLACES["bg-003"])
    eventually(lambda: lives(browser)[2] == "frozen")
    assert "Frozen since" in browser.text(".tile:nth-child(3) .age")
    assert "grayscale" in browser.run("return getComputedStyle(document.querySelectorAll('.tile canvas')[2]).filter")
    browser.sees(".tile:nth-child(3) .foot", "Lost")
    assert "no picture for 10 s" in browser.text(".tile:nth-child(3) .foot")
    assert lives(browser).count("live") == 4
    broken = signed(SITE, "bg-003", clock.now(), without_tables(sample.small_picture()))
    streets.publish(broken.topic, broken.jpeg, False)
    before = asked(browser, "bg-003")
    eventually(lambda: asked(browser, "bg-003") > before)
    threading.Event().wait(0.3)  # what came is looked at
    assert lives(browser)[2] == "frozen", "a picture that cannot be drawn does not make the last one young"
    streets.frozen.clear()
    streets.tell("bg-003", location=PLACES["bg-003"])
    eventually(lambda: lives(browser)[2] == "live")


def test_a_tile_opens_the_camera_with_its_alerts(browser: Browser, streets: Streets) -> None:
    opened(browser, streets, "wall")
    eventually(lambda: len(lives(browser)) == 5)
    browser.click(".tile:nth-child(2)")
    browser.sees("#near h2", "Street 2")
    browser.sees("#near .open-alerts", "Illegal parking")
    eventually(lambda: browser.run("return document.querySelector('#near .live').dataset.live") == "live")
    assert browser.text("#wall") == "", "the tiles are gone, and with them their questions"
    assert browser.run("return document.querySelector('#near .about p a').hash") == f"#camera={SITE}/bg-002"
    press(browser, "Escape")
    eventually(lambda: len(lives(browser)) == 5)
    assert browser.run("return document.activeElement.querySelector('.name').textContent") == "Street 2"
    browser.click(".tile:nth-child(2)")
    browser.click("#near .about p a")
    browser.sees("#rows", "Street 2")
    assert browser.run("return document.querySelector('#camera').value") == f"{SITE}/bg-002"
    assert set(browser.texts("#rows .where")) == {"Street 2"}


def test_keys_choose_the_number_of_tiles_and_the_rest_follows(browser: Browser, streets: Streets) -> None:
    opened(browser, streets, "wall")
    eventually(lambda: len(lives(browser)) == 5)
    press(browser, "2")
    assert browser.texts(".tile .name") == [f"Street {number}" for number in range(1, 5)]
    assert browser.text("#which") == "1–4 of 5"
    press(browser, "PageDown")
    assert browser.texts(".tile .name") == ["Street 5"]
    browser.click("#before")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        press(browser, key)
    assert browser.run("return document.activeElement.querySelector('.name').textContent") == "Street 4"
    opened(browser, streets, "wall")
    eventually(lambda: len(lives(browser)) == 4)
    press(browser, "3")
    assert len(lives(browser)) == 5, "the choice was kept, and can be changed"


def test_boxes_are_drawn_around_what_is_followed_when_they_are_wanted(browser: Browser, streets: Streets) -> None:
    opened(browser, streets, "wall")
    eventually(lambda: lives(browser) == ["live"] * 5)
    edge = (120, 180)  # on the box's left side, 480×270
    grey = colour(browser, 0, edge)
    assert max(grey) - min(grey) < 25, "the street is as it was taken"
    press(browser, "b")
    green = colour(browser, 0, edge)
    assert green[1] > green[0] + 40, "the change shows at once, not with the next picture"
    eventually(lambda: browser.run("return document.querySelector('#boxes').ariaPressed") == "true")
    opened(browser, streets, "wall")
    eventually(lambda: lives(browser) == ["live"] * 5)
    assert colour(browser, 0, edge)[1] > grey[1] + 40, "the choice was kept"
    browser.click("#boxes")
    assert colour(browser, 0, edge) == pytest.approx(grey, abs=20)


def test_a_hidden_page_asks_for_nothing(browser: Browser, streets: Streets) -> None:
    opened(browser, streets, "wall")
    eventually(lambda: lives(browser) == ["live"] * 5)
    hide = (
        "Object.defineProperty(document, 'hidden', { configurable: true, get: () => arguments[0] });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    browser.run(hide.replace("arguments[0]", "true"))
    threading.Event().wait(0.5)  # what was asked just before is answered
    before = asked(browser)
    threading.Event().wait(2)
    assert asked(browser) == before
    browser.run(hide.replace("arguments[0]", "false"))
    eventually(lambda: asked(browser) >= before + 5)


def marks(browser: Browser) -> dict[str, tuple[float, float]]:
    """Return where each mark stands, in pixels, by its label."""
    script = (
        "return [...document.querySelectorAll('.mark-camera')].map((one) => { const box = one.getBoundingClientRect();"
        "return [one.querySelector('.label').textContent, box.x, box.y]; })"
    )
    return {label: (x, y) for label, x, y in browser.run(script)}


def bar(browser: Browser) -> float:
    """Return metres a pixel, by the scale bar."""
    pixels = browser.run("return document.querySelector('#scale').offsetWidth")
    text = browser.text("#scale")
    value, unit = text.split()
    return float(value) * {"m": 1, "km": 1000}[unit] / float(pixels)


def metres(one: str, other: str) -> float:
    """Return the distance of two cameras on a sphere of the Earth's mean radius (haversine)."""
    (lat1, lon1), (lat2, lon2) = ([radians(part) for part in PLACES[camera] or ()] for camera in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6_371_008.8 * asin(sqrt(half))


def test_cameras_stand_where_they_are_and_near_ones_together(
    browser: Browser, streets: Streets, tmp_path: Path
) -> None:
    opened(browser, streets, "map")
    eventually(lambda: marks(browser).keys() == {"Street 1", "Street 2", "2 cameras"})
    south, north, east = (marks(browser)[name] for name in ("Street 1", "Street 2", "2 cameras"))
    assert north[1] < south[1], "north is up"
    assert east[0] > south[0]
    shown = hypot(north[0] - south[0], north[1] - south[1]) * bar(browser)
    assert shown == pytest.approx(metres("bg-001", "bg-002"), rel=0.03), "the scale bar is true"
    eventually(lambda: browser.run("return document.querySelectorAll('.ground path').length") == 2)
    assert browser.run("return document.querySelector('.ground .water.area') !== null")
    assert browser.text("#attribution") == "© the city"
    assert browser.texts("#nowhere .name") == ["Street 5"], "what has no location stands beside the map"
    assert browser.texts("#nowhere .count") == ["1"]
    assert browser.texts("#list .name")[0] == "Street 2", "open alerts come first"
    assert browser.texts(".mark-camera .mark-simulated") == ["simulated"]
    browser.screenshot(tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 15_000


def test_a_mark_takes_its_cameras_apart_and_shows_one_from_near(browser: Browser, streets: Streets) -> None:
    opened(browser, streets, "map")
    eventually(lambda: "2 cameras" in marks(browser))
    wide = bar(browser)
    browser.run("[...document.querySelectorAll('.mark-camera[data-many=true]')][0].click()")
    eventually(lambda: {"Street 3", "Street 4"} <= marks(browser).keys())
    assert bar(browser) < wide / 4
    press(browser, "0", "document.querySelector('#map')")
    eventually(lambda: "2 cameras" in marks(browser))
    assert bar(browser) == pytest.approx(wide, rel=0.03)
    browser.run(
        "[...document.querySelectorAll('.mark-camera')].find((one) => one.textContent.includes('Street 2')).click()"
    )
    browser.sees("#near h2", "Street 2")
    browser.sees("#near .open-alerts", "Illegal parking")
    eventually(lambda: browser.run("return document.querySelector('#near .live').dataset.live") == "live")
    assert browser.text("#lists") == ""
    press(browser, "Escape")
    browser.sees("#list", "Street 2")


def test_names_never_lie_on_each_other(browser: Browser, streets: Streets) -> None:
    opened(browser, streets, "map")
    eventually(lambda: "2 cameras" in marks(browser))
    script = (
        "return [...document.querySelectorAll('.mark-camera .label')].filter((one) => one.checkVisibility())"
        ".map((one) => one.getBoundingClientRect()).map((box) => [box.left, box.top, box.right, box.bottom])"
    )
    counts = []
    for _ in range(7):
        boxes = browser.run(script)
        counts.append(len(boxes))
        for one, other in combinations(boxes, 2):
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one, other)
        browser.click("#farther")
    assert counts[0] == 3
    assert counts[-1] == 1, "from afar all are one"


def test_the_map_moves_by_keys_wheel_and_pointer_and_keeps_what_lies_below_it(
    browser: Browser, streets: Streets
) -> None:
    opened(browser, streets, "map")
    eventually(lambda: "Street 1" in marks(browser))
    x, y = marks(browser)["Street 1"]
    press(browser, "ArrowRight", "document.querySelector('#map')")
    assert marks(browser)["Street 1"] == pytest.approx((x - 80, y), abs=1)
    before = bar(browser)
    wheel = (
        "const where = { clientX: arguments[0], clientY: arguments[1] };"
        "document.querySelector('#map').dispatchEvent(new WheelEvent('wheel', { deltaY: -200, ...where }))"
    )
    browser.run(wheel, x - 80, y)
    assert marks(browser)["Street 1"] == pytest.approx((x - 80, y), abs=1), "what lies under the pointer stays"
    assert bar(browser) == pytest.approx(before * 2.718281828**-0.5, rel=0.05)
    drag = (
        "const map = document.querySelector('#map'); map.setPointerCapture = () => {};"
        "for (const [type, x, y] of [['down', 500, 300], ['move', 530, 340], ['up', 530, 340]])"
        "map.dispatchEvent(new PointerEvent(`pointer${type}`, { pointerId: 1, clientX: x, clientY: y, bubbles: true }))"
    )
    browser.run(drag)
    assert marks(browser)["Street 1"] == pytest.approx((x - 50, y + 40), abs=1)
    browser.click("#farther")
    assert bar(browser) > before * 0.7
    browser.click("#whole")
    assert marks(browser)["Street 1"] == pytest.approx((x, y), abs=2)


def test_a_phone_in_vietnamese_has_room_for_both(browser: Browser, streets: Streets) -> None:
    browser.resize(390, 800)
    opened(browser, streets, "wall")
    browser.run(
        "const one = document.querySelector('#language'); one.value = 'vi'; one.dispatchEvent(new Event('change'))"
    )
    browser.sees(".tile .age", "giây trước")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    browser.open(f"{streets.url}/map")
    browser.sees("#line", "Trực tiếp")
    browser.sees("#unplaced", "Chưa có trên bản đồ")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    browser.run(
        "const one = document.querySelector('#language'); one.value = 'en'; one.dispatchEvent(new Event('change'))"
    )
    browser.resize(1366, 768)


def test_nobody_else_was_asked_and_no_script_failed(browser: Browser, streets: Streets) -> None:
    expected = (
        "Failed to load resource",
        "Multiple readback",
    )  # pictures that are not there, and our reading of pixels
    assert [line for line in browser.complaints() if not any(words in line for words in expected)] == []
    for page in ("map", "wall"):
        opened(browser, streets, page)
        script = "return performance.getEntriesByType('resource').map((one) => new URL(one.name).origin)"
        assert set(browser.run(script)) == {streets.url}


def test_a_guard_sees_the_camera_that_is_theirs_and_no_other(browser: Browser, streets: Streets) -> None:
    browser.click("#sign-out")
    eventually(lambda: browser.url.endswith("/login"))
    streets.sign_in("guard", PASSWORD)
    opened(browser, streets, "wall")
    eventually(lambda: lives(browser) == ["live"])
    assert browser.texts(".tile .name") == ["Street 2"]
    opened(browser, streets, "map")
    eventually(lambda: marks(browser).keys() == {"Street 2"})
    assert browser.texts("#nowhere .name") == []
    path = f"/api/v1/cameras/{SITE}/bg-001/live.jpg"
    assert browser.run("return fetch(arguments[0]).then((answer) => answer.status)", path) == 404

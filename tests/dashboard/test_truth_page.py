"""The engineers' page in Chromium: marking by keyboard and mouse what a recording shows, and what is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from dashboard.accounts import Accounts
from dashboard.passwords import Passwords
from dashboard.records import NO_CAMERAS, Role
from dashboard.settings import DashboardSettings
from dashboard.store import open_store
from ioc import clock
from ioc.__main__ import run_command
from ioc.truth import read_truth
from ioc.types import Image
from tests.dashboard.browser import Browser
from tests.dashboard.house import PASSWORD
from tests.dashboard.peers import eventually, free_port, serving
from tests.dashboard.sample import SITE
from tests.streams.drawn_video import draw, flat, grey

pytestmark = pytest.mark.chromium

SHIFT, CTRL, RIGHT, LEFT, UP, DOWN, ESCAPE, DELETE, ENTER, RELEASED = (
    "\ue008",
    "\ue009",
    "\ue014",
    "\ue012",
    "\ue013",
    "\ue015",
    "\ue00c",
    "\ue017",
    "\ue007",
    "\ue000",
)
SIZE = (320, 180)
LEVEL = """const canvas = document.createElement('canvas'); canvas.width = canvas.height = 1;
const paint = canvas.getContext('2d'); paint.drawImage(document.querySelector('#video'), 300, 10, 4, 4, 0, 0, 1, 1);
return paint.getImageData(0, 0, 1, 1).data[0];"""
MARKS = "#marks [role=option]"


class Desk:
    """A browser at which an engineer sits, and the folder of recordings."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.clips = folder / "clips"
        self.clips.mkdir()
        (folder / "evidence").mkdir()
        draw(self.clips / "gate.mp4", 100, size=SIZE, rate=10, b_frames=2, picture=street)
        draw(self.clips / "old.mp4", 20, codec="mpeg4")
        (self.clips / "broken.mp4").write_bytes(b"nothing to see")
        draw(self.clips / "yard.webm", 30, size=SIZE, codec="libvpx")
        settings = DashboardSettings(
            data=folder / "data",
            evidence=folder / "evidence",
            sites=(SITE,),
            broker="mqtt://127.0.0.1:9",
            port=free_port(),
            clips=self.clips,
        )
        store = open_store(settings)
        accounts = Accounts(store.database, Passwords())
        for name, role in (("lan", Role.ENGINEER), ("minh", Role.OPERATOR)):
            accounts.create(name, role, NO_CAMERAS, clock.now(), chosen=PASSWORD)
        store.release()
        self.url = stack.enter_context(serving(settings))
        self.browser = Browser(folder / "profile")
        stack.callback(self.browser.close)

    def sign_in(self, name: str) -> None:
        self.browser.open(f"{self.url}/login")
        self.browser.type("[name=name]", name)
        self.browser.type("[name=password]", PASSWORD)
        self.browser.click("#sign-in button")
        eventually(lambda: self.browser.url == f"{self.url}/")

    def choose(self, name: str) -> None:
        number = self.browser.texts("#clips .name").index(name) + 1
        self.browser.click(f"#clips li:nth-child({number}) button")

    def open(self, name: str = "gate.mp4") -> Browser:
        """Open the page anew and a recording in it, wherever we were."""
        self.browser.run("window.addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), true)")
        self.browser.open(f"{self.url}/truth?{clock.monotonic()}")
        eventually(lambda: len(self.browser.texts("#clips .name")) == 4)
        self.choose(name)
        return self.browser

    def opened(self, name: str = "gate.mp4") -> Browser:
        """Return the browser once the recording's first picture is shown."""
        browser = self.open(name)
        browser.sees("#now", "0:00.000")
        return browser

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.type("#screen", key + RELEASED)

    def at(self, time: str) -> None:
        eventually(lambda: self.browser.text("#now").startswith(f"{time} /"))

    def truth(self, name: str = "gate.json") -> Any:
        return json.loads((self.clips / name).read_text(encoding="utf-8"))


def street(number: int) -> Image:
    """Return a picture whose ground tells its number, with a red thing that stands in it."""
    picture = flat(grey(number), SIZE)
    cv2.rectangle(picture, (80, 90), (160, 135), (40, 40, 220), -1)
    return np.ascontiguousarray(picture, np.uint8)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with ExitStack() as stack:
        desk = Desk(tmp_path_factory.mktemp("desk"), stack)
        desk.sign_in("lan")
        yield desk


@pytest.fixture(autouse=True)
def nothing_marked(desk: Desk) -> None:
    for path in desk.clips.glob("*.json"):
        path.unlink()


def test_two_events_are_marked_by_keyboard_and_mouse_and_can_be_scored(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = desk.opened()
    assert browser.text("#state") == "Nothing saved yet"
    for number in range(1, 11):
        desk.press(RIGHT)
        desk.at(f"0:0{number // 10}.{number % 10}00")
    assert abs(browser.run(LEVEL) - grey(10)) <= 6, "the time belongs to the picture"
    desk.press("n", "6")
    for second in (2, 3):
        desk.press(SHIFT + RIGHT)
        desk.at(f"0:0{second}.000")
    desk.press("d", SHIFT + RIGHT)
    desk.at("0:04.000")
    desk.press("e", LEFT)
    desk.at("0:03.900")
    browser.drag("#screen", (0.25, 0.5), (0.5, 0.75))
    browser.sees(MARKS, "Fire")
    browser.click("#add-event")
    browser.run(
        "const kind = document.querySelector('[name=kind]'); kind.value = 'smoke';"
        "kind.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    for field, text in (("due_s", "9,25"), ("start_s", "6"), ("box", "0.1, 0.2, 0.3, 0.4")):
        browser.run(f"document.querySelector('[name={field}]').value = ''")
        browser.type(f"[name={field}]", text + ENTER)
    browser.type("[name=due_s]", f"{CTRL}a{RELEASED}7.5{ENTER}")
    assert browser.text("#state") == "Not saved"
    browser.type("[name=due_s]", f"{CTRL}s{RELEASED}")
    browser.sees("#state", "Saved")
    assert browser.text("#trouble") == ""
    browser.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 20_000

    fire, smoke = read_truth(desk.clips / "gate.json").events
    assert (fire.kind, fire.start_s, fire.due_s, fire.end_s) == ("fire", 1.0, 3.0, 4.0)
    assert fire.box == pytest.approx((0.25, 0.5, 0.5, 0.75), abs=0.01)
    assert (smoke.kind, smoke.start_s, smoke.due_s, smoke.end_s) == ("smoke", 6.0, 7.5, None)
    assert smoke.box == (0.1, 0.2, 0.3, 0.4)
    assert desk.truth()["duration_s"] == 10.0
    assert "✓" in browser.run("return getComputedStyle(document.querySelector('#clips .note'), '::before').content")
    alerts = tmp_path / "alerts.jsonl"
    alerts.write_text('{"kind": "fire", "phase": "raised", "media_s": 4.0, "box": [0.3, 0.6, 0.4, 0.7]}\n')
    command = ["score", "--truth", str(desk.clips / "gate.json"), "--alerts", str(alerts), "--json"]
    assert run_command(command) == 0
    kinds = json.loads(capsys.readouterr().out)["kinds"]
    assert (kinds["fire"]["tp"], kinds["smoke"]["fn"]) == (1, 1)


def test_every_change_can_be_undone(desk: Desk) -> None:
    browser = desk.opened()
    desk.press(SHIFT + RIGHT)
    desk.at("0:01.000")
    desk.press("i")
    browser.sees(MARKS, "Ignored: Illegal parking")
    assert browser.text(MARKS).splitlines()[1] == "0:01.000 – 0:10.000"
    desk.press(SHIFT + RIGHT)
    desk.at("0:02.000")
    desk.press("e", "n", "x")
    assert len(browser.texts(MARKS)) == 2
    desk.press(DELETE, UP, DELETE)
    browser.sees("#no-marks", "Nothing is marked yet.")
    for count in (1, 2, 1, 1, 0):
        desk.press(CTRL + "z")
        assert len(browser.texts(MARKS)) == count
    assert browser.run("return document.querySelector('#undo').disabled")
    assert browser.text("#state") == "Nothing saved yet"
    for count in (1, 1, 2):
        desk.press(CTRL + "y")
        assert len(browser.texts(MARKS)) == count
    desk.press(CTRL + "s")
    browser.sees("#state", "Saved")
    assert desk.truth()["ignore"] == [{"kind": "illegal_parking", "start_s": 1, "end_s": 2}]
    assert desk.truth()["events"] == [{"kind": "illegal_parking", "start_s": 2, "due_s": 2}]


def test_a_box_without_an_event_begins_one_and_a_slip_does_not(desk: Desk) -> None:
    browser = desk.opened()
    browser.drag("#screen", (0.5, 0.5), (0.5, 0.5))
    assert browser.texts(MARKS) == []
    browser.drag("#screen", (0.75, 0.75), (0.25, 0.5))
    browser.sees(MARKS, "Illegal parking")
    shown = browser.run(
        "const r = document.querySelector('#boxes .chosen');"
        "return ['x', 'y', 'width', 'height'].map((name) => Number(r.getAttribute(name)))"
    )
    assert shown == pytest.approx([0.25, 0.5, 0.5, 0.25], abs=0.01)
    browser.drag("#screen", (0.9, 0.9), (1.4, 0.95))
    assert browser.run("return document.querySelector('[name=box]').value.split(' ')[2]") == "1", (
        "no further than the edge"
    )
    desk.press("x")
    assert "anywhere in the picture" in browser.text(MARKS)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("start_s", "soon", "Expected seconds from 0 to 10"),
        ("end_s", "11", "Expected seconds from 0 to 10"),
        ("end_s", "1", "must not lie before the start"),
        ("due_s", "1", "must not lie before the start"),
        ("box", "0.1 0.2 0.3", "Expected four numbers"),
        ("box", "0.5 0.2 0.3 0.4", "Expected four numbers"),
    ],
)
def test_what_cannot_be_true_is_not_taken(desk: Desk, field: str, typed: str, said: str) -> None:
    (desk.clips / "gate.json").write_text(
        json.dumps(
            {"duration_s": 10, "events": [{"kind": "fire", "start_s": 2, "due_s": 3, "box": [0.1, 0.2, 0.3, 0.4]}]}
        )
    )
    browser = desk.opened()
    browser.click(MARKS)
    before = browser.run(f"return document.querySelector('[name={field}]').value")
    browser.run(f"document.querySelector('[name={field}]').value = ''")
    browser.type(f"[name={field}]", typed + ENTER)
    browser.sees("#trouble", said)
    assert browser.run(f"return document.querySelector('[name={field}]').value") == before
    assert browser.text("#state") == "Saved"


def test_nobody_overwrites_a_newer_version_and_nothing_is_lost(desk: Desk) -> None:
    browser = desk.opened()
    desk.press("n")
    theirs = {"duration_s": 10, "notes": "theirs", "events": [{"kind": "flood", "start_s": 4, "due_s": 5}]}
    (desk.clips / "gate.json").write_text(json.dumps(theirs))
    desk.press(CTRL + "s")
    browser.sees("#newer", "Somebody else has saved a newer version meanwhile.")
    assert desk.truth() == theirs
    browser.click("#theirs")
    browser.sees(MARKS, "Flooding")
    assert browser.text("#newer") == ""
    desk.press(CTRL + "z")
    browser.sees(MARKS, "Illegal parking")
    desk.press(CTRL + "s")
    browser.sees("#state", "Saved")
    assert desk.truth()["notes"] == "theirs"
    assert [event["kind"] for event in desk.truth()["events"]] == ["illegal_parking"]


def test_what_the_server_refuses_is_told(desk: Desk) -> None:
    (desk.clips / "gate.json").write_text(
        json.dumps({"duration_s": 10, "events": [{"kind": "graffiti_<b>", "start_s": 4, "due_s": 5}]})
    )
    browser = desk.opened()
    browser.sees(MARKS, "Graffiti <b>")
    desk.press("i", CTRL + "s")
    browser.sees("#trouble", "gate.json: events[0].kind: unknown kind 'graffiti_<b>'")
    assert "ignore" not in desk.truth()
    desk.press("5", DOWN, "5", CTRL + "s")
    browser.sees("#state", "Saved")


def test_an_alert_that_would_be_due_after_the_end_is_refused_and_not_moved(desk: Desk) -> None:
    (desk.clips / "gate.json").write_text(
        json.dumps({"duration_s": 10, "events": [{"kind": "fire", "start_s": 4, "due_s": 9}]})
    )
    browser = desk.opened()
    for second in range(1, 7):
        desk.press(SHIFT + RIGHT)
        desk.at(f"0:0{second}.000")
    desk.press("n")
    assert browser.run("return document.querySelector('[name=due_s]').value") == "11"
    desk.press(CTRL + "s")
    browser.sees("#trouble", "events[1].due_s: 11 lies after the end of the recording at 10 s, so no alert can come")
    desk.press(DELETE, "i", CTRL + "s")
    browser.sees("#state", "Saved")
    assert desk.truth()["ignore"] == [{"kind": "fire", "start_s": 6, "end_s": 10}]


def test_leaving_asks_what_becomes_of_the_marks(desk: Desk) -> None:
    browser = desk.opened()
    desk.press("n")
    desk.choose("yard.webm")
    browser.sees("#leave-title", "not saved")
    browser.click("#leave [value=stay]")
    assert len(browser.texts(MARKS)) == 1
    desk.choose("yard.webm")
    browser.click("#leave [value=save]")
    eventually(lambda: browser.text("#now").endswith("/ 0:01.200"))
    assert len(desk.truth()["events"]) == 1
    desk.press("n")
    desk.choose("gate.mp4")
    browser.click("#leave [value=discard]")
    eventually(lambda: browser.text("#now").endswith("/ 0:10.000"))
    browser.sees("#state", "Saved")
    assert not (desk.clips / "yard.json").exists()


@pytest.mark.parametrize(
    ("name", "said"), [("old.mp4", "cannot play recordings of this kind"), ("broken.mp4", "ffmpeg -i IN -c:v libx264")]
)
def test_a_recording_that_the_browser_cannot_show_is_told_with_the_way_out(desk: Desk, name: str, said: str) -> None:
    browser = desk.open(name)
    browser.sees("#cannot", said)
    assert browser.run("return document.querySelector('#add-event').disabled")
    desk.choose("gate.mp4")
    browser.sees("#now", "0:00.000")
    assert browser.text("#cannot") == ""


def test_a_truth_that_cannot_be_edited_and_a_wrong_length_are_told(desk: Desk) -> None:
    (desk.clips / "gate.json").write_text('{"duration_s": 10, "clip": "other.mp4"}')
    (desk.clips / "yard.json").write_text('{"duration_s": 40}')
    browser = desk.open()
    browser.sees("#trouble", "gate.json: is about other.mp4")
    assert browser.text("#choose").startswith("Choose a recording")
    desk.choose("yard.webm")
    browser.sees("#trouble", "lasts 40 s, but it lasts 1.2 s")
    desk.press(CTRL + "s")
    browser.sees("#state", "Saved")
    assert desk.truth("yard.json")["duration_s"] == pytest.approx(1.2)


def test_the_strip_shows_what_is_marked_and_leads_there(desk: Desk) -> None:
    events = [
        {"kind": "fire", "start_s": 2, "due_s": 3, "end_s": 6},
        {"kind": "smoke", "start_s": 5, "due_s": 5, "end_s": 8},
    ]
    (desk.clips / "gate.json").write_text(json.dumps({"duration_s": 10, "events": events}))
    browser = desk.opened()
    places = browser.run(
        "return [...document.querySelectorAll('.strip .bar')].map(({ style }) => [style.left, style.width, style.top])"
    )
    assert places == [["20%", "40%", "0rem"], ["50%", "30%", "0.85rem"]]
    browser.drag("#strip", (0.5, 0.9), (0.705, 0.9))
    desk.at("0:07.000")
    assert abs(browser.run(LEVEL) - grey(70)) <= 6
    browser.click(f"{MARKS}:nth-child(2)")
    desk.at("0:05.000")
    assert browser.texts(f"{MARKS}[aria-selected=true] b") == ["Smoke"]
    browser.click("#play")
    eventually(lambda: browser.text("#now") > "0:05.300")
    desk.press(" ")
    stood = browser.text("#now")
    assert browser.run("return document.querySelector('#video').paused")
    assert browser.text("#now") == stood


def test_a_browser_that_does_not_say_which_picture_it_shows_steps_by_time(desk: Desk) -> None:
    browser = desk.opened()
    script = """delete HTMLVideoElement.prototype.requestVideoFrameCallback;
    const address = document.querySelector('#video').src;
    return import('/static/truth_player.js').then(({ Player }) => new Promise((done) => {
      const player = new Player(document.createElement('video'), {
        moved: () => {}, failed: done,
        opened: async () => {
          await player.step(1);
          await player.step(1);
          const ahead = player.now;
          await player.step(-1);
          done([ahead, player.now]);
        },
      });
      player.open(address);
    }));"""
    assert browser.run(script) == pytest.approx([0.08, 0.04], abs=0.002)


def test_vietnamese_and_nothing_complained(desk: Desk) -> None:
    browser = desk.opened()
    browser.run("localStorage.setItem('language', 'vi')")
    browser = desk.opened()
    assert browser.text("h1") == "Sự thật về bản ghi"
    desk.press("n")
    browser.sees(MARKS, "Đỗ xe trái phép")
    browser.run("localStorage.removeItem('language')")
    ours = [line for line in browser.complaints() if "Failed to load resource" not in line]
    assert ours == [], "no script failed, nothing was refused by the content policy"


def test_a_narrow_window_has_everything_below_each_other(desk: Desk) -> None:
    desk.browser.resize(420, 900)
    browser = desk.opened()
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.run("return document.querySelector('#screen').getBoundingClientRect().width") > 300
    browser.resize(1366, 768)


def test_an_operator_is_neither_led_there_nor_let_in(desk: Desk) -> None:
    browser = desk.browser
    desk.browser.run("window.addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), true)")
    browser.open(desk.url)
    eventually(lambda: browser.text("#to-truth") == "Truth")
    browser.click("#sign-out")
    eventually(lambda: browser.url.endswith("/login"))
    desk.sign_in("minh")
    browser.sees("#person", "minh")
    assert browser.text("#to-truth") == ""
    browser.open(f"{desk.url}/truth")
    assert "ask for the role of an engineer" in browser.text("body")

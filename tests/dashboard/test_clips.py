"""A clip comes after its alert, and whoever may see the camera can play it and seek in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi import Request, Response

from alerts.wire import AlertMessage
from dashboard.accounts import Accounts
from dashboard.byte_range import file_or_part
from dashboard.passwords import Passwords
from dashboard.plate_records import ReadFilter
from dashboard.plate_search import newest_reads
from dashboard.records import ALL_CAMERAS, WATCH_LIST, AlertFilter, Rights, Role
from dashboard.store import Store
from dashboard.watch_records import EntryDraft, ListDraft
from dashboard.watch_store import add_list, put_entries
from ioc.types import Evidence, Phase
from tests.dashboard import sample
from tests.dashboard.house import House
from tests.dashboard.operations import Operations
from tests.dashboard.peers import eventually
from tests.dashboard.sample import SITE, START, minutes
from tests.streams.drawn_video import draw

CHOSEN = "seven wet umbrellas"
PICTURES = 75
"""Three seconds."""


def drawn_clip(root: Path, path: str = "bg-017/clip.mp4") -> Evidence:
    """Draw a clip below `root` and return it as evidence."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(draw(target, PICTURES, size=(640, 360)).read_bytes()).hexdigest()
    return Evidence("clip", 3, START - timedelta(seconds=10), None, path, digest)


def told_again(first: AlertMessage, still: Evidence, clip: Evidence) -> AlertMessage:
    """Return the message that comes when the clip of the first is there."""
    return AlertMessage.of(replace(first.alert(), evidence=(still, clip)), first.site)


def test_a_clip_is_added_to_its_alert_and_nothing_else_happens(store: Store, tmp_path: Path) -> None:
    still, clip = sample.picture(tmp_path, "a.jpg"), drawn_clip(tmp_path)
    raised = sample.alert(evidence=(still,))
    over = sample.alert(phase=Phase.CLEARED, after=minutes(1))
    again = told_again(raised, still, clip)
    store.take([raised], START)
    store.take([over], START)
    assert store.take([again], START).changes == 1
    held = store.alert(raised.id, ALL_CAMERAS)
    assert held is not None
    assert held.phase is Phase.CLEARED, "what comes late does not begin it anew"
    assert [(item["kind"], item["sha256"]) for item in held.evidence] == [
        ("clip", clip.sha256),
        ("frame", still.sha256),
    ]
    assert [step.what for step in store.history(raised.id)] == ["raised", "cleared"]
    assert store.take([again, raised], START).changes == 0


def test_a_clip_is_added_to_a_pass_and_to_the_alerts_that_were_raised_of_it(store: Store, tmp_path: Path) -> None:
    still, clip = sample.picture(tmp_path, "a.jpg"), drawn_clip(tmp_path)
    with store.database.write() as connection:
        number = add_list(connection, ListDraft("Stolen", "officer", "stolen cars", "BG-2026-117"), START)
        put_entries(connection, number, [EntryDraft("98A12345")], START)
    first = sample.alert(kind="plate", evidence=(still,), subject="plate:98A12345")
    other = sample.alert(1, kind="plate", evidence=(still,), subject="plate:29A54321")
    store.take([first, other], START)
    assert store.take([told_again(first, still, clip), told_again(other, still, clip)], START).changes == 1
    with store.database.read() as connection:
        reads = newest_reads(connection, None, ReadFilter(), 10)
    (alert,), _ = store.alerts(AlertFilter(kinds=(WATCH_LIST,)), Rights(None, watch_lists=True), 10)
    digests = [still.sha256, clip.sha256]
    kept = [*(read.evidence for read in reads), alert.evidence]
    assert [[item["sha256"] for item in evidence] for evidence in kept] == [digests] * 3
    assert store.take([told_again(first, still, clip), first], START).changes == 0


CONTENT = bytes(range(200)) * 5


def part(**headers: str) -> Response:
    """Return the answer to a request for the content with these headers."""
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return file_or_part(Request({"type": "http", "headers": sent}), CONTENT, "video/mp4", {"ETag": '"mark"'})


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, 1000),
        ("bytes=0-99", 0, 100),
        ("bytes=100-199", 100, 200),
        ("bytes=100-99999999", 100, 1000),
        ("bytes=999-", 999, 1000),
        ("bytes=-50", 950, 1000),
        ("bytes=-99999999", 0, 1000),
    ],
)
def test_a_part_is_what_was_asked_for(asked: str, start: int, end: int) -> None:
    answer = part(range=asked)
    assert (answer.status_code, answer.body) == (206, CONTENT[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/1000"
    assert answer.headers["content-length"] == str(end - start)
    assert (answer.headers["etag"], answer.headers["accept-ranges"]) == ('"mark"', "bytes")


@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=99999999-", "bytes=7-3", "bytes=-0"])
def test_a_part_that_there_is_not_is_refused(asked: str) -> None:
    answer = part(range=asked)
    assert (answer.status_code, answer.body, answer.headers["content-range"]) == (416, b"", "bytes */1000")


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=0-1,5-9", "pages=1-2", "bytes=a-b", f"bytes={'9' * 30}-", ""])
def test_what_cannot_be_understood_gets_the_whole(asked: str) -> None:
    answer = part(range=asked)
    assert (answer.status_code, answer.body, answer.headers["accept-ranges"]) == (200, CONTENT, "bytes")


def test_a_part_of_another_file_than_was_meant_is_not_given() -> None:
    assert part(range="bytes=0-9", if_range='"mark"').status_code == 206
    assert part(range="bytes=0-9", if_range='"another"').body == CONTENT


@pytest.fixture
def playing(house: House) -> tuple[httpx.Client, str, bytes]:
    """Return somebody who may see the clip, where it is, and what it holds."""
    clip = drawn_clip(house.settings.evidence)
    message = sample.alert(evidence=(clip,))
    house.parts.store.take([message], START)
    url = f"/api/v1/alerts/{message.id}/evidence/0"
    return house.as_("operator"), url, (house.settings.evidence / str(clip.path)).read_bytes()


def test_a_part_of_a_clip_is_given_to_who_may_see_the_camera(
    playing: tuple[httpx.Client, str, bytes], house: House
) -> None:
    client, url, content = playing
    answer = client.get(url, headers={"Range": "bytes=100-199"})
    assert (answer.status_code, answer.content) == (206, content[100:200])
    assert answer.headers["content-type"] == "video/mp4"
    assert house.as_("newcomer").get(url, headers={"Range": "bytes=0-9"}).status_code == 404


def test_an_altered_clip_is_given_out_in_no_part(playing: tuple[httpx.Client, str, bytes], house: House) -> None:
    client, url, content = playing
    (house.settings.evidence / "bg-017/clip.mp4").write_bytes(content[:-1] + b"x")
    assert client.get(url, headers={"Range": "bytes=0-9"}).status_code == 409


def test_a_picture_keeps_its_address_when_a_clip_moves_its_number(house: House) -> None:
    still, clip = sample.picture(house.settings.evidence, "a.jpg"), drawn_clip(house.settings.evidence)
    raised = sample.alert(evidence=(still,))
    house.parts.store.take([raised], START)
    client = house.as_("operator")
    address = client.get(f"/api/v1/alerts/{raised.id}").json()["evidence"][0]["url"]
    house.parts.store.take([told_again(raised, still, clip)], START)
    assert client.get(address).headers["content-type"] == "image/jpeg"
    now = client.get(f"/api/v1/alerts/{raised.id}").json()["evidence"]
    assert [client.get(item["url"]).headers["content-type"] for item in now] == ["video/mp4", "image/jpeg"]


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory, passwords: Passwords) -> Iterator[Operations]:
    with ExitStack() as stack:
        running = Operations(tmp_path_factory.mktemp("clips"), stack)
        people = Accounts(running.store.database, passwords)
        people.create("operator", Role.OPERATOR, ALL_CAMERAS, START, chosen=CHOSEN)
        running.sign_in("operator", CHOSEN)
        yield running


VIDEO = "return document.querySelector('#detail video')?.{}"


@pytest.mark.chromium
@pytest.mark.mosquitto
def test_the_page_plays_a_clip_that_came_later_and_goes_on_when_news_come(operations: Operations) -> None:
    browser = operations.browser
    raised = operations.alert(1)
    operations.send(sample.engine(), sample.camera(), raised)
    browser.sees("#rows [role=option]", "Illegal parking")
    browser.click("#rows [role=option]")
    eventually(lambda: bool(browser.run("return document.querySelector('#detail img')?.naturalWidth === 640")))
    assert browser.texts("#detail .choices button") == []

    clip = drawn_clip(operations.root)
    still = sample.picture(operations.root, "bg-017/1.jpg", hue=7)
    operations.send(told_again(raised, replace(still, at=raised.began), clip))
    eventually(lambda: browser.texts("#detail .choices button") == ["1", "▶ Clip"])
    assert browser.run("return document.querySelector('#detail img')?.naturalWidth === 640"), "the picture stays"

    browser.click("#detail .choices button:last-child")
    eventually(lambda: bool(browser.run(VIDEO.format("readyState >= 2"))))
    shown = browser.run(
        "const video = document.querySelector('#detail video');"
        "return [video.videoWidth, video.videoHeight, Math.round(video.duration * 100), video.error];"
    )
    assert shown == [640, 360, 100 * PICTURES // 25, None]
    browser.run(
        "const video = document.querySelector('#detail video');"
        "video.muted = true; video.currentTime = 1.5; video.play();"
    )
    eventually(lambda: bool(browser.run(VIDEO.format("currentTime > 1.6"))))
    operations.send(operations.alert(2), operations.alert(1, phase=Phase.CLEARED, after=minutes(5), evidence=()))
    browser.sees("#detail .steps", "Over")
    assert browser.run(VIDEO.format("currentTime > 1.5")), "it plays on"
    eventually(lambda: bool(browser.run(VIDEO.format("ended"))))


@pytest.mark.chromium
@pytest.mark.mosquitto
def test_a_clip_that_the_browser_cannot_play_can_be_saved(operations: Operations) -> None:
    browser = operations.browser
    content = b"\0\0\0\x18ftypisom" + bytes(500)
    (operations.root / "broken.mp4").write_bytes(content)
    broken = Evidence("clip", 3, operations.began, None, "broken.mp4", hashlib.sha256(content).hexdigest())
    told = operations.alert(30)
    operations.send(AlertMessage.of(replace(told.alert(), evidence=(broken,)), SITE))
    eventually(lambda: bool(browser.texts(f"#alert-{told.id}")))
    browser.click(f"#alert-{told.id}")
    browser.sees("#detail .no-picture", "This browser cannot play the clip.")
    link = browser.run("return document.querySelector('#detail .no-picture a').getAttribute('href')")
    assert str(told.id) in link

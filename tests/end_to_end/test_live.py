"""A drawn recording behind a real RTSP server, a real broker, `ioc run`, and what the three readers get of it."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import httpx2
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from alerts.wire_picture import decode_picture
from ioc import clock
from ioc.__main__ import run_command
from streams.scenes import DemoCamera
from tests.end_to_end.listener import Listener
from tests.end_to_end.program import PASSWORD, Program
from tests.ioc.kerb_site import kerb_site
from tests.mosquitto_peer import MosquittoPeer
from tests.streams.rtsp_peer import RtspPeer

pytestmark = [pytest.mark.mosquitto, pytest.mark.rtsp]

SCHEMAS = Path(__file__).parents[2] / "docs" / "wire"


def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.v1.schema.json").read_text(encoding="utf-8")))


def site_text(broker: str, dead: str) -> str:
    """Return further tables: the broker, a free port, and a second camera that never answers."""
    return f"""
[site]
id = "bac-giang"
[broker]
url = "{broker}"
[dashboard]
port = 0
[tape]
record = true
[evidence]
clip_before = "PT3S"
clip_after = "PT2S"
[[camera]]
id = "dead"
source = "{dead}"
"""


@pytest.fixture(scope="module")
def server(kerb_clip: Path) -> Iterator[RtspPeer]:
    with RtspPeer("--file", str(kerb_clip)) as peer:
        yield peer


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoPeer]:
    with MosquittoPeer(tmp_path_factory.mktemp("mosquitto")) as peer:
        yield peer


@pytest.fixture(scope="module")
def listener(broker: MosquittoPeer) -> Iterator[Listener]:
    with Listener(broker.port) as ears:
        yield ears


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def program(
    server: RtspPeer, broker: MosquittoPeer, listener: Listener, kerb: DemoCamera, folder: Path
) -> Iterator[Program]:
    more = site_text(broker.url, "rtsp://127.0.0.1:9/none")
    site = kerb_site(folder, kerb, source=server.url, after="PT4S", more=more)
    with Program("run", "--site", str(site)) as running:
        running.wait_for("Watching 2 cameras")
        yield running


@pytest.fixture(scope="module")
def api(program: Program) -> Iterator[httpx2.Client]:
    url = program.wait_for(r"Dashboard: (\S+)")[1]
    with httpx2.Client(base_url=url, headers={"Origin": url}) as client:
        answer = client.post("/api/v1/session", json={"name": "admin", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        yield client


@pytest.fixture(scope="module")
def heard(program: Program, listener: Listener) -> dict[str, Any]:
    """Return the first alert that the stranger hears."""
    return listener.wait_for(lambda topic, message: message.get("phase") == "raised", 90)


def eventually(client: httpx2.Client, path: str, wanted: Any) -> Any:
    """Ask until the answer is what is wanted."""
    deadline = clock.monotonic() + 30
    while True:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        if wanted(answer.json()) or clock.monotonic() > deadline:
            return answer.json()


def test_a_stranger_hears_messages_that_fit_the_schema(heard: dict[str, Any], listener: Listener) -> None:
    assert (heard["site"], heard["camera"], heard["kind"]) == ("bac-giang", "c1", "illegal_parking")
    checked = 0
    for topic, message in list(listener.heard):
        name = "alert" if "/alerts/" in topic else "camera-status" if topic.count("/") == 4 else "engine-status"
        schema(name).validate(message)
        checked += 1
    assert checked >= 4


def test_a_stranger_gets_small_pictures_of_the_camera_that_delivers(heard: dict[str, Any], listener: Listener) -> None:
    pictures = [decode_picture(topic, payload) for topic, payload in list(listener.pictures)]
    assert {one.camera for one in pictures} == {"c1"}
    assert len(pictures) >= 2
    times = [one.at for one in pictures]
    assert all((later - earlier).total_seconds() > 0.9 for earlier, later in pairwise(times))


def test_the_api_shows_the_alert_with_its_picture(heard: dict[str, Any], api: httpx2.Client) -> None:
    listed = eventually(api, "/api/v1/alerts", lambda page: page["alerts"])
    (alert,) = [alert for alert in listed["alerts"] if alert["id"] == heard["id"]]
    kept = [n for n, item in enumerate(alert["evidence"]) if item["kind"] == "frame" and item["sha256"]]
    assert len(kept) == 4, "where it began and where it was told, as it was and annotated"
    for n in kept:
        answer = api.get(f"/api/v1/alerts/{alert['id']}/evidence/{n}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert hashlib.sha256(answer.content).hexdigest() == alert["evidence"][n]["sha256"]
        image = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        assert image.shape == (360, 640, 3)


def test_the_alert_is_told_of_again_with_a_clip_of_what_came_before_and_after(
    heard: dict[str, Any], listener: Listener, api: httpx2.Client
) -> None:
    """The camera is the drawn recording over and over: 640 × 360, 10 pictures a second, a key picture each second."""
    said = listener.wait_for(lambda _, m: m.get("id") == heard["id"] and m["evidence"] and "clip" in kinds(m), 30)
    schema("alert").validate(said)
    assert {**said, "evidence": []} == {**heard, "evidence": []}
    path = f"/api/v1/alerts/{heard['id']}"
    stored = eventually(api, path, lambda alert: "clip" in kinds(alert))
    (clip,) = [item for item in stored["evidence"] if item["kind"] == "clip"]
    answer = api.get(clip["url"])
    assert answer.headers["content-type"] == "video/mp4"
    assert hashlib.sha256(answer.content).hexdigest() == clip["sha256"]
    with av.open(io.BytesIO(answer.content), "r") as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 640, 360)
        shown = len(list(container.decode(video)))
    before = datetime.fromisoformat(heard["at"]) - datetime.fromisoformat(clip["at"])
    assert 2.8 <= before.total_seconds() <= 4.5, "from the key picture before"
    assert abs(shown / 10 - (before.total_seconds() + 2)) <= 0.5
    assert [step["what"] for step in stored["history"]].count("raised") == 1


def kinds(alert: dict[str, Any]) -> list[str]:
    return [item["kind"] for item in alert["evidence"]]


def test_the_api_shows_a_live_picture_of_the_camera_that_delivers(api: httpx2.Client, heard: dict[str, Any]) -> None:
    def live(camera: str) -> httpx2.Response:
        return api.get(f"/api/v1/cameras/bac-giang/{camera}/live.jpg")

    deadline = clock.monotonic() + 20
    while (answer := live("c1")).status_code != 200:
        assert clock.monotonic() < deadline, answer.text
    image = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (270, 480, 3)
    assert live("dead").status_code == 404


def test_a_dead_camera_is_shown_as_lost_and_disturbs_no_other(api: httpx2.Client, heard: dict[str, Any]) -> None:
    def states(page: dict[str, Any]) -> dict[str, str]:
        return {camera["camera"]: camera["state"] for camera in page["cameras"]}

    page = eventually(api, "/api/v1/cameras", lambda page: states(page) == {"c1": "online", "dead": "lost"})
    assert states(page) == {"c1": "online", "dead": "lost"}


def test_a_killed_server_costs_one_lost_and_one_back_line(
    program: Program, server: RtspPeer, heard: dict[str, Any], listener: Listener
) -> None:
    server.kill()
    program.wait_for("camera c1: lost: ", 30)
    server.start()
    program.wait_for("camera c1: back", 60)
    assert len(program.find("camera c1: lost")) == len(program.find("camera c1: back")) == 1
    assert len(program.find("camera dead: lost")) == 1
    states = [m["state"] for topic, m in listener.heard if topic == "ioc/v1/bac-giang/c1/status"]
    listener.wait_for(lambda topic, m: topic == "ioc/v1/bac-giang/c1/status" and m["state"] == "lost")
    assert states[:2] == ["connecting", "online"]


def test_it_ends_in_good_order(program: Program, heard: dict[str, Any], listener: Listener) -> None:
    assert program.stop() == 0
    assert not program.find("Traceback")
    assert program.find(r"c1: looked at \d+ pictures")
    listener.wait_for(lambda topic, m: topic == "ioc/v1/bac-giang/status" and m["state"] == "offline")


def test_the_tape_of_what_was_seen_gives_the_alerts_that_were_heard(
    program: Program, heard: dict[str, Any], listener: Listener, folder: Path
) -> None:
    """The program has ended, so its tapes are whole; joined, for the hour may have changed meanwhile."""
    tapes = sorted((folder / "var" / "tapes" / "c1").iterdir())
    tape, out = folder / "seen.tape", folder / "seen.jsonl"
    assert run_command(["tape", "join", *map(str, tapes), "--out", str(tape)]) == 0
    replay = ["replay", "--site", str(folder / "site.toml"), "--camera", "c1", "--tape", str(tape), "--out", str(out)]
    assert run_command(replay) == 0
    told = [message for topic, message in listener.heard if "/alerts/" in topic and "clip" not in kinds(message)]
    again = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    wanted = ("id", "phase", "subject", "began", "at", "box", "details")
    assert [[line[key] for key in wanted] for line in again] == [[line[key] for key in wanted] for line in told]
    assert not (folder / "var" / "tapes" / "dead").exists()

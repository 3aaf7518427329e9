"""The truth about recordings over HTTP: who may mark it, what is kept, what is refused, and what is out of reach."""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from dashboard.passwords import Passwords
from dashboard.settings import DashboardSettings
from dashboard.truth_folder import Clip, ClipFolder, NewerTruth
from ioc.truth import read_truth
from tests.dashboard.house import House, detail
from tests.dashboard.peers import in_parallel
from tests.dashboard.sample import SITE

BYTES = bytes(range(256)) * 400
FIRE = {"kind": "fire", "start_s": 1.0, "due_s": 3.0, "end_s": 9.5, "box": [0.1, 0.2, 0.3, 0.4]}
MARKS: dict[str, Any] = {"duration_s": 10.0, "events": [FIRE], "ignore": []}
SECRET = "the neighbour's papers"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, passwords: Passwords) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("office")
    house = House(
        DashboardSettings(
            data=folder / "data",
            evidence=folder,
            sites=(SITE,),
            broker="mqtt://127.0.0.1:9",
            clips=folder / "home" / "clips",
        ),
        passwords,
    )
    yield house
    house.close()


@pytest.fixture
def clips(office: House) -> Path:
    """Return a folder with one recording; what is in the folder above it is nobody's business."""
    folder = office.settings.clips
    assert folder is not None
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "gate.mp4").write_bytes(BYTES)
    (folder.parent / "secret.json").write_text(json.dumps({"duration_s": 1, "notes": SECRET}))
    (folder.parent / "secret.mp4").write_text(SECRET)
    return folder


@pytest.fixture
def engineer(office: House, clips: Path) -> TestClient:
    return office.as_("engineer")


def listed(client: TestClient) -> dict[str, Any]:
    answer = client.get("/api/v1/clips")
    answer.raise_for_status()
    return {one["name"]: one for one in answer.json()["clips"]}


def place(client: TestClient, name: str = "gate.mp4") -> str:
    return f"/api/v1/clips/{listed(client)[name]['id']}"


def save(client: TestClient, marks: dict[str, Any], version: str | None, name: str = "gate.mp4") -> httpx.Response:
    condition = {"If-None-Match": "*"} if version is None else {"If-Match": f'"{version}"'}
    return client.put(f"{place(client, name)}/truth", json=marks, headers=condition)


def test_recordings_are_listed_with_whether_they_are_marked(engineer: TestClient, clips: Path) -> None:
    (clips / "day 2").mkdir()
    for name in ("day 2/Chợ.MKV", "b.webm", "notes.txt", "gate.json"):
        (clips / name).write_bytes(b"x")
    assert [(name, one["marked"]) for name, one in listed(engineer).items()] == [
        ("b.webm", False),
        ("day 2/Chợ.MKV", False),
        ("gate.mp4", True),
    ]
    assert listed(engineer)["gate.mp4"]["size"] == len(BYTES)
    assert "fire" in engineer.get("/api/v1/clips").json()["kinds"]


def test_without_a_folder_the_way_to_one_is_told(house: House) -> None:
    answer = house.as_("engineer").get("/api/v1/clips")
    assert answer.status_code == 404
    assert "`clips` under [truth]" in detail(answer)


def test_a_folder_that_is_gone_is_told_and_not_taken_for_empty(engineer: TestClient, clips: Path) -> None:
    clips.rename(clips.with_name("moved"))
    answer = engineer.get("/api/v1/clips")
    assert answer.status_code == 503
    assert "No such file or directory" in detail(answer)


@pytest.mark.parametrize(
    ("wanted", "status", "expected"),
    [
        (None, 200, BYTES),
        ("bytes=0-9", 206, BYTES[:10]),
        ("bytes=1000-", 206, BYTES[1000:]),
        ("bytes=-5", 206, BYTES[-5:]),
    ],
)
def test_parts_of_a_recording_can_be_asked_for(
    engineer: TestClient, wanted: str | None, status: int, expected: bytes
) -> None:
    answer = engineer.get(f"{place(engineer)}/video", headers={"Range": wanted} if wanted else {})
    assert (answer.status_code, answer.content) == (status, expected)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert engineer.get(f"{place(engineer)}/video", headers={"Range": "bytes=999999999-"}).status_code == 416


def test_what_is_marked_can_be_scored_and_marked_further(engineer: TestClient, clips: Path) -> None:
    fresh = engineer.get(f"{place(engineer)}/truth")
    assert fresh.json() == {"version": None, "duration_s": None, "events": [], "ignore": []}
    assert "etag" not in fresh.headers
    first = save(engineer, MARKS, None)
    assert first.status_code == 200
    truth = read_truth(clips / "gate.json")
    assert (truth.clip, truth.duration_s, truth.events[0].due_s) == ("gate.mp4", 10.0, 3.0)
    shown = engineer.get(f"{place(engineer)}/truth")
    assert shown.json() == first.json()
    assert shown.headers["etag"] == f'"{first.json()["version"]}"' == first.headers["etag"]
    more = {
        **MARKS,
        "events": [FIRE, {**FIRE, "kind": "smoke"}],
        "ignore": [{"kind": "fire", "start_s": 0, "end_s": 1}],
    }
    assert save(engineer, more, first.json()["version"]).status_code == 200
    assert [event.kind for event in read_truth(clips / "gate.json").events] == ["fire", "smoke"]
    assert sorted(path.name for path in clips.iterdir()) == ["gate.json", "gate.mp4"], "no draft is left behind"


def test_other_keys_stay_and_the_example_goes(engineer: TestClient, clips: Path) -> None:
    document = {
        "clip": "gate.mp4",
        "duration_s": 9,
        "notes": "gió",
        "zones": [1],
        "events": [],
        "example": {"events": []},
    }
    (clips / "gate.json").write_text(json.dumps(document))
    shown = engineer.get(f"{place(engineer)}/truth").json()
    assert save(engineer, {**MARKS, "events": [{**FIRE, "who": "lan"}]}, shown["version"]).status_code == 200
    kept = json.loads((clips / "gate.json").read_text(encoding="utf-8"))
    assert (kept["notes"], kept["zones"], kept["duration_s"], kept["events"][0]["who"]) == ("gió", [1], 10.0, "lan")
    assert "example" not in kept


def test_nobody_overwrites_what_they_have_not_seen(engineer: TestClient, clips: Path) -> None:
    first = save(engineer, MARKS, None).json()["version"]
    assert save(engineer, MARKS, None).status_code == 412, "there is one now"
    second = save(engineer, {**MARKS, "events": []}, first).json()["version"]
    late = save(engineer, MARKS, first)
    assert late.status_code == 412
    assert "newer version" in detail(late)
    (clips / "gate.json").write_text('{"duration_s": 3}')
    assert save(engineer, MARKS, second).status_code == 412, "nor what was edited by hand"
    (clips / "gate.json").unlink()
    assert save(engineer, MARKS, second).status_code == 412, "nor what was removed"


@pytest.mark.parametrize(
    "headers", [{}, {"If-None-Match": '"abc"'}, {"If-Match": '"abc"', "If-None-Match": "*"}, {"If-Match": "*"}]
)
def test_what_is_changed_has_to_be_named(engineer: TestClient, clips: Path, headers: dict[str, str]) -> None:
    answer = engineer.put(f"{place(engineer)}/truth", json=MARKS, headers=headers)
    assert answer.status_code == (412 if headers == {"If-Match": "*"} else 428)
    assert not (clips / "gate.json").exists()


def test_of_many_at_once_one_is_the_first(clips: Path) -> None:
    folder = ClipFolder(clips)
    (clip,) = folder.clips()
    outcomes = in_parallel([lambda: folder.write(clip, MARKS, None)] * 8)
    assert sum(isinstance(outcome, NewerTruth) for outcome in outcomes) == 7


def test_a_program_that_was_faster_is_not_overwritten(clips: Path) -> None:
    class Late(ClipFolder):
        def _replace(self, path: Path, content: bytes, mode: int | None) -> int:
            path.write_text("theirs")
            return super()._replace(path, content, mode)

    folder = Late(clips)
    with pytest.raises(NewerTruth, match="first version"):
        folder.write(folder.clips()[0], MARKS, None)
    assert (clips / "gate.json").read_text() == "theirs"


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ({**MARKS, "duration_s": -1}, "gate.json: duration_s: "),
        ({**MARKS, "events": [{**FIRE, "end_s": 0.5}]}, "gate.json: events[0]: end_s 0.5 lies before start_s 1"),
        ({**MARKS, "events": [{**FIRE, "box": [0.1, 0.2, 1.3, 0.4]}]}, "gate.json: events[0].box: reaches out"),
        ({**MARKS, "events": [{**FIRE, "kind": "fires"}]}, "gate.json: events[0].kind: unknown kind"),
        ({**MARKS, "events": [{**FIRE, "end_s": 11}]}, "gate.json: events[0].end_s: 11 lies after the end"),
        ({**MARKS, "events": [{"kind": "fire"}]}, "gate.json: events[0].start_s: is missing"),
        ({**MARKS, "notes": "mine"}, "body.notes: "),
        ({**MARKS, "events": ["fire"]}, "body.events.0: "),
    ],
)
def test_what_cannot_be_true_is_refused_with_the_reason(
    engineer: TestClient, clips: Path, marks: dict[str, Any], said: str
) -> None:
    answer = save(engineer, marks, None)
    assert answer.status_code == 422
    assert detail(answer).startswith(said)
    assert not (clips / "gate.json").exists()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("key", ["due_s", "weight"])
def test_no_number_is_endless(engineer: TestClient, clips: Path, number: str, key: str) -> None:
    event = json.dumps(FIRE)[:-1] + f', "{key}": {number}}}'
    body = f'{{"duration_s": 10, "ignore": [], "events": [{event}]}}'
    headers = {"Content-Type": "application/json", "If-None-Match": "*"}
    answer = engineer.put(f"{place(engineer)}/truth", content=body, headers=headers)
    assert answer.status_code == 422
    assert not (clips / "gate.json").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "gate.json: "),
        (b'{"duration_s": 1, "events": [{}]}', "events[0].kind: is missing"),
        (b'{"duration_s": 1, "clip": "other.mp4"}', "is about other.mp4"),
    ],
)
def test_a_file_that_cannot_be_edited_here_is_told_and_left_alone(
    engineer: TestClient, clips: Path, content: bytes, said: str
) -> None:
    (clips / "gate.json").write_bytes(content)
    answer = engineer.get(f"{place(engineer)}/truth")
    assert answer.status_code == 409
    assert said in detail(answer)
    assert save(engineer, MARKS, "0" * 64).status_code == 409
    assert (clips / "gate.json").read_bytes() == content


def test_a_protected_truth_is_left_alone_and_permissions_stay(engineer: TestClient, clips: Path) -> None:
    version = save(engineer, MARKS, None).json()["version"]
    path = clips / "gate.json"
    before = path.read_bytes()
    path.chmod(0o440)
    answer = save(engineer, {**MARKS, "events": []}, version)
    assert answer.status_code == 409
    assert "chmod u+w" in detail(answer)
    assert path.read_bytes() == before
    path.chmod(0o640)
    assert save(engineer, {**MARKS, "events": []}, version).status_code == 200
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_takes_no_file_is_told(
    engineer: TestClient, clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = save(engineer, MARKS, None)
    assert answer.status_code == 503
    assert "No space left on device" in detail(answer)
    assert [path.name for path in clips.iterdir()] == ["gate.mp4"]


def test_links_are_not_followed(engineer: TestClient, clips: Path) -> None:
    above = clips.parent
    (above / "elsewhere").mkdir()
    (above / "elsewhere" / "theirs.mp4").write_text(SECRET)
    (clips / "link.mp4").symlink_to(above / "secret.mp4")
    (clips / "inside.mp4").symlink_to(clips / "gate.mp4")
    (clips / "folder").symlink_to(above / "elsewhere")
    (clips / "dangling.mp4").symlink_to(above / "nothing.mp4")
    assert list(listed(engineer)) == ["gate.mp4"]
    (clips / "gate.json").symlink_to(above / "secret.json")
    before = (above / "secret.json").read_bytes()
    shown = engineer.get(f"{place(engineer)}/truth")
    assert shown.status_code == 409
    assert "links are not followed" in detail(shown)
    assert save(engineer, MARKS, None).status_code == 409
    assert (above / "secret.json").read_bytes() == before
    assert (clips / "gate.json").is_symlink()


def test_only_files_are_recordings(engineer: TestClient, clips: Path) -> None:
    (clips / "folder.mp4").mkdir()
    os.mkfifo(clips / "pipe.mp4")
    os.mkfifo(clips / "gate.json")
    (clips / os.fsdecode(b"no\xfftext.mp4")).write_bytes(b"x")
    assert list(listed(engineer)) == ["gate.mp4"]
    answer = engineer.get(f"{place(engineer)}/truth")
    assert answer.status_code == 409
    assert "not a file" in detail(answer)


@pytest.mark.parametrize(
    "path",
    [
        "../secret.mp4",
        "..",
        ".",
        "gate.mp4",
        "/etc/passwd",
        "..\\secret.mp4",
        "\uff0e\uff0e\uff0fsecret.mp4",
        "%2e%2e/secret.mp4",
        "gate.mp4\x00.txt",
        "\u202e4pm.etag",
    ],
)
def test_a_path_reaches_nothing(engineer: TestClient, clips: Path, path: str) -> None:
    for told in (path, quote(path, safe=""), quote(quote(path, safe=""), safe="")):
        for what in ("video", "truth"):
            answer = engineer.get(f"/api/v1/clips/{quote(told, safe='')}/{what}")
            assert answer.status_code == 404
            assert SECRET not in answer.text
    assert ClipFolder(clips).clip(path) is None


def test_names_that_look_alike_are_two_recordings(engineer: TestClient, clips: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "chợ.mp4") for form in ("NFC", "NFD"))
    for name in (composed, decomposed):
        (clips / name).write_text(name)
    for name in (composed, decomposed):
        assert engineer.get(f"{place(engineer, name)}/video").text == name


def test_the_same_name_in_two_folders_is_two_recordings(clips: Path) -> None:
    for day in ("mon", "tue"):
        (clips / day).mkdir()
        (clips / day / "gate.mp4").write_text(day)
    folder = ClipFolder(clips)
    by_name: dict[str, Clip] = {clip.name: clip for clip in folder.clips()}
    folder.write(by_name["mon/gate.mp4"], MARKS, None)
    assert [clip.is_marked for clip in folder.clips()] == [False, True, False]


def test_other_sites_pages_cannot_save(engineer: TestClient, clips: Path) -> None:
    where = f"{place(engineer)}/truth"
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = engineer.put(where, json=MARKS, headers={"If-None-Match": "*", **headers})
        assert answer.status_code == 403
    plain = {"If-None-Match": "*", "Content-Type": "text/plain"}
    assert engineer.put(where, content=json.dumps(MARKS), headers=plain).status_code == 415
    assert not (clips / "gate.json").exists()

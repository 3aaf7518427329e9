"""What the routes answer, to those who may ask."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx2 as httpx
import pytest

from alerts.wire import AlertMessage, CameraState
from ioc.types import Evidence, Phase
from tests.dashboard import sample
from tests.dashboard.house import OTHER, OWN, PASSWORD, House, detail, sign_in
from tests.dashboard.sample import SITE, START, minutes


@pytest.fixture
def root(house: House) -> Path:
    return house.settings.evidence


@pytest.fixture
def client(house: House) -> httpx.Client:
    return house.as_("operator")


def _stored(house: House, *evidence: Evidence, number: int = 0) -> AlertMessage:
    message = sample.alert(number, evidence=evidence)
    house.parts.store.take([message], START)
    return message


def test_an_alert_as_the_api_tells_it(house: House, client: httpx.Client, root: Path) -> None:
    picture = sample.picture(root, "bg-017/1.jpg")
    message = _stored(house, picture, replace(picture, kind="crop", path=None, sha256=None))
    told = client.get(f"/api/v1/alerts/{message.id}").json()
    assert told == {
        "id": str(message.id),
        "site": SITE,
        "camera": "bg-017",
        "rule": "no-stopping",
        "kind": "illegal_parking",
        "subject": "place:0,500",
        "phase": "raised",
        "severity": "medium",
        "began": "2026-11-20T01:00:00.000000Z",
        "at": "2026-11-20T01:00:00.000000Z",
        "box": [0.2, 0.3, 0.5, 0.7],
        "details": {"label": "car", "stood_s": 61.5, "held_s": 0.0},
        "evidence": [
            {
                "kind": "crop",
                "look": "crop",
                "at": "2026-11-20T01:00:00.000000Z",
                "box": [0.2, 0.3, 0.5, 0.7],
                "url": None,
                "sha256": None,
            },
            {
                "kind": "frame",
                "look": "original",
                "at": "2026-11-20T01:00:00.000000Z",
                "box": [0.2, 0.3, 0.5, 0.7],
                "url": f"/api/v1/alerts/{message.id}/evidence/1?v={(picture.sha256 or '')[:12]}",
                "sha256": picture.sha256,
            },
        ],
        "state": "new",
        "acknowledged": None,
        "closed": None,
        "history": [
            {"what": "raised", "at": "2026-11-20T01:00:00.000000Z", "severity": "medium", "who": None, "note": None}
        ],
    }
    (listed,) = client.get("/api/v1/alerts").json()["alerts"]
    assert listed == {name: value for name, value in told.items() if name != "history"}


def test_the_list_by_pages_and_filters(house: House, client: httpx.Client) -> None:
    house.parts.store.take([sample.alert(number) for number in range(7)], START)
    house.parts.store.take([sample.alert(20, kind="fire", phase=Phase.CLEARED, after=minutes(1))], START)
    seen, cursor = [], None
    while True:
        page = client.get("/api/v1/alerts", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        seen += [one["began"] for one in page["alerts"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 8
    assert seen == sorted(seen, reverse=True)
    assert page["change"] == 8

    def count(**params: str | list[str]) -> int:
        return len(client.get("/api/v1/alerts", params=params).json()["alerts"])

    client.post(f"/api/v1/alerts/{sample.alert(2).id}/close", json={}).raise_for_status()
    client.post(f"/api/v1/alerts/{sample.alert(3).id}/acknowledge", json={}).raise_for_status()
    assert count(kind="fire") == 1
    assert count(kind=["fire", "illegal_parking"]) == 8
    assert count(state="open") == 7
    assert count(state="closed") == 1
    assert count(state=["closed", "acknowledged"]) == 2
    assert count(phase="cleared") == 1
    assert count(camera=OTHER) == 0
    assert count(site=SITE, camera=OWN, severity="medium") == 8
    assert count(since="2026-11-20T01:03:00Z", until="2026-11-20T08:05:00+07:00") == 2


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 100_000},
        {"state": "ajar"},
        {"phase": "x"},
        {"since": "yesterday"},
        {"since": "2026-11-20T01:03:00"},
        {"cursor": "../../etc/passwd"},
        {"colour": "red"},
    ],
)
def test_questions_that_make_no_sense_are_told_so_in_a_line(client: httpx.Client, params: dict[str, str]) -> None:
    answer = client.get("/api/v1/alerts", params=params)
    assert answer.status_code == 422
    assert detail(answer).startswith("query")
    assert "\n" not in detail(answer)


def test_acknowledge_then_close_with_notes(house: House, client: httpx.Client) -> None:
    message = _stored(house)
    first = client.post(f"/api/v1/alerts/{message.id}/acknowledge", json={"note": "  patrol sent  "}).json()
    assert first["state"] == "acknowledged"
    assert (first["acknowledged"]["who"], first["acknowledged"]["note"]) == ("operator", "patrol sent")
    again = house.as_("chief").post(f"/api/v1/alerts/{message.id}/acknowledge", json={"note": "mine"})
    assert (again.status_code, again.json()) == (200, first), "the first stands"
    closed = house.as_("chief").post(f"/api/v1/alerts/{message.id}/close", json={"note": None}).json()
    assert (closed["state"], closed["closed"]["who"]) == ("closed", "chief")
    assert closed["acknowledged"] == first["acknowledged"]
    assert client.post(f"/api/v1/alerts/{message.id}/close", json={}).json() == closed
    late = client.post(f"/api/v1/alerts/{message.id}/acknowledge", json={})
    assert (late.status_code, detail(late)) == (409, "the alert was closed by chief already")
    assert [step["what"] for step in closed["history"]] == ["raised", "acknowledged", "closed"]


@pytest.mark.parametrize("body", [{"note": "x" * 3000}, {"note": "a\0b"}, {"note": 7}, {"mood": "fine"}, []])
def test_notes_that_cannot_be_kept(house: House, client: httpx.Client, body: object) -> None:
    message = _stored(house)
    assert client.post(f"/api/v1/alerts/{message.id}/acknowledge", json=body).status_code == 422
    assert client.get(f"/api/v1/alerts/{message.id}").json()["state"] == "new"


def _evidence(client: httpx.Client, message: AlertMessage, number: object = 0, **headers: str) -> httpx.Response:
    return client.get(f"/api/v1/alerts/{message.id}/evidence/{number}", headers=headers)


def test_a_picture_is_served_as_it_was_taken(house: House, client: httpx.Client, root: Path) -> None:
    message = _stored(house, sample.picture(root, "bg-017/2026/1.jpg"))
    answer = _evidence(client, message)
    assert answer.status_code == 200
    assert answer.content == (root / "bg-017/2026/1.jpg").read_bytes()
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert _evidence(client, message, **{"If-None-Match": answer.headers["etag"]}).status_code == 304
    for number in (1, -1, 10**30):
        assert _evidence(client, message, number).status_code == 404
    assert _evidence(client, message, "first").status_code == 422


def test_a_clip_is_served_as_one(house: House, client: httpx.Client, root: Path) -> None:
    picture = sample.picture(root, "a.jpg")
    (root / "clip.mp4").write_bytes(content := b"\0\0\0\x18ftypisom" + bytes(200))
    message = _stored(house, replace(picture, kind="clip", path="clip.mp4", sha256=_sha256(content)))
    assert _evidence(client, message).headers["content-type"] == "video/mp4"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_an_altered_picture_is_not_shown(house: House, client: httpx.Client, root: Path) -> None:
    message = _stored(house, sample.picture(root, "1.jpg"))
    sample.picture(root, "1.jpg", hue=90)
    answer = _evidence(client, message)
    assert answer.status_code == 409
    assert "altered" in detail(answer)


def test_a_deleted_picture_is_kept_no_longer(house: House, client: httpx.Client, root: Path) -> None:
    message = _stored(house, sample.picture(root, "1.jpg"))
    (root / "1.jpg").unlink()
    assert _evidence(client, message).status_code == 410
    root.rmdir()
    assert _evidence(client, message).status_code == 410


def test_no_path_and_no_link_leads_out_of_the_evidence_folder(house: House, client: httpx.Client, root: Path) -> None:
    outside = root.parent / "secret.jpg"
    inside = sample.picture(root, "1.jpg")
    outside.write_bytes((root / "1.jpg").read_bytes())
    (root / "link.jpg").symlink_to(outside)
    (root / "folder").symlink_to(root.parent)
    for number, path in enumerate(("link.jpg", "folder/secret.jpg")):
        message = _stored(house, replace(inside, path=path), number=number)
        answer = _evidence(client, message)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/json"
    told = sample.alert(9, evidence=(inside,))
    for number, path in enumerate(("../secret.jpg", str(outside), "folder/../../secret.jpg", "a\0.jpg", ".")):
        forged = told.evidence[0].model_copy(update={"path": path})
        message = told.model_copy(update={"id": uuid4(), "evidence": (forged,), "subject": f"forged-{number}"})
        house.parts.store.take([message], START)
        answer = _evidence(client, message)
        assert answer.status_code in {404, 410}, path


def test_what_is_no_picture_is_not_served_as_one(house: House, client: httpx.Client, root: Path) -> None:
    picture = sample.picture(root, "1.jpg")
    for number, content in enumerate((b"<html><script>alert(1)</script>", b"", b"\x89PNG....")):
        (root / f"{number}.jpg").write_bytes(content)
        message = _stored(house, replace(picture, path=f"{number}.jpg", sha256=_sha256(content)), number=number)
        answer = _evidence(client, message)
        assert answer.status_code == 409
        assert "neither a picture nor a clip" in detail(answer)


def test_cameras_without_a_broker_are_unavailable(house: House, client: httpx.Client) -> None:
    house.parts.store.take([sample.camera(state=CameraState.ONLINE), sample.engine("online")], START)
    told = client.get("/api/v1/cameras").json()
    (camera,) = told["cameras"]
    assert camera["state"] == "unavailable"
    assert camera["reason"] == "the dashboard has no connection to the broker"
    assert told["broker"] == "lost"
    assert told["sites"] == [{"site": SITE, "engine": "unknown", "since": None}]


def test_health_tells_strangers_only_that_it_lives(house: House) -> None:
    stranger = house.anybody().get("/api/v1/health")
    assert (stranger.status_code, stranger.json()) == (200, {"status": "degraded"})
    told = house.as_("viewer").get("/api/v1/health").json()
    assert told["status"] == "degraded"
    assert told["store"] == "ok"
    assert told["broker"] == "connecting to the broker"
    assert (told["received"], told["refused"]) == (0, 0)


def test_signing_in(house: House) -> None:
    house.as_("operator")
    client = house.anybody()
    wrong, unknown = sign_in(client, "operator", "wrong"), sign_in(client, "nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content, "whether a name exists is not told"
    assert client.post("/api/v1/session", json={"name": "operator"}).status_code == 422
    too_long = client.post("/api/v1/session", json={"name": "operator", "password": "hush" * 100})
    assert too_long.status_code == 422
    assert "hush" not in too_long.text
    assert client.get("/").headers["location"] == "/login?to=/"
    assert sign_in(client, "operator", PASSWORD).json() == {
        "name": "operator",
        "role": "operator",
        "cameras": [f"{SITE}/{OWN}"],
        "must_change_password": False,
        "may_act": True,
        "may_mark": False,
        "may_search": False,
        "may_issue": True,
        "may_audit": False,
    }
    assert client.get("/").status_code == 200
    assert client.delete("/api/v1/session").status_code == 204
    assert client.get("/api/v1/me").status_code == 401


def test_guessing_is_slowed_down_for_the_name_and_the_address(house: House) -> None:
    house.as_("operator")
    client = house.anybody()
    codes = [sign_in(client, "operator", f"wrong {number}").status_code for number in range(7)]
    assert codes == [401] * 5 + [429] * 2
    refused = sign_in(client, "operator", PASSWORD)
    assert refused.status_code == 429, "even the right one has to wait"
    assert 0 < int(refused.headers["retry-after"]) <= 5
    assert sign_in(client, "somebody-else", "wrong").status_code == 401
    for number in range(60):
        last = sign_in(client, f"name-{number}", "wrong")
    assert last.status_code == 429, "nor may one try all names"


def test_guessing_the_present_password_is_slowed_down_too(house: House) -> None:
    client = house.as_("operator")
    body = {"current": "wrong", "new": "seven wet umbrellas"}
    codes = [client.post("/api/v1/me/password", json=body).status_code for _ in range(7)]
    assert codes == [422] * 5 + [429] * 2


def test_a_new_password_keeps_this_browser_signed_in_and_no_other(house: House) -> None:
    here, there = house.as_("operator"), house.anybody()
    sign_in(there, "operator", PASSWORD)
    body = {"current": PASSWORD, "new": "seven wet umbrellas"}
    assert here.post("/api/v1/me/password", json=body).status_code == 200
    assert here.get("/api/v1/me").status_code == 200
    assert there.get("/api/v1/me").status_code == 401
    assert sign_in(there, "operator", "seven wet umbrellas").status_code == 200
    assert here.delete("/api/v1/sessions").status_code == 204
    assert there.get("/api/v1/me").status_code == 401


def test_an_administrator_makes_a_user_who_can_work(house: House) -> None:
    admin = house.as_("admin")
    made = admin.post("/api/v1/users", json={"name": "lan", "role": "operator", "cameras": [f"{SITE}/{OWN}"]})
    assert made.status_code == 201
    user = made.json()
    lan = house.anybody()
    assert sign_in(lan, "lan", user["one_time_password"]).json()["must_change_password"] is True
    body = {"current": user["one_time_password"], "new": "seven wet umbrellas"}
    lan.post("/api/v1/me/password", json=body).raise_for_status()
    message = _stored(house)
    assert lan.get(f"/api/v1/alerts/{message.id}").status_code == 200

    again = admin.post(f"/api/v1/users/{user['id']}/reset-password", json={}).json()["one_time_password"]
    assert lan.get("/api/v1/me").status_code == 401
    assert sign_in(lan, "lan", "seven wet umbrellas").status_code == 401
    assert sign_in(lan, "lan", again).status_code == 200
    listed = {one["name"]: one for one in admin.get("/api/v1/users").json()}
    assert listed["lan"] == {
        "id": user["id"],
        "name": "lan",
        "role": "operator",
        "cameras": [f"{SITE}/{OWN}"],
        "must_change_password": True,
        "active": True,
    }
    assert "password_hash" not in admin.get("/api/v1/users").text


def test_users_that_cannot_be(house: House) -> None:
    admin = house.as_("admin")
    (boss,) = admin.get("/api/v1/users").json()
    new = {"name": "lan", "role": "viewer", "cameras": "all"}
    assert admin.post("/api/v1/users", json=new).status_code == 201
    assert admin.post("/api/v1/users", json=new).status_code == 409
    for wrong in (
        {"name": "Lan!"},
        {"role": "king"},
        {"cameras": "none"},
        {"cameras": ["bg-017"]},
        {"cameras": ["../x/y"]},
    ):
        assert admin.post("/api/v1/users", json=new | {"name": "minh"} | wrong).status_code in {409, 422}, wrong
    assert admin.patch("/api/v1/users/999", json={"role": "viewer"}).status_code == 404
    assert admin.post("/api/v1/users/999/reset-password", json={}).status_code == 404
    for change in ({"role": "viewer"}, {"active": False}):
        answer = admin.patch(f"/api/v1/users/{boss['id']}", json=change)
        assert (answer.status_code, detail(answer)) == (409, "somebody must stay administrator")


def test_the_page_asks_nobody_else(house: House) -> None:
    client = house.as_("operator")
    pages = [client.get("/").text, house.anybody().get("/login").text]
    files = [path for path in (Path(__file__).parents[2] / "dashboard" / "static").iterdir() if path.suffix != ".svg"]
    assert len(files) >= 10
    for text in pages + [path.read_text() for path in files]:
        assert "http://" not in text
        assert "https://" not in text
        assert "innerHTML" not in text
        assert "style=" not in text
    for path in files:
        answer = house.anybody().get(f"/static/{path.name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] in {"text/javascript", "text/css"}
    assert house.anybody().get("/static/../app.py").status_code == 404
    assert house.anybody().get("/static/%2e%2e/app.py").status_code == 404


def test_a_title_cannot_become_markup(house: House) -> None:
    titled = House(house.settings.model_copy(update={"title": "<script>alert(1)</script>"}), house.passwords)
    text = titled.anybody().get("/login").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    titled.close()


def test_rights_and_roles_are_told(house: House) -> None:
    assert house.as_("chief").get("/api/v1/me").json()["cameras"] == "all"
    assert house.as_("viewer").get("/api/v1/me").json()["may_act"] is False

"""Who may come in: every route of the application is walked."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx2 as httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount
from starlette.testclient import TestClient

from alerts.wire_picture import signed
from dashboard.guard import PUBLIC, WITH_ONE_TIME_PASSWORD
from dashboard.passwords import Passwords
from dashboard.records import ALL_CAMERAS, Role
from dashboard.settings import DashboardSettings
from ioc import clock
from tests.dashboard import sample
from tests.dashboard.house import OTHER, OWN, PASSWORD, House, detail, sign_in
from tests.dashboard.sample import SITE, START

ADMIN_ONLY = "/api/v1/users"
PAGES = ("/", "/wall", "/map", "/users", "/truth", "/plates", "/watch-lists", "/audit")
ACTIONS = ("acknowledge", "close", "pack")
WHY = {"purpose": "hit and run", "case": "BG-2026-117"}
FOR_POLICE = ("hold",)
"""What is for the police alone, whose own tests ask for the camera."""


def _theirs(house: House) -> UUID:
    """Store an alert of the camera that the operator may not see, with its picture; return its id."""
    picture = sample.picture(house.settings.evidence, "theirs.jpg")
    message = sample.alert(3, camera=OTHER, evidence=(picture,))
    house.parts.store.take([message, sample.camera(OTHER), sample.camera(OWN)], START)
    return message.id


def _show(house: House) -> None:
    """Have a live picture come of the camera that the operator may not see."""
    picture = signed(SITE, OTHER, clock.now(), sample.small_picture())
    house.parts.live.take(picture.topic, picture.jpeg, retained=False)


def _places(house: House) -> Iterator[tuple[str, str]]:
    """Yield every (method, path) that the application answers."""
    for route in house.app.routes:
        if isinstance(route, Mount):
            assert route.path == "/static", "files that are served to everybody are named here"
            continue
        assert isinstance(route, APIRoute), f"{route} is of a kind that this test does not know"
        for method in route.methods or ():
            yield method, route.path


def _call(client: httpx.Client, method: str, path: str, alert: UUID) -> httpx.Response:
    address = path.replace("{alert_id}", str(alert)).replace("{number}", "0").replace("{user_id}", "1")
    address = address.replace("{clip_id}", "0").replace("{hit}", str(alert))
    address = address.replace("{list_id}", "1").replace("{entry_id}", "1")
    address = address.replace("{site}", SITE).replace("{camera}", OTHER)
    assert "{" not in address, f"say what stands for the parameter of {path}"
    if path.endswith("/import"):
        return client.request(method, address, content=b"plate\n98A12345\n", headers={"Content-Type": "text/csv"})
    body = WHY if path.endswith("/pack") else {}
    return client.request(method, address, json=body if method in {"POST", "PATCH", "PUT"} else None)


def test_nobody_gets_past_a_route_that_is_not_public(house: House) -> None:
    alert, stranger = _theirs(house), house.anybody()
    walked = list(_places(house))
    assert len(walked) >= 20
    assert set(walked) >= PUBLIC | WITH_ONE_TIME_PASSWORD
    for method, path in walked:
        if (method, path) in PUBLIC:
            continue
        answer = _call(stranger, method, path, alert)
        if path in PAGES:
            assert (answer.status_code, answer.headers["location"]) == (303, f"/login?to={path}")
        else:
            assert answer.status_code == 401, f"{method} {path} let a stranger in"
            assert answer.json() == {"detail": "sign in first"}


def test_a_route_that_somebody_adds_without_thought_is_shut(house: House) -> None:
    house.app.get("/api/v1/forgotten")(lambda: "secret")
    assert house.anybody().get("/api/v1/forgotten").status_code == 401


def test_forged_and_foreign_cookies_open_nothing(house: House) -> None:
    house.as_("operator")
    genuine = house.as_("operator").cookies["ioc_session"]
    for cookie in (genuine[:-2] + "xx", "a.b", "", uuid4().hex, genuine.split(".")[0]):
        stranger = house.anybody()
        stranger.cookies.set("ioc_session", cookie)
        assert stranger.get("/api/v1/alerts").status_code == 401
    thief = house.anybody()
    thief.cookies.set("ioc_session", genuine)
    assert thief.get("/api/v1/alerts").status_code == 200
    house.as_("operator").delete("/api/v1/session")
    assert thief.get("/api/v1/alerts").status_code == 401, "signing out ends the session, not the cookie alone"


@pytest.mark.parametrize("name", ["operator", "viewer", "newcomer"])
def test_every_route_to_an_object_asks_whose_camera_it_is(house: House, name: str) -> None:
    alert, person = _theirs(house), house.as_(name)
    _show(house)
    objects = [(method, path) for method, path in _places(house) if "{alert_id}" in path or "{camera}" in path]
    objects = [(method, path) for method, path in objects if not path.endswith(FOR_POLICE)]
    assert len(objects) == 6
    for method, path in objects:
        answer = _call(person, method, path, alert)
        expected = 403 if name == "viewer" and path.endswith(ACTIONS) else 404
        assert answer.status_code == expected, f"{method} {path}"
        nothing = _call(person, method, path.replace("{camera}", "no-such"), uuid4())
        assert (nothing.status_code, nothing.content) == (expected, answer.content), "not even that it exists"
    chief = house.as_("chief")
    for method, path in objects:
        assert _call(chief, method, path, alert).status_code == 200, f"{method} {path}"


def test_lists_hold_only_what_one_may_see(house: House) -> None:
    theirs = _theirs(house)
    ours = sample.alert(4, camera=OWN)
    house.parts.store.take([ours], START)
    seen = {name: house.as_(name).get("/api/v1/alerts").json()["alerts"] for name in ("chief", "operator", "newcomer")}
    assert {name: [one["id"] for one in found] for name, found in seen.items()} == {
        "chief": [str(ours.id), str(theirs)],
        "operator": [str(ours.id)],
        "newcomer": [],
    }
    cameras = house.as_("operator").get("/api/v1/cameras").json()
    assert [one["camera"] for one in cameras["cameras"]] == [OWN]
    nothing = house.as_("newcomer").get("/api/v1/cameras").json()
    assert (nothing["cameras"], nothing["sites"]) == ([], [])
    assert house.as_("operator").get("/api/v1/health").json()["alerts"] == {"new": 1, "acknowledged": 0, "closed": 0}
    answer = house.as_("operator").get("/api/v1/alerts", params={"cursor": str(theirs)})
    assert answer.status_code == 404, "a cursor tells nothing either"


def test_only_administrators_manage_users(house: House) -> None:
    places = [(method, path) for method, path in _places(house) if path.startswith(ADMIN_ONLY) or path == "/users"]
    assert len(places) == 5
    for name in ("chief", "operator", "viewer"):
        for method, path in places:
            assert _call(house.as_(name), method, path, uuid4()).status_code == 403, f"{name}: {method} {path}"


def test_only_engineers_and_administrators_mark_the_truth(house: House) -> None:
    places = [(method, path) for method, path in _places(house) if "/clips" in path or path == "/truth"]
    assert len(places) == 5
    for name in ("chief", "operator", "viewer"):
        for method, path in places:
            assert _call(house.as_(name), method, path, uuid4()).status_code == 403, f"{name}: {method} {path}"
    for name in ("engineer", "admin"):
        for method, path in places:
            assert _call(house.as_(name), method, path, uuid4()).status_code in {200, 404}, f"{name}: {method} {path}"


def test_the_polices_pages_are_for_the_police_and_the_log_for_who_may_read_it(house: House) -> None:
    police = {"officer", "supervisor"}
    for page, who in (("/plates", police), ("/watch-lists", police), ("/audit", {"supervisor", "admin"})):
        for name in ("officer", "supervisor", "admin", "chief", "viewer", "engineer"):
            answer = house.as_(name).get(page)
            assert answer.status_code == (200 if name in who else 403), f"{name}: {page}"
            assert ('<p id="detail" class="trouble">only ' in answer.text) == (name not in who), "a page says why"


def test_a_viewer_looks_but_does_not_act(house: House) -> None:
    ours = sample.alert(4, camera=OWN)
    house.parts.store.take([ours], START)
    assert house.as_("viewer").get(f"/api/v1/alerts/{ours.id}").status_code == 200
    for name in ("viewer", "engineer"):
        for action in ACTIONS:
            answer = house.as_(name).post(f"/api/v1/alerts/{ours.id}/{action}", json={})
            assert answer.status_code == 403
            assert "operator" in detail(answer)
    assert house.as_("chief").get(f"/api/v1/alerts/{ours.id}").json()["state"] == "new"


def test_a_one_time_password_opens_only_the_way_to_change_it(house: House) -> None:
    parts, alert = house.parts, _theirs(house)
    _, password = parts.accounts.create("fresh", Role.ADMIN, ALL_CAMERAS, START)
    person = house.anybody()
    assert sign_in(person, "fresh", password).json()["must_change_password"] is True
    for method, path in _places(house):
        if (method, path) in PUBLIC | WITH_ONE_TIME_PASSWORD:
            continue
        answer = _call(person, method, path, alert)
        assert answer.status_code == (303 if path in PAGES else 403), f"{method} {path}"
    assert set(person.get("/api/v1/health").json()) == {"status"}
    body = {"current": password, "new": "seven wet umbrellas"}
    assert person.post("/api/v1/me/password", json=body).json()["must_change_password"] is False
    assert person.get("/api/v1/users").status_code == 200


def test_taking_a_right_away_works_at_once(house: House) -> None:
    ours = sample.alert(4, camera=OWN)
    house.parts.store.take([ours], START)
    operator, admin = house.as_("operator"), house.as_("admin")
    assert operator.get(f"/api/v1/alerts/{ours.id}").status_code == 200
    (user,) = (one for one in admin.get("/api/v1/users").json() if one["name"] == "operator")
    admin.patch(f"/api/v1/users/{user['id']}", json={"cameras": []}).raise_for_status()
    assert operator.get(f"/api/v1/alerts/{ours.id}").status_code == 404
    admin.patch(f"/api/v1/users/{user['id']}", json={"active": False}).raise_for_status()
    assert operator.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://testserver"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, 200),
        ({}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
    ],
)
def test_other_sites_pages_cannot_act_for_the_reader(house: House, headers: dict[str, str], status: int) -> None:
    ours = sample.alert(4, camera=OWN)
    house.parts.store.take([ours], START)
    answer = house.as_("operator").post(f"/api/v1/alerts/{ours.id}/acknowledge", json={}, headers=headers)
    assert answer.status_code == status
    state = house.as_("operator").get(f"/api/v1/alerts/{ours.id}").json()["state"]
    assert state == ("acknowledged" if status == 200 else "new")
    if status == 403:
        assert house.as_("operator").delete("/api/v1/session", headers=headers).status_code == 403


def test_large_and_endless_requests_are_refused_unread(house: House) -> None:
    stranger = house.anybody()
    answer = stranger.post("/api/v1/session", content=b"x" * 70_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413

    def drip() -> Iterator[bytes]:
        yield b"{"

    answer = stranger.post("/api/v1/session", content=drip(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 411


def test_browsers_are_told_to_trust_nothing_but_us(house: House) -> None:
    places = ["/login", "/static/app.js", "/api/v1/health", "/api/v1/alerts", "/nowhere"]
    for path in places:
        headers = house.anybody().get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")
        assert "strict-transport-security" not in headers
        assert "access-control-allow-origin" not in headers


def test_no_route_of_the_framework_is_left_open(house: House) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert house.anybody().get(path).status_code == 404
    described = house.as_("viewer").get("/api/v1/openapi.json").json()["paths"]
    assert {path for _, path in _places(house) if path.startswith("/api/")} - set(described) == {"/api/v1/openapi.json"}


def test_the_cookie_is_for_the_server_only(house: House) -> None:
    house.as_("operator")
    cookie = sign_in(house.anybody(), "operator", PASSWORD).headers["set-cookie"].lower()
    assert cookie.startswith("ioc_session=")
    for word in ("httponly", "samesite=strict", "path=/", "max-age=43200"):
        assert word in cookie
    assert "secure" not in cookie


def test_over_https_the_cookie_demands_it(settings: DashboardSettings, passwords: Passwords) -> None:
    house = House(settings.model_copy(update={"https_only": True}), passwords)
    house.parts.accounts.create("lan", Role.VIEWER, ALL_CAMERAS, START, chosen=PASSWORD)
    client = TestClient(house.app, base_url="https://testserver")
    answer = sign_in(client, "lan", PASSWORD)
    assert answer.headers["set-cookie"].startswith("__Host-ioc_session=")
    assert "; secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]
    assert client.get("/api/v1/me").status_code == 200
    house.close()

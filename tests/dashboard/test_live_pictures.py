"""A camera's newest picture: held for those who may see it, and never shown when it is old."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2 as httpx
import pytest

from alerts.wire import WireError
from alerts.wire_picture import LivePicture, signed
from dashboard.live_listener import LiveListener
from dashboard.live_pictures import LivePictures
from dashboard.records import NO_CAMERAS, Rights
from ioc import clock
from ioc.types import Severity
from tests.dashboard import sample
from tests.dashboard.house import OTHER, OWN, House, detail
from tests.dashboard.sample import SITE, START


class Clock:
    """Both clocks, moved by hand."""

    def __init__(self, now: datetime = START) -> None:
        self.at = now
        self.seconds = 100.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        self.at += timedelta(seconds=seconds)


def picture(camera: str = OWN, at: datetime = START, site: str = SITE) -> LivePicture:
    return signed(site, camera, at, sample.small_picture())


@pytest.fixture
def hands() -> Clock:
    return Clock()


@pytest.fixture
def held(hands: Clock) -> LivePictures:
    return LivePictures(lambda: frozenset({(SITE, OWN), (SITE, OTHER)}), hands.now, hands.monotonic)


def test_the_newest_to_come_is_held_for_each_camera(held: LivePictures, hands: Clock) -> None:
    assert held.newest(SITE, OWN) is None
    held.put(picture())
    held.put(picture(OTHER))
    hands.pass_(1)
    held.put(picture(at=hands.at))
    newest, other = held.newest(SITE, OWN), held.newest(SITE, OTHER)
    assert newest is not None
    assert other is not None
    assert (newest.picture.at, newest.came) == (START + timedelta(seconds=1), 101.0)
    assert (other.picture.at, other.came) == (START, 100.0)
    assert newest.tag != other.tag
    held.clear()
    assert held.newest(SITE, OWN) is None


@pytest.mark.parametrize(("seconds", "said"), [(61, "61 s ahead of our clock"), (-3600, "3600 s behind our clock")])
def test_a_picture_of_another_time_is_refused(held: LivePictures, seconds: float, said: str) -> None:
    with pytest.raises(WireError, match=said):
        held.put(picture(at=START + timedelta(seconds=seconds)))
    held.put(picture(at=START + timedelta(seconds=seconds / abs(seconds) * 59)))


def test_only_known_cameras_are_held_and_strangers_do_not_make_us_look_each_time(hands: Clock) -> None:
    cameras: set[tuple[str, str]] = {(SITE, OWN)}
    looked = []

    def known() -> frozenset[tuple[str, str]]:
        looked.append(hands.seconds)
        return frozenset(cameras)

    held = LivePictures(known, hands.now, hands.monotonic)
    for number in range(50):
        with pytest.raises(WireError, match="has told no state"):
            held.put(picture(f"stranger-{number}"))
    assert len(looked) == 1
    cameras.add((SITE, "new"))
    hands.pass_(6)
    held.put(picture("new", hands.at))
    held.put(picture(OWN, hands.at))
    assert len(looked) == 2


@pytest.fixture
def shown(house: House) -> House:
    """Return the house with a state, and a picture that came just now, of both cameras."""
    house.parts.store.take([sample.camera(OWN), sample.camera(OTHER)], START)
    now = clock.now()
    for camera in (OWN, OTHER):
        _take(house.parts.live, picture(camera, now))
    return house


def _take(live: LiveListener, sent: LivePicture) -> None:
    live.take(sent.topic, sent.jpeg, retained=False)


def _live(house: House, name: str, camera: str, site: str = SITE, tag: str = "") -> httpx.Response:
    headers = {"If-None-Match": tag} if tag else {}
    return house.as_(name).get(f"/api/v1/cameras/{site}/{camera}/live.jpg", headers=headers)


def test_a_picture_is_answered_with_its_age_and_known_ones_cost_nothing(shown: House) -> None:
    answer = _live(shown, "operator", OWN)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"\xff\xd8")
    assert int(answer.headers["age"]) < 10
    assert abs((parsedate_to_datetime(answer.headers["last-modified"]) - clock.now()).total_seconds()) < 10
    again = _live(shown, "operator", OWN, tag=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    _take(shown.parts.live, picture(OWN, clock.now()))
    assert _live(shown, "operator", OWN, tag=answer.headers["etag"]).status_code == 200


@pytest.mark.parametrize("name", ["operator", "viewer", "newcomer"])
def test_whose_camera_it_is_not_learns_nothing(shown: House, name: str) -> None:
    theirs = _live(shown, name, OTHER)
    assert theirs.status_code == 404
    for camera, site in (("no-such-camera", SITE), (OTHER, "elsewhere"), ("..", SITE)):
        nothing = _live(shown, name, camera, site)
        if camera != "..":
            assert (nothing.status_code, nothing.content) == (404, theirs.content)
        assert nothing.status_code == 404
        told = {key: value for key, value in nothing.headers.items() if key in {"age", "etag", "last-modified"}}
        assert told == {}
    assert not {"age", "etag", "last-modified"} & set(theirs.headers)


def test_a_right_that_is_taken_away_ends_the_pictures_at_once(shown: House) -> None:
    shown.as_("admin")
    assert _live(shown, "operator", OWN).status_code == 200
    (user,) = [user for user in shown.parts.accounts.users() if user.name == "operator"]
    shown.parts.accounts.alter(user.id, None, Rights(frozenset({(SITE, OTHER)})), None)
    assert _live(shown, "operator", OWN).status_code == 404
    assert _live(shown, "operator", OTHER).status_code == 200
    shown.parts.accounts.alter(user.id, None, NO_CAMERAS, None)
    assert _live(shown, "operator", OTHER).status_code == 404
    shown.parts.accounts.alter(user.id, None, None, active=False)
    assert _live(shown, "operator", OWN).status_code == 401


def test_a_picture_that_is_too_old_is_not_shown(shown: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown.parts.live, "age", lambda held: clock.monotonic() - held.came + 42)
    answer = _live(shown, "operator", OWN)
    assert answer.status_code == 404
    assert detail(answer) == "no picture of this camera has come for 42 s"
    assert answer.headers["age"] == "42"
    assert "etag" not in answer.headers
    assert b"\xff\xd8" not in answer.content


def test_before_the_first_picture_it_is_said(house: House) -> None:
    answer = _live(house, "operator", OWN)
    assert (answer.status_code, detail(answer)) == (404, "no picture of this camera has come yet")


def test_what_is_open_is_counted_by_camera_for_those_who_may_see_it(house: House) -> None:
    first = sample.alert(1, severity=Severity.LOW)
    house.parts.store.take(
        [first, sample.alert(2, severity=Severity.HIGH), sample.alert(3), sample.alert(4, camera=OTHER)], START
    )
    counted = {name: house.as_(name).get("/api/v1/cameras/open").json() for name in ("chief", "operator", "newcomer")}
    own = {"site": SITE, "camera": OWN, "count": 3, "severity": "high"}
    other = {"site": SITE, "camera": OTHER, "count": 1, "severity": "medium"}
    assert counted == {"chief": [own, other], "operator": [own], "newcomer": []}
    house.as_("operator").post(f"/api/v1/alerts/{sample.alert(2).id}/close", json={}).raise_for_status()
    house.as_("operator").post(f"/api/v1/alerts/{first.id}/acknowledge", json={}).raise_for_status()
    assert house.as_("operator").get("/api/v1/cameras/open").json() == [own | {"count": 2, "severity": "medium"}]

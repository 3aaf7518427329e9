"""Evidence packs over the API: only for those who may, only with a reason, and never unseen."""

from __future__ import annotations

import errno
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx2 as httpx
import pytest

from dashboard import pack_issue
from dashboard.audit import Audit
from dashboard.database import StoreError
from dashboard.passwords import Passwords
from dashboard.settings import DashboardSettings
from ioc.evidence_pack import check_pack
from tests.dashboard import sample
from tests.dashboard.drawn_pack import a_read, files_of, text_of
from tests.dashboard.house import OTHER, OWN, House, detail
from tests.dashboard.test_guard import WHY
from tests.dashboard.test_plate_search import put
from tests.dashboard.test_watch_alerts import raise_two

MAY_TAKE_ALERTS = ("admin", "chief", "officer", "supervisor")


@pytest.fixture
def house(settings: DashboardSettings, passwords: Passwords) -> Iterator[House]:
    house = House(settings, passwords)
    yield house
    house.close()


def a_hit(house: House, camera: str = OWN) -> UUID:
    read = a_read(house.settings.evidence, camera=camera, hit=uuid4())
    put(house.parts.store, read)
    return read.hit


def an_alert(house: House, camera: str = OWN) -> UUID:
    message = sample.alert(3, camera=camera, evidence=(sample.picture(house.settings.evidence, f"{camera}.jpg"),))
    house.parts.store.take([message, sample.camera(camera, simulated=True)], sample.START)
    return message.id


def take(house: House, who: str, place: str, **asked: Any) -> httpx.Response:
    return house.as_(who).post(f"/api/v1/{place}/pack", json={**WHY, **asked})


def test_an_officer_takes_a_pass_away_and_the_log_tells_of_it(house: House) -> None:
    hit = a_hit(house)
    answer = take(house, "officer", f"plates/reads/{hit}")
    assert answer.status_code == 200
    verdict = check_pack(io.BytesIO(answer.content), house.parts.signing_key.public.fingerprint)
    assert verdict.problem == ""
    assert verdict.manifest is not None
    assert (verdict.manifest.issue.to, verdict.manifest.issue.purpose) == ("officer", "hit and run")
    (entry,) = house.parts.audit.newest(9)
    assert (entry["who"], entry["what"], entry["purpose"], entry["case"]) == ("officer", "pack", *WHY.values())
    assert entry["details"] == {
        "hit": str(hit),
        "plate": "98A12345",
        "files": 6,
        "lacking": 0,
        "sha256": hashlib.sha256(answer.content).hexdigest(),
    }
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="evidence-{hit}.zip"'
    assert (answer.headers["cache-control"], answer.headers["content-length"]) == ("no-store", str(len(answer.content)))


def test_whoever_acts_on_an_alert_takes_its_pack(house: House) -> None:
    alert = an_alert(house)
    for who in MAY_TAKE_ALERTS:
        answer = take(house, who, f"alerts/{alert}")
        assert answer.status_code == 200, who
        assert who in text_of(answer.content)
    assert json.loads(files_of(answer.content)["record.json"])["id"] == str(alert)
    assert "MÔ PHỎNG" in text_of(answer.content)
    entries = house.parts.audit.newest(9)[::-1]
    assert [entry["who"] for entry in entries] == list(MAY_TAKE_ALERTS)
    assert {str(entry["details"]["alert"]) for entry in entries} == {str(alert)}  # type: ignore[call-overload, index]


def test_an_operator_takes_those_of_their_camera_alone(house: House) -> None:
    assert take(house, "operator", f"alerts/{an_alert(house)}").status_code == 200
    hidden = take(house, "operator", f"alerts/{an_alert(house, OTHER)}")
    nothing = take(house, "operator", f"alerts/{uuid4()}")
    assert (hidden.status_code, hidden.content) == (404, nothing.content)


def test_an_officer_of_one_camera_takes_its_passes_alone(house: House) -> None:
    assert take(house, "local_officer", f"plates/reads/{a_hit(house)}").status_code == 200
    hidden = take(house, "local_officer", f"plates/reads/{a_hit(house, OTHER)}")
    nothing = take(house, "local_officer", f"plates/reads/{uuid4()}")
    assert (hidden.status_code, hidden.content) == (404, nothing.content)
    assert len(house.parts.audit.newest(9)) == 1


def test_who_only_looks_takes_nothing_away(house: House) -> None:
    alert, hit = an_alert(house), a_hit(house)
    for who in ("viewer", "engineer"):
        assert take(house, who, f"alerts/{alert}").status_code == 403
    for who in ("admin", "chief", "operator", "viewer", "engineer"):
        assert take(house, who, f"plates/reads/{hit}").status_code == 403
    assert house.parts.audit.newest(9) == []


def test_alerts_of_watch_lists_are_taken_by_the_police_alone(house: House) -> None:
    alert = raise_two(house.parts.store, house.settings)[0]
    for who in ("admin", "chief", "operator"):
        assert take(house, who, f"alerts/{alert}").status_code == 404
    answer = take(house, "local_officer", f"alerts/{alert}")
    assert "Biển số theo dõi / Watched plate" in text_of(answer.content)
    (entry,) = house.parts.audit.newest(9)
    assert entry["details"]["plate"] == "98A12345"  # type: ignore[call-overload, index]


def test_without_a_reason_nothing_is_given(house: House) -> None:
    hit = a_hit(house)
    for asked in ({"purpose": ""}, {"case": " \t"}, {"purpose": None}, {"case": "x" * 501}, {"x": 1}):
        assert take(house, "officer", f"plates/reads/{hit}", **asked).status_code == 422
    assert house.parts.audit.newest(9) == []


def test_what_cannot_be_written_down_is_not_given(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> int:
        raise StoreError("the store is on a full disk: free some space")

    hit = a_hit(house)
    officer = house.as_("officer")
    monkeypatch.setattr(Audit, "add", fail)
    answer = officer.post(f"/api/v1/plates/reads/{hit}/pack", json=WHY)
    assert (answer.status_code, "full disk" in detail(answer)) == (503, True)


def test_a_disk_without_room_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pack_issue, "write_pack", fail)
    answer = take(house, "officer", f"plates/reads/{a_hit(house)}")
    assert (answer.status_code, detail(answer)) == (503, "the pack cannot be written: No space left on device")
    assert house.parts.audit.newest(9) == []


def test_an_altered_picture_is_told_and_counted(house: House) -> None:
    hit = a_hit(house)
    (house.settings.evidence / "bg-017" / "seen.jpg").write_bytes(b"\xff\xd8\xff altered")
    answer = take(house, "officer", f"plates/reads/{hit}")
    assert "ALTERED AFTER IT WAS KEPT" in text_of(answer.content)
    (entry,) = house.parts.audit.newest(1)
    assert entry["details"]["lacking"] == 1  # type: ignore[call-overload, index]

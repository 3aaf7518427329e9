"""`ioc demo` as `make demo HEADLESS=1` runs it."""

from __future__ import annotations

import re
from typing import Any

import httpx2

from ioc.rulebook import kinds
from streams.scene_demo import WATCHED
from tests.end_to_end.program import PASSWORD, Program

LONGEST = 300
"""Seconds; eight scenes are drawn first, which a busy machine takes its time for."""


def test_the_demo_brings_alerts_of_every_kind_into_the_store_and_onto_the_page() -> None:
    with Program("demo", "--headless", "--port", "0", "--for", str(LONGEST)) as program:
        url = program.wait_for(r"Dashboard: (\S+)", LONGEST)[1]
        program.wait_for(r"First alert in the store after", LONGEST)
        with httpx2.Client(base_url=url, headers={"Origin": url}) as client:
            assert client.get("/api/v1/alerts").status_code == 401
            client.post("/api/v1/session", json={"name": "admin", "password": PASSWORD})
            cameras = client.get("/api/v1/cameras").json()["cameras"]
            assert 6 <= len(cameras) <= 8
            assert all(camera["simulated"] and camera["location"] for camera in cameras)
            page = client.get("/").text
            program.wait_for(r"Something of every kind in the store after", LONGEST)
            listed = {alert["kind"] for alert in client.get("/api/v1/alerts").json()["alerts"]}
        assert listed >= set(kinds()) - {"plate"}
        assert not {"plate", "watch_list"} & listed, "passes are no alerts, and watched plates are for the police"
        told = program.wait_for(r"Sign in as officer, of the police, with the one-time password (\S+)", LONGEST)
        (alert, *_) = _of_the_police(url, told[1])
        assert (alert["subject"], alert["details"]["list"]) == (f"plate:{WATCHED}", "Demo")
        assert "imulated" in page
        assert program.stop() == 0
    (summary,) = program.find(r"Alerts in the store: (.+) \(the first after ([\d.]+) s\)")
    assert re.findall(r"(\w+) \d", summary[1]) == sorted([*kinds(), "watch_list"])


def _of_the_police(url: str, password: str) -> list[dict[str, Any]]:
    """Return the alerts of watch-lists, as the demo's officer sees them after choosing a password."""
    with httpx2.Client(base_url=url, headers={"Origin": url}) as client:
        client.post("/api/v1/session", json={"name": "officer", "password": password}).raise_for_status()
        client.post("/api/v1/me/password", json={"current": password, "new": PASSWORD}).raise_for_status()
        found: list[dict[str, Any]] = client.get("/api/v1/alerts?kind=watch_list").json()["alerts"]
    return found

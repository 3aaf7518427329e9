"""`ioc demo` as `make demo HEADLESS=1` runs it."""

from __future__ import annotations

import re

import httpx2

from ioc.rulebook import kinds
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
        assert "plate" not in listed, "passes are records and no alerts"
        assert "imulated" in page
        assert program.stop() == 0
    (summary,) = program.find(r"Alerts in the store: (.+) \(the first after ([\d.]+) s\)")
    assert re.findall(r"(\w+) \d", summary[1]) == list(kinds())

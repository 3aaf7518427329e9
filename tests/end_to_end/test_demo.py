"""`ioc demo` as `make demo HEADLESS=1` runs it."""

from __future__ import annotations

import re

import httpx2

from tests.end_to_end.program import PASSWORD, Program

LONGEST = 180


def test_the_demo_brings_simulated_alerts_into_the_store_and_onto_the_page() -> None:
    with Program("demo", "--headless", "--port", "0", "--for", "60") as program:
        url = program.wait_for(r"Dashboard: (\S+)", LONGEST)[1]
        program.wait_for(r"First alert in the store after", LONGEST)
        with httpx2.Client(base_url=url, headers={"Origin": url}) as client:
            assert client.get("/api/v1/alerts").status_code == 401
            client.post("/api/v1/session", json={"name": "admin", "password": PASSWORD})
            cameras = client.get("/api/v1/cameras").json()["cameras"]
            assert len(cameras) >= 3
            assert all(camera["simulated"] for camera in cameras)
            page = client.get("/").text
        assert "imulated" in page
        assert program.stop() == 0
    (summary,) = program.find(r"Alerts in the store: (.+) \(the first after ([\d.]+) s\)")
    assert re.search(r"illegal_parking \d", summary[1])

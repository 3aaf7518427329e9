"""A simulated camera that suffers every fault in turn: each is told once, in time, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ioc.__main__ import run_command
from ioc.simulated_site import site_table
from ioc.toml_text import to_toml
from streams.scene_faults import FaultKind
from streams.scene_script import load_script
from tests.streams.scripts import STREET, write

EVERY, LASTS = 26, 12
"""Seconds from one fault to the next, and for which each lasts."""
FIRST = 14
CALM = {kind: FIRST + EVERY * n for n, kind in enumerate(FaultKind)}


@pytest.fixture(scope="module")
def alerts(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what is told of the camera."""
    folder = tmp_path_factory.mktemp("faults")
    script = write(
        folder,
        duration=FIRST + EVERY * len(FaultKind),
        view={**STREET["view"], "size": [320, 192]},
        fault=[{"kind": kind, "start": start, "end": start + LASTS} for kind, start in CALM.items()],
        rule=[{"name": "lens", "kind": "camera_health"}],
    )
    site, out = folder / "site.toml", folder / "alerts.jsonl"
    site.write_text(to_toml(site_table([load_script(script)], inference={"rate": 2.0})), encoding="utf-8")
    assert (
        run_command(["replay", "--site", str(site), "--camera", "gate", "--video", str(script), "--out", str(out)]) == 0
    )
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_every_fault_is_told_once_and_within_ten_seconds(alerts: list[dict[str, Any]]) -> None:
    raised = [alert for alert in alerts if alert["phase"] == "raised"]
    told = {alert["details"]["fault"]: alert["media_s"] for alert in raised}
    assert told.keys() == {str(kind) for kind in FaultKind}
    assert len(raised) == len(told)
    for kind, start in CALM.items():
        assert start + 8 <= told[kind] <= start + (LASTS if kind is FaultKind.OFFLINE else 10), kind


def test_every_fault_is_over_again_but_the_last(alerts: list[dict[str, Any]]) -> None:
    cleared = [alert["details"]["fault"] for alert in alerts if alert["phase"] == "cleared"]
    assert {"frozen", "black", "blurred", "covered", "moved"} <= set(cleared)
    assert len(cleared) == len(set(cleared))

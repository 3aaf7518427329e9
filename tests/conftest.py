"""What every room's tests share: where the real peers are, and when they may be missed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from streams.encoder import encode
from streams.scenes import DemoCamera, demo_cameras
from tests import postgresql_peer

NEEDED = {
    "mosquitto": ("mosquitto", "apt-get install mosquitto"),
    "postgresql": ("PostgreSQL", "apt-get install postgresql"),
    "chromium": ("chromium and chromedriver", "apt-get install chromium chromium-driver"),
    "rtsp": (
        "GStreamer's RTSP server",
        "apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly",
    ),
}


def _has(marker: str) -> bool:
    if marker == "mosquitto":
        return shutil.which("mosquitto", path=f"{os.defpath}:/usr/sbin") is not None
    if marker == "postgresql":
        return shutil.which("initdb", path=postgresql_peer.PATH) is not None
    if marker == "chromium":
        return shutil.which("chromium") is not None and shutil.which("chromedriver") is not None
    probe = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    python = Path("/usr/bin/python3")
    return python.exists() and subprocess.run([python, "-c", probe], check=False, capture_output=True).returncode == 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip tests against a peer that this machine lacks, saying how to get it; in CI nothing is skipped."""
    if os.environ.get("CI"):
        return
    for marker, (what, how) in NEEDED.items():
        marked = [item for item in items if item.get_closest_marker(marker)]
        if marked and not _has(marker):
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=f"needs {what}: {how}"))


@pytest.fixture(scope="session")
def kerb() -> DemoCamera:
    """Return the simulated camera at whose kerb a car is parked from 5 s to 32 s of its 40 s."""
    (camera,) = (camera for camera in demo_cameras() if camera.id == "demo-kerb")
    return camera


@pytest.fixture(scope="session")
def kerb_clip(kerb: DemoCamera, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return that camera's recording."""
    path = tmp_path_factory.mktemp("drawn") / "kerb.mp4"
    encode(kerb.scene, path)
    return path

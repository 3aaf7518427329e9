"""The site file of one simulated camera, as text."""

from __future__ import annotations

from pathlib import Path

from streams.scenes import DemoCamera


def kerb_site(
    folder: Path, camera: DemoCamera, *, source: str | None = None, after: str = "PT8S", more: str = ""
) -> Path:
    """Write a site file with the camera `c1` and a no-parking rule, and return its path."""
    (zone,) = camera.zones.values()
    corners = ", ".join(f"[{corner.x}, {corner.y}]" for corner in zone)
    lines = [
        "[[camera]]",
        'id = "c1"',
        'name = "Hùng Vương"',
        *([f'source = "{source}"'] if source else []),
        "[[camera.zone]]",
        'name = "kerb"',
        f"polygon = [{corners}]",
        "[[rule]]",
        'name = "no-parking"',
        'kind = "illegal_parking"',
        'camera = "c1"',
        'zone = "kerb"',
        f'after = "{after}"',
    ]
    path = folder / "site.toml"
    path.write_text("\n".join(lines) + "\n" + more, encoding="utf-8")
    return path

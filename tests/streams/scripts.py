"""Small scene scripts for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ioc.toml_text import to_toml
from streams.scene_script import SceneScript, parse_script

BASE: dict[str, Any] = {
    "duration": 20,
    "view": {"position": [0.0, 0.0, 4.5], "pitch": 14, "angle": 60, "size": [192, 112]},
    "place": {"half_road": 6.0, "pavement": 4.0, "walls": [{"axis": "y", "at": 60.0, "start": -40.0, "end": 40.0}]},
}
STREET: dict[str, Any] = {
    **BASE,
    "zone": [{"name": "kerb", "ground": [[2.5, 8.0], [5.8, 8.0], [5.8, 24.0], [2.5, 24.0]]}],
    "rule": [{"name": "no-parking", "kind": "illegal_parking", "zone": "kerb", "after": "PT5S"}],
    "lane": [{"name": "out", "start": [2.0, -10.0], "end": [2.0, 70.0], "speed": 30, "per_minute": 20}],
    "parking": [{"lane": "out", "where": [4.4, 15.0], "start": 4.0, "end": 14.0}],
}


def script(value: dict[str, Any] | None = None, **changed: Any) -> SceneScript:
    """Return the street's script, or another, with some keys changed."""
    return parse_script({**(STREET if value is None else value), **changed}, Path("gate.toml"))


def write(folder: Path, value: dict[str, Any] | None = None, name: str = "gate", **changed: Any) -> Path:
    """Write the street's script, or another, and return its path."""
    path = folder / f"{name}.toml"
    path.write_text(to_toml({**(STREET if value is None else value), **changed}), encoding="utf-8")
    return path

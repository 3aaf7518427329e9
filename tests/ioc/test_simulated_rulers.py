"""A drawn scene's rulers stand in its site file, and the depth that is read at them is the one that was drawn."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ioc.simulated_site import checked, site_table
from models.waterline import strip_profile, waterline
from streams.scene_play import play
from streams.scene_script import SceneScript, load_script
from tests.streams.scripts import BASE, write

QUAY = {"x": 3.0, "y": 8.0, "height": 0.8, "name": "quay"}
RULE = {"name": "depth", "kind": "flood", "ruler": "quay"}


def script(folder: Path, **changed: Any) -> SceneScript:
    water = {"levels": [[0, -1.0], [10, -1.0], [20, 0.3], [30, 0.3]], "rulers": [QUAY, {"x": -3.0, "y": 8.0}]}
    return load_script(write(folder, {**BASE, "duration": 30, "water": water, "rule": [RULE], **changed}))


def test_the_depth_at_a_ruler_is_read_as_it_was_drawn(tmp_path: Path) -> None:
    made = script(tmp_path)
    (camera,) = checked(site_table([made]), tmp_path / "site.toml").camera
    (ruler,) = camera.rulers
    scene = play(made).scene
    for seconds in (1, 16, 18, 25):
        picture = scene.picture(timedelta(seconds=seconds))
        (true,) = (measure.value for measure in picture.measures if measure.place == "quay")
        part = waterline(strip_profile(picture.image, ruler), ruler.dry)
        assert part is not None
        assert ruler.depth(part) == pytest.approx(100 * true, abs=4)


def test_only_rulers_that_a_rule_reads_are_drawn(tmp_path: Path) -> None:
    (camera,) = site_table([script(tmp_path, rule=[])])["camera"]
    assert "ruler" not in camera

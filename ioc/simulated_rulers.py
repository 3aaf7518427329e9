"""The rulers of a drawn scene as the site file has them: where they stand, and how they look when they are dry."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from ioc.ruler_settings import RulerSection
from models.waterline import strip_profile
from streams.scene_play import play
from streams.scene_script import SceneScript
from streams.scene_water import HALF_WIDTH

DRY = ((0.0, -99.0),)
"""Levels of water that shows nowhere."""
HAPPENS = (
    *("lane", "parking", "standing", "moving", "gathering", "leaving", "dumping"),
    *("fire", "smoke", "steam", "rain", "fault"),
)
"""What may hide a ruler."""
STRIP = 0.4
"""A strip so wide, as a part of the board, shows its marks."""


def ruler_tables(script: SceneScript) -> list[dict[str, Any]]:
    """Return the rulers that the script's rules read, as tables; raises UsageError where nothing can be drawn."""
    read = {rule.settings.get("ruler") for rule in script.rule}
    rulers = [ruler for ruler in (script.water.rulers if script.water else ()) if ruler.name in read]
    if script.water is None or not rulers:
        return []
    empty = script.model_copy(update={**dict.fromkeys(HAPPENS, ()), "water": replace(script.water, levels=DRY)})
    image = play(empty).scene.picture(timedelta(0)).image
    view = script.view.view
    tables = []
    for ruler in rulers:
        foot, top = (ruler.x, ruler.y, ruler.zero), (ruler.x, ruler.y, ruler.zero + ruler.height)
        sides = ((ruler.x + side, ruler.y, ruler.zero) for side in (-HALF_WIDTH, HALF_WIDTH))
        places, _ = view.project(np.array([foot, top, *sides]))
        (x1, y1), (x2, y2), (left, _), (right, _) = (places / np.array(view.size)).round(4).tolist()
        table = {
            "name": ruler.name,
            "line": [[x1, y1], [x2, y2]],
            "width": round(STRIP * (right - left), 4),
            "marks": [[0.0, 0.0], [1.0, round(100 * ruler.height, 1)]],
        }
        profile = strip_profile(image, RulerSection.model_validate(table).ruler)
        tables.append({**table, "dry": [round(value) for value in profile.tolist()]})
    return tables

"""The lights that a scene can be asked for by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from streams.drawing import Light

Hour = Literal["sunny", "overcast", "hazy", "fog", "rain", "dusk", "night", "deep night"]
ZENITH = (0.0, 0.0, 1.0)
LIGHTS: dict[Hour, Light] = {
    "sunny": Light(ZENITH, 0.62, 0.58),
    "overcast": Light(ZENITH, 0.06, 0.94, haze_distance=220.0, shadow=0.32),
    "hazy": Light(ZENITH, 0.2, 0.85, haze=(205, 205, 205), haze_distance=95.0, shadow=0.3),
    "dusk": Light(ZENITH, 0.08, 0.62, (1.06, 0.98, 0.97), haze=(150, 135, 130), shadow=0.3, lamps=True),
    "fog": Light(ZENITH, 0.04, 0.9, haze=(198, 198, 198), haze_distance=30.0, shadow=0.2),
    "rain": Light(
        ZENITH, 0.02, 0.72, (1.04, 1.0, 0.97), haze=(165, 160, 156), haze_distance=110.0, shadow=0.3, wet=1.0
    ),
    "deep night": Light(
        ZENITH, 0.0, 0.22, (0.85, 0.98, 1.1), haze=(34, 30, 30), haze_distance=140.0, shadow=0.35, lamps=True
    ),
    "night": Light(
        ZENITH, 0.02, 0.4, (0.8, 0.98, 1.12), haze=(42, 36, 36), haze_distance=160.0, shadow=0.4, lamps=True
    ),
}


def light_like(hour: Hour, turn: float, rise: float) -> Light:
    """Return the light of an hour, with the sun so many degrees from +Y towards +X and above the horizon."""
    across, up = np.radians(turn), np.radians(rise)
    flat = float(np.cos(up))
    return replace(LIGHTS[hour], sun=(flat * float(np.sin(across)), flat * float(np.cos(across)), float(np.sin(up))))

"""The light of a scene in the course of time: empty pictures for a few lights, and what lies between them."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from ioc.types import Image
from streams.drawing import Light, View
from streams.scene_backdrop import paint_place
from streams.scene_places import Place
from streams.scene_water import Surface, Water

Hours = tuple[tuple[float, Light], ...]
"""Lights, and the seconds at which each shines; in between, one turns into the next."""


class Daylight:
    """The empty place in each light of the day, with its water; each is drawn when it is first asked for."""

    def __init__(self, hours: Hours, place: Place, view: View, seed: int, water: Water | None) -> None:
        self._hours, self._place, self._view, self._seed, self._water = hours, place, view, seed, water
        self._times = np.array([seconds for seconds, _ in hours])
        self._pictures: dict[int, Image] = {}
        self._surfaces: dict[int, Surface] = {}

    def at(self, seconds: float) -> tuple[Image, Light]:
        """Return the empty place, which the caller may draw into, and the light of that time."""
        at = float(np.interp(seconds, self._times, np.arange(len(self._hours))))
        first, share = int(at), at - int(at)
        if share == 0:
            return self._flooded(first, seconds).copy(), self._hours[first][1]
        before, after = self._flooded(first, seconds), self._flooded(first + 1, seconds)
        image = np.asarray(cv2.addWeighted(before, 1 - share, after, share, 0), dtype=np.uint8)
        return image, between(self._hours[first][1], self._hours[first + 1][1], share)

    def _flooded(self, hour: int, seconds: float) -> Image:
        scene = (self._place, self._view, self._hours[hour][1], self._seed)
        if hour not in self._pictures:
            self._pictures[hour] = paint_place(*scene)
        if self._water is None:
            return self._pictures[hour]
        if hour not in self._surfaces:
            self._surfaces[hour] = Surface(self._water, *scene)
        return self._surfaces[hour].cover(self._pictures[hour], seconds)


def between(first: Light, second: Light, share: float) -> Light:
    """Return the light `share` of the way from the first to the second; lamps go on or off half-way."""

    def mixed(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, float, float]:
        x, y, z = (p + (q - p) * share for p, q in zip(a, b, strict=True))
        return (x, y, z)

    x, y, z = mixed(first.sun, second.sun)
    long = math.hypot(x, y, z)
    names = ("sunshine", "skylight", "haze_distance", "shadow", "wet")
    return replace(
        second if share >= 0.5 else first,
        sun=(x / long, y / long, z / long),
        tint=mixed(first.tint, second.tint),
        haze=mixed(first.haze, second.haze),
        **{name: getattr(first, name) + (getattr(second, name) - getattr(first, name)) * share for name in names},
    )

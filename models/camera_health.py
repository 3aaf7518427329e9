"""Readings `camera_health`: figures of how a camera's picture is, in itself and against what the camera usually shows.

What is usual is learnt in the first seconds and follows slowly, but only while the picture agrees with it. It outlives
the camera's runs, so that a camera that comes back turned aside is known. A view that is as sharp and full as the usual
one, but another, takes its place after a while; a picture in which little can be seen never does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from ioc.types import Detection, Frame, Json, Reading
from models.health_picture import Floats, HealthPicture, agreement, displacement

KIND = "camera_health"

LEARNING = timedelta(seconds=3)
"""For so long what is seen is taken for what is usual ..."""
LEARNT_OF_EACH = 0.2
"""... each picture by this share."""
FOLLOWS_SECONDS = 60.0
"""How slowly the usual picture follows afterwards."""
PROVING = timedelta(seconds=10)
"""For so long it is found out how well pictures agree with it, in a street full of people too ..."""
PROVING_SECONDS = 3.0
"""... so slowly."""
LONGEST_STEP = timedelta(seconds=5)
"""More time between two pictures counts no more: nobody looked."""
TEXTURED = 1.5
"""Grey levels a pixel of detail that a block usually has, at least, to tell of detail that is lost ..."""
FEWEST = 40
"""... or else it is one of so many that have most."""
FLAT = 0.4
"""A block with less than this part of its usual detail has become flat."""
NOISE = 3.0
"""Grey levels of detail that are put down to noise."""
SHARP, FULL, KNOWN = 0.6, 0.6, 0.5
"""A picture teaches something that has this part of its usual detail, no more than this part of it flat, and that
agrees with the usual picture at least this part as well as it usually does."""
FULLER = 4.0
"""What was learnt from a picture with so many times less in it gives way as soon as it can be learnt anew."""
BETTER = 0.1
"""By so much it must agree better when moved back to have moved."""
SLIVER = 0.02
"""This part of the picture is left out at the bright end: a lamp or a caption."""


class Usual:
    """What one camera usually shows."""

    def __init__(self, at: datetime, picture: HealthPicture) -> None:
        self._since = self._last = self._known = at
        self._tones, self._edges = picture.tones.copy(), picture.edges.copy()
        self._fine, self._coarse = picture.fine.copy(), picture.coarse.copy()
        self._kept, self._colour = 1.0, picture.colour

    def fits(self, picture: HealthPicture) -> bool:
        """Return whether the picture has the same size."""
        return picture.edges.shape == self._edges.shape

    def learnt(self, at: datetime) -> bool:
        """Return whether it has been learnt for long enough to judge by."""
        return at - self._since >= LEARNING

    def proven(self, at: datetime) -> bool:
        """Return whether it is known how well pictures usually agree with it."""
        return at - self._since >= PROVING

    def unknown_for(self, at: datetime) -> timedelta:
        """Return for how long a full picture has been another one; none while little can be seen."""
        return at - self._known

    def poor_beside(self, picture: HealthPicture) -> bool:
        """Return whether the usual picture has hardly anything in it that the picture has."""
        return float(picture.coarse.mean()) > FULLER * (float(self._coarse.mean()) + 0.1)

    def compare(self, picture: HealthPicture) -> dict[str, float]:
        """Return how the picture stands to what is usual."""
        blocks = self._coarse.ravel()
        fewest = min(FEWEST, blocks.size)
        textured = self._coarse >= min(TEXTURED, float(np.partition(blocks, -fewest)[-fewest]))
        now, usually = (_sharpness(seen, textured) for seen in ((picture.fine, picture.coarse), self._detail))
        across, down, moved_back = displacement(self._edges, picture.edges)
        return {
            "detail": now / usually,
            "flat": float((picture.coarse < FLAT * self._coarse)[textured].mean()),
            "alike": agreement(picture.tones, self._tones),
            "kept": agreement(picture.edges, self._edges),
            "kept_usually": self._kept,
            "across": across,
            "down": down,
            "moved_back": moved_back,
            "light_usually": float(self._tones.mean()),
            "colour_usually": self._colour,
        }

    @property
    def _detail(self) -> tuple[Floats, Floats]:
        return self._fine, self._coarse

    def learn(self, at: datetime, picture: HealthPicture, figures: Mapping[str, float]) -> None:
        """Let the usual picture follow the picture, unless that is another."""
        passed, self._last = at - self._last, at
        step = min(passed, LONGEST_STEP)
        full = figures["detail"] >= SHARP and figures["flat"] <= FULL
        known = not self.proven(at) or figures["kept"] >= KNOWN * self._kept
        there = known and not self.poor_beside(picture) and figures["kept"] >= figures["moved_back"] - BETTER
        self._known += passed - step if full else passed
        if self.learnt(at) and not (full and there):
            return
        self._known = at
        share = _share(step, FOLLOWS_SECONDS) if self.learnt(at) else LEARNT_OF_EACH
        self._kept += (share if self.proven(at) else _share(step, PROVING_SECONDS)) * (figures["kept"] - self._kept)
        self._colour += share * (picture.colour - self._colour)
        for mine, seen in (
            (self._tones, picture.tones),
            (self._edges, picture.edges),
            (self._fine, picture.fine),
            (self._coarse, picture.coarse),
        ):
            np.add(mine, share * (seen - mine), out=mine)


def _share(step: timedelta, seconds: float) -> float:
    """Return how far something that follows so slowly goes in one step."""
    return 1 - math.exp(-step.total_seconds() / seconds)


def _sharpness(detail: tuple[Floats, Floats], where: npt.NDArray[np.bool_]) -> float:
    """Return the fine detail for the coarse detail that there is: neither darkness nor little contrast decides."""
    fine, coarse = detail
    return float((fine[where].sum() + 1e-3) / (coarse[where].sum() + NOISE * where.sum()))


@dataclass(slots=True)
class _Sight:
    """One camera: its last picture, in which run, and what it usually shows."""

    run: str
    picture: HealthPicture
    usual: Usual
    number: int = 1
    """Of what it usually shows: another view that was settled for is another."""


class HealthSight:
    """Measures the health of the pictures of all its cameras.

    `settle` says for each camera how long another view must last until it becomes the usual one.

    Each reading's value holds figures of the picture itself: `light`, the mean, and `bright`, the brightest but a
    fiftieth (grey levels, 0 to 255); `colour`, how far colours are from grey; `changed`, which part differs from the
    last picture at all, and `motion`, by how many grey levels the block that changed most does (None for the first of
    a run). `usual` counts the views that became usual, from 1.

    Once it is known what is usual, there are figures against that as well: `detail`, the sharpness, and `flat`, which
    part of what has structure lost it; `alike` and `kept`, how well brightness and edges agree, from -1 to 1, and
    `kept_usually`, once that is `proven`; `across` and `down`, by which part of the picture it seems to have moved, and
    `moved_back`, how well edges agree then; `light_usually` and `colour_usually`.
    """

    def __init__(self, settle: Mapping[str, timedelta]) -> None:
        self._settle = dict(settle)
        self._sights: dict[str, _Sight] = {}

    def look(self, frames: Sequence[Frame], _found: Sequence[Sequence[Detection]]) -> list[tuple[Reading, ...]]:
        """Return each frame's reading, in order; what was detected does not matter."""
        return [(Reading(KIND, self._measured(frame), 1.0),) for frame in frames]

    def _measured(self, frame: Frame) -> dict[str, Json]:
        picture = HealthPicture.of(frame.image)
        sight = self._sights.get(frame.camera)
        before = None if sight is None or sight.run != frame.run else sight.picture
        if sight is None or not sight.usual.fits(picture):
            sight = self._sights[frame.camera] = _Sight(frame.run, picture, Usual(frame.at, picture))
        sight.run, sight.picture = frame.run, picture
        value: dict[str, Json] = {
            "light": _short(float(picture.tones.mean())),
            "bright": _short(_brightest(picture.tones)),
            "colour": _short(picture.colour),
            "changed": None if before is None else round(picture.changed(before), 5),
            "motion": None if before is None else _short(picture.motion(before)),
            "usual": sight.number,
        }
        figures = sight.usual.compare(picture)
        if sight.usual.learnt(frame.at):
            value |= {name: _short(figure) for name, figure in figures.items()}
            value["proven"] = sight.usual.proven(frame.at)
        sight.usual.learn(frame.at, picture, figures)
        settle = LEARNING if sight.usual.poor_beside(picture) else self._settle[frame.camera]
        if sight.usual.unknown_for(frame.at) >= settle:
            sight.usual, sight.number = Usual(frame.at, picture), sight.number + 1
        return value

    def describe(self) -> dict[str, Json]:
        """Return what decides what is read, for a tape's header."""
        return {"reads": KIND, "settle_s": {camera: time.total_seconds() for camera, time in self._settle.items()}}

    def ran(self) -> list[dict[str, str]]:
        """Return nothing: no network is asked."""
        return []


def _brightest(tones: Floats) -> float:
    """Return the brightness that all but a sliver of the picture stays below."""
    place = int(tones.size * (1 - SLIVER))
    return float(np.partition(tones.ravel(), place)[place])


def _short(figure: float) -> float:
    return round(figure, 3)

"""One part of a tape: half a minute of one camera's observations as columns of whole numbers.

What changes little from picture to picture becomes small differences, which pack well: numbers and times stand as
differences to the picture before, boxes and scores as differences to the same track's picture before. For that the
rows of all tracks are sorted by track; `which` says how to put them back in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain, groupby, pairwise, repeat
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from ioc.types import BOX_DECIMALS, SCORE_DECIMALS, Box, Json, Observation, Reading, Track

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

STEPS = np.array([10**SCORE_DECIMALS, *[10**BOX_DECIMALS] * 4])
"""How many steps of the grid make 1, for a row of score, x1, y1, x2, y2."""


def pack(observations: Sequence[Observation]) -> dict[str, Json]:
    """Return the observations, at least one, as JSON.

    Raises ValueError when a box or a score is not rounded as `pipeline.Observer` rounds it.
    """
    tracks = [track for obs in observations for track in obs.tracks]
    lives = [(track.id, track.label, to_us(track.first_seen)) for track in tracks]
    known = {life: index for index, life in enumerate(dict.fromkeys(lives))}
    which = [known[life] for life in lives]
    return {
        "runs": [[run, len(list(own))] for run, own in groupby(observations, attrgetter("run"))],
        "seq": _steps([obs.seq for obs in observations]),
        "at": _steps([to_us(obs.at) for obs in observations]),
        "tracks": [len(obs.tracks) for obs in observations],
        "known": [[*life] for life in known],
        "which": [*which],
        "rows": _steps(_grid(tracks)[_by_track(which)]),
        "readings": [_reading_json(n, reading) for n, obs in enumerate(observations) for reading in obs.readings],
    }


def unpack(part: dict[str, Any], camera: str) -> list[Observation]:
    """Return the observations; raises ValueError, KeyError, TypeError or IndexError when it holds none such."""
    readings: list[list[Reading]] = [[] for _ in part["seq"]]
    for index, *row in part["readings"]:
        readings[index].append(_reading(*row))
    tracks = _tracks(part["known"], part["which"], part["rows"])
    ends = list(accumulate(part["tracks"], initial=0))
    columns = zip(
        chain.from_iterable(repeat(run, count) for run, count in part["runs"]),
        accumulate(part["seq"]),
        map(from_us, accumulate(part["at"])),
        (tuple(tracks[a:b]) for a, b in pairwise(ends)),
        map(tuple, readings),
        strict=True,
    )
    return [Observation(camera, *row) for row in columns]


def to_us(at: datetime) -> int:
    """Return the whole microseconds since 1970 (UTC)."""
    return (at - EPOCH) // timedelta(microseconds=1)


def from_us(value: int) -> datetime:
    """Return the time so many microseconds after 1970 (UTC)."""
    return EPOCH + timedelta(microseconds=value)


def _steps(values: Any) -> Any:
    """Return each value's, or row's, difference to the one before; the first one's to nothing."""
    return np.diff(np.array(values, dtype=np.int64), axis=0, prepend=0).T.tolist()


def _by_track(which: Sequence[int]) -> npt.NDArray[np.intp]:
    return np.argsort(np.array(which, dtype=np.int64), kind="stable")


def _grid(tracks: Sequence[Track]) -> npt.NDArray[np.int64]:
    values = np.array([(track.score, *track.box.as_tuple()) for track in tracks]).reshape(-1, 5)
    grid: npt.NDArray[np.int64] = np.rint(values * STEPS).astype(np.int64)
    if not np.array_equal(grid / STEPS, values):
        raise ValueError("a tape holds boxes and scores as pipeline.Observer rounds them")
    return grid


def _tracks(known: list[list[Any]], which: list[int], rows: list[list[int]]) -> list[Track]:
    values = np.empty((len(which), 5))
    values[_by_track(which)] = np.cumsum(np.array(rows, dtype=np.int64), axis=1).T / STEPS
    scores, *corners = values.T.tolist()
    lives = [(name, label, from_us(first_seen)) for name, label, first_seen in known]
    return [
        Track(lives[life][0], lives[life][1], score, box, lives[life][2])
        for life, score, box in zip(which, scores, map(Box, *corners), strict=True)
    ]


def _reading_json(index: int, reading: Reading) -> Json:
    box: Json = [*reading.box.as_tuple()] if reading.box else None
    return [index, reading.kind, reading.value, reading.score, box, reading.track]


def _reading(kind: str, value: Json, score: float, box: list[float] | None, track: str | None) -> Reading:
    return Reading(kind, value, score, Box(*box) if box else None, track)

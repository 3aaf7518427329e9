"""Whether two results over the same recordings differ by more than chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ioc.intervals import LEVEL, TAIL, Interval

Counts = npt.NDArray[np.float64]
"""(..., C): for each recording, or sum of recordings, so many counts."""

FEWEST = 10
"""Recordings below which an interval by drawing them again is far too narrow."""
DRAWS = 2000
SEED = 20_260_301
"""The same recordings always give the same interval."""


def mcnemar(only_a: int, only_b: int) -> float | None:
    """Return how likely a split at least as uneven is when A and B are equally good; None without a difference.

    McNemar's test (Psychometrika 1947) by the binomial distribution itself, for what only one of the two got right:
    exact however few they are, where the usual chi-squared needs some twenty-five.
    """
    total = only_a + only_b
    if total == 0:
        return None
    tail = sum(math.comb(total, n) for n in range(min(only_a, only_b) + 1))
    return min(1.0, tail / (1 << (total - 1)))


def difference(
    a: Sequence[Sequence[float]], b: Sequence[Sequence[float]], figure: Callable[[Counts], Counts]
) -> Interval | None:
    """Return the 95 % interval of `figure` of B less that of A; None for fewer than ten recordings.

    `a` and `b` hold each recording's counts; `figure` takes summed counts, of many draws at once, and may be NaN where
    it is undefined. By the bootstrap (Efron, Annals of Statistics 1979) over whole recordings, since what stands in one
    hangs together (Field and Welsh, JRSS B 2007), drawing the same recordings for both.
    """
    if len(a) < FEWEST:
        return None
    rng = np.random.default_rng(SEED)
    weights = rng.multinomial(len(a), np.full(len(a), 1 / len(a)), DRAWS).astype(np.float64)
    gaps = figure(weights @ np.array(b, dtype=np.float64)) - figure(weights @ np.array(a, dtype=np.float64))
    known = gaps[~np.isnan(gaps)]
    if len(known) < LEVEL * DRAWS:
        return None
    low, high = np.quantile(known, [TAIL, 1 - TAIL])
    return float(low), float(high)

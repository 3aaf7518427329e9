"""Confidence intervals at 95 % for few events: rates of success, counts and medians."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

Interval = tuple[float, float]

LEVEL = 0.95
TAIL = (1 - LEVEL) / 2
NORMAL = 1.959963984540054
"""The standard normal distribution's quantile at 97.5 %."""

STEPS = 200
"""Halvings of a bisection: more than floats can tell apart."""


def share(hits: int, trials: int) -> Interval | None:
    """Return the interval of a probability that showed `hits` in `trials`; None without a trial.

    Wilson's score interval (JASA 1927), which also holds near 0 and 1 and for few trials.
    """
    if trials == 0:
        return None
    seen, spread = hits / trials, NORMAL**2 / trials
    middle = (seen + spread / 2) / (1 + spread)
    half = NORMAL / (1 + spread) * math.sqrt(seen * (1 - seen) / trials + spread / (4 * trials))
    low = 0.0 if hits == 0 else max(middle - half, 0.0)
    high = 1.0 if hits == trials else min(middle + half, 1.0)
    return low, high


def count(seen: int) -> Interval:
    """Return the interval of the mean of a Poisson process that showed `seen` events (Garwood, Biometrika 1936)."""
    most = seen + 20 + 10 * math.sqrt(seen + 1)
    low = 0.0 if seen == 0 else _where(lambda mean: 1 - _at_most(seen - 1, mean) >= TAIL, most)
    return low, _where(lambda mean: _at_most(seen, mean) <= TAIL, most)


def median(values: Sequence[float]) -> Interval | None:
    """Return the interval of the median; None for fewer than six values, which cannot give one at this level.

    Its ends are values that were seen, by the binomial distribution of how many lie below the median.
    """
    ordered, total = sorted(values), len(values)
    below, rank = 0.0, 0
    while rank < total // 2 and (below := below + math.comb(total, rank) / 2**total) <= TAIL:
        rank += 1
    return (ordered[rank - 1], ordered[total - rank]) if rank else None


def _at_most(seen: int, mean: float) -> float:
    """Return how likely a Poisson process of that mean shows at most `seen` events."""
    if mean == 0:
        return 1.0
    return math.fsum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(seen + 1))


def _where(reached: Callable[[float], bool], most: float) -> float:
    """Return the smallest number up to `most` at which `reached` holds; it holds from there on."""
    low, high = 0.0, most
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high

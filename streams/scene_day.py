"""Days of a simulated city: eight kinds of place, each with a time line of its own drawn by the seed.

Every camera shows what its rules owe and what they must bear: stops too short to count, queues at lights, crowds within
the limit, vehicles that stand where they may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from streams.scene_day_parts import Rng, Table
from streams.scene_day_places import alley, junction, market, night, school, square, street, workshop

PLACES: dict[str, Callable[[Rng, float], Table]] = {
    "street": street,
    "square": square,
    "junction": junction,
    "alley": alley,
    "market": market,
    "school": school,
    "night": night,
    "workshop": workshop,
}
"""What a camera looks at; more cameras than these look at further places of these kinds."""
CENTRE = (21.2756, 106.1946)
"""Latitude and longitude of the city's middle."""


def day(cameras: int, hours: float, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each camera's id and script: the same for the same seed, however many further cameras there are."""
    kinds = list(PLACES)
    for number in range(cameras):
        kind = kinds[number % len(kinds)]
        rng = np.random.default_rng([seed, number])
        north, east = rng.normal(0, 0.008, 2).round(4).tolist()
        camera = f"day-{number + 1:02d}-{kind}"
        made = PLACES[kind](rng, round(hours * 3600))
        made["rule"] = [{**rule, "name": f"{camera}-{rule['name']}"} for rule in made["rule"]]
        yield (
            camera,
            {
                "name": f"{kind.capitalize()} {number + 1} (mô phỏng · simulated)",
                "location": [round(CENTRE[0] + north, 4), round(CENTRE[1] + east, 4)],
                "duration": round(hours * 3600),
                "seed": seed * 1000 + number,
                **made,
            },
        )

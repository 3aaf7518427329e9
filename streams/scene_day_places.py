"""The places of a simulated day: what stands there, who comes by, and what goes wrong there."""

from __future__ import annotations

from streams.scene_day_parts import (
    Rng,
    Table,
    at_most,
    burning,
    crowds,
    gathering,
    houses_along,
    lane,
    lane_across,
    leavings,
    no_litter,
    no_stopping,
    parking,
    rounded,
    spans,
    taking_turns,
    view,
    walkway,
    wall,
    zone,
)


def street(rng: Rng, seconds: float) -> Table:
    """Return a wide street with a no-stopping strip at its kerb."""
    kerb = [
        parking(rng, "outer", (6.5, y), span, {"car": 6, "truck": 1})
        for span, y in taking_turns(rng, seconds, (13.5, 22.0))
    ]
    return {
        "view": view(rng, (-8.5, 1.0, 6.2), 35, 21),
        "light": {"like": "sunny", "sun": [round(float(rng.uniform(-170, -110))), round(float(rng.uniform(35, 60)))]},
        "place": houses_along(rng, 8.0, 5.0, trees=9.3, lanes=[0.0, -4.0, 3.3], hatched=[5.4, 9.0, 7.9, 27.0]),
        "zone": [zone("kerb", 4.9, 8.0, 8.4, 28.0)],
        "rule": [no_stopping("kerb")],
        "lane": [
            lane("outer", 4.0, 32, 2, {"motorcycle": 1}),
            lane("inner", 1.6, 34, 8, {"car": 3, "motorcycle": 4}),
            lane("coming", -2.0, -32, 8, {"car": 3, "bus": 1, "truck": 1, "motorcycle": 3}),
            lane("coming-outer", -5.6, -30, 6, {"motorcycle": 5, "bicycle": 1}),
            walkway("pavement", 10.8, 3),
        ],
        "parking": kerb,
    }


def school(rng: Rng, seconds: float) -> Table:
    """Return a school gate: cars stop where none may, parents wait in numbers that the pavement bears."""
    stops = [
        parking(rng, "kerbside", (-4.6, y), span, {"car": 1})
        for span, y in taking_turns(rng, seconds, (15.0, 22.5), long=0.55)
    ]
    waiting = [
        gathering(rng, int(rng.integers(3, 8)), [-10.4, 9.0, -7.4, 24.0], [[-9.5, 38.0], [-9.5, -5.0]], span)
        for span in spans(rng, seconds, (40.0, 90.0), (60.0, 140.0))
    ]
    return {
        "view": view(rng, (8.2, -1.5, 6.0), -27, 20.5),
        "light": {"like": "sunny", "sun": [-70, round(float(rng.uniform(22, 45)))]},
        "place": houses_along(rng, 6.5, 4.5, trees=-8.0, zebras=[31.0]),
        "zone": [zone("gate", -6.5, 9.5, -2.8, 27.0), zone("pavement", -10.8, 8.0, -6.6, 26.0)],
        "rule": [no_stopping("gate"), at_most(10, "pavement")],
        "lane": [
            lane("kerbside", -3.2, -22, 0, {"car": 1}),
            lane("coming", -1.2, -28, 7, {"car": 3, "motorcycle": 4}),
            lane("going", 2.6, 30, 8, {"car": 3, "motorcycle": 5, "truck": 1}),
            walkway("pavement", -9.4, 2),
        ],
        "parking": stops,
        "gathering": waiting,
    }


def alley(rng: Rng, seconds: float) -> Table:
    """Return a narrow street at dusk where motorcycles stop and bags are left; some are parked where they may."""
    stops = [
        parking(rng, "going", (3.0, y), span, {"motorcycle": 5, "car": 1})
        for span, y in taking_turns(rng, seconds, (12.0, 16.5))
    ]
    parked = [{"who": "motorcycle", "where": [-4.9, round(12.0 + 0.95 * k, 2)], "facing": 78} for k in range(4)]
    return {
        "view": view(rng, (-3.6, 0.0, 5.2), 20.6, 24),
        "light": {"like": "dusk", "sun": [-80, 50]},
        "place": houses_along(rng, 3.9, 2.6, poles=4.7, hatched=[2.2, 8.5, 3.8, 18.5]),
        "zone": [zone("kerb", 1.9, 8.0, 4.2, 19.0), zone("pavement", 4.2, 6.0, 6.4, 30.0)],
        "rule": [no_stopping("kerb", "car", "motorcycle"), no_litter("pavement")],
        "lane": [
            lane("going", 1.2, 20, 4, {"motorcycle": 3, "bicycle": 1}),
            lane("coming", -1.7, -20, 6, {"motorcycle": 3, "bicycle": 1}),
            walkway("pavement", 5.3, 2),
        ],
        "parking": stops,
        "standing": parked,
        "leaving": leavings(rng, seconds, 5.2, (10.0, 16.0)),
    }


def night(rng: Rng, seconds: float) -> Table:
    """Return a street at night, with head lamps, where cars stop beside a hydrant."""
    stops = [
        parking(rng, "outer", (5.6, y), span, {"car": 4, "motorcycle": 1})
        for span, y in taking_turns(rng, seconds, (14.0, 20.0))
    ]
    return {
        "view": view(rng, (-6.0, 0.0, 5.8), 28, 22),
        "light": {"like": "night", "sun": [30, 50]},
        "place": houses_along(rng, 7.0, 4.0, poles=8.0, lanes=[0.0, -3.5, 3.4]),
        "zone": [zone("hydrant", 4.2, 9.0, 7.3, 25.0)],
        "rule": [no_stopping("hydrant")],
        "lane": [
            lane("outer", 3.6, 34, 2, {"motorcycle": 1}),
            lane("inner", 1.6, 38, 5, {"car": 3, "motorcycle": 3}),
            lane("coming", -2.6, -36, 6, {"car": 3, "motorcycle": 4, "truck": 1}),
        ],
        "parking": stops,
    }


def junction(rng: Rng, seconds: float) -> Table:
    """Return a junction whose queue at red stands where nobody may park; now and then a car really does."""
    red = {"cycle": 60, "red": [8, 40]}
    stops = [
        parking(rng, "kerbside", (-6.5, y), span, {"car": 3, "truck": 1})
        for span, y in taking_turns(rng, seconds, (38.0,), long=0.75, pause=(40.0, 100.0))
    ]
    return {
        "view": view(rng, (3.2, 7.0, 6.6), -13, 18),
        "light": {"like": "overcast", "sun": [56, 65]},
        "place": {
            "half_road": 7.5,
            "pavement": 4.5,
            "lanes": [0.0, -3.75],
            "crossing": [14.5, 24.5],
            "zebras": [26.6],
            "worn": rounded(rng.uniform(0.3, 0.8)),
            "walls": [
                wall("y", 118.0, -60.0, 60.0, rng),
                *(wall("x", side * 12.0, 29.0, 118.0, rng) for side in (-1, 1)),
                wall("y", 29.0, -70.0, -12.0, rng),
                wall("y", 29.0, 12.0, 70.0, rng),
            ],
        },
        "zone": [zone("approach", -7.4, 29.0, -0.4, 48.0)],
        "rule": [no_stopping("approach")],
        "lane": [
            lane("kerbside", -5.4, -24, 0, {"car": 1}),
            {
                **lane("waiting", -1.9, -28, 9, {"car": 5, "truck": 1, "motorcycle": 2}),
                "signal": {"stop": 62.0, **red},
            },
            {**lane("waiting-outer", -3.9, -28, 7, {"motorcycle": 1}), "signal": {"stop": 62.0, **red}},
            {**lane("going", 3.4, 30, 5, {"motorcycle": 3, "car": 1}), "signal": {"stop": 27.0, **red}},
            {
                **lane_across("across-near", 17.4, 30, 6, {"car": 2, "motorcycle": 3}),
                "signal": {"stop": 36.0, "cycle": 60, "red": [0, 10]},
            },
            {
                **lane_across("across-far", 21.6, -28, 5, {"bus": 1, "car": 2, "motorcycle": 2}),
                "signal": {"stop": 36.0, "cycle": 60, "red": [38, 60]},
            },
            walkway("pavement", -9.4, 2),
        ],
        "parking": stops,
    }


def square(rng: Rng, seconds: float) -> Table:
    """Return a square where crowds gather, beyond the limit and within it."""
    return {
        "view": view(rng, (0.0, 0.0, 5.6), 0, 19.5, 59.5),
        "light": {"like": "sunny", "sun": [round(float(rng.uniform(90, 150))), round(float(rng.uniform(40, 60)))]},
        "place": {
            "half_road": 0.0,
            "pavement": 16.0,
            "lanes": [],
            "square": [-11.0, 6.0, 11.0, 30.0],
            "trees": [[-13.5, 24.0], [13.5, 24.0], [-13.5, 33.0], [13.5, 33.0]],
            "walls": [wall("x", side * 17.0, 4.0, 40.0, rng) for side in (-1, 1)] + [wall("y", 40.0, -30.0, 30.0, rng)],
        },
        "zone": [zone("square", -8.0, 8.5, 8.0, 26.0)],
        "rule": [at_most(9, "square")],
        "lane": [lane_across("across", 23.5, 4.4, 2, {"person": 1})],
        "gathering": crowds(rng, seconds, [-6.6, 10.5, 6.6, 22.5], [[-14.0, 16.0], [14.0, 17.0]]),
    }


def market(rng: Rng, seconds: float) -> Table:
    """Return a market street with shoppers, and crowds before its stalls."""
    vans = [
        parking(rng, "going", (3.1, 20.0), span, {"car": 1}) for span in spans(rng, seconds, (6.0, 40.0), (80.0, 200.0))
    ]
    return {
        "view": view(rng, (-6.5, -1.0, 5.4), 24, 20, 62),
        "light": {"like": "hazy", "sun": [60, 60]},
        "place": houses_along(rng, 4.2, 6.0, poles=-5.0),
        "zone": [zone("stalls", 4.4, 7.0, 10.0, 26.0)],
        "rule": [at_most(9, "stalls")],
        "lane": [
            lane("going", 1.6, 18, 5, {"motorcycle": 6, "bicycle": 2}),
            lane("coming", -1.9, -18, 6, {"motorcycle": 6, "bicycle": 2}),
            walkway("shoppers", 6.0, 2),
            walkway("shoppers-back", -6.4, 3),
        ],
        "parking": vans,
        "gathering": crowds(rng, seconds, [5.0, 8.5, 9.6, 24.0], [[7.0, -4.0], [8.0, 36.0]]),
    }


def workshop(rng: Rng, seconds: float) -> Table:
    """Return a street of workshops: lorries stop before a gate, and now and then rubbish burns."""
    stops = [
        parking(rng, "going", (4.0, y), span, {"truck": 3, "car": 2})
        for span, y in taking_turns(rng, seconds, (24.0,), pause=(25.0, 70.0))
    ]
    fires = list(spans(rng, seconds, (90.0, 160.0), (300.0, 700.0)))
    return {
        "view": view(rng, (-5.0, -2.0, 5.6), 17, 17, 57),
        "light": {"like": "overcast", "sun": [40, 55]},
        "place": houses_along(rng, 5.0, 5.5, poles=5.8),
        "zone": [zone("gate", 2.6, 15.0, 5.4, 32.0)],
        "rule": [no_stopping("gate"), {"name": "fire", "kind": "fire"}, {"name": "smoke", "kind": "smoke"}],
        "lane": [
            lane("going", 1.7, 24, 4, {"truck": 2, "motorcycle": 4, "car": 1}),
            lane("coming", -2.2, -24, 5, {"truck": 2, "motorcycle": 4}),
        ],
        "parking": stops,
        "standing": [{"who": "bag", "where": [7.4, 13.6]}, {"who": "bag", "where": [8.1, 14.3]}],
        "fire": [burning(start, end, 14.0, growth=30.0) for start, end in fires],
        "smoke": [burning(start + 4, end, 14.2, growth=25.0, z=1.4, colour=[80, 82, 86]) for start, end in fires],
    }

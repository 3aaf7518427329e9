"""What to draw: random plates of every kind that Vietnam has, with their sizes, colours and lines of text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ioc.plate_grammar import CAR_LETTERS, CHARACTERS, DIPLOMATIC_SERIES, PROVINCES, SERIES_LETTERS, SPECIAL_SERIES

Rng = np.random.Generator
Colour = tuple[int, int, int]

CAR_LONG, CAR_LONG_OLD = (520, 110), (470, 110)
CAR_SHORT, CAR_SHORT_OLD = (330, 165), (280, 200)
MOTORBIKE = (190, 140)
"""Millimetres, wide and high."""

COMMON_LETTERS = {
    "A": 8,
    "B": 4,
    "C": 4,
    "D": 3,
    "E": 3,
    "F": 5,
    "G": 4,
    "H": 4,
    "K": 4,
    "L": 3,
    "M": 3,
    "N": 3,
    "P": 3,
}
"""How much more often than the others a letter begins a series; half of the plates take all letters alike."""

UNIT_LETTERS = "ABCDHKMNPQRTUVX"
"""Letters of army units; here Q is used."""


@dataclass(frozen=True, slots=True)
class Design:
    """A plate to draw: one or two lines of text with their dashes and dots, on a plate of a size in millimetres."""

    lines: tuple[str, ...]
    size: tuple[int, int]
    colours: str
    red_series: bool = False
    """Whether the letters are red, as on diplomats' plates."""

    @property
    def texts(self) -> tuple[str, str]:
        """The characters of the upper and the lower line; of a one-line plate all are upper."""
        plain = [line.replace("-", "").replace(".", "").replace(" ", "").replace("Đ", "D") for line in self.lines]
        return plain[0], plain[1] if len(plain) > 1 else ""


def random_design(rng: Rng) -> Design:
    """Return a plate of a random kind."""
    names = list(_KINDS)
    weights = np.array([_KINDS[name][0] for name in names], dtype=float)
    return design_of(names[int(rng.choice(len(names), p=weights / weights.sum()))], rng)


def design_of(kind: str, rng: Rng) -> Design:
    """Return a plate of that kind; raises KeyError for one that is not known."""
    return _KINDS[kind][1](rng)


def _digits(rng: Rng, count: int) -> str:
    return "".join(str(digit) for digit in rng.integers(0, 10, count))


def _province(rng: Rng) -> str:
    codes = sorted(PROVINCES)
    if rng.random() < 0.15:
        return str(rng.choice(["98", "99", "29", "30", "51", "59"]))
    return codes[int(rng.integers(len(codes)))] if rng.random() < 0.85 else f"{int(rng.integers(10, 100))}"


def _letter(rng: Rng, letters: str) -> str:
    if rng.random() < 0.5:
        return letters[int(rng.integers(len(letters)))]
    weights = np.array([COMMON_LETTERS.get(letter, 2) for letter in letters], dtype=float)
    return letters[int(rng.choice(len(letters), p=weights / weights.sum()))]


def _number(rng: Rng, four: float) -> str:
    """Return 123.45, or with that probability the older 1234; the dot is sometimes worn off."""
    if rng.random() < four:
        return _digits(rng, 4)
    digits = _digits(rng, 5)
    return f"{digits[:3]}.{digits[3:]}" if rng.random() < 0.9 else digits


def _dash(rng: Rng) -> str:
    return str(rng.choice(["-", "-", "-", " ", "."]))


def _civil_colours(rng: Rng) -> str:
    return str(rng.choice(["white", "yellow", "blue"], p=[0.7, 0.18, 0.12]))


def _car_long(rng: Rng) -> Design:
    old = rng.random() < 0.3
    series = _province(rng) + _letter(rng, CAR_LETTERS if rng.random() < 0.95 else SERIES_LETTERS)
    text = f"{series}{'-' if rng.random() < 0.93 else ' '}{_number(rng, 0.6 if old else 0.05)}"
    return Design((text,), CAR_LONG_OLD if old else CAR_LONG, _civil_colours(rng))


def _car_short(rng: Rng) -> Design:
    old = rng.random() < 0.4
    between = _dash(rng) if rng.random() < 0.25 else ""
    upper = _province(rng) + between + _letter(rng, CAR_LETTERS)
    return Design((upper, _number(rng, 0.6 if old else 0.05)), CAR_SHORT_OLD if old else CAR_SHORT, _civil_colours(rng))


def _moto(series: Callable[[Rng], str], four: float) -> Callable[[Rng], Design]:
    def design(rng: Rng) -> Design:
        upper = _province(rng) + _dash(rng) + series(rng)
        colours = "blue" if rng.random() < 0.06 else "white"
        return Design((upper, _number(rng, four)), MOTORBIKE, colours)

    return design


def _letter_digit(rng: Rng) -> str:
    return _letter(rng, SERIES_LETTERS) + str(rng.integers(1, 10))


def _two_letters(rng: Rng) -> str:
    return _letter(rng, SERIES_LETTERS) + _letter(rng, SERIES_LETTERS)


def _electric(rng: Rng) -> str:
    return "MĐ" + (str(rng.integers(1, 10)) if rng.random() < 0.9 else "")


def _special(rng: Rng) -> Design:
    series = str(rng.choice(SPECIAL_SERIES)).replace("TD", "TĐ")
    start, number = _province(rng), _number(rng, 0.2)
    if rng.random() < 0.55:
        return Design((f"{start}{series}-{number}",), CAR_LONG, _civil_colours(rng))
    size = CAR_SHORT if rng.random() < 0.6 else MOTORBIKE
    return Design((f"{start}{_dash(rng) if rng.random() < 0.7 else ''}{series}", number), size, _civil_colours(rng))


def _diplomatic(rng: Rng) -> Design:
    start, series = _province(rng), str(rng.choice(DIPLOMATIC_SERIES))
    country, number = _digits(rng, 3), _digits(rng, int(rng.integers(2, 4)))
    country_first = rng.random() < 0.4
    if rng.random() < 0.55:
        middle = f"{country}-{series}" if country_first else f"{series}-{country}"
        return Design((f"{start}-{middle}-{number}",), CAR_LONG, "white", red_series=True)
    lines = (
        (f"{start}-{country}", f"{series}-{number}") if country_first else (f"{start}-{series}", f"{country}-{number}")
    )
    return Design(lines, CAR_SHORT if rng.random() < 0.6 else MOTORBIKE, "white", red_series=True)


def _military(rng: Rng) -> Design:
    unit = _letter(rng, UNIT_LETTERS) + _letter(rng, UNIT_LETTERS)
    digits = _digits(rng, 4)
    number = f"{digits[:2]}-{digits[2:]}"
    if rng.random() < 0.6:
        return Design((f"{unit}-{number}",), CAR_LONG, "red")
    return Design((unit, number), CAR_SHORT if rng.random() < 0.6 else MOTORBIKE, "red")


def _temporary(rng: Rng) -> Design:
    start = "T" + (_province(rng) if rng.random() < 0.7 else "")
    number = _digits(rng, int(rng.integers(4, 7)))
    if rng.random() < 0.5:
        return Design((f"{start}-{number}",), CAR_LONG, "white")
    return Design((start, number), CAR_SHORT if rng.random() < 0.5 else MOTORBIKE, "white")


def _free(rng: Rng) -> Design:
    """Return text that no grammar knows, so that the reader reads what is there."""

    def word(least: int, most: int) -> str:
        return "".join(CHARACTERS[int(n)] for n in rng.integers(0, len(CHARACTERS), int(rng.integers(least, most + 1))))

    colours = str(rng.choice(["white", "yellow", "blue", "red"], p=[0.7, 0.1, 0.1, 0.1]))
    if rng.random() < 0.5:
        return Design((f"{word(2, 4)}-{word(3, 5)}",), CAR_LONG, colours)
    return Design((word(2, 5), word(3, 6)), MOTORBIKE if rng.random() < 0.5 else CAR_SHORT, colours)


_KINDS: dict[str, tuple[float, Callable[[Rng], Design]]] = {
    "car_long": (0.25, _car_long),
    "car_short": (0.13, _car_short),
    "moto_letterdigit": (0.18, _moto(_letter_digit, 0.3)),
    "moto_2letter": (0.14, _moto(_two_letters, 0.15)),
    "moto_electric": (0.04, _moto(_electric, 0.05)),
    "special": (0.06, _special),
    "diplomatic": (0.04, _diplomatic),
    "military": (0.08, _military),
    "temporary": (0.02, _temporary),
    "free": (0.06, _free),
}

KINDS = tuple(_KINDS)

"""Vietnamese plates on drawn vehicles: texts in every format, and what they look like from the front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from ioc.plate_grammar import CAR_LETTERS, CHARACTERS, DIPLOMATIC_SERIES
from ioc.plate_strokes import Face, strokes
from ioc.types import Image

Bgr = tuple[int, int, int]
PAPER: dict[str, Bgr] = {
    "white": (232, 233, 230), "yellow": (40, 188, 236), "blue": (158, 78, 24), "red": (38, 34, 186),
}  # fmt: skip
INK: dict[str, Bgr] = {"white": (34, 30, 30), "yellow": (30, 30, 30), "blue": (236, 236, 236), "red": (236, 236, 236)}
RED: Bgr = (45, 40, 190)
FACE = Face(bowl=0.3, square=2.5, dip=0.6, flag=0.5, straight=False, flat=False, open_four=True)
"""Near the condensed face of real plates."""
UNITS = ("KP", "KT", "TM", "QA", "BK", "AA", "TH", "HD")
PROVINCES = (99, 98, 99, 98, 29, 30, 12, 15, 19, 20, 34, 36, 88, 89, 90, 51)
"""Bắc Ninh's codes more often than others."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A plate without text: its width and height in millimetres, and how many lines it bears."""

    size: tuple[int, int]
    lines: int


LONG = Blank((520, 110), 1)
SHORT = Blank((330, 165), 2)
SMALL = Blank((190, 140), 2)
"""A motorcycle's."""


@dataclass(frozen=True, slots=True)
class Plate:
    """What a vehicle's plates bear: the upper and the lower line, with their dashes and dots, and the colour."""

    upper: str
    lower: str
    colour: str = "white"

    @classmethod
    def parse(cls, text: str, colour: str = "white") -> Plate:
        """Return the plate of a text such as `98A-123.45`, `98-B1 123.45`, `KP-34-56` or `80-441-NG-02`.

        A blank parts the lines, else the dash that does so on a plate of that format. Raises ValueError for a text
        that does not make two lines, a character that no plate bears and a colour that no plate has.
        """
        upper, blank, lower = text.strip().partition(" ")
        if not blank:
            parts = text.strip().split("-")
            first = 2 if len(parts) == 4 or (len(parts) == 3 and parts[0].isdigit()) else 1
            upper, lower = "-".join(parts[:first]), "-".join(parts[first:])
        if not _plain(upper) or not _plain(lower):
            raise ValueError(f"{text!r} does not make the two lines of a plate; write it as 98A-123.45 or 98-B1 123.45")
        for character in _plain(upper + lower):
            if character not in f"{CHARACTERS}Đ":
                raise ValueError(f"no plate bears {character!r}, as {text!r} does; use capitals and digits")
        if colour not in PAPER:
            raise ValueError(f"no plate is {colour!r}; use one of {', '.join(PAPER)}")
        return cls(upper, lower, colour)

    def lines(self, blank: Blank) -> tuple[str, ...]:
        """Return the lines as they stand on a plate of that kind."""
        return (self.upper, self.lower) if blank.lines == 2 else (f"{self.upper}-{self.lower}",)

    def texts(self, blank: Blank) -> tuple[str, ...]:
        """Return the characters of each line as a reader names them: no dashes, no dots, Đ as D."""
        return tuple(_plain(line).replace("Đ", "D") for line in self.lines(blank))


def _plain(text: str) -> str:
    return text.replace("-", "").replace(".", "").replace(" ", "")


def car_plate(rng: np.random.Generator) -> Plate:
    """Return the plate of a car, bus or truck: mostly white or commercial, seldom any of the others."""
    kind = str(rng.choice(list(_CARS), p=[0.62, 0.16, 0.06, 0.04, 0.03, 0.03, 0.06]))
    return _CARS[kind](rng)


def motorcycle_plate(rng: np.random.Generator) -> Plate:
    """Return the plate of a motorcycle: two letters, a letter and a digit, or an electric one's."""
    kind = str(rng.choice(list(_MOTORCYCLES), p=[0.34, 0.3, 0.26, 0.06, 0.04]))
    return _MOTORCYCLES[kind](rng)


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def _number(rng: np.random.Generator) -> str:
    return f"{_digits(rng, 3)}.{_digits(rng, 2)}"


def _province(rng: np.random.Generator) -> str:
    return str(PROVINCES[int(rng.integers(len(PROVINCES)))])


def _letter(rng: np.random.Generator) -> str:
    return CAR_LETTERS[int(rng.integers(len(CAR_LETTERS)))]


def _civil(colour: str) -> Callable[[np.random.Generator], Plate]:
    return lambda rng: Plate(_province(rng) + _letter(rng), _number(rng), colour)


def _foreign(rng: np.random.Generator) -> Plate:
    series = DIPLOMATIC_SERIES[int(rng.integers(len(DIPLOMATIC_SERIES)))]
    return Plate(f"{_province(rng)}-{_digits(rng, 3)}", f"{series}-{_digits(rng, 2)}")


_CARS: dict[str, Callable[[np.random.Generator], Plate]] = {
    "private": _civil("white"),
    "commercial": _civil("yellow"),
    "state": _civil("blue"),
    "old": lambda rng: Plate(_province(rng) + _letter(rng), _digits(rng, 4)),
    "company": lambda rng: Plate(f"{_province(rng)}LD", _number(rng)),
    "foreign": _foreign,
    "army": lambda rng: Plate(
        UNITS[int(rng.integers(len(UNITS)))], f"{_digits(rng, 2)}-{_digits(rng, 2)}", "red"
    ),
}  # fmt: skip
_MOTORCYCLES: dict[str, Callable[[np.random.Generator], Plate]] = {
    "two letters": lambda rng: Plate(f"{_province(rng)}-{_letter(rng)}{_letter(rng)}", _number(rng)),
    "letter and digit": lambda rng: Plate(f"{_province(rng)}-{_letter(rng)}{rng.integers(1, 10)}", _number(rng)),
    "old": lambda rng: Plate(f"{_province(rng)}-{_letter(rng)}{rng.integers(1, 10)}", _digits(rng, 4)),
    "electric": lambda rng: Plate(f"{_province(rng)}-MĐ{rng.integers(1, 10)}", _number(rng)),
    "state": lambda rng: Plate(f"{_province(rng)}-{_letter(rng)}{rng.integers(1, 10)}", _number(rng), "blue"),
}

FINEST = 416
"""Pixels across the finest drawing of a plate."""
SHIFT = 4
"""Bits behind the point in OpenCV's coordinates."""
ADVANCES = {"-": 0.6, ".": 0.3, "1": 0.8, "M": 1.1}
"""How much of a character's place another one takes."""


def plate_drawing(plate: Plate, blank: Blank, across: float) -> Image:
    """Return the plate from the front, not less than `across` pixels wide where a drawing is as fine as that."""
    halvings = int(np.clip(np.floor(np.log2(FINEST / max(across, 1.0))), 0, 4))
    return _drawing(plate, blank, halvings)


@lru_cache(2048)
def _drawing(plate: Plate, blank: Blank, halvings: int) -> Image:
    """Return the plate `FINEST` pixels wide, halved so many times: a sharp one would glitter from afar."""
    if halvings:
        fine = _drawing(plate, blank, halvings - 1)
        half = (fine.shape[1] // 2, max(fine.shape[0] // 2, 2))
        return np.asarray(cv2.resize(fine, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    wide, high = blank.size
    image = np.empty((round(FINEST * high / wide), FINEST, 3), np.uint8)
    image[:] = PAPER[plate.colour]
    edge = max(round(2.4 * FINEST / wide), 2)
    cv2.rectangle(image, (edge, edge), (FINEST - 1 - edge, image.shape[0] - 1 - edge), INK[plate.colour], edge)
    lines = plate.lines(blank)
    rows = ((0.17, 0.83),) if len(lines) == 1 else ((0.09, 0.46), (0.53, 0.92))
    for line, (top, bottom) in zip(lines, rows, strict=True):
        _write(image, line, plate, (top * image.shape[0], bottom * image.shape[0]))
    return image


def _write(image: Image, line: str, plate: Plate, rows: tuple[float, float]) -> None:
    """Write a line between two rows of pixels, in the middle."""
    top, tall = rows[0], rows[1] - rows[0]
    shares = [ADVANCES.get(character, 1.0) for character in line]
    place = min(image.shape[1] * 0.92 / sum(shares), tall * 0.68)
    x = (image.shape[1] - place * sum(shares)) / 2
    thick = max(round(tall * 0.13), 1)
    for character, share in zip(line, shares, strict=True):
        red = character.isalpha() and any(series in line for series in DIPLOMATIC_SERIES) and plate.colour == "white"
        ink = RED if red else INK[plate.colour]
        size = np.array([place * (share - 0.22) - thick, tall - thick])
        for stroke in _strokes(character):
            points = (stroke * size + (x + place * 0.11 + thick / 2, top + thick / 2)) * 2**SHIFT
            cv2.polylines(image, [points.round().astype(np.int32)], False, ink, thick, cv2.LINE_AA, SHIFT)
        x += place * share


def _strokes(character: str) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    if character == "-":
        return [np.array([[0.0, 0.5], [1.0, 0.5]])]
    if character == ".":
        return [np.array([[0.5, 0.93], [0.5, 0.93]])]
    return strokes(character, FACE)

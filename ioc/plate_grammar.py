"""What a plate of Vietnam may say: from the characters that a reader saw to kind, province, key and display form.

The grammar describes and flags; it never drops a read. Where a string alone is ambiguous (`98A12345` is a car's
98A-123.45 or an old motorbike's 98A1-2345), the number of characters on the upper line decides.
Pure Python: no pixels, no input or output.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "diplomatic",
    "moto_electric",
    "special",
    "moto_2letter",
    "moto_letterdigit",
    "car",
    "temporary",
    "military",
    "unknown",
]
Flag = Literal["province", "letter", "layout", "grammar", "ambiguous"]
"""Why a read deserves a second look.

`province`: no province has that code; `letter`: a letter that plates of this kind do not use; `layout`: the number of
characters on the upper line fits no such plate; `grammar`: no kind of plate looks like this; `ambiguous`: more than one
kind fits.
"""

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What the reader tells apart. O and I are not among them: no plate uses them beside 0 and 1."""

SERIES_LETTERS = "ABCDEFGHKLMNPRSTUVXYZ"
"""I J O Q W are never used in a series."""

CAR_LETTERS = SERIES_LETTERS.replace("R", "")

SPECIAL_SERIES = ("LD", "DA", "KT", "HC", "TD", "MK", "CD", "RM", "LB", "CT", "R", "T")
DIPLOMATIC_SERIES = ("NG", "QT", "NN", "CV")

NOT_PROVINCES = frozenset({13, 42, 44, 45, 46, 87, 91, 96})
"""The only codes from 11 to 99 that nobody holds."""

_PROVINCES = {
    # As merged in July 2025. Codes only ever get added: a merged province keeps all of its old ones.
    "Cao Bằng": "11",
    "Lạng Sơn": "12",
    "Quảng Ninh": "14",
    "Hải Phòng": "15 16 34",
    "Hưng Yên": "17 89",
    "Ninh Bình": "18 35 90",
    "Phú Thọ": "19 28 88",
    "Thái Nguyên": "20 97",
    "Lào Cai": "21 24",
    "Tuyên Quang": "22 23",
    "Lai Châu": "25",
    "Sơn La": "26",
    "Điện Biên": "27",
    "Hà Nội": "29 30 31 32 33 40",
    "Thanh Hóa": "36",
    "Nghệ An": "37",
    "Hà Tĩnh": "38",
    "Đồng Nai": "39 60 93",
    "Đà Nẵng": "43 92",
    "Đắk Lắk": "47 78",
    "Lâm Đồng": "48 49 86",
    "TP. Hồ Chí Minh": "41 50 51 52 53 54 55 56 57 58 59 61 72",
    "Tây Ninh": "62 70",
    "Đồng Tháp": "63 66",
    "Vĩnh Long": "64 71 84",
    "Cần Thơ": "65 83 95",
    "An Giang": "67 68",
    "Cà Mau": "69 94",
    "Quảng Trị": "73 74",
    "Huế": "75",
    "Quảng Ngãi": "76 82",
    "Gia Lai": "77 81",
    "Khánh Hòa": "79 85",
    "Cục Cảnh sát giao thông": "80",
    "Bắc Ninh": "98 99",
}

PROVINCES: dict[str, str] = {code: name for name, codes in _PROVINCES.items() for code in codes.split()}
"""Who holds each code."""

DIGIT_FOR = {
    "O": "0",
    "Q": "0",
    "D": "0",
    "I": "1",
    "J": "1",
    "L": "4",
    "Z": "2",
    "S": "5",
    "G": "6",
    "T": "7",
    "B": "8",
}
DIGIT_FOR |= {"A": "4"}
LETTER_FOR = {"1": "L", "0": "D", "7": "Z", "2": "Z", "4": "A", "5": "S", "6": "G", "8": "B"}
"""What a reader that takes a character for another of the same look has most often missed."""

_SLOTS = {7: "DDLDDDD", 8: "DDLDDDDD", 9: "DDL?DDDDD"}


@dataclass(frozen=True, slots=True)
class Plate:
    """What a read says about a plate."""

    key: str
    """Canonical text: upper-case ASCII letters and digits alone."""
    kind: Kind
    province: str | None
    """Code of the province, where the kind bears one; it need not be a valid one."""
    series: str
    number: str
    kinds: tuple[Kind, ...]
    """Every kind that fits, the chosen one first."""
    flags: tuple[Flag, ...]
    country: str = ""
    """Three digits of a diplomat's country."""

    @property
    def valid(self) -> bool:
        """Whether such a plate can exist. A read that is not valid is kept all the same."""
        return not set(self.flags) - {"ambiguous"}

    @property
    def province_name(self) -> str | None:
        """Who holds the province's code."""
        return PROVINCES.get(self.province or "")

    @property
    def display(self) -> str:
        """How people write the plate: 98A-123.45, 98-B1 123.45, 80-NG-441-02, KP-34-56."""
        return _display(self)


def normalise(raw: str) -> str:
    """Return the canonical text of anything that was read or typed: upper-case ASCII letters and digits, Đ as D."""
    plain = unicodedata.normalize("NFKD", raw).upper().replace("Đ", "D")
    return re.sub(r"[^0-9A-Z]", "", plain)


def parse(text: str, upper_len: int | None = None) -> Plate:
    """Return what a text says. It is normalised first; nothing is corrected or dropped.

    `upper_len` is the number of characters on the upper line, all of them on a one-line plate, None when it is not
    known.
    """
    key = normalise(text)
    found = [reading for rule in _RULES if (reading := rule.read(key, upper_len)) is not None]
    layout = not found and upper_len is not None
    if layout:
        found = [reading for rule in _RULES if (reading := rule.read(key, None)) is not None]
    if not found:
        return Plate(key, "unknown", None, "", "", ("unknown",), ("grammar",))
    found.sort(key=lambda reading: len(reading.flags))  # stable: of equals the first rule wins
    best = found[0]
    kinds = tuple(dict.fromkeys(reading.kind for reading in found if len(reading.flags) == len(best.flags)))
    if upper_len is None and best.kind == "special" and len(kinds) > 1:
        best = next(reading for reading in found if reading.kind == kinds[1])
        kinds = (best.kind, *(kind for kind in kinds if kind != best.kind))
    flags: list[Flag] = [*best.flags]
    if layout:
        flags.append("layout")
    if len(kinds) > 1:
        flags.append("ambiguous")
    return Plate(key, best.kind, best.province, best.series, best.number, kinds, tuple(flags), best.country)


def coerced(text: str, upper_len: int | None = None) -> str:
    """Return the canonical text with look-alikes put right by their place, where that alone makes a plate of it.

    An alternative to show beside a read, never in its stead. Only texts of 7 to 9 characters that fit no plate are
    changed; the fourth of nine may be a letter or a digit and stays.
    """
    key = normalise(text)
    if parse(key, upper_len).valid or len(key) not in _SLOTS:
        return key
    tables = {"D": DIGIT_FOR, "L": LETTER_FOR, "?": {}}
    changed = "".join(tables[slot].get(own, own) for own, slot in zip(key, _SLOTS[len(key)], strict=True))
    return changed if parse(changed, upper_len).valid else key


@dataclass(frozen=True, slots=True)
class _Reading:
    kind: Kind
    province: str | None
    series: str
    number: str
    country: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """One kind of plate: what it looks like, where its upper line may end, and which letters it uses."""

    kind: Kind
    shape: re.Pattern[str]
    ends: tuple[str, ...]
    """Groups that an upper line may end with; `number` stands for a one-line plate."""
    letters: str = SERIES_LETTERS

    def read(self, key: str, upper_len: int | None) -> _Reading | None:
        match = self.shape.fullmatch(key)
        if match is None or not self._agrees(match, upper_len):
            return None
        groups = {name: value or "" for name, value in match.groupdict().items()}
        flags: list[Flag] = []
        province = groups.get("province") or None
        if province is not None and province not in PROVINCES:
            flags.append("province")
        series = groups["series"]
        if self.letters and any(own.isalpha() and own not in self.letters for own in series):
            flags.append("letter")
        return _Reading(self.kind, province, series, groups["number"], groups.get("country", ""), tuple(flags))

    def _agrees(self, match: re.Match[str], upper_len: int | None) -> bool:
        if upper_len is None:
            return True
        if upper_len >= len(match.string):
            return "number" in self.ends
        return upper_len in {match.end(name) for name in self.ends if name != "number"}


def _rule(kind: Kind, shape: str, ends: str, letters: str = SERIES_LETTERS) -> _Rule:
    return _Rule(kind, re.compile(shape), tuple(ends.split()), letters)


_P = r"(?P<province>\d\d)"
_N = r"(?P<number>\d{4,5})"
_DIPLOMATIC = "|".join(DIPLOMATIC_SERIES)

_RULES = (
    _rule(
        "diplomatic", rf"{_P}(?P<country>\d{{3}})(?P<series>{_DIPLOMATIC})(?P<number>\d{{2,3}})", "country number", ""
    ),
    _rule(
        "diplomatic", rf"{_P}(?P<series>{_DIPLOMATIC})(?P<country>\d{{3}})(?P<number>\d{{2,3}})", "series number", ""
    ),
    _rule("moto_electric", rf"{_P}(?P<series>MD[1-9]){_N}", "series"),
    _rule("moto_electric", rf"{_P}(?P<series>MD){_N}", "series"),
    _rule("special", rf"{_P}(?P<series>{'|'.join(SPECIAL_SERIES)}){_N}", "series number", ""),
    _rule("moto_2letter", rf"{_P}(?P<series>[A-Z]{{2}}){_N}", "series"),
    _rule("moto_letterdigit", rf"{_P}(?P<series>[A-Z][1-9]){_N}", "series"),
    _rule("car", rf"{_P}(?P<series>[A-Z]){_N}", "series number", CAR_LETTERS),
    _rule("temporary", rf"(?P<series>T)(?P<province>{'|'.join(PROVINCES)})(?P<number>\d{{4,6}})", "province number"),
    _rule("temporary", r"(?P<series>T)(?P<number>\d{4,6})", "series number"),
    _rule("military", r"(?P<series>[A-Z]{2}[SLX]?)(?P<number>\d{3,6}(?:RM|BM)?)", "series number", ""),
)


def _display(plate: Plate) -> str:
    province, series, number = plate.province or "", plate.series, plate.number
    match plate.kind:
        case "diplomatic":
            country_first = plate.key.startswith(province + plate.country)
            parts = (province, *((plate.country, series) if country_first else (series, plate.country)), number)
            written = "-".join(parts)
        case "moto_electric" | "moto_2letter" | "moto_letterdigit":
            barred = series.replace("MD", "MĐ") if plate.kind == "moto_electric" else series
            written = f"{province}-{barred} {_dotted(number)}"
        case "car" | "special":
            written = f"{province}{series}-{_dotted(number)}"
        case "temporary":
            written = f"{series}{province}-{number}"
        case "military":
            pairs = f"{number[:2]}-{number[2:]}" if re.fullmatch(r"\d{4}", number) else number
            written = f"{series}-{pairs}"
        case "unknown":
            written = plate.key
    return written


def _dotted(number: str) -> str:
    return f"{number[:3]}.{number[3:]}" if len(number) == 5 else number

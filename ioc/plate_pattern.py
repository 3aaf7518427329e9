"""What somebody types who looks for plates: letters and digits, `?` for one unknown character, `*` for any number.

A pattern is no regular expression: as short as it is, a database matches it in a moment, whatever somebody types.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from ioc.errors import UsageError

LONGEST = 24
"""Characters of the longest pattern that is taken, separators aside."""

ONE, ANY = "?", "*"


class PatternError(UsageError):
    """What was typed is no pattern of a plate."""


@dataclass(frozen=True)
class Pattern:
    """A pattern in canonical form: `A`-`Z`, `0`-`9`, `?` and `*`, never two `*` in a row."""

    text: str

    @property
    def exact(self) -> bool:
        """Whether it stands for one text alone."""
        return ONE not in self.text and ANY not in self.text

    @cached_property
    def prefix(self) -> str:
        """The characters that every match begins with."""
        return re.split(r"[?*]", self.text, maxsplit=1)[0]

    @cached_property
    def suffix(self) -> str:
        """The characters that every match ends with."""
        return re.split(r"[?*]", self.text)[-1]

    @cached_property
    def inside(self) -> list[str]:
        """The characters that every match holds side by side, apart from where it begins and ends."""
        return re.split(r"[?*]", self.text)[1:-1]

    @property
    def like(self) -> str:
        """The same for SQL's LIKE; canonical texts hold nothing that would need escaping."""
        return self.text.replace(ONE, "_").replace(ANY, "%")


def parse_pattern(typed: str) -> Pattern:
    """Return the pattern of what was typed; small letters, Đ and separators (space . - _ /) are put right.

    Raises PatternError for nothing, for too much, and for what no plate bears.
    """
    if len(typed) > 4 * LONGEST:
        raise PatternError(f"a plate has at most {LONGEST} characters")
    plain = unicodedata.normalize("NFKD", typed).upper().replace("Đ", "D")
    plain = "".join(own for own in plain if not unicodedata.combining(own))
    text = re.sub(r"\*+", ANY, re.sub(r"[\s._/-]", "", plain))
    strange = re.search(r"[^0-9A-Z?*]", text)
    if strange:
        raise PatternError(f"{strange[0]!r} stands on no plate: type letters, digits, ? for one character, * for any")
    if not text.strip("?*"):
        raise PatternError("type at least one letter or digit of the plate")
    if len(text) > LONGEST:
        raise PatternError(f"a plate has at most {LONGEST} characters")
    return Pattern(text)

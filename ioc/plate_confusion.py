"""What a plate reader takes for what, measured, and what that says of two texts that are almost the same.

A cost is how much rarer an error is than reading the character right, as a natural logarithm: 0 for the same character,
about 3 for one error in twenty. The costs of several errors add up. Texts are canonical: see `ioc.plate_grammar`.
"""

from __future__ import annotations

import heapq
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import pairwise

from ioc.plate_grammar import CHARACTERS

NOTHING = ""
"""Stands for a character that was left out, or where none is."""

UNSEEN = 0.05
"""How often each error is taken to have happened beside those that were counted: none is impossible."""


@dataclass(frozen=True)
class Confusions:
    """What a reader reads where what is shown: counts of (shown, read), right ones included."""

    counts: Mapping[tuple[str, str], int]

    @staticmethod
    def from_json(text: str) -> Confusions:
        """Return those of a JSON object {"A>4": 3, "A>A": 250, "A>": 1, ">1": 2}; raises ValueError for another."""
        counts = {}
        for key, count in json.loads(text).items():
            shown, arrow, read = key.partition(">")
            if not arrow or not {shown, read} <= {*CHARACTERS, NOTHING} or not count >= 0:
                raise ValueError(f'expected counts such as "A>4": 3, got {key!r}: {count!r}')
            counts[shown, read] = int(count)
        return Confusions(counts)

    def to_json(self) -> str:
        """Return the same as JSON, in order, one count a line."""
        counts = {f"{shown}>{read}": count for (shown, read), count in sorted(self.counts.items())}
        return json.dumps(counts, indent=0) + "\n"

    @staticmethod
    def measured() -> Confusions:
        """Return those of the bundled reader, as `models.training.plate_confusions` measured them."""
        return Confusions.from_json((files("ioc") / "plate_confusions.json").read_text("utf-8"))

    def either_way(self) -> Confusions:
        """Return the same where nobody knows which of two texts was shown and which was read."""
        counts = Counter(self.counts)
        counts.update({(read, shown): count for (shown, read), count in self.counts.items()})
        return Confusions(counts)

    def cost(self, shown: str, read: str) -> float:
        """Return what it costs that `read` is read for `shown`; either may be NOTHING, not both."""
        return 0.0 if shown == read else self._costs[shown, read]

    @cached_property
    def _costs(self) -> dict[tuple[str, str], float]:
        total = Counter[str]()
        for (shown, _), count in self.counts.items():
            total[shown] += count
        costs = {}
        for shown in (*CHARACTERS, NOTHING):
            # Where nothing is shown, nothing is read right once for every character there is.
            seen = total[shown] if shown else sum(total.values())
            right = self.counts.get((shown, shown), 0) if shown else seen
            for read in (*CHARACTERS, NOTHING):
                if read != shown:
                    often = self.counts.get((shown, read), 0) + UNSEEN
                    costs[shown, read] = max(math.log((right + 1) / often), 0.1)
        return costs

    def distance(self, shown: str, read: str) -> float:
        """Return the least cost at which `shown` is read as `read` (Wagner and Fischer, 1974, with these costs)."""
        row = [0.0]
        for own in read:
            row.append(row[-1] + self.cost(NOTHING, own))
        for wanted in shown:
            before, row = row, [row[0] + self.cost(wanted, NOTHING)]
            for own, (aslant, above) in zip(read, pairwise(before), strict=True):
                made_up = row[-1] + self.cost(NOTHING, own)
                row.append(min(aslant + self.cost(wanted, own), above + self.cost(wanted, NOTHING), made_up))
        return row[-1]

    def readings(self, shown: str, most: int) -> dict[str, float]:
        """Return as what a text is read with at most two errors, likeliest first: at most `most`, with their costs."""
        found = {shown: 0.0}
        for cost, edits in _cheapest(self._single_errors(shown)):
            found.setdefault(_applied(shown, edits), cost)
            if len(found) >= most:
                break
        return found

    def _single_errors(self, shown: str) -> list[tuple[float, _Edit]]:
        errors = []
        for place, own in enumerate(shown):
            errors += [
                (self.cost(own, read), (place, place + 1, read)) for read in (*CHARACTERS, NOTHING) if read != own
            ]
        for place in range(len(shown) + 1):
            errors += [(self.cost(NOTHING, read), (place, place, read)) for read in CHARACTERS]
        return sorted(errors)


_Edit = tuple[int, int, str]
"""What is put in the place of the characters from the first figure to the second, which does not count."""


def _cheapest(errors: list[tuple[float, _Edit]]) -> Iterator[tuple[float, tuple[_Edit, ...]]]:
    """Yield single errors and pairs of errors at different places by rising cost; `errors` are in that order."""
    singles = [(cost, (number,)) for number, (cost, _) in enumerate(errors)]
    waiting: list[tuple[float, tuple[int, ...]]] = [*singles]
    if len(errors) > 1:
        waiting.append((errors[0][0] + errors[1][0], (0, 1)))
    heapq.heapify(waiting)
    while waiting:
        cost, chosen = heapq.heappop(waiting)
        edits = tuple(errors[number][1] for number in chosen)
        if len(chosen) == 1 or _apart(*edits):
            yield cost, edits
        if len(chosen) == 2:
            first, second = chosen
            following = [(first, second + 1)] + ([(second, second + 1)] if second == first + 1 else [])
            for one, other in following:
                if other < len(errors):
                    heapq.heappush(waiting, (errors[one][0] + errors[other][0], (one, other)))


def _apart(one: _Edit, other: _Edit) -> bool:
    first, second = sorted((one, other))
    return first[1] <= second[0] and first[:2] != second[:2]


def _applied(text: str, edits: tuple[_Edit, ...]) -> str:
    for begin, end, read in sorted(edits, reverse=True):
        text = text[:begin] + read + text[end:]
    return text

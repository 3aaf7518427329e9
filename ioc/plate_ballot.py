"""What several reads of one plate say together: a vote, place by place, in which the grammar has a say but no veto.

Each read counts by how clear its view was and how sure the reader was of it, as a whole and of each character. Texts
with other numbers of characters on their lines are not mixed: what the second character of one is, says nothing of the
other's. A text that a plate can bear counts `CREDIT` times; a reader that is much surer of another one is believed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ioc import plate_grammar
from ioc.plate_grammar import Plate

CREDIT = 4.0
"""How many times as sure the reader must be of a text that no plate bears, to be believed against one that can."""

CLEAR = 24.0
"""Characters of this many pixels are as clear as they get."""
LAYOUTS = 3
"""So many ways to divide a text into lines are considered, the likeliest ..."""
PLACES = 3
"""... with so many characters at each place ..."""
TEXTS = 6
"""... and so many texts of each."""
FAINT = 1e-3
"""A reader that is sure of nothing still votes a little."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A text, upper line first, how many characters of it stand on the upper line, and how probable it is."""

    text: str
    upper_len: int
    score: float

    @property
    def plate(self) -> Plate:
        """What it means."""
        return plate_grammar.parse(self.text, self.upper_len if self.text else None)

    @property
    def layout(self) -> tuple[int, int]:
        """How many characters it has, and how many of them above."""
        return len(self.text), self.upper_len


@dataclass(frozen=True, slots=True)
class Vote:
    """One read of a plate: what was read, how sure each character is, and how clear the view was."""

    guess: Guess
    scores: tuple[float, ...]
    alternatives: tuple[Guess, ...] = ()
    height: float = CLEAR
    """The characters' height in pixels."""
    sharpness: float = 1.0
    """On any scale that is the same for all views of the plate."""

    @property
    def clarity(self) -> float:
        """How clear the view was, on a scale of its plate's own."""
        return min(self.height / CLEAR, 1.0) * self.sharpness


@dataclass(frozen=True, slots=True)
class Elected:
    """What the reads say together; `alternatives` are what else they may mean, likeliest first."""

    guess: Guess
    scores: tuple[float, ...]
    """How much of the vote each character has, 0 to 1."""
    certainty: float
    """The text's share of the likelihood of all texts that were considered; 1 leaves no doubt."""
    alternatives: tuple[Guess, ...] = ()


def credited(text: str, upper_len: int, score: float, credit: float = CREDIT) -> float:
    """Return how much a reading counts: `credit` times where a plate can say so."""
    return score * credit if _can_be(text, upper_len) else score


@lru_cache(4096)
def _can_be(text: str, upper_len: int) -> bool:
    return Guess(text, upper_len, 0.0).plate.valid


def elect(votes: Sequence[Vote], most: int = 5) -> Elected:
    """Return what one or more reads say together, with at most so many alternatives."""
    tables = _tables(votes)
    ranked = sorted(
        (guess for table in tables.values() for guess in _texts(table)),
        key=lambda guess: (-guess.score, guess.text, guess.upper_len),
    )
    chosen = max(ranked, key=lambda guess: credited(guess.text, guess.upper_len, guess.score))
    places = tables[chosen.layout].places
    return Elected(
        guess=chosen,
        scores=tuple(place[own] for place, own in zip(places, chosen.text, strict=True)),
        certainty=chosen.score / sum(guess.score for guess in ranked),
        alternatives=tuple(guess for guess in ranked if guess is not chosen)[:most],
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """The votes for texts of one layout."""

    upper_len: int
    share: float
    """How much of the vote is for this layout."""
    places: tuple[Mapping[str, float], ...]
    """How much of that is for each character at each place."""


def _tables(votes: Sequence[Vote]) -> dict[tuple[int, int], _Table]:
    """Return the likeliest layouts, and who stands where in each."""
    for_layout: defaultdict[tuple[int, int], float] = defaultdict(float)
    heard: defaultdict[tuple[int, int], float] = defaultdict(float)
    places: dict[tuple[int, int], list[defaultdict[str, float]]] = {}
    for vote in votes:
        weight = max(vote.clarity * vote.guess.score, FAINT)
        own = vote.guess.layout
        for guess in (vote.guess, *vote.alternatives):
            layout = guess.layout
            if layout not in places:
                places[layout] = [defaultdict(float) for _ in guess.text]
            for_layout[layout] += weight * max(guess.score, FAINT)
            heard[layout] += weight if guess is vote.guess else 0.0 if layout == own else weight * guess.score
            for place, (character, sure) in enumerate(_characters(vote, guess)):
                places[layout][place][character] += weight * sure
    total = sum(for_layout.values())
    likeliest = sorted(for_layout, key=lambda layout: (-for_layout[layout], layout))[:LAYOUTS]
    return {
        layout: _Table(
            upper_len=layout[1],
            share=for_layout[layout] / total,
            places=tuple(
                {own: min(part / max(heard[layout], FAINT), 1.0) for own, part in place.items()}
                for place in places[layout]
            ),
        )
        for layout in likeliest
    }


def _characters(vote: Vote, guess: Guess) -> Iterable[tuple[str, float]]:
    """Yield the characters of one of a vote's guesses, and how sure each is; what the vote's own says counts once."""
    if guess is vote.guess:
        yield from ((own, max(sure, FAINT)) for own, sure in zip(guess.text, vote.scores, strict=True))
    elif guess.layout != vote.guess.layout:
        yield from ((own, guess.score) for own in guess.text)
    else:
        for own, first in zip(guess.text, vote.guess.text, strict=True):
            yield own, 0.0 if own == first else guess.score


def _texts(table: _Table) -> list[Guess]:
    """Return the likeliest texts of a layout, by a search that keeps the best beginnings."""
    beginnings = [("", table.share)]
    for place in table.places:
        likely = sorted(place.items(), key=lambda one: (-one[1], one[0]))[:PLACES]
        longer = [(text + own, score * share) for text, score in beginnings for own, share in likely if share]
        beginnings = sorted(longer, key=lambda one: (-one[1], one[0]))[:TEXTS]
    return [Guess(text, table.upper_len, score) for text, score in beginnings]


def most_said(words: Iterable[tuple[str, float]]) -> str | None:
    """Return the word with the greatest weight; None without any."""
    total: defaultdict[str, float] = defaultdict(float)
    for word, weight in words:
        total[word] += weight
    return max(sorted(total), key=total.__getitem__, default=None)

"""From probabilities along a line to texts: connectionist temporal classification, read backwards.

Every place of a line says how probable each character is, and the last class that there is none. A text's probability
is the sum over all ways to lay it along the places, where a character may spread over several (Graves et al., 2006).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Line: TypeAlias = npt.NDArray[np.float32]
"""Probabilities of one line, (places, characters + 1)."""

BEAM = 8
"""Texts kept while reading along."""

UNLIKELY = 1e-3
"""Characters less probable than this at a place are not followed there."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One way to read a line: numbers of the characters, and how probable they are together."""

    characters: tuple[int, ...]
    score: float


def best_texts(line: Line, count: int) -> list[Guess]:
    """Return the likeliest texts of a line, surest first, by prefix beam search (Hannun et al., 2014)."""
    blank = line.shape[1] - 1
    # For each text so far: its probability with nothing, and with its last character, at the last place.
    beam: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    followed = [np.flatnonzero(place[:blank] > UNLIKELY).tolist() for place in line]
    for place, characters in zip(line.tolist(), followed, strict=True):
        grown: defaultdict[tuple[int, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for text, (nothing, last) in beam.items():
            own = grown[text]
            own[0] += (nothing + last) * place[blank]
            if text:
                own[1] += last * place[text[-1]]
            for character in characters:
                repeated = bool(text) and character == text[-1]
                grown[(*text, character)][1] += (nothing if repeated else nothing + last) * place[character]
        kept = sorted(grown.items(), key=lambda item: (-sum(item[1]), item[0]))[:BEAM]
        beam = {text: (nothing, last) for text, (nothing, last) in kept}
    guesses = [Guess(text, min(nothing + last, 1.0)) for text, (nothing, last) in beam.items()]
    return sorted(guesses, key=lambda guess: (-guess.score, guess.characters))[:count]


def character_scores(line: Line, characters: tuple[int, ...]) -> list[float]:
    """Return how probable each character is at its best place, when the text lies where it fits best (Viterbi)."""
    if not characters:
        return []
    blank = line.shape[1] - 1
    states = [blank]
    for character in characters:
        states += [character, blank]
    logs = np.log(np.maximum(line[:, states], 1e-12)).astype(np.float64)
    skips = [n >= 2 and states[n] != blank and states[n] != states[n - 2] for n in range(len(states))]
    path = _best_path(logs, np.array(skips))
    scores = [0.0] * len(characters)
    for place, state in enumerate(path):
        if state % 2:
            scores[state // 2] = max(scores[state // 2], float(line[place, states[state]]))
    return scores


def _best_path(logs: npt.NDArray[np.float64], skips: npt.NDArray[np.bool_]) -> list[int]:
    places, states = logs.shape
    total = np.full(states, -math.inf)
    total[:2] = logs[0, :2]
    came = np.zeros((places, states), np.int64)
    for place in range(1, places):
        one = np.concatenate([[-math.inf], total[:-1]])
        two = np.where(skips, np.concatenate([[-math.inf, -math.inf], total[:-2]]), -math.inf)
        ways = np.stack([total, one, two])
        came[place] = ways.argmax(0)
        total = ways.max(0) + logs[place]
    state = states - 1 if total[-1] >= total[-2] else states - 2
    path = [state]
    for place in range(places - 1, 0, -1):
        state -= int(came[place, state])
        path.append(state)
    return path[::-1]

"""Measures what a model costs on this machine: milliseconds of processor and of wall time a picture.

What is timed is the network alone, on a picture of noise; decoding and resizing are the same for every network. All
variants take turns in every round, so that whatever else the machine does falls on all of them alike, and the median of
the rounds stands. Wall time says how long one waits here and now; processor time hardly depends on the neighbours.
"""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ioc.clock import monotonic, processor_seconds
from ioc.errors import ModelError
from models.letterbox import Letterbox
from models.manifest import ModelEntry
from models.plate_reader import input_shape
from models.providers import Provider
from models.session import Floats, Session

WARM_UP = 2
"""The first runs also plan memory and fill caches."""
LEAST_ROUNDS = 5
CAMERA = (1080, 1920)
"""Height and width of the picture that a detector's input is fitted around: most cameras are 16:9."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians of one variant: milliseconds a picture, over so many rounds."""

    wall_ms: float
    cpu_ms: float
    rounds: int


def take_turns(
    variants: Sequence[Callable[[], object]],
    seconds: float,
    pictures: Sequence[int],
    *,
    each: Callable[[], None] = lambda: None,
) -> list[Cost]:
    """Run all variants in turns for about `seconds` a variant, LEAST_ROUNDS rounds at least, and return their costs.

    A run of a variant looks at so many pictures as `pictures` says. `each` is called after each round.
    """
    for run in variants:
        for _ in range(WARM_UP):
            run()
    rounds: list[list[tuple[float, float]]] = []
    until = monotonic() + seconds * len(variants)
    while len(rounds) < LEAST_ROUNDS or monotonic() < until:
        rounds.append([_timed(run) for run in variants])
        each()
    return [
        Cost(
            wall_ms=statistics.median(wall for wall, _ in own) * 1000 / batch,
            cpu_ms=statistics.median(cpu for _, cpu in own) * 1000 / batch,
            rounds=len(own),
        )
        for own, batch in zip(zip(*rounds, strict=True), pictures, strict=True)
    ]


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = monotonic(), processor_seconds()
    run()
    return monotonic() - wall, processor_seconds() - cpu


def noise(entry: ModelEntry, size: int, batch: int, fixed: tuple[int, int] | None = None) -> Floats:
    """Return an input for the model, (batch, 3, H, W): a 16:9 picture's for a detector, a plate's for a reader.

    `fixed` is the height and width of the only input that its file takes, where it does.
    """
    height, width = fixed or (input_shape(size) if entry.layout == "ctc" else Letterbox.around(*CAMERA, size).shape)
    return np.random.default_rng(0).random((batch, 3, height, width), dtype=np.float32)


def open_weights(weights: Path, threads: int, provider: Provider = "cpu") -> Session:
    """Open a file of weights, whatever its digest. Raises ModelError when it cannot be used."""
    return Session(weights, digest(weights), provider=provider, threads=threads)


def digest(weights: Path) -> str:
    """Return the file's SHA-256. Raises ModelError when it cannot be read."""
    try:
        return hashlib.sha256(weights.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"weights {weights}: {error.strerror}; give a file of weights") from None

"""Reads what stands on crops of plates: text, one or two lines, how sure each character is, and the plate's colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from ioc.errors import ModelError
from ioc.types import Image
from models.asking import asks
from models.manifest import Manifest, ModelEntry, load_manifest
from models.plate_colour import PlateColour, plate_colour
from models.plate_decoding import Guess, best_texts, character_scores
from models.providers import Provider
from models.session import Floats, Session

LINES = 2


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to read a plate, and how probable it is."""

    text: str
    upper_len: int
    score: float


@dataclass(frozen=True, slots=True)
class PlateRead:
    """What the reader saw, as it saw it: no grammar has touched it."""

    text: str
    """Upper line, then lower line; empty when nothing was read."""
    scores: tuple[float, ...]
    """How sure each character is, 0 to 1."""
    score: float
    """How probable the whole text is, its lines included; 0 when nothing was read."""
    lines: int
    """1 or 2."""
    upper_len: int
    """Characters on the upper line; on a one-line plate all of them."""
    colour: PlateColour
    alternatives: tuple[Alternative, ...]
    """Other readings, likeliest first."""


class PlateReader:
    """The plate reader, loaded and proven to run.

    Raises ModelError when the weights cannot be used (see `Session`) or do not fit what the manifest says.
    """

    def __init__(self, entry: ModelEntry, session: Session) -> None:
        if entry.layout != "ctc":
            raise ModelError(
                f"model {entry.name!r} has the layout {entry.layout!r}; a reader needs one of layout 'ctc'"
            )
        self.entry = entry
        self._session = session
        self._outputs(np.zeros((1, 3, *input_shape(entry.size)), dtype=np.float32))

    @classmethod
    def load(
        cls,
        name: str = "plate_reader",
        *,
        provider: Provider = "auto",
        threads: int = 1,
        manifest: Manifest | None = None,
    ) -> Self:
        """Load a reader by its name in the manifest, the bundled one unless another is given."""
        manifest = manifest or load_manifest()
        entry = manifest.named(name)
        return cls(entry, Session(manifest.weights(entry), entry.sha256, provider=provider, threads=threads))

    @property
    def provider(self) -> str:
        """Where the model runs: "cpu" or "cuda"."""
        return self._session.provider

    def describe(self) -> dict[str, str]:
        """Return which file runs where: `name`, `sha256`, `provider` and `variant`."""
        return self._session.describe(self.entry.name)

    @asks
    def read(self, crops: Sequence[Image], *, alternatives: int = 4) -> list[PlateRead]:
        """Return what stands on each crop, (H, W, 3) uint8 BGR, in order.

        A crop shows one plate, upright within some 20°, with up to a fifth of its size around it. One at a time, so
        that a read never depends on which crops came along. Raises ModelError when a crop is empty or the model fails.
        """
        return [self._read(crop, number, alternatives) for number, crop in enumerate(crops)]

    def _read(self, crop: Image, number: int, alternatives: int) -> PlateRead:
        if crop.ndim != 3 or crop.shape[2] != 3 or crop.size == 0:
            raise ModelError(f"crop {number} has the shape {crop.shape}; give pictures of (height, width, 3)")
        upper, lower = self._outputs(as_input(crop, self.entry.size)[None])[0]
        ranked = _combined(best_texts(upper, alternatives + 1), best_texts(lower, alternatives + 1))
        best = ranked[0]
        scores = character_scores(upper, best[0].characters) + character_scores(lower, best[1].characters)
        first = self._alternative(*best)
        return PlateRead(
            text=first.text,
            scores=tuple(scores),
            score=first.score if first.text else 0.0,
            lines=2 if best[0].characters and best[1].characters else 1,
            upper_len=first.upper_len,
            colour=plate_colour(crop),
            alternatives=tuple(self._alternative(*guesses) for guesses in ranked[1 : alternatives + 1]),
        )

    def _alternative(self, upper: Guess, lower: Guess) -> Alternative:
        text = "".join(self.entry.labels[character] for character in upper.characters + lower.characters)
        return Alternative(text, len(upper.characters) or len(text), upper.score * lower.score)

    def _outputs(self, images: Floats) -> Floats:
        outputs = self._session.run(images)
        classes = len(self.entry.labels) + 1
        if outputs.ndim != 4 or outputs.shape[:2] != (len(images), LINES) or outputs.shape[3] != classes:
            raise ModelError(
                f"weights {self._session.weights}: expected an output of ({len(images)}, {LINES}, places, {classes}) "
                f"for the manifest's {classes - 1} characters, found {outputs.shape}; correct one or the other"
            )
        if not np.isfinite(outputs).all():
            raise ModelError(
                f"weights {self._session.weights}: gave numbers that are not finite; restore the file, or set "
                'provider = "cpu"'
            )
        return outputs


def input_shape(size: int) -> tuple[int, int]:
    """Return height and width of a reader's input, from what the manifest calls its size."""
    return size * 2 // 5, size


def as_input(crop: Image, size: int) -> Floats:
    """Return a crop (H, W, 3) BGR as a reader wants it, whatever its shape: (3, height, width) RGB 0 to 1."""
    height, width = input_shape(size)
    resized = cv2.resize(crop, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(resized[:, :, ::-1].transpose(2, 0, 1), dtype=np.float32) / np.float32(255)


def _combined(upper: Sequence[Guess], lower: Sequence[Guess]) -> list[tuple[Guess, Guess]]:
    """Return the pairs of both lines' readings, likeliest first."""
    pairs = [(above, below) for above in upper for below in lower]
    return sorted(pairs, key=lambda pair: (-pair[0].score * pair[1].score, pair[0].characters, pair[1].characters))

"""Finds objects in pictures with one detection model: letterbox, run, decode, suppress, back to frame fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np

from ioc.errors import ModelError
from ioc.types import Box, Detection, Image
from models import layouts, yolo
from models.asking import asks
from models.letterbox import Letterbox, batches, padded
from models.manifest import Manifest, ModelEntry, load_manifest
from models.providers import Place, Provider
from models.session import Floats, Session
from models.variants import Wanted, open_model

PROBE = (256, 256)
"""Height and width of the first picture a network is given; it must have as many places as the end-to-end ones give."""


class Detector:
    """One detection model, loaded and proven to run.

    Raises ModelError when the weights cannot be used (see `Session`) or are other than the manifest says.
    """

    def __init__(self, entry: ModelEntry, session: Session, suppression: yolo.Suppression | None = None) -> None:
        self.entry = entry
        self._session = session
        suppression = suppression or yolo.Suppression()
        if entry.layout in layouts.ONE_PLACE_AN_OBJECT:
            suppression = replace(suppression, same_label=1.0)
        self._suppression = suppression
        index = {label: number for number, label in enumerate(entry.finds)}
        self._groups = [frozenset(index[label] for label in group) for group in entry.exclusive]
        own = {label: number for number, label in enumerate(entry.labels)}
        self._rows = [[own[label] for label, name in entry.use.items() if name == found] for found in entry.finds]
        self.check_size(entry.size)
        self._outputs(np.zeros((1, 3, *(session.shape or PROBE)), dtype=np.float32))

    @classmethod
    def load(
        cls,
        name: str,
        *,
        provider: Provider = "auto",
        threads: int = 1,
        manifest: Manifest | None = None,
        variant: Wanted = "float32",
        size: int | None = None,
        memory: Path | None = None,
    ) -> Self:
        """Load a model by its name in the manifest, the bundled one unless another is given.

        By default it computes in floats, so that the same picture gives the same result everywhere; with "auto" the
        cheapest way here is measured at an input of `size` and remembered in the file `memory` (`models.variants`).
        """
        manifest = manifest or load_manifest()
        entry = manifest.named(name)
        if variant == "float32" and provider == "auto":
            session = Session(manifest.weights(entry), entry.sha256, threads=threads)
        else:
            session = open_model(
                manifest, entry, provider=provider, variant=variant, threads=threads, size=size, memory=memory
            )
        return cls(entry, session)

    @property
    def provider(self) -> Place:
        """Where the model runs."""
        return self._session.provider

    @property
    def only_size(self) -> int | None:
        """The long side in pixels of the only input that the file takes; None when it takes others."""
        fixed = self._session.shape
        return None if fixed is None else max(fixed)

    def describe(self) -> dict[str, str]:
        """Return which file runs where: `name`, `sha256`, `provider` and `variant`."""
        return self._session.describe(self.entry.name)

    @asks
    def detect(
        self,
        images: Sequence[Image],
        *,
        threshold: float,
        size: int | None = None,
        one_label: bool = True,
        max_batch: int = 4,
    ) -> list[tuple[Detection, ...]]:
        """Return what is in each picture, (H, W, 3) uint8 BGR, in order, surest first.

        `size` is the long side of the network's input in pixels, the manifest's unless given; see `check_size`. With
        `one_label` an object has the label that it most looks like, which is what following it needs; without, it may
        be found under several, which is better for ranking by score. Pictures of one input shape are run together, at
        most `max_batch` at a time. Raises ModelError when the model fails.
        """
        self.check_size(size or self.entry.size)
        boxes = [self._letterbox(image.shape[0], image.shape[1], size or self.entry.size) for image in images]
        found: list[tuple[Detection, ...]] = [()] * len(images)
        for batch in batches(boxes, max_batch):
            inputs = np.empty((len(batch), 3, *boxes[batch[0]].shape), dtype=np.float32)
            for row, number in enumerate(batch):
                boxes[number].write(images[number], inputs[row])
            for number, output in zip(batch, self._outputs(inputs), strict=True):
                plain = layouts.plain(self.entry.layout, output, len(self.entry.labels), boxes[number].shape)
                guesses = yolo.decode(self._used(plain), threshold, every_label=not one_label)
                guesses = yolo.suppress(guesses, self._groups if one_label else (), self._suppression)
                found[number] = self._detections(guesses, boxes[number])
        return found

    def check_size(self, size: int) -> None:
        """Raise ModelError when the file fixes its input and the long side of that is another than `size`."""
        fixed = self._session.shape
        if fixed is not None and max(fixed) != size:
            raise ModelError(
                f"weights {self._session.weights}: take pictures of {fixed[1]}×{fixed[0]} alone, not of {size}; "
                f"set size = {max(fixed)}, or export the model with free sides"
            )

    def _letterbox(self, height: int, width: int, size: int) -> Letterbox:
        fixed = self._session.shape
        if self.entry.layout in layouts.IN_FRACTIONS:
            return Letterbox.filled(fixed or (padded(size), padded(size)))
        return Letterbox.around(height, width, size) if fixed is None else Letterbox.within(height, width, fixed)

    def _used(self, plain: Floats) -> Floats:
        """Return the rows of what is found; one that stands for several labels has the best score of them."""
        if not self.entry.use:
            return plain
        return np.stack((*plain[:4], *(plain[4:][rows].max(axis=0) for rows in self._rows)))

    def _outputs(self, inputs: Floats) -> Floats:
        outputs = self._session.run(inputs)
        problem = layouts.problem(self.entry.layout, outputs, len(self.entry.labels))
        if problem is not None:
            raise ModelError(
                f"weights {self._session.weights}: {problem}; correct the manifest's layout and labels, or restore the "
                "file"
            )
        return outputs

    def _detections(self, guesses: yolo.Guesses, letterbox: Letterbox) -> tuple[Detection, ...]:
        fractions = letterbox.fractions(guesses.corners).tolist()
        scores = np.clip(guesses.scores, 0, 1).tolist()
        labels = guesses.labels.tolist()
        made = (
            (self.entry.finds[label], score, Box.clipped(*corners))
            for label, score, corners in zip(labels, scores, fractions, strict=True)
        )
        # A box that lies in the grey bars alone has no part in the picture.
        return tuple(Detection(label, score, box) for label, score, box in made if box is not None)


def load_detectors(names: Sequence[str] | None = None, manifest: Manifest | None = None) -> list[Detector]:
    """Load the detectors of those names, or all that the manifest holds, in its order.

    Raises ModelError when there is none of that name, it is no detector, or its weights cannot be used.
    """
    manifest = manifest or load_manifest()
    entries = [manifest.named(name) for name in names] if names else manifest.model
    finders = [entry for entry in entries if entry.layout in layouts.FORMS]
    if names and len(finders) < len(entries):
        other = next(entry.name for entry in entries if entry not in finders)
        raise ModelError(f"model {other!r} is no detector; `ioc plates` reads plates")
    return [Detector.load(entry.name, manifest=manifest) for entry in finders]

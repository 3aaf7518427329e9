"""Finds objects in pictures with one detection model: letterbox, run, decode, suppress, back to frame fractions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Self

import numpy as np

from ioc.errors import ModelError
from ioc.types import Box, Detection, Image
from models import yolo
from models.letterbox import Letterbox
from models.manifest import Manifest, ModelEntry, load_manifest
from models.session import Floats, Provider, Session

PROBE = (1, 3, 64, 64)


class Detector:
    """One detection model, loaded and proven to run.

    Raises ModelError when the weights cannot be used (see `Session`) or give another output than the manifest says.
    """

    def __init__(self, entry: ModelEntry, session: Session, suppression: yolo.Suppression | None = None) -> None:
        self.entry = entry
        self._session = session
        self._suppression = suppression or yolo.Suppression()
        index = {label: number for number, label in enumerate(entry.labels)}
        self._groups = [frozenset(index[label] for label in group) for group in entry.exclusive]
        self._outputs(np.zeros(PROBE, dtype=np.float32))

    @classmethod
    def load(
        cls, name: str, *, provider: Provider = "auto", threads: int = 1, manifest: Manifest | None = None
    ) -> Self:
        """Load a model by its name in the manifest, the bundled one unless another is given."""
        manifest = manifest or load_manifest()
        entry = manifest.named(name)
        return cls(entry, Session(manifest.weights(entry), entry.sha256, provider=provider, threads=threads))

    @property
    def provider(self) -> Literal["cpu", "cuda"]:
        """Where the model runs."""
        return self._session.provider

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

        `size` is the long side of the network's input in pixels, the manifest's unless given. With `one_label` an
        object has the label that it most looks like, which is what following it needs; without, it may be found under
        several, which is better for ranking by score. Pictures of one input shape are run together, at most
        `max_batch` at a time. Raises ModelError when the model fails.
        """
        boxes = [Letterbox.around(image.shape[0], image.shape[1], size or self.entry.size) for image in images]
        found: list[tuple[Detection, ...]] = [()] * len(images)
        for batch in _batches(boxes, max_batch):
            inputs = np.empty((len(batch), 3, *boxes[batch[0]].shape), dtype=np.float32)
            for row, number in enumerate(batch):
                boxes[number].write(images[number], inputs[row])
            for number, output in zip(batch, self._outputs(inputs), strict=True):
                guesses = yolo.decode(output, threshold, every_label=not one_label)
                guesses = yolo.suppress(guesses, self._groups if one_label else (), self._suppression)
                found[number] = self._detections(guesses, boxes[number])
        return found

    def _outputs(self, inputs: Floats) -> Floats:
        outputs = self._session.run(inputs)
        rows = 4 + len(self.entry.labels)
        if outputs.ndim != 3 or outputs.shape[:2] != (len(inputs), rows):
            raise ModelError(
                f"weights {self._session.weights}: expected an output of ({len(inputs)}, {rows}, places) for the "
                f"manifest's {len(self.entry.labels)} labels, found {outputs.shape}; correct one or the other"
            )
        if not np.isfinite(outputs).all():
            raise ModelError(
                f"weights {self._session.weights}: gave numbers that are not finite; restore the file, or set "
                'provider = "cpu"'
            )
        return outputs

    def _detections(self, guesses: yolo.Guesses, letterbox: Letterbox) -> tuple[Detection, ...]:
        fractions = letterbox.fractions(guesses.corners).tolist()
        scores = np.clip(guesses.scores, 0, 1).tolist()
        labels = guesses.labels.tolist()
        made = (
            (self.entry.labels[label], score, Box.clipped(*corners))
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
    finders = [entry for entry in entries if entry.layout == "yolo"]
    if names and len(finders) < len(entries):
        other = next(entry.name for entry in entries if entry.layout != "yolo")
        raise ModelError(f"model {other!r} is no detector; `ioc plates` reads plates")
    return [Detector.load(entry.name, manifest=manifest) for entry in finders]


def _batches(boxes: Sequence[Letterbox], max_batch: int) -> Iterator[list[int]]:
    by_shape: dict[tuple[int, int], list[int]] = {}
    for number, box in enumerate(boxes):
        by_shape.setdefault(box.shape, []).append(number)
    for numbers in by_shape.values():
        for start in range(0, len(numbers), max_batch):
            yield numbers[start : start + max_batch]

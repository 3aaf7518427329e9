"""Maps over a picture: how probable water is in each cell, or how many heads it holds.

A network of layout `mask` or `density` gives one figure for each cell of some pixels. The picture lies in the upper
left corner of the network's input, so that cells and picture begin together and the padding is simply cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from ioc.errors import ModelError
from ioc.types import Image, Point
from models.asking import asks
from models.letterbox import Letterbox, batches
from models.manifest import Manifest, ModelEntry, load_manifest
from models.providers import Provider
from models.session import Floats, Session

LAYOUTS = frozenset({"mask", "density"})
PROBE = (64, 64)
"""Height and width of the first picture that a network is given."""

FINE = 8
"""Parts of a cell, down and across, that a zone's edge is followed in."""


@dataclass(frozen=True, slots=True)
class DenseMap:
    """One figure a cell, (rows, columns); the cells of the last row and column may reach beyond the picture."""

    values: Floats
    rows_seen: float
    """Height of the picture in cells, at most as many as there are rows."""
    columns_seen: float
    """Width of the picture in cells."""

    def cover(self, polygon: Sequence[Point] | None = None) -> Floats:
        """Return which part of each cell lies in the polygon, in frame fractions, or in the picture without one."""
        rows, columns = self.values.shape
        corners = [Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1)] if polygon is None else polygon
        extent = np.array([self.columns_seen, self.rows_seen]) * FINE
        inner = _filled(np.array([(corner.x, corner.y) for corner in corners]) * extent, rows * FINE, columns * FINE)
        inner[round(extent[1]) :] = False
        inner[:, round(extent[0]) :] = False
        return np.asarray(inner.reshape(rows, FINE, columns, FINE).mean(axis=(1, 3)), np.float32)

    def total(self, polygon: Sequence[Point] | None = None) -> float:
        """Return the sum over the polygon, or over the picture: of a density, how many heads are there."""
        return float((self.values * self.cover(polygon)).sum())

    def share(self, polygon: Sequence[Point] | None = None, *, threshold: float = 0.5) -> float:
        """Return the part of the polygon's area, or of the picture's, where the figure reaches the threshold, 0 to 1.

        Raises ValueError when nothing of the polygon lies in the picture.
        """
        cover = self.cover(polygon)
        if not cover.any():
            raise ValueError("expected a polygon that covers a part of the picture")
        return float(cover[self.values >= threshold].sum() / cover.sum())

    def at_size(self, height: int, width: int) -> Floats:
        """Return the figures for each pixel of a picture of that size, (height, width), between the cells' middles."""
        down, across = self.rows_seen / height, self.columns_seen / width
        matrix = np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        shown = cv2.warpAffine(self.values, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(shown, np.float32)


class DenseModel:
    """One model of layout `mask` or `density`, loaded and proven to run.

    Raises ModelError when the weights cannot be used (see `Session`) or give another output than the manifest says.
    """

    def __init__(self, entry: ModelEntry, session: Session) -> None:
        if entry.layout not in LAYOUTS:
            raise ModelError(
                f"model {entry.name!r} has the layout {entry.layout!r}; a map needs one of layout 'mask' or 'density'"
            )
        self.entry = entry
        self._session = session
        self._outputs(np.zeros((1, 3, *(session.shape or PROBE)), dtype=np.float32))

    @classmethod
    def load(
        cls, name: str, *, provider: Provider = "auto", threads: int = 1, manifest: Manifest | None = None
    ) -> Self:
        """Load a model by its name in the manifest, the bundled one unless another is given."""
        manifest = manifest or load_manifest()
        entry = manifest.named(name)
        return cls(entry, Session(manifest.weights(entry), entry.sha256, provider=provider, threads=threads))

    @property
    def provider(self) -> str:
        """Where the model runs."""
        return self._session.provider

    def describe(self) -> dict[str, str]:
        """Return which file runs where: `name`, `sha256`, `provider` and `variant`."""
        return self._session.describe(self.entry.name)

    @asks
    def maps(self, images: Sequence[Image], *, size: int | None = None, max_batch: int = 4) -> list[DenseMap]:
        """Return the map of each picture, (H, W, 3) uint8 BGR, in order.

        `size` is the long side of the network's input in pixels, the manifest's unless given. Pictures of one input
        shape are run together, at most `max_batch` at a time. Raises ModelError when the model fails.
        """
        boxes = [self._letterbox(image, size or self.entry.size) for image in images]
        found: dict[int, DenseMap] = {}
        for batch in batches(boxes, max_batch):
            inputs = np.empty((len(batch), 3, *boxes[batch[0]].shape), dtype=np.float32)
            for row, number in enumerate(batch):
                boxes[number].write(images[number], inputs[row])
            for number, output in zip(batch, self._outputs(inputs), strict=True):
                found[number] = _cut(output, boxes[number])
        return [found[number] for number in range(len(images))]

    def _letterbox(self, image: Image, size: int) -> Letterbox:
        height, width = image.shape[:2]
        fixed = self._session.shape
        box = Letterbox.around(height, width, size) if fixed is None else Letterbox.within(height, width, fixed)
        return box.in_corner()

    def _outputs(self, inputs: Floats) -> npt.NDArray[np.float32]:
        outputs = self._session.run(inputs)
        height, width = inputs.shape[2:]
        rows, columns = outputs.shape[2:] if outputs.ndim == 4 and outputs.size else (0, 0)
        square = rows > 0 and height % rows == 0 and height * columns == width * rows
        if outputs.shape[:2] != (len(inputs), 1) or not square:
            raise ModelError(
                f"weights {self._session.weights}: expected an output of ({len(inputs)}, 1, rows, columns) with square "
                f"cells for an input of {width}×{height}, found {outputs.shape}; correct the manifest's layout"
            )
        most = 1.0 if self.entry.layout == "mask" else float(np.finfo(np.float32).max)
        # NaN is neither.
        if not (outputs.min() >= 0 and outputs.max() <= most):
            raise ModelError(
                f"weights {self._session.weights}: gave figures that are no {self.entry.layout}; restore the file, or "
                'set provider = "cpu"'
            )
        return outputs


def _cut(output: Floats, box: Letterbox) -> DenseMap:
    stride = box.height / output.shape[1]
    rows, columns = box.inner_height / stride, box.inner_width / stride
    return DenseMap(output[0, : int(np.ceil(rows)), : int(np.ceil(columns))].copy(), rows, columns)


def _filled(corners: npt.NDArray[np.float64], height: int, width: int) -> npt.NDArray[np.bool_]:
    """Return which pixels have their middle inside a polygon of (N, 2) x y in pixels, by the even-odd rule."""
    turns = np.zeros((height, width + 1), np.int32)
    middles = np.arange(height) + 0.5
    for (x1, y1), (x2, y2) in zip(np.roll(corners, 1, axis=0), corners, strict=True):
        crossed = np.flatnonzero((y1 > middles) != (y2 > middles))
        places = x1 + (x2 - x1) * (middles[crossed] - y1) / (y2 - y1) if len(crossed) else np.zeros(0)
        turns[crossed, np.ceil(places - 0.5).clip(0, width).astype(int)] += 1
    inside: npt.NDArray[np.bool_] = turns[:, :-1].cumsum(axis=1) % 2 == 1
    return inside


def water_mask(model: DenseModel, image: Image, *, threshold: float = 0.5) -> npt.NDArray[np.bool_]:
    """Return where water is in a picture (H, W, 3) BGR, (H, W)."""
    (found,) = model.maps([image])
    return found.at_size(*image.shape[:2]) >= threshold


def heads(model: DenseModel, image: Image, polygon: Sequence[Point] | None = None) -> float:
    """Return how many heads a picture shows inside the polygon, in frame fractions, or in all."""
    (found,) = model.maps([image])
    return found.total(polygon)

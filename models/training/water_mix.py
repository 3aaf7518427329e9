"""Draws what the water model is shown: floods, streets, and streets under water that was laid over them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from models.training.dense_sample import DenseSample, mask_sample
from models.training.road_augment import Plane, pick_view, weather
from models.training.road_boxes import no_boxes
from models.training.road_store import read_image, unsquash
from models.training.water_paste import flooded, texture_of
from models.training.water_sources import WaterPicture, mask_of

SHARES: Mapping[str, float] = {
    "masks": 0.38,
    "buses": 0.18,
    "streets": 0.16,
    "stills": 0.08,
    "roads": 0.08,
    "rooms": 0.09,
    "fires": 0.03,
}
"""How much of the training each source fills."""

LAID = 0.35
"""How often water is laid over a street; fires and floods are left as they are."""

DRAWN = 0.4
"""How often that water is drawn, not photographed."""

ZOOM = (0.8, 2.2)
"""How large a picture is shown, 1 for whole."""

TINTED = 0.3
"""How often a photographed flood gets another colour."""

GREY = 0.1
"""How often a picture has no colour, beside what bad weather does."""

DRY = frozenset({"streets", "stills", "roads"})

SURE = 0.85
"""From this probability on, of water or of none, the network's own opinion becomes a label."""

STRIDE = 4


class WaterMix:
    """Pictures of the training part, kept small in a folder, and samples drawn from them."""

    def __init__(self, pictures: Sequence[WaterPicture], folder: Path) -> None:
        self._pictures = [picture for picture in pictures if not picture.held_back]
        self._files = {picture.path: keep(picture, folder) for picture in self._pictures}
        self._chances = chances(self._pictures)
        self._floods = [picture for picture in self._pictures if picture.mask is not None]
        self._taught: dict[Path, Plane] = {}

    def draw(self, rng: np.random.Generator, width: int, height: int, spent: float) -> DenseSample:  # noqa: ARG002
        """Return a sample of that size."""
        picture = self._pictures[int(rng.choice(len(self._pictures), p=self._chances))]
        image = read_image(self._files[picture.path])
        if picture.source in DRY and rng.random() < LAID:
            boxes = no_boxes() if picture.boxes is None else picture.boxes
            image, mask = flooded(rng, image, boxes, None if rng.random() < DRAWN else self._texture(rng))
            known = np.ones_like(mask)
        else:
            mask, known = self._truth(picture, image)
            if picture.mask is not None and rng.random() < TINTED:
                image = tinted(rng, image, mask)
        view = pick_view(rng, image, width, height, ZOOM)
        image = view.image(image, width, height)
        if rng.random() < GREY:
            image = np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)
        image = weather(rng, image)
        return mask_sample(image, view.plane(mask, width, height), view.plane(known, width, height), STRIDE)

    def teach(self, look: Callable[[Image], Plane]) -> None:
        """Let the network in training say where water is around the buses; `look` answers 0 to 1 a pixel."""
        for picture in self._pictures:
            if picture.source == "buses":
                self._taught[picture.path] = look(read_image(self._files[picture.path]))

    def _truth(self, picture: WaterPicture, image: Image) -> tuple[Plane, Plane]:
        mask, known = mask_of(picture, *image.shape[:2])
        if picture.path not in self._taught:
            return mask, known
        guess = self._taught[picture.path]
        sure = (guess > SURE) | (guess < 1 - SURE)
        return np.where(known > 0, mask, (guess > 0.5).astype(np.float32)), np.maximum(known, sure.astype(np.float32))

    def _texture(self, rng: np.random.Generator) -> Image | None:
        picture = self._floods[int(rng.integers(len(self._floods)))]
        image = read_image(self._files[picture.path])
        return texture_of(rng, image, mask_of(picture, *image.shape[:2])[0])


def chances(pictures: Sequence[WaterPicture]) -> npt.NDArray[np.float64]:
    """Return how often to draw each picture: sources in their shares, where one is absent the others share its part."""
    sources = np.array([picture.source for picture in pictures])
    counts = {name: max(int((sources == name).sum()), 1) for name in SHARES}
    each = np.array([SHARES[name] / counts[name] for name in sources])
    return np.asarray(each / each.sum(), np.float64)


def tinted(rng: np.random.Generator, image: Image, mask: Plane) -> Image:
    """Return the picture with its water in another colour: floods differ in their mud."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    colour = np.array([rng.uniform(0.6, 1.15), rng.uniform(0.85, 1.05), rng.uniform(0.85, 1.25)], np.float32)
    other = (grey[:, :, None] * colour).clip(0, 255)
    part = (cv2.blur(mask, (5, 5)) * float(rng.uniform(0.4, 1.0)))[:, :, None]
    return np.asarray(image * (1 - part) + other * part, np.uint8)


def keep(picture: WaterPicture, folder: Path) -> Path:
    """Return the picture's copy in the folder, in its true shape and no larger than needed."""
    key = hashlib.sha256(str(picture.path.resolve()).encode()).hexdigest()[:10]
    file = folder / f"{picture.source}-{key}.jpg"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial.jpg")
        cv2.imwrite(str(partial), unsquash(read_image(picture.path), picture.aspect), [cv2.IMWRITE_JPEG_QUALITY, 95])
        partial.replace(file)
    return file

"""Finds plates in pictures and reads them: the library behind `ioc plates`.

A plate is found as a box and read several times (see `models.plate_voting`). What the text means is the grammar's to
say; what was read is kept beside what is believed. An odd text lowers a plate's score and never drops it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ioc import plate_grammar
from ioc.plate_ballot import CREDIT
from ioc.plate_grammar import Plate
from ioc.types import Box, Detection, Image, Json
from models.detector import Detector
from models.pictures import BOX_DECIMALS, SCORE_DECIMALS, PictureError, read_picture
from models.plate_legibility import character_height
from models.plate_reader import Alternative, PlateRead, PlateReader
from models.plate_voting import MARGINS, WHOLE, believed, parsed, read_plate, unread

LABEL = "plate"

THRESHOLD = 0.05
"""Low, because whoever ranks by score loses what is cut here; a person looks at 0.25 and above."""


@dataclass(frozen=True, slots=True)
class PlateSettings:
    """How plates are looked for and read."""

    margins: tuple[float, ...] = MARGINS
    """How much of a box's size is added on each side, one reading each."""
    enlarged: float = 1.5
    """How much larger than it is a small picture is shown to the detector, for the sake of far plates."""
    smallest_size: int = 256
    enlarged_size: int = 1280
    """Pictures are enlarged to no more than this, long side in pixels: more finds no more plates."""
    largest_size: int = 1920
    """No picture is looked at larger than this."""
    least_height: float = 6.0
    """Characters lower than this many pixels are not read: what came out would be a guess."""
    credit: float = CREDIT
    """How many times as sure the reader must be of a text that no plate bears, to be believed against one that can."""
    odd: float = 0.7
    """What the score of a text that no plate bears is multiplied with."""
    whole_aspects: tuple[float, float] = (1.0, 6.0)
    """Shapes, width over height, that a picture of nothing but a plate may have."""
    whole_width: int = 480
    """A picture wider than this is not taken for a plate as a whole."""
    whole_share: float = 0.45
    """From this part of the picture on, a found plate may be the whole picture."""
    whole_score: float = 0.3
    """The detector's score of a picture that is taken for a plate although none was found on it."""


@dataclass(frozen=True, slots=True)
class SeenPlate:
    """A plate in a picture."""

    box: Box
    found: float
    """The detector's score."""
    read: PlateRead
    """What the reader saw, untouched; an empty text where the plate is too small to be read."""
    said: Alternative
    """What the plate is taken to say: the likeliest text, or one nearly as likely that plates can bear."""
    plate: Plate
    """What that means."""
    score: float
    """How sure it is that here is a plate that says this: the detector's score, halved where the reader is unsure, and
    lowered for a text that no plate bears."""


class PlateSight:
    """Finds and reads plates with a detector that knows the label `plate` and a reader."""

    def __init__(self, detector: Detector, reader: PlateReader, settings: PlateSettings | None = None) -> None:
        self._detector = detector
        self._reader = reader
        self._settings = settings or PlateSettings()

    def look(self, image: Image, *, size: int | None = None, threshold: float = THRESHOLD) -> tuple[SeenPlate, ...]:
        """Return the plates in a picture, (H, W, 3) uint8 BGR, surest first.

        `size` is the long side of the detector's input in pixels, by default what suits the picture (see
        `detector_size`). Raises ModelError when a model fails.
        """
        height, width = image.shape[:2]
        chosen = size or detector_size(height, width, self._settings)
        (all_found,) = self._detector.detect([image], threshold=threshold, size=chosen)
        found = [detection for detection in all_found if detection.label == LABEL]
        seen = [self._seen(image, detection) for detection in found]
        if self._may_be_one_plate(height, width, found):
            seen = self._or_whole(image, seen)
        return tuple(sorted(seen, key=lambda plate: -plate.score))

    def _may_be_one_plate(self, height: int, width: int, found: Sequence[Detection]) -> bool:
        settings = self._settings
        least, most = settings.whole_aspects
        if width > settings.whole_width or not least <= width / height <= most:
            return False
        best = max(found, key=lambda detection: detection.score, default=None)
        return best is None or best.score < settings.whole_score or best.box.area >= settings.whole_share

    def _or_whole(self, image: Image, seen: Sequence[SeenPlate]) -> list[SeenPlate]:
        """Return the plates, the surest one read from the whole picture where that reads better."""
        best = max(seen, key=lambda plate: plate.score, default=None)
        found = max(self._settings.whole_score, best.found if best else 0.0)
        whole = self._judged(WHOLE, found, self._read(image, WHOLE))
        if not whole.plate.valid or (best is not None and best.said.score >= whole.said.score):
            return [*seen]
        return [whole, *(plate for plate in seen if plate is not best)]

    def _seen(self, image: Image, detection: Detection) -> SeenPlate:
        across, down = detection.box.width * image.shape[1], detection.box.height * image.shape[0]
        if character_height(across, down) < self._settings.least_height:
            return self._judged(detection.box, detection.score, unread(image, detection.box))
        return self._judged(detection.box, detection.score, self._read(image, detection.box))

    def _read(self, image: Image, box: Box) -> PlateRead:
        return read_plate(self._reader, image, box, self._settings.margins)

    def _judged(self, box: Box, found: float, read: PlateRead) -> SeenPlate:
        said = believed(read, self._settings.credit)
        plate = parsed(said)
        odd = self._settings.odd if said.text and not plate.valid else 1.0
        return SeenPlate(box, found, read, said, plate, found * (1 + said.score) / 2 * odd)


def detector_size(height: int, width: int, settings: PlateSettings) -> int:
    """Return the long side of the detector's input that suits a picture: its own, or somewhat more if it is small."""
    long = max(height, width)
    enlarged = max(min(round(settings.enlarged * long), settings.enlarged_size), settings.smallest_size)
    return min(max(long, enlarged), settings.largest_size)


def plates_in_pictures(
    paths: Iterable[str | Path], sight: PlateSight, *, size: int | None = None, threshold: float = THRESHOLD
) -> Iterator[tuple[str, tuple[SeenPlate, ...] | PictureError]]:
    """Yield each path as given with the plates in the picture, or with why it cannot be read.

    Raises ModelError when a model fails.
    """
    for path in paths:
        try:
            image = read_picture(Path(path))
        except PictureError as error:
            yield str(path), error
            continue
        yield str(path), sight.look(image, size=size, threshold=threshold)


def to_json(path: str, plates: Sequence[SeenPlate]) -> str:
    """Return one picture's line: {"image", "plates": [...]}, as the command line's contract has it."""
    return json.dumps({"image": path, "plates": [_as_json(plate) for plate in plates]}, ensure_ascii=False)


def _as_json(seen: SeenPlate) -> dict[str, Json]:
    read, said, plate = seen.read, seen.said, seen.plate
    own = Alternative(read.text, read.upper_len, read.score)
    others = [reading for reading in (own, *read.alternatives) if reading != said]
    alternatives: list[Json] = [
        {"text": plate_grammar.normalise(other.text), "score": round(other.score, SCORE_DECIMALS)} for other in others
    ]
    box: list[Json] = [round(value, BOX_DECIMALS) for value in seen.box.as_tuple()]
    return {
        "text": plate.key,
        "raw": read.text,
        "score": round(seen.score, SCORE_DECIMALS),
        "box": box,
        "lines": 2 if said.upper_len < len(said.text) else 1,
        "upper_len": said.upper_len,
        "kind": plate.kind,
        "province": plate.province,
        "colour": read.colour,
        "valid": plate.valid,
        "alternatives": alternatives,
    }

"""Finds plates in pictures and reads them: the library behind `ioc plates`.

A plate is found as a box, cut out with several margins, read from each cut, and given the text that most of the
reader's certainty stands behind: a box that is a little loose or tight then costs little. What the text means is the
grammar's to say. Of two readings it prefers the one that a plate can bear, unless the reader is much surer of the
other; what was read is kept beside. An odd text lowers a plate's score and never drops it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ioc.types import Box, Detection, Image, Json
from models import plate_grammar
from models.detector import Detector
from models.pictures import BOX_DECIMALS, SCORE_DECIMALS, PictureError, read_picture
from models.plate_colour import plate_colour
from models.plate_grammar import Plate
from models.plate_reader import Alternative, PlateRead, PlateReader

LABEL = "plate"

THRESHOLD = 0.05
"""Low, because whoever ranks by score loses what is cut here; a person looks at 0.25 and above."""


@dataclass(frozen=True, slots=True)
class PlateSettings:
    """How plates are looked for and read."""

    margins: tuple[float, ...] = (0.0, 0.04, 0.08)
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
    credit: float = 4.0
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
        box = Box(0.0, 0.0, 1.0, 1.0)
        best = max(seen, key=lambda plate: plate.score, default=None)
        whole = self._judged(
            box, max(self._settings.whole_score, best.found if best else 0.0), self._read(image, [box])
        )
        if not whole.plate.valid or (best is not None and best.said.score >= whole.said.score):
            return [*seen]
        return [whole, *(plate for plate in seen if plate is not best)]

    def _seen(self, image: Image, detection: Detection) -> SeenPlate:
        height, width = image.shape[:2]
        tall = detection.box.height * height
        across = detection.box.width * width
        lines = 1 if across / max(tall, 1e-6) > 2.5 else 2
        if tall * 0.75 / lines < self._settings.least_height:
            return self._judged(detection.box, detection.score, _unread(image, detection.box))
        boxes = [grown(detection.box, margin) for margin in self._settings.margins]
        return self._judged(detection.box, detection.score, self._read(image, boxes))

    def _read(self, image: Image, boxes: Sequence[Box]) -> PlateRead:
        return agreed(self._reader.read([cut(image, box) for box in boxes]))

    def _judged(self, box: Box, found: float, read: PlateRead) -> SeenPlate:
        said = believed(read, self._settings.credit)
        plate = _parsed(said)
        odd = self._settings.odd if said.text and not plate.valid else 1.0
        return SeenPlate(box, found, read, said, plate, found * (1 + said.score) / 2 * odd)


def detector_size(height: int, width: int, settings: PlateSettings) -> int:
    """Return the long side of the detector's input that suits a picture: its own, or somewhat more if it is small."""
    long = max(height, width)
    enlarged = max(min(round(settings.enlarged * long), settings.enlarged_size), settings.smallest_size)
    return min(max(long, enlarged), settings.largest_size)


def grown(box: Box, margin: float) -> Box:
    """Return the box with that part of its width and height added on each side, cut to the frame."""
    across, down = box.width * margin, box.height * margin
    return Box(max(box.x1 - across, 0.0), max(box.y1 - down, 0.0), min(box.x2 + across, 1.0), min(box.y2 + down, 1.0))


def cut(image: Image, box: Box) -> Image:
    """Return the part of a picture that the box covers, one pixel at least."""
    height, width = image.shape[:2]
    left, top = min(int(box.x1 * width), width - 1), min(int(box.y1 * height), height - 1)
    right, bottom = max(round(box.x2 * width), left + 1), max(round(box.y2 * height), top + 1)
    return image[top:bottom, left:right]


def agreed(reads: Sequence[PlateRead]) -> PlateRead:
    """Return the read of one plate that most certainty stands behind, among several cuts of it.

    Each cut lends its probability to its text and to every alternative; the likeliest text on the whole wins, with the
    characters' scores of the cut that reads it best. The score is the mean over all cuts, so that cuts that disagree
    are not sure.
    """
    votes: defaultdict[tuple[str, int], float] = defaultdict(float)
    for read in reads:
        for guess in (Alternative(read.text, read.upper_len, read.score), *read.alternatives):
            if guess.text:
                votes[guess.text, guess.upper_len] += guess.score / len(reads)
    shown = {(read.text, read.upper_len) for read in reads if read.text}
    if not shown:
        return reads[0]
    ranked = sorted(votes, key=lambda text: (-votes[text], text))
    chosen = next(text for text in ranked if text in shown)
    best = max((read for read in reads if (read.text, read.upper_len) == chosen), key=lambda read: read.score)
    others = tuple(Alternative(*text, votes[text]) for text in ranked if text != chosen)
    return PlateRead(
        text=best.text,
        scores=best.scores,
        score=min(votes[chosen], 1.0),
        lines=best.lines,
        upper_len=best.upper_len,
        colour=best.colour,
        alternatives=others[: max(len(read.alternatives) for read in reads)],
    )


def believed(read: PlateRead, credit: float) -> Alternative:
    """Return which of a plate's readings is taken: one that a plate can bear counts `credit` times."""
    readings = [Alternative(read.text, read.upper_len, read.score), *read.alternatives]
    return max(readings, key=lambda reading: reading.score * (credit if _parsed(reading).valid else 1.0))


def _parsed(reading: Alternative) -> Plate:
    return plate_grammar.parse(reading.text, reading.upper_len if reading.text else None)


def _unread(image: Image, box: Box) -> PlateRead:
    return PlateRead("", (), 0.0, 1, 0, plate_colour(cut(image, box)), ())


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

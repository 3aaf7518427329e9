"""One plate, read several times: with how much around it, how straight, what the reads agree on, what is believed.

A box that is a little loose or tight must not decide what is read. So a plate is cut out with several margins, read
from each cut, and given the text that most of the reader's certainty stands behind. Of two such texts the one that a
plate can bear is preferred, unless the reader is much surer of the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ioc import plate_grammar
from ioc.plate_ballot import CREDIT, credited
from ioc.plate_grammar import Plate
from ioc.types import Box, Image
from models.plate_colour import plate_colour
from models.plate_quad import Quad, quad_of, straightened
from models.plate_reader import Alternative, PlateRead, PlateReader

MARGINS = (0.0, 0.04, 0.08)
"""How much of a box's size is added on each side, one reading each."""

ASKEW = 9.0
"""Degrees of tilt or slant from which a plate is also read made upright; the reader reads less than that as it is."""

WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def read_plate(
    reader: PlateReader,
    image: Image,
    box: Box = WHOLE,
    margins: Sequence[float] = MARGINS,
    quad: Quad | None = None,
) -> PlateRead:
    """Return what several looks at one plate in a picture, (H, W, 3) uint8 BGR, agree on.

    A plate that lies askew, as `quad` or else its picture says, is read both as it is and made upright; the surer read
    is taken. Raises ModelError when the reader fails.
    """
    quad = quad or quad_of(cut(image, box))
    as_it_is = agreed(reader.read([cut(image, box, margin) for margin in margins]))
    if max(abs(quad.tilt), abs(quad.slant)) < ASKEW:
        return as_it_is
    upright = agreed(reader.read([straightened(image, box, quad, margin) for margin in margins]))
    return max(as_it_is, upright, key=lambda read: read.score)


def unread(image: Image, box: Box) -> PlateRead:
    """Return what is known of a plate that is not read: its colour."""
    return PlateRead("", (), 0.0, 1, 0, plate_colour(cut(image, box)), ())


def cut(image: Image, box: Box, margin: float = 0.0) -> Image:
    """Return the part of a picture that the box covers, one pixel at least, with that part of its size on each side.

    Beyond the frame its edge is repeated, so that the first and last characters of a crop that is too tight do not
    stand at the rim.
    """
    height, width = image.shape[:2]
    across, down = box.width * margin, box.height * margin
    left = min(int(np.floor((box.x1 - across) * width)), width - 1)
    top = min(int(np.floor((box.y1 - down) * height)), height - 1)
    right = max(round((box.x2 + across) * width), left + 1)
    bottom = max(round((box.y2 + down) * height), top + 1)
    inside = image[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    beyond = ((max(-top, 0), max(bottom - height, 0)), (max(-left, 0), max(right - width, 0)), (0, 0))
    return np.pad(inside, beyond, mode="edge") if np.any(beyond) else inside


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


def believed(read: PlateRead, credit: float = CREDIT) -> Alternative:
    """Return which of a plate's readings is taken: one that a plate can bear counts `credit` times."""
    readings = [Alternative(read.text, read.upper_len, read.score), *read.alternatives]
    return max(readings, key=lambda own: credited(own.text, own.upper_len, own.score, credit))


def parsed(reading: Alternative) -> Plate:
    """Return what a reading says."""
    return plate_grammar.parse(reading.text, reading.upper_len if reading.text else None)

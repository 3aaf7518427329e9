"""Brings what detection networks give into one form, that of the layout `yolo`, and says where it cannot be that.

| layout | one picture's output | a place |
|---|---|---|
| `yolo` | (4 + labels, places) | box in pixels, a score a label |
| `yolov5` | (places, 5 + labels) | box in pixels, how surely it is anything, a score a label |
| `yolo-end2end` | (places, 6) | corners in pixels, score, number of the label |
| `rtdetr` | (places, 4 + labels) | box in fractions of the input, a score a label |
| `rtdetr-end2end` | (places, 6) | box in fractions of the input, score, number of the label |

A box is centre x, y, width, height; corners are x1 y1 x2 y2. All but the first two give one place an object.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.manifest import Layout

Floats = npt.NDArray[np.float32]

FORMS: tuple[Layout, ...] = ("yolo", "yolov5", "yolo-end2end", "rtdetr", "rtdetr-end2end")
"""The layouts of detectors."""
ONE_PLACE_AN_OBJECT = frozenset({"yolo-end2end", "rtdetr", "rtdetr-end2end"})
IN_FRACTIONS = frozenset({"rtdetr", "rtdetr-end2end"})
"""These networks learned from pictures that were stretched to the input, too."""
LABEL_BY_NUMBER = frozenset({"yolo-end2end", "rtdetr-end2end"})

SLACK = 0.1
"""Scores and fractions may leave 0 to 1 by so much: eight-bit arithmetic rounds coarsely."""


def expected(layout: Layout, labels: int) -> tuple[int | None, int | None]:
    """Return the shape of one picture's output, None for the number of places."""
    match layout:
        case "yolo":
            return 4 + labels, None
        case "yolov5":
            return None, 5 + labels
        case "rtdetr":
            return None, 4 + labels
        case _:
            return None, 6


def problem(layout: Layout, outputs: Floats, labels: int) -> str | None:
    """Return why the outputs of a batch are none of that layout with so many labels, or None when they are."""
    wanted = expected(layout, labels)
    if not _fits(outputs.shape, wanted):
        places = ", ".join("places" if size is None else str(size) for size in wanted)
        others = [form for form in FORMS if _fits(outputs.shape, expected(form, labels))]
        hint = f", which fits the layout {' or '.join(others)}" if others else ""
        return (
            f"expected an output of (batch, {places}) for the manifest's {labels} labels, found {outputs.shape}{hint}"
        )
    boxes, scores = _parts(layout, outputs)
    if not (np.isfinite(boxes).all() and np.isfinite(scores).all()):
        return "gave numbers that are not finite"
    least, most = scores.min(initial=0), scores.max(initial=0)
    if least < -SLACK or most > 1 + SLACK:
        return f"gave scores from {least:.3g} to {most:.3g} where 0 to 1 was expected"
    largest = boxes.max(initial=0)
    if layout in IN_FRACTIONS and largest > 1 + SLACK:
        return f"gave boxes up to {largest:.3g} where fractions of the input were expected"
    if layout not in IN_FRACTIONS and 0 < largest <= 1 + SLACK:
        return f"gave boxes up to {largest:.3g} where pixels were expected"
    if layout in LABEL_BY_NUMBER and not np.isin(outputs[:, :, 5], np.arange(labels)).all():
        return f"gave numbers of labels other than 0 to {labels - 1}"
    return None


def plain(layout: Layout, output: Floats, labels: int, shape: tuple[int, int]) -> Floats:
    """Return one picture's output in the form (4 + labels, places) of `yolo`; `shape` is the input's height and width.

    The output must be one in which `problem` finds none.
    """
    if layout == "yolo":
        return output
    rows = output.T
    boxes = rows[:4]
    if layout in IN_FRACTIONS:
        boxes = boxes * np.array([shape[1], shape[0]] * 2, dtype=np.float32)[:, None]
    elif layout == "yolo-end2end":
        boxes = np.concatenate(((boxes[:2] + boxes[2:]) / 2, boxes[2:] - boxes[:2]))
    match layout:
        case "yolov5":
            scores = rows[5:] * rows[4]
        case "rtdetr":
            scores = rows[4:]
        case _:
            scores = np.where(np.arange(labels)[:, None] == rows[5], rows[4], np.float32(0))
    return np.concatenate((boxes, scores))


def _fits(found: tuple[int, ...], wanted: tuple[int | None, int | None]) -> bool:
    return len(found) == 3 and all(want in {None, size} for want, size in zip(wanted, found[1:], strict=True))


def _parts(layout: Layout, outputs: Floats) -> tuple[Floats, Floats]:
    """Return boxes and scores of a batch, as they stand in it."""
    if layout == "yolo":
        return outputs[:, :4], outputs[:, 4:]
    return outputs[:, :, :4], outputs[:, :, 4:5] if layout in LABEL_BY_NUMBER else outputs[:, :, 4:]

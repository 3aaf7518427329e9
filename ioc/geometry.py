"""Plane geometry in frame fractions: polygons, overlaps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ioc.types import Box, Point

Boxes = npt.NDArray[np.float64]
"""(N, 4): x1 y1 x2 y2."""


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Return whether the point lies inside the polygon (even-odd rule; edges count as the ray test says)."""
    inside = False
    x, y = point.x, point.y
    previous = polygon[-1]
    for corner in polygon:
        if (corner.y > y) != (previous.y > y):
            crossing = corner.x + (y - corner.y) / (previous.y - corner.y) * (previous.x - corner.x)
            if x < crossing:
                inside = not inside
        previous = corner
    return inside


def stands_in(polygon: Sequence[Point] | None, box: Box) -> bool:
    """Return whether what has that box stands in the polygon; without one it stands in the picture.

    Just above the lower edge decides: who is cut off by the picture's edge stands in a polygon that ends there.
    """
    return polygon is None or contains(polygon, Point(box.foot.x, box.y2 - 0.01 * box.height))


def crossing(line: tuple[Point, Point], before: Point, after: Point) -> int:
    """Return 1 when the way between two places crosses the line to its right, -1 to its left, 0 when it does not.

    The line is looked along from its first point to its second; from the left of the picture to its right, what is
    lower, hence nearer, lies to the right of it.
    """
    first, second = line
    was_right, is_right = _side(first, second, before) > 0, _side(first, second, after) > 0
    one, other = sorted((before, after), key=lambda place: (place.x, place.y))  # the way back is to be the same way
    ends = (_side(one, other, first), _side(one, other, second))
    if was_right == is_right or min(ends) > 0 or max(ends) < 0:
        return 0
    return 1 if is_right else -1


def _side(first: Point, second: Point, point: Point) -> float:
    """Return a positive figure for what lies to the right of the line, a negative one to its left."""
    return (second.x - first.x) * (point.y - first.y) - (second.y - first.y) * (point.x - first.x)


def polygon_area(polygon: Sequence[Point]) -> float:
    """Return the area by the shoelace formula, as a fraction of the frame's."""
    total = 0.0
    previous = polygon[-1]
    for corner in polygon:
        total += previous.x * corner.y - corner.x * previous.y
        previous = corner
    return abs(total) / 2


def clip_to_box(polygon: Sequence[Point], box: Box) -> list[Point]:
    """Return the part of the polygon inside the box (Sutherland and Hodgman, 1974); empty when none is."""
    corners = list(polygon)
    for axis, limit, keep_above in (
        ("x", box.x1, True),
        ("x", box.x2, False),
        ("y", box.y1, True),
        ("y", box.y2, False),
    ):
        corners = _clip_half_plane(corners, axis, limit, keep_above=keep_above)
    return corners


def _clip_half_plane(corners: list[Point], axis: str, limit: float, *, keep_above: bool) -> list[Point]:
    kept: list[Point] = []
    for previous, corner in zip(corners[-1:] + corners[:-1], corners, strict=True):
        a, b = getattr(previous, axis), getattr(corner, axis)
        a_in, b_in = (a >= limit) == keep_above or a == limit, (b >= limit) == keep_above or b == limit
        if a_in != b_in:
            t = (limit - a) / (b - a)
            kept.append(Point(previous.x + t * (corner.x - previous.x), previous.y + t * (corner.y - previous.y)))
        if b_in:
            kept.append(corner)
    return kept


def covered(box: Box, polygon: Sequence[Point]) -> float:
    """Return the fraction of the box that the polygon covers, 0 to 1."""
    part = clip_to_box(polygon, box)
    return min(polygon_area(part) / box.area, 1.0) if len(part) >= 3 else 0.0


def bounds(polygon: Sequence[Point]) -> Box:
    """Return the smallest upright box around the polygon."""
    xs, ys = [p.x for p in polygon], [p.y for p in polygon]
    return Box(min(xs), min(ys), max(xs), max(ys))


def pairwise_iou(a: Boxes, b: Boxes) -> npt.NDArray[np.float64]:
    """Return the (N, M) intersections over union of two sets of boxes."""
    overlap_min = np.maximum(a[:, None, :2], b[None, :, :2])
    overlap_max = np.minimum(a[:, None, 2:], b[None, :, 2:])
    overlap = np.clip(overlap_max - overlap_min, 0, None).prod(axis=2)
    area_a = (a[:, 2:] - a[:, :2]).prod(axis=1)
    area_b = (b[:, 2:] - b[:, :2]).prod(axis=1)
    union = area_a[:, None] + area_b[None, :] - overlap
    return np.asarray(overlap / np.maximum(union, 1e-12), dtype=np.float64)


def iou(a: Box, b: Box) -> float:
    """Return the intersection over union of two boxes, to the last bit what `pairwise_iou` says of them."""
    overlap = shared(a, b)
    return overlap / max(a.area + b.area - overlap, 1e-12) if overlap else 0.0


def shared(a: Box, b: Box) -> float:
    """Return the area that both boxes cover."""
    width = (a.x2 if a.x2 < b.x2 else b.x2) - (a.x1 if a.x1 > b.x1 else b.x1)
    if width <= 0:
        return 0.0
    height = (a.y2 if a.y2 < b.y2 else b.y2) - (a.y1 if a.y1 > b.y1 else b.y1)
    return width * height if height > 0 else 0.0


def widened(box: Box, across: float, down: float) -> Box:
    """Return the box with so many of its own widths and heights more on each side, as far as they are in the frame."""
    x, y = across * box.width, down * box.height
    return Box.clipped(box.x1 - x, box.y1 - y, box.x2 + x, box.y2 + y) or box


def mean_box(boxes: Sequence[Box]) -> Box:
    """Return the mean of one or more boxes, corner by corner, to four decimals."""
    x1 = y1 = x2 = y2 = 0.0
    for box in boxes:
        x1, y1, x2, y2 = x1 + box.x1, y1 + box.y1, x2 + box.x2, y2 + box.y2
    count, steps = len(boxes), 10_000
    return Box(
        round(x1 / count * steps) / steps,
        round(y1 / count * steps) / steps,
        round(x2 / count * steps) / steps,
        round(y2 / count * steps) / steps,
    )

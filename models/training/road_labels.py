"""The road detector's labels, in the order of its outputs, and where they come from."""

from __future__ import annotations

LABELS = ("person", "bicycle", "motorcycle", "car", "bus", "truck", "bag")
"""The outputs of the network in order; a two-wheeler's box includes its rider."""

PERSON, BICYCLE, MOTORCYCLE, CAR, BUS, TRUCK, BAG = range(len(LABELS))

COCO_ROWS: tuple[tuple[int, ...], ...] = ((0,), (1,), (3,), (2,), (5,), (7,), (24, 26, 28))
"""For every label the COCO classes (of 80) that it stands for; a bag is a backpack, handbag or suitcase."""

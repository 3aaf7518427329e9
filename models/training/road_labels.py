"""The road detector's labels, in the order of its outputs, and what other sets call them."""

from __future__ import annotations

from collections.abc import Mapping

LABELS = ("person", "bicycle", "motorcycle", "car", "bus", "truck", "bag")
"""The outputs of the network in order; a two-wheeler's box includes its rider."""

PERSON, BICYCLE, MOTORCYCLE, CAR, BUS, TRUCK, BAG = range(len(LABELS))
TWO_WHEELERS = (BICYCLE, MOTORCYCLE)
EVERY_LABEL = -1
"""Stands for all labels where a part of a picture is to be left out of the loss."""

COCO_ROWS: tuple[tuple[int, ...], ...] = ((0,), (1,), (3,), (2,), (5,), (7,), (24, 26, 28))
"""For every label the COCO classes (of 80) that it stands for; a bag is a backpack, handbag or suitcase."""

OTHER_NAMES: Mapping[str, int] = {
    **{name: index for index, name in enumerate(LABELS)},
    "motorbike": MOTORCYCLE,
    "van": CAR,
    "container_truck": TRUCK,
    "fire_engine": TRUCK,
}
"""What sets of pictures call our labels. A van is a car: at a distance nobody tells a minivan from one."""

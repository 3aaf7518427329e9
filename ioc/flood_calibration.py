"""What a camera must be told to measure floods: where the road is that is dry as a rule, and a ruler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from detectors import flood
from ioc.errors import UsageError
from ioc.ruler_settings import RulerSection
from ioc.rulers import Ruler
from ioc.site import Site, Zone
from ioc.types import Image, Point
from models.dense import DenseModel
from models.waterline import strip_profile

LEAST_CORNERS = 3
SHORTEST = 20
"""Pixels that a strip must have from foot to top."""


@dataclass(frozen=True)
class Places:
    """What was marked in a camera's picture."""

    road: Zone | None = None
    ruler: RulerSection | None = None

    @property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """What stands of it below the camera in the site file."""
        parts = {"zone": self.road, "ruler": self.ruler}
        return {name: [_written(part)] for name, part in parts.items() if part is not None}

    def rules(self, site: Site, camera: str) -> list[dict[str, Any]]:
        """Return the rules that watch it, under names that are free."""
        parts = {"zone": self.road, "ruler": self.ruler}
        entries = [(f"flood-{camera}-{part.name}", key, part.name) for key, part in parts.items() if part is not None]
        taken = {rule.name for rule in site.rule}
        return [
            {"name": name, "kind": flood.KIND, "camera": camera, key: part}
            for name, key, part in entries
            if name not in taken
        ]


def _written(part: Zone | RulerSection) -> dict[str, Any]:
    return part.model_dump(mode="json", exclude_defaults=True)


def road_of(name: str, corners: str) -> Zone:
    """Return the zone of these corners, `x,y x,y …`; raises UsageError when they are none."""
    try:
        polygon = tuple(_pairs(corners, ","))
        if len(polygon) < LEAST_CORNERS:
            raise ValueError(f"{len(polygon)} corners enclose nothing")
        return Zone(name=name, polygon=polygon)
    except (ValueError, ValidationError) as error:
        raise UsageError(f"--road: {_reason(error)}; expected corners like '0.1,0.9 0.4,0.5 0.9,0.9'") from None


def ruler_of(name: str, line: str, marks: str, width: float, image: Image) -> RulerSection:
    """Return the ruler of this line, from foot to top, and these marks, `part:cm part:cm …`, as it is when dry.

    Raises UsageError when they are none, or too short in the picture.
    """
    try:
        table = {"name": name, "line": _pairs(line, ","), "marks": _pairs(marks, ":"), "width": width}
        ruler = RulerSection.model_validate(table).ruler
    except (ValueError, ValidationError) as error:
        raise UsageError(f"--strip, --marks: {_reason(error)}; expected '0.8,0.9 0.8,0.4' and '0:0 1:120'") from None
    length = pixels_of(ruler, image)
    if length < SHORTEST:
        raise UsageError(
            f"--strip: it is {length:.0f} pixels long, {SHORTEST} are needed: choose a taller one or a larger picture"
        )
    dry = [round(value) for value in strip_profile(image, ruler).tolist()]
    return RulerSection.model_validate({**table, "dry": dry})


def _pairs(text: str, between: str) -> list[tuple[float, float]]:
    pairs = []
    for word in text.split():
        first, _, second = word.partition(between)
        try:
            pairs.append((float(first), float(second)))
        except ValueError:
            raise ValueError(f"{word!r} is not two numbers with {between!r} between them") from None
    return pairs


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return str(first["msg"]).removeprefix("Value error, ")
    return str(error)


def pixels_of(ruler: Ruler, image: Image) -> float:
    """Return how many pixels long its strip is."""
    height, width = image.shape[:2]
    return hypot((ruler.top.x - ruler.foot.x) * width, (ruler.top.y - ruler.foot.y) * height)


def coarsest(ruler: Ruler, image: Image) -> float:
    """Return how many centimetres a pixel of the strip stands for, where that is most."""
    steep = max((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(ruler.marks))
    return steep / pixels_of(ruler, image)


def wet_share(model: DenseModel, image: Image, road: Sequence[Point]) -> float:
    """Return which part of a dry road the model takes for water; raises UsageError when that is as much as a flood."""
    (water,) = model.maps([image])
    try:
        share = water.share(road)
    except ValueError:
        raise UsageError("--road: the picture shows nothing of it") from None
    if share >= flood.Config().share:
        raise UsageError(
            f"--road: {share:.0%} of it looks like water although it is dry: leave that part out, or give a ruler alone"
        )
    return share


def check_free(site: Site, camera: str, places: Places, path: Path) -> None:
    """Raise UsageError when the site file has a zone or a ruler of the same name, or no such camera."""
    own = site.camera_with(camera)
    if own is None:
        known = ", ".join(one.id for one in site.camera)
        raise UsageError(f"{path}: no camera {camera!r}; there are: {known}")
    if places.road is not None and own.zone_named(places.road.name) is not None:
        raise UsageError(f"{path}: camera {camera!r} has a zone {places.road.name!r}: name another with --zone")
    if places.ruler is not None and any(ruler.name == places.ruler.name for ruler in own.rulers):
        raise UsageError(f"{path}: camera {camera!r} has a ruler {places.ruler.name!r}: name another with --ruler")

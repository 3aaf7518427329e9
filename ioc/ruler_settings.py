"""The `[[camera.ruler]]` entries of a site file."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ioc.rulers import CLASSES, Ruler
from ioc.types import Point

Fraction = Annotated[float, Field(ge=0, le=1)]
LEAST_LENGTH = 0.05
"""Of the frame: a shorter strip tells nothing."""


class RulerSection(BaseModel):
    """A strip of the picture that the depth of water is read from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    line: tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]] = Field(
        description="from its foot to its top, in fractions of the frame"
    )
    width: float = Field(0.02, gt=0, le=0.5, description="of the strip, as a part of the frame's width")
    marks: tuple[tuple[Fraction, float], ...] = Field(
        min_length=2, max_length=50, description="part of the way up, and how many centimetres of water that is"
    )
    classes: dict[str, float] = Field(
        dict(CLASSES), description="from how many centimetres on it is wet, ankle, kerb, axle and impassable"
    )
    dry: tuple[Annotated[float, Field(ge=0, le=255)], ...] = Field(
        (), max_length=500, description="how bright the dry strip is from foot to top; `ioc calibrate flood` writes it"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        (x1, y1), (x2, y2) = self.line
        if max(abs(x2 - x1), abs(y2 - y1)) < LEAST_LENGTH:
            raise ValueError(f"line: expected a strip of at least {LEAST_LENGTH:.0%} of the frame")
        if y2 >= y1:
            raise ValueError("line: expected the foot first: it is lower in the picture than the top")
        for (part, depth), (next_part, next_depth) in pairwise(self.marks):
            if next_part <= part or next_depth <= depth:
                raise ValueError(f"marks: expected rising parts and depths, got {next_part:g}, {next_depth:g} last")
        depths = [self.classes.get(name, -1.0) for name in CLASSES]
        if set(self.classes) != set(CLASSES) or depths[0] <= 0 or any(b <= a for a, b in pairwise(depths)):
            raise ValueError(f"classes: expected rising centimetres above 0 for each of {', '.join(CLASSES)}")
        return self

    @property
    def ruler(self) -> Ruler:
        """The ruler."""
        foot, top = (Point(*place) for place in self.line)
        classes = {name: self.classes[name] for name in CLASSES}
        return Ruler(self.name, foot, top, self.width, self.marks, classes, self.dry)

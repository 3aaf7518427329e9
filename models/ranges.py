"""Which range of values eight bits are to cover in each tensor of a network; pure, from what pictures showed.

Two things are mended in what the pictures showed. What goes into a SiLU is cut at LEAST_GATED: below it the SiLU gives
almost nothing, and the steps saved there make all others finer. And tensors that are joined, enlarged, cut or pooled
share one range where theirs are alike: then joining them is copying; else each number would be converted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

LEAST_GATED = -8.0
"""SiLU(-8) = -0.003."""
ALIKE = 3.0
"""Ranges are shared when the widest is at most so many times the narrowest: it costs that one as much precision."""
SHARING = {"Concat": None, "Resize": 1, "MaxPool": 1, "Slice": 1, "Split": 1}
"""Kinds of steps that only move numbers, and how many of their inputs are such numbers (None: all)."""


class Step(NamedTuple):
    """One node of a network's graph."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Range(NamedTuple):
    """The least and the largest value of a tensor."""

    least: float
    most: float

    @property
    def width(self) -> float:
        """How far apart they are."""
        return self.most - self.least


def mended(ranges: Mapping[str, Range], steps: Sequence[Step], floats: Iterable[str]) -> dict[str, Range]:
    """Return the ranges to use; `floats` names the steps that stay in floats and share nothing."""
    out = dict(ranges)
    for step in steps:
        if step.kind == "QuickGelu" and step.inputs[0] in out:
            least, most = out[step.inputs[0]]
            out[step.inputs[0]] = Range(max(least, LEAST_GATED), max(most, 0.0))
    kept = set(floats)
    groups: dict[str, set[str]] = {}
    for step in steps:
        if step.kind in SHARING and step.name not in kept:
            moved = [tensor for tensor in (*step.inputs[: SHARING[step.kind]], *step.outputs) if tensor in out]
            _share(moved, out, groups)
    return out


def _share(tensors: Sequence[str], ranges: dict[str, Range], groups: dict[str, set[str]]) -> None:
    """Give the tensors, and all that share with them already, one range if theirs are alike."""
    widths = [ranges[tensor].width for tensor in tensors]
    if not widths or max(widths) > ALIKE * min(widths):
        return
    group = set().union(*(groups.get(tensor, {tensor}) for tensor in tensors))
    shared = Range(min(ranges[tensor].least for tensor in group), max(ranges[tensor].most for tensor in group))
    for tensor in group:
        groups[tensor] = group
        ranges[tensor] = shared

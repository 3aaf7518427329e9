"""Ranges for eight bits: what is cut, what is shared, and what is left alone."""

from __future__ import annotations

import pytest

from models.ranges import ALIKE, LEAST_GATED, Range, Step, mended


def step(kind: str, inputs: str, outputs: str) -> Step:
    return Step(f"{kind}_{outputs}", kind, tuple(inputs.split()), tuple(outputs.split()))


def test_what_a_silu_maps_to_nothing_is_cut_off() -> None:
    seen = {"wide": Range(-20, 3), "narrow": Range(-2, 3), "below": Range(-9, -7), "other": Range(-20, 3)}
    steps = [step("QuickGelu", name, f"{name}_gated") for name in ("wide", "narrow", "below")]
    out = mended(seen, [*steps, step("Add", "other other", "sum")], [])
    assert out == {
        "wide": (LEAST_GATED, 3),
        "narrow": (-2, 3),
        "below": (LEAST_GATED, 0.0),
        "other": (-20, 3),
    }


@pytest.mark.parametrize(
    "moving",
    [
        step("Concat", "a b", "c"),
        step("Resize", "a b_scales", "b"),
        step("MaxPool", "a", "b"),
        step("Split", "a lengths", "b c"),
        step("Slice", "a starts ends axes", "b"),
    ],
)
def test_what_is_only_moved_keeps_one_range(moving: Step) -> None:
    seen = {"a": Range(-1, 4), "b": Range(-2, 3), "c": Range(-2, 4), "apart": Range(0, 9)}
    out = mended(seen, [moving], [])
    touched = [name for name in (*moving.inputs, *moving.outputs) if name in seen]
    assert {out[name] for name in touched} == {Range(-2, 4)}
    assert out["apart"] == Range(0, 9)


def test_sharing_goes_through_the_whole_chain() -> None:
    seen = {"a": Range(-1, 1), "b": Range(-1, 2), "ab": Range(-1, 2), "c": Range(-2, 1), "abc": Range(-2, 2)}
    steps = [step("Concat", "a b", "ab"), step("Concat", "ab c", "abc")]
    assert set(mended(seen, steps, []).values()) == {Range(-2, 2)}


def test_a_range_that_would_lose_its_precision_stays_alone() -> None:
    seen = {"fine": Range(0, 1), "coarse": Range(0, ALIKE + 0.1), "both": Range(0, ALIKE + 0.1)}
    assert mended(seen, [step("Concat", "fine coarse", "both")], []) == seen


def test_what_stays_in_floats_shares_nothing() -> None:
    seen = {"a": Range(0, 1), "b": Range(0, 2), "c": Range(0, 2)}
    joining = step("Concat", "a b", "c")
    assert mended(seen, [joining], [joining.name]) == seen


def test_tensors_without_a_range_are_passed_over() -> None:
    assert mended({}, [step("Concat", "a b", "c"), step("QuickGelu", "a", "b")], []) == {}
    assert mended({"a": Range(0, 1)}, [step("Slice", "a s e x", "b")], []) == {"a": Range(0, 1)}
    assert Range(-1, 2).width == 3

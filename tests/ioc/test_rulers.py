"""Rulers in a site file: what is taken, and what is refused in one line that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ioc import rulebook
from ioc.ruler_settings import RulerSection
from ioc.rulers import Ruler
from ioc.site import SiteError, parse_site
from ioc.types import Box, Point

ENTRY: dict[str, Any] = {
    "name": "pier",
    "line": [[0.8, 0.9], [0.7, 0.4]],
    "marks": [[0.0, 10.0], [0.5, 30.0], [1.0, 90.0]],
}
PATH = Path("site.toml")


def ruler(**changed: Any) -> Ruler:
    return RulerSection.model_validate({**ENTRY, **changed}).ruler


def test_depths_lie_between_the_marks_and_not_beyond_them() -> None:
    found = ruler()
    assert [found.depth(part) for part in (0.0, 0.25, 0.5, 0.75, 1.0)] == [10, 20, 30, 60, 90]
    assert Ruler("r", Point(0, 1), Point(0, 0), marks=((0.2, 5.0), (0.8, 50.0))).depth(0.9) == 50


def test_its_box_lies_around_the_strip_and_in_the_frame() -> None:
    assert ruler(width=0.1).box.as_tuple() == pytest.approx((0.65, 0.4, 0.85, 0.9))
    assert ruler(line=[[1.0, 1.0], [1.0, 0.5]], width=0.1).box == Box(0.95, 0.5, 1.0, 1.0)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"line": [[0.8, 0.4], [0.8, 0.9]]}, "foot first"),
        ({"line": [[0.8, 0.9], [0.8, 0.88]]}, "at least 5%"),
        ({"line": [[0.8, 1.2], [0.8, 0.4]]}, "less than or equal to 1"),
        ({"marks": [[0.0, 0.0]]}, "at least 2"),
        ({"marks": [[0.0, 0.0], [0.5, 30.0], [0.5, 40.0]]}, "rising parts and depths"),
        ({"marks": [[0.0, 50.0], [1.0, 0.0]]}, "rising parts and depths"),
        ({"classes": {"ankle": 5.0}}, "wet, ankle, kerb, axle, impassable"),
        ({"classes": {"wet": 1.0, "ankle": 5.0, "kerb": 4.0, "axle": 25.0, "impassable": 50.0}}, "rising centimetres"),
        ({"width": 0.0}, "greater than 0"),
        ({"height": 3}, "Extra inputs"),
    ],
)
def test_nonsense_is_refused(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        ruler(**changed)


def site(**rule: Any) -> dict[str, Any]:
    return {
        "camera": [{"id": "quay", "ruler": [ENTRY]}, {"id": "bridge"}],
        "rule": [{"name": "depth", "kind": "flood", "camera": "quay", **rule}],
    }


def test_a_rule_reads_the_ruler_that_it_names() -> None:
    (rule,) = rulebook.make_rules(parse_site(site(ruler="pier"), PATH), "quay", PATH)
    assert rule is not None


@pytest.mark.parametrize(("camera", "known"), [("quay", "pier"), ("bridge", "none")])
def test_a_rule_that_names_another_is_refused(camera: str, known: str) -> None:
    found = parse_site(site(ruler="wall", camera=camera), PATH)
    with pytest.raises(SiteError, match=rf"rule\[0\].ruler: camera '{camera}' has no ruler 'wall'; it has: {known}"):
        rulebook.make_rules(found, camera, PATH)


def test_a_rule_is_another_when_its_ruler_is() -> None:
    table = site(ruler="pier")
    other = site(ruler="pier")
    other["camera"][0]["ruler"] = [{**ENTRY, "width": 0.1}]
    first, second, same = (
        rulebook.made_of(parse_site(one, PATH), "quay") for one in (table, other, site(ruler="pier"))
    )
    assert first == same
    assert first != second


def test_two_rulers_of_one_name_are_refused() -> None:
    table = site()
    table["camera"][0]["ruler"] = [ENTRY, ENTRY]
    with pytest.raises(SiteError, match="ruler names"):
        parse_site(table, PATH)

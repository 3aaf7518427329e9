"""What looks at a camera's pictures follows from what its rules need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ioc import rulebook
from ioc.errors import ModelError
from ioc.ports import Needs
from ioc.seers import SEERS, Workshop, perception_for
from ioc.site import Camera, RuleEntry, Site
from ioc.types import Detection, Frame, Json, Reading


class Blind:
    """Reads nothing."""

    def look(self, frames: Sequence[Frame], found: Sequence[Sequence[Detection]]) -> list[tuple[Reading, ...]]:
        return [() for _ in frames]

    def describe(self) -> dict[str, Json]:
        return {"reads": "nothing"}

    def ran(self) -> list[dict[str, str]]:
        return []


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the cameras that seers of the kind `light` are made for; a rule's kind is what it needs to read."""
    cameras_of: list[list[str]] = []

    def make(workshop: Workshop, site: Site, cameras: Sequence[Camera]) -> Blind:
        cameras_of.append([camera.id for camera in cameras])
        return Blind()

    def needs(entries: Sequence[RuleEntry]) -> Needs:
        return Needs(readings=frozenset(entry.kind for entry in entries))

    monkeypatch.setattr("ioc.seers.SEERS", {"light": make})
    monkeypatch.setattr(rulebook, "needs_of", needs)
    return cameras_of


def site_with(**kinds: str) -> Site:
    """Return a site of cameras c1, c2 and c3 with a rule of a kind each for those that are named."""
    cameras = [{"id": id_} for id_ in ("c1", "c2", "c3")]
    rules = [{"name": f"rule {id_}", "kind": kind, "camera": id_} for id_, kind in kinds.items()]
    return Site.model_validate({"camera": cameras, "rule": rules})


def test_a_seer_is_made_once_for_all_cameras_that_need_it(made: list[list[str]]) -> None:
    site = site_with(c1="light", c3="light")
    assert perception_for(site, site.camera).describe() == ({"reads": "nothing"},)
    assert made == [["c1", "c3"]]


def test_no_seer_is_made_that_nobody_needs(made: list[list[str]]) -> None:
    site = site_with(c1="light")
    assert perception_for(site, site.camera[1:]).describe() == ()
    assert made == []


def test_a_reading_that_nothing_gives_is_refused_at_once(made: list[list[str]]) -> None:
    site = site_with(c1="dark")
    with pytest.raises(ModelError, match="nothing gives 'dark', which a rule needs; there are: light"):
        perception_for(site, site.camera)


def test_every_reading_that_a_kind_needs_is_given() -> None:
    needed = {kind: rulebook.module_of(kind).NEEDS.readings for kind in rulebook.kinds()}
    assert frozenset().union(*needed.values()) <= SEERS.keys()


def test_eight_bits_are_chosen_only_where_it_may_be_remembered(tmp_path: Path) -> None:
    settings = Site.model_validate({"camera": [{"id": "c1"}]}).inference
    assert Workshop(settings).detector("plate", 320).describe()["variant"] == "float32"


def test_people_are_counted_in_the_zones_of_the_rules_that_count() -> None:
    polygon = [[0.1, 0.5], [0.9, 0.5], [0.5, 0.9]]
    zones = [{"name": name, "polygon": polygon} for name in ("square", "kerb")]
    rules = [
        {"name": "crowd", "kind": "overcrowding", "camera": "c1", "zone": "square", "at_most": 9},
        {"name": "fuller", "kind": "overcrowding", "camera": "c1", "at_most": 20},
        {"name": "parked", "kind": "illegal_parking", "camera": "c1", "zone": "kerb"},
        {"name": "market", "kind": "overcrowding", "camera": "c2", "at_most": 9},
    ]
    site = Site.model_validate({"camera": [{"id": "c1", "zone": zones}, {"id": "c2"}], "rule": rules})
    told = SEERS["density"](Workshop(site.inference), site, site.camera).describe()
    assert told["zones"] == {"c1": {"square": polygon, "": []}, "c2": {"": []}}

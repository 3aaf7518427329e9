"""The simulated city: a site file like any other, and a store's tally for the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from ioc import rulebook
from ioc.commands.demo import Tally
from ioc.simulation import city_site
from streams.scenes import demo_cameras


@pytest.fixture
def urls() -> dict[str, str]:
    return {camera.id: f"rtsp://127.0.0.1:9/{camera.id}" for camera in demo_cameras()}


def test_every_drawn_camera_is_on_the_site_and_says_that_it_is_simulated(tmp_path: Path, urls: dict[str, str]) -> None:
    site = city_site(tmp_path, urls, "127.0.0.1", 0)
    assert {camera.id: camera.source for camera in site.camera} == urls
    assert all(camera.simulated and camera.location for camera in site.camera)
    assert (site.dashboard.host, site.site.data) == ("127.0.0.1", tmp_path)


def test_its_rules_can_be_made_and_show_every_kind_there_is(tmp_path: Path, urls: dict[str, str]) -> None:
    site = city_site(tmp_path, urls, "127.0.0.1", 0)
    made = [rule for camera in site.camera for rule in rulebook.make_rules(site, camera.id, tmp_path / "site.toml")]
    assert len(made) == len(site.rule)
    assert {rule.kind for rule in site.rule} == set(rulebook.kinds())


def test_ids_fit_the_wire_and_rules_have_names_of_their_own(tmp_path: Path, urls: dict[str, str]) -> None:
    site = city_site(tmp_path, urls, "127.0.0.1", 0)
    assert len({rule.name for rule in site.rule}) == len(site.rule)
    assert site.site.id == "simulated"


def test_the_tally_names_the_kinds_that_are_missing() -> None:
    tally = Tally(0, {"plate", "overcrowding", "illegal_parking"})
    tally.kinds.update(["overcrowding"])
    assert tally.missing == ["illegal_parking", "plate"]
    tally.kinds.update(["illegal_parking", "plate"])
    assert tally.missing == []


def test_the_tally_says_what_came_or_that_nothing_did() -> None:
    tally = Tally(0, ())
    assert tally.summary == "No alert arrived in the store."
    tally.kinds.update(["overcrowding", "illegal_parking", "illegal_parking"])
    tally.first = 12.34
    assert tally.summary == "Alerts in the store: illegal_parking 2, overcrowding 1 (the first after 12.3 s)"

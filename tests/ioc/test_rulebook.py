"""From the site file to rules, and what is said when that cannot be done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ioc.rulebook import kinds, make_rules, module_of, needs_of
from ioc.site import Site, SiteError, load_site
from ioc.types import Observation, Reading

SITE = """
[[camera]]
id = "c1"
  [[camera.zone]]
  name = "kerb"
  polygon = [[0.1, 0.5], [0.9, 0.5], [0.9, 0.9], [0.1, 0.9]]
[[camera]]
id = "c2"
[[rule]]
name = "park"
kind = "illegal_parking"
camera = "c1"
zone = "kerb"
after = "PT30S"
[[rule]]
name = "crowd"
kind = "overcrowding"
camera = "c1"
at_most = 10
"""


def site_of(folder: Path, text: str = SITE) -> tuple[Site, Path]:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return load_site(path), path


def test_the_kinds_are_the_files_in_detectors() -> None:
    assert {"illegal_parking", "overcrowding"} <= set(kinds())
    assert list(kinds()) == sorted(kinds())
    for kind in kinds():
        assert module_of(kind).__name__ == f"detectors.{kind}"


def test_a_camera_gets_its_rules_in_the_files_order(tmp_path: Path) -> None:
    site, path = site_of(tmp_path)
    made = make_rules(site, "c1", path)
    assert [type(rule).__module__ for rule in made] == ["detectors.illegal_parking", "detectors.overcrowding"]
    assert make_rules(site, "c2", path) == ()


def test_rules_made_twice_share_nothing(tmp_path: Path) -> None:
    site, path = site_of(tmp_path)
    assert make_rules(site, "c1", path)[0] is not make_rules(site, "c1", path)[0]


def test_needs_are_those_of_all_rules(tmp_path: Path) -> None:
    site, _ = site_of(tmp_path)
    assert {"person", "car", "bus", "truck"} <= needs_of(site.rules_of("c1")).labels
    assert needs_of(site.rules_of("c1")[1:]).labels == {"person"}
    assert not needs_of(()).labels


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("overcrowding", "overcrowded", "rule[1].kind: unknown kind 'overcrowded'; there are: "),
        ('after = "PT30S"', 'after = "half an hour"', "rule[0].after: "),
        ('after = "PT30S"', 'after = "-PT30S"', "rule[0].after: "),
        ("at_most = 10", "", "rule[1]: expected either at_most (people) or per_m2"),
        ("at_most = 10", "at_most = 10\nlimit = 3", "rule[1].limit: unknown key"),
        ('zone = "kerb"\n', "", "rule[0].zone: is missing"),
    ],
)
def test_a_rule_that_cannot_be_made_is_named_by_key(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert SITE.count(old) == 1
    site, path = site_of(tmp_path, SITE.replace(old, new))
    with pytest.raises(SiteError) as caught:
        make_rules(site, "c1", path)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{path}: {expected}"), problem


def test_all_bad_rules_of_a_camera_are_named_together(tmp_path: Path) -> None:
    text = SITE.replace("at_most = 10", "").replace('zone = "kerb"\n', "")
    site, path = site_of(tmp_path, text)
    with pytest.raises(SiteError) as caught:
        make_rules(site, "c1", path)
    assert len(caught.value.problems) == 2


GROUND = """
[[camera]]
id = "c1"
  [camera.ground]
  picture = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
  metres = [[0, 0], [16, 0], [16, 9], [0, 9]]
  [[camera.zone]]
  name = "square"
  polygon = [[0.0, 0.5], [0.5, 0.5], [0.5, 1.0], [0.0, 1.0]]
[[rule]]
name = "crowd"
kind = "overcrowding"
camera = "c1"
zone = "square"
per_m2 = 2
after = "PT0S"
"""


def test_a_zone_s_square_metres_reach_its_rule(tmp_path: Path) -> None:
    site, path = site_of(tmp_path, GROUND)
    (rule,) = make_rules(site, "c1", path)
    people = Reading("density", {"people": {"square": 80}, "heat": []}, 1.0)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    seen = [Observation("c1", "r", n, start + timedelta(seconds=n / 2), readings=(people,)) for n in range(5)]
    (alert,) = [alert for obs in seen for alert in rule.observe(obs)]
    assert (alert.details["at_most"], alert.details["per_m2"]) == (72, 2.22)


def test_people_a_square_metre_of_ground_that_nobody_measured_are_refused(tmp_path: Path) -> None:
    lines = GROUND.splitlines()
    site, path = site_of(tmp_path, "\n".join(lines[:3] + lines[6:]))
    with pytest.raises(SiteError, match=r"rule\[0\]\.per_m2: expected a zone .* with \[camera\.ground\]"):
        make_rules(site, "c1", path)

"""A tape is folded only with zones that were read as they are drawn."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ioc.__main__ import run_command
from ioc.errors import UsageError
from ioc.people_counts import people_counted
from ioc.site import load_site
from ioc.tape import TapeHeader, open_tape, write_tape
from ioc.tape_zones import require_zones
from ioc.types import Observation, Reading

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
SQUARE = [[0.1, 0.5], [0.9, 0.5], [0.5, 0.9]]
SITE = """
[[camera]]
id = "c1"
  [[camera.zone]]
  name = "square"
  polygon = [[0.1, 0.5], [0.9, 0.5], [0.5, 0.9]]
[[rule]]
name = "crowd"
kind = "overcrowding"
camera = "c1"
zone = "square"
at_most = 10
"""


def site_file(folder: Path, old: str = "", new: str = "") -> Path:
    path = folder / "site.toml"
    path.write_text(SITE.replace(old, new) if old else SITE, encoding="utf-8")
    return path


def tape_of(folder: Path, *models: dict[str, Any]) -> Path:
    """Write a tape of one observation of 30 people."""
    path = folder / "square.tape"
    people = Reading("density", {"people": {"square": 30.0}, "heat": []}, 1.0)
    header = TapeHeader(camera="c1", start=START, models=models)
    write_tape(path, header, [Observation("c1", "r", 0, START, readings=(people,))])
    return path


def density(**zones: Any) -> dict[str, Any]:
    return {"reads": "density", "zones": {"c1": zones, "c2": {"square": []}}}


def test_zones_that_are_drawn_as_they_were_are_folded(tmp_path: Path) -> None:
    site = site_file(tmp_path)
    tape = tape_of(tmp_path, {"name": "road"}, density(square=SQUARE, other=[[0, 0], [1, 0], [1, 1]]))
    require_zones(open_tape(tape), load_site(site))
    assert people_counted(tape, load_site(site), site) == {"square": [(0.0, 30.0)]}


def test_a_tape_without_such_readings_is_taken_as_it_is(tmp_path: Path) -> None:
    require_zones(open_tape(tape_of(tmp_path, {"name": "road"})), load_site(site_file(tmp_path)))


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [("0.5, 0.9]]", "0.6, 0.9]]", "the zone 'square'"), ('zone = "square"\n', "", "the whole picture")],
)
def test_a_zone_that_was_redrawn_is_refused_wherever_tapes_are_folded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, where: str
) -> None:
    path = site_file(tmp_path, old, new)
    tape = tape_of(tmp_path, density(square=SQUARE))
    said = f"{tape}: was made without reading density in {where} as it is drawn now; make it again with"
    for fold in (
        lambda: require_zones(open_tape(tape), load_site(path)),
        lambda: people_counted(tape, load_site(path), path),
    ):
        with pytest.raises(UsageError) as caught:
            fold()
        assert str(caught.value).startswith(said)
    out = tmp_path / "alerts.jsonl"
    assert run_command(["replay", "--site", str(path), "--camera", "c1", "--tape", str(tape), "--out", str(out)]) == 2
    assert said in capsys.readouterr().err


def test_a_rule_that_reads_nothing_may_be_redrawn(tmp_path: Path) -> None:
    path = site_file(tmp_path, 'kind = "overcrowding"', 'kind = "plate"')
    path.write_text(path.read_text(encoding="utf-8").replace("at_most = 10\n", "").replace("0.9]]", "0.8]]"))
    require_zones(open_tape(tape_of(tmp_path, density(square=SQUARE))), load_site(path))

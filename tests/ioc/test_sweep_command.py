"""`ioc sweep` as a person meets it: tables, a page, the site file with the winner, and one line for what is wrong."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ioc.__main__ import run_command
from tests.ioc.street_tapes import SITE, streets, write_streets
from tests.ioc.test_commands import complaint

SURE = "illegal_parking.sure=0.2,0.4,0.6"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of streets whose site is set so that it gives false alarms."""
    made = tmp_path_factory.mktemp("streets")
    site = write_streets(made, streets(4))
    site.write_text(SITE.replace('zone = "kerb"\n', 'zone = "kerb"\nsure = 0.1 # a first guess\n'), encoding="utf-8")
    return made


def swept(folder: Path, *options: str | Path, tried: str = SURE) -> int:
    command = ["sweep", folder / "site.toml", "--tapes", folder, "--set", tried, "--jobs", 1, *options]
    return run_command([str(part) for part in command])


def figures(folder: Path, capsys: pytest.CaptureFixture[str], *options: str | Path) -> Any:
    assert swept(folder, "--json", *options) == 0
    return json.loads(capsys.readouterr().out)


def test_people_get_the_best_the_trade_off_and_what_it_is_worth(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert swept(folder) == 0
    text = capsys.readouterr().out
    assert "illegal_parking: 3 settings on 4 tapes of 2 cameras, 4.0 min" in text
    assert "0.4  1.00 (0.68–1.00)" in next(line for line in text.splitlines() if line.lstrip().startswith("best"))
    assert "as it stands" in text
    assert "chosen without each camera" in text
    assert "Doubt" not in text
    assert max(map(len, text.splitlines())) <= 120


def test_a_script_gets_all_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = figures(folder, capsys)
    parking = told["kinds"]["illegal_parking"]
    assert told["for"] == "f1"
    assert parking["best"]["settings"] == {"sure": 0.4}
    assert (parking["best"]["f1"], parking["better"], parking["doubt"]) == (1.0, True, None)
    assert (parking["as_it_stands"]["fp"], parking["as_it_stands"]["settings"]) == (4, {"sure": 0.1})
    assert (parking["held_out"]["by"], parking["held_out"]["parts"]) == ("camera", 2)
    assert [own["settings"]["sure"] for own in parking["front"]] == [0.4]
    assert sorted(own["settings"]["sure"] for own in parking["all"]) == [0.2, 0.4, 0.6]


def test_the_same_figures_come_of_two_processes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert figures(folder, capsys, "--jobs", "2") == figures(folder, capsys, "--for", "f1")


def test_the_winner_becomes_a_site_file_and_all_else_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "best.toml"
    assert swept(folder, "--out", out) == 0
    before, after = (path.read_text(encoding="utf-8").splitlines() for path in (folder / "site.toml", out))
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [("sure = 0.1 # a first guess", "sure = 0.4 # a first guess")] * 2
    capsys.readouterr()
    assert run_command(["check-site", str(out)]) == 0
    assert "good: 2 cameras, 3 rules" in capsys.readouterr().out


def test_what_is_no_better_stays_as_it_is_and_paths_elsewhere_are_told_of(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "best.toml"
    assert swept(folder, "--out", out, tried="illegal_parking.sure=0.05,0.1") == 0
    assert out.read_text(encoding="utf-8") == (folder / "site.toml").read_text(encoding="utf-8")
    told = capsys.readouterr().err
    assert "illegal_parking: nothing beats what stands" in told
    assert "is in another folder" in told


def test_the_page_shows_every_setting_and_is_whole_markup(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "sweep.html"
    assert swept(folder, "--html", page) == 0
    text = page.read_text(encoding="utf-8")
    chart = ET.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])  # noqa: S314 - our own
    titles = [title.text or "" for title in chart.iter("title")]
    assert [title.split(":")[0] for title in titles] == ["sure 0.2", "sure 0.6", "sure 0.4", "as it stands"]
    assert "sure 0.4: 8 right, 0 false, 0 missed" in titles
    assert {label.text for label in chart.iter("text") if label.get("class") == "label"} == {"best", "as it stands"}
    again = tmp_path / "again.html"
    assert swept(folder, "--html", again) == 0
    assert again.read_bytes() == page.read_bytes()


def test_a_kind_without_events_has_no_chart(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "sweep.html"
    assert swept(folder, "--html", page, tried="overcrowding.at_most=3,5") == 0
    assert "<svg" not in page.read_text(encoding="utf-8")
    assert "Doubt: these tapes show no event of the kind" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--set", "illegal_parking.shure=1"), 2, "has no setting 'shure'; it has: after"),
        (("--set", "illegal_parking.sure=0.3"), 2, "given twice"),
        (("--tapes", "absent.tape"), 2, "absent.tape: no such recording"),
        (("--truth", "absent"), 2, "street-0.json: No such file or directory; expected a truth file"),
        (("--for", "luck"), 2, "luck"),
        (("--html", "absent/page.html"), 1, "absent/page.html: cannot be written"),
    ],
)
def test_what_is_wrong_is_one_line(
    folder: Path, options: tuple[str, str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert swept(folder, *options) == code
    assert said in complaint(capsys)


def test_settings_are_written_where_they_can_be_read_only(folder: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    text = (folder / "site.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)["rule"]
    inline = ",\n  ".join("{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in rule.items()) + "}" for rule in tables)
    site.write_text("rule = [\n  " + inline + "\n]\n" + text[: text.index("[[rule]]")], encoding="utf-8")
    command = ["sweep", site, "--tapes", folder, "--set", SURE, "--out", tmp_path / "best.toml", "--jobs", 1]
    assert run_command([str(part) for part in command]) == 1
    assert not (tmp_path / "best.toml").exists()

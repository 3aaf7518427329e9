"""`ioc compare` as a person meets it: both settings, what changed hands, and recordings that are looked at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ioc.__main__ import run_command
from ioc.tape import open_tape
from tests.ioc.street_tapes import SITE, streets, write_streets
from tests.ioc.test_commands import complaint
from tests.streams.drawn_video import draw

FAST = "\n[inference]\nrate = 2\nsize = 96\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of streets with their tapes, and two settings of which the second doubts too much."""
    made = tmp_path_factory.mktemp("streets")
    write_streets(made, streets(3))
    (made / "b.toml").write_text(SITE.replace('zone = "kerb"\n', 'zone = "kerb"\nsure = 0.6\n'), encoding="utf-8")
    (made / "loud.toml").write_text(SITE.replace('zone = "kerb"\n', 'zone = "kerb"\nsure = 0.1\n'), encoding="utf-8")
    return made


def compared(folder: Path, *options: str | Path, b: str = "b.toml") -> int:
    command = ["compare", folder / "site.toml", folder / b, "--clips", folder, "--jobs", 1, *options]
    return run_command([str(part) for part in command])


def figures(folder: Path, capsys: pytest.CaptureFixture[str], *options: str | Path, b: str = "b.toml") -> Any:
    assert compared(folder, "--json", *options, b=b) == 0
    return json.loads(capsys.readouterr().out)


def test_people_see_both_the_difference_and_what_changed_hands(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compared(folder) == 0
    text = capsys.readouterr().out
    assert "3 recordings; in brackets, 95 % intervals" in text
    assert "A  1.00 (0.61–1.00)  1.00 (0.61–1.00)" in text
    assert "B  1.00 (0.44–1.00)  0.50 (0.19–0.81)" in text
    assert "B − A     −3      0      +3" in text
    assert "events: 3 right only in A, 0 right only in B: p = 0.25 (exact McNemar)" in text
    assert "false alarms: 0 false only in A, 0 false only in B: no difference" in text
    assert "street-1  right only in A  35.0 s  0.45 0.52 0.55 0.60" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_script_gets_all_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = figures(folder, capsys, b="loud.toml")
    assert told["clips"] == 3
    parking = told["kinds"]["illegal_parking"]
    assert (parking["a"]["fp"], parking["b"]["fp"], parking["b"]["recall"]) == (0, 3, 1.0)
    assert parking["difference"]["precision"] == pytest.approx(6 / 9 - 1)
    assert parking["difference"]["precision_95"] is None
    assert (parking["events_p"], parking["false_p"]) == (None, 0.25)
    assert [(change["recording"], change["hands"]) for change in parking["changes"]] == [
        (f"street-{number}", "false only in B") for number in range(3)
    ]


def test_a_setting_compared_with_itself_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parking = figures(folder, capsys, b="site.toml")["kinds"]["illegal_parking"]
    assert parking["changes"] == []
    assert parking["difference"]["f1"] == 0.0


def test_the_same_figures_come_of_two_processes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert figures(folder, capsys, "--jobs", "2") == figures(folder, capsys)


def test_the_page_shows_both(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "compare.html"
    assert compared(folder, "--html", page) == 0
    text = page.read_text(encoding="utf-8")
    chart = ET.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])  # noqa: S314 - our own
    assert [label.text for label in chart.iter("text") if label.get("class") == "label"] == ["A", "B"]
    assert text.count("<td>right only in A</td>") == 3
    assert "default-src 'none'" in text


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Return a folder with a grey recording of the camera east, its truth, and a fast site file."""
    clips = tmp_path / "clips"
    clips.mkdir()
    draw(clips / "east.mp4", 60, rate=10)
    truth = {"duration_s": 6, "events": [{"kind": "illegal_parking", "start_s": 1, "due_s": 3}]}
    (clips / "east.json").write_text(json.dumps(truth))
    (tmp_path / "site.toml").write_text(SITE + FAST, encoding="utf-8")
    return clips


def compare_clips(clips: Path, b: str, *options: str | Path) -> int:
    (clips.parent / "b.toml").write_text(b, encoding="utf-8")
    command = ["compare", clips.parent / "site.toml", clips.parent / "b.toml", "--clips", clips, *options]
    return run_command([*map(str, command), "--jobs", "1"])


def test_recordings_are_looked_at_once_and_kept_as_tapes(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare_clips(clips, SITE.replace("PT20S", "PT2S") + FAST, "--json") == 0
    parking = json.loads(capsys.readouterr().out)["kinds"]["illegal_parking"]
    assert (parking["a"]["fn"], parking["b"]["fn"]) == (1, 1)
    assert [path.name for path in (clips / "tapes").iterdir()] == ["east.tape"]
    before = (clips / "tapes" / "east.tape").stat()
    assert compare_clips(clips, SITE + FAST) == 0
    assert (clips / "tapes" / "east.tape").stat().st_ino == before.st_ino


def test_settings_that_look_otherwise_have_a_tape_each(clips: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    slower = FAST.replace("rate = 2", "rate = 1")
    assert compare_clips(clips, SITE + slower, "--tapes", kept) == 0
    rates = {path.parent.name: open_tape(path).header.sampler for path in kept.rglob("*.tape")}
    assert rates == {"kept": {"rate_hz": 2.0}, "b": {"rate_hz": 1.0}}


def test_tapes_cannot_tell_what_looking_otherwise_would_change(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "other.toml").write_text(SITE + FAST, encoding="utf-8")
    assert compared(folder, b="other.toml") == 0
    assert "A and B differ in [inference]" in capsys.readouterr().err


def test_a_camera_may_be_named_for_a_recording_of_another_name(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix in (".mp4", ".json"):
        (clips / f"east{suffix}").rename(clips / f"monday{suffix}")
    assert compare_clips(clips, SITE + FAST) == 2
    assert "no camera 'monday'; there are: east, west" in complaint(capsys)
    assert compare_clips(clips, SITE + FAST, "--camera", "west") == 0
    assert open_tape(clips / "tapes" / "monday.tape").header.camera == "west"


def test_a_truth_that_is_missing_is_told_before_anything_is_looked_at(
    clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clips / "east.json").unlink()
    assert compare_clips(clips, SITE + FAST) == 2
    assert "east.json: No such file" in complaint(capsys)
    assert not (clips / "tapes").exists()


def test_a_recording_that_cannot_be_looked_at_is_told_when_the_others_are_taped(
    clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clips / "a.mp4").write_text("no video")
    (clips / "a.json").write_text((clips / "east.json").read_text())
    assert compare_clips(clips, SITE + FAST, "--camera", "east") == 1
    assert complaint(capsys).count("a.mp4") == 1
    assert (clips / "tapes" / "east.tape").exists()


def test_two_recordings_of_one_name_are_refused(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = clips.parent / "again"
    again.mkdir()
    draw(again / "east.avi", 5, codec="mjpeg")
    assert compare_clips(clips, SITE + FAST, "--clips", again) == 2
    assert "two recordings are called 'east'" in complaint(capsys)


def test_tapes_that_cannot_be_kept_are_one_line(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare_clips(clips, SITE + FAST, "--tapes", clips / "east.json") == 2
    assert "no tapes can be kept here" in complaint(capsys)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--truth", "absent"), 2, "street-0.json: No such file or directory; expected a truth file"),
        (("--clips", "absent.mp4"), 2, "absent.mp4: no such recording"),
        (("--html", "absent/page.html"), 1, "absent/page.html: cannot be written"),
    ],
)
def test_what_is_wrong_is_one_line(
    folder: Path, options: tuple[str, str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compared(folder, *options) == code
    assert said in complaint(capsys)

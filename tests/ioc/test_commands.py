"""The command line as a person meets it: help, exit codes, errors of one line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from dashboard.accounts import Accounts
from dashboard.passwords import Passwords
from dashboard.settings import DashboardSettings
from dashboard.store import open_store
from ioc import clock
from ioc.__main__ import run_command
from ioc.rulebook import kinds
from streams.scenes import DemoCamera
from tests.ioc.kerb_site import kerb_site
from tests.models.drawn_model import Colours
from tests.models.drawn_set import draw_manifest, picture

ROOT = Path(__file__).parents[2]


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(
    "command", ["demo", "run", "dashboard", "replay", "detect", "plates", "score", "truth", "check-site", "doctor"]
)
def test_help_teaches_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Usage: " in text
    assert len(text.splitlines()) > 5


def test_no_command_shows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([]) == 2
    shown = capsys.readouterr()
    assert "check-site" in shown.out + shown.err


@pytest.mark.parametrize(
    "arguments",
    [["fly"], ["replay"], ["replay", "--fast"], ["demo", "--port", "99999"], ["detect"], ["run", "--site"]],
)
def test_bad_usage_is_one_line_and_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(arguments) == 2
    assert complaint(capsys).startswith("ioc: ")


def test_the_example_site_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["check-site", str(ROOT / "config" / "site.example.toml")]) == 0
    assert "good: 2 cameras, 4 rules" in capsys.readouterr().out


def test_check_site_lists_every_problem_with_file_and_key(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = """
[[rule]]
name = "a"
kind = "ilegal_parking"
camera = "c1"
[[rule]]
name = "b"
kind = "overcrowding"
camera = "c1"
at_most = -1
speed = 3
[[rule]]
name = "c"
kind = "illegal_parking"
camera = "c1"
"""
    site = kerb_site(tmp_path, kerb, more=rules)
    assert run_command(["check-site", str(site)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith(f"{site}: rule[") for line in lines)
    assert f"rule[1].kind: unknown kind 'ilegal_parking'; there are: {', '.join(kinds())}" in lines[0]
    assert any("rule[2].at_most" in line for line in lines)
    assert any("rule[2].speed: unknown key" in line for line in lines)
    assert any("rule[3]" in line and "zone" in line for line in lines)


@pytest.mark.parametrize("source", ["http://cam.example/x", "rtsp://", "rtsp://cam.example:port/x"])
def test_check_site_refuses_a_source_that_cannot_be_meant(
    tmp_path: Path, kerb: DemoCamera, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    site = kerb_site(tmp_path, kerb, source=source)
    assert run_command(["check-site", str(site)]) == 2
    assert "camera[0].source: " in complaint(capsys)


def test_check_site_notes_what_is_never_used(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    site = kerb_site(tmp_path, kerb, more='[[camera]]\nid = "c2"\nsource = "a.mp4"\n')
    assert run_command(["check-site", str(site)]) == 0
    shown = capsys.readouterr().out
    assert "no rule watches camera 'c2'" in shown
    assert "camera 'c1' has no source" in shown


@pytest.mark.parametrize("command", ["run", "dashboard"])
def test_a_bad_site_stops_a_command_before_it_starts(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "site.toml"
    path.write_text('[[camera]]\nid = "c 1"\n')
    assert run_command([command, "--site", str(path)]) == 2
    assert "camera[0].id" in complaint(capsys)


def test_commands_that_need_a_broker_or_a_source_say_so(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    site = str(kerb_site(tmp_path, kerb))
    assert run_command(["dashboard", "--site", site]) == 2
    assert "[broker]" in complaint(capsys)
    assert run_command(["run", "--no-dashboard", "--site", site]) == 2
    assert "[broker]" in complaint(capsys)


def test_a_lost_admin_password_is_replaced(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    site = str(kerb_site(tmp_path, kerb))
    passwords = []
    for _ in range(2):
        assert run_command(["dashboard", "--site", site, "--reset-admin"]) == 0
        passwords.append(capsys.readouterr().out.split()[-1])
    assert len(set(passwords)) == 2
    store = open_store(DashboardSettings(data=tmp_path / "var", evidence=tmp_path, sites=("site",)))
    try:
        accounts = Accounts(store.database, Passwords())
        assert accounts.sign_in("admin", passwords[0], clock.now()) is None
        entered = accounts.sign_in("admin", passwords[1], clock.now())
    finally:
        store.release()
    assert entered is not None
    assert entered[0].must_change


def test_a_missing_secret_names_the_variable(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    broker = '[broker]\nurl = "mqtt://127.0.0.1:9"\nsecret = "the-broker"\n'
    site = kerb_site(tmp_path, kerb, source="rtsp://127.0.0.1:9/x", more=broker)
    assert run_command(["run", "--no-dashboard", "--site", str(site)]) == 2
    assert "IOC_SECRET_THE_BROKER" in complaint(capsys)


def test_an_unknown_camera_is_named_with_those_that_there_are(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    site = str(kerb_site(tmp_path, kerb))
    command = ["replay", "--site", site, "--camera", "c9", "--video", "a.mp4", "--out", str(tmp_path / "o")]
    assert run_command(command) == 2
    assert "no camera 'c9'; there are: c1" in complaint(capsys)


def test_detect_tells_what_is_in_a_picture_as_json(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "kerb.jpg"
    drawn = kerb.scene.picture(kerb.scene.duration * 0.5)
    cv2.imwrite(str(picture), drawn.image)
    assert run_command(["detect", str(picture), "--json", "--size", "640"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    value = json.loads(line)
    assert value["image"] == str(picture)
    for detection in value["detections"]:
        x1, y1, x2, y2 = detection["box"]
        assert 0 <= x1 < x2 <= 1
        assert 0 <= y1 < y2 <= 1
        assert 0 <= detection["score"] <= 1
    sure = {detection["label"] for detection in value["detections"] if detection["score"] > 0.4}
    assert sure & {seen.label for seen in drawn.objects}


def test_detect_asks_only_the_detector_that_is_named(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "kerb.png"
    cv2.imwrite(str(picture), kerb.scene.picture(kerb.scene.duration * 0.5).image)
    labels = {}
    for model in ("road", "plate"):
        assert run_command(["detect", str(picture), "--json", "--model", model]) == 0
        labels[model] = {seen["label"] for seen in json.loads(capsys.readouterr().out)["detections"]}
    assert "plate" not in labels["road"]
    assert labels["plate"] <= {"plate"}
    assert run_command(["detect", str(picture), "--model", "plate_reader"]) == 1
    assert "ioc plates" in capsys.readouterr().err


def test_detect_takes_the_detectors_of_another_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = Colours(layout="rtdetr-end2end", shape=(1, 3, 320, 320), input="pixels")
    manifest = draw_manifest(tmp_path / "own", network)
    text = manifest.read_text(encoding="utf-8").replace('"yolo"', '"rtdetr-end2end"')
    manifest.write_text(text + 'use = { red = "car" }\n', encoding="utf-8")
    shown = tmp_path / "a.png"
    cv2.imwrite(str(shown), picture(("red", 1, 1), ("green", 5, 5)))
    assert run_command(["detect", str(shown), "--json", "--manifest", str(manifest)]) == 0
    (found,) = json.loads(capsys.readouterr().out)["detections"]
    assert (found["label"], found["box"]) == ("car", pytest.approx([0.1, 0.1, 0.2, 0.2], abs=1e-4))
    assert run_command(["detect", str(shown), "--manifest", str(manifest), "--size", "640"]) == 1
    assert complaint(capsys).endswith("not of 640; set size = 320, or export the model with free sides")


def test_detect_goes_on_after_a_bad_picture_and_fails_at_the_end(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.jpg", tmp_path / "bad.jpg"
    cv2.imwrite(str(good), kerb.scene.picture(kerb.scene.duration * 0).image)
    bad.write_text("no picture")
    assert run_command(["detect", str(bad), str(good)]) == 1
    shown = capsys.readouterr()
    assert "bad.jpg" in shown.err
    assert "good.jpg: " in shown.out


def test_doctor_reports_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["doctor", "--data", str(tmp_path), "--port", "0"]) == 0
    shown = capsys.readouterr().out
    for what in ("Python", "processor", "OpenCV", "video", "inference", "weights", "data folder"):
        assert re.search(rf"^(good|note) +{what} ", shown, re.MULTILINE), what


def test_an_error_is_one_line_and_debug_shows_where_it_came_from(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ioc", "check-site", str(tmp_path / "absent.toml")]
    plain = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (plain.returncode, len(plain.stderr.splitlines())) == (2, 1)
    command = [sys.executable, "-m", "ioc", "replay", "--site", "x", "--camera", "c", "--out", "o"]
    plain = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in plain.stderr
    debug = [*command[:3], "--debug", *command[3:]]
    shown = subprocess.run(debug, capture_output=True, text=True, check=False)
    assert (shown.returncode, "Traceback" in shown.stderr) == (1, True)


def test_help_is_quick() -> None:
    """Heavy libraries are imported by the commands that need them, not by the command line."""
    code = "import sys, ioc.__main__; print(*(m for m in ('cv2', 'onnxruntime', 'av', 'fastapi') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

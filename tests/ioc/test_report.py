"""`ioc replay --report`: pages that stand alone, are the same each time, and hold nothing that runs by surprise."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ioc.__main__ import run_command
from ioc.report import Replayed, write_page
from ioc.rulebook import make_rules
from ioc.site import load_site
from ioc.stories import Told
from ioc.tape import open_tape
from streams.timing import RECORDING_START
from tests.detectors.street import shifted
from tests.ioc.street_tapes import streets, write_streets
from tests.streams.drawn_video import draw, flat


class Page(HTMLParser):
    """Reads a page: its tags, the text of each, and what a reader could be led to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "script":
            self.scripts.append(data)
        elif inside != "style" and data.strip():
            self.words.append(data.strip())

    def attributes(self, tag: str, name: str) -> list[str]:
        return [attrs[name] or "" for own, attrs in self.tags if own == tag and name in attrs]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of four streets: a site, tapes and truths."""
    made = tmp_path_factory.mktemp("streets")
    write_streets(made, streets(4))
    return made


def report(folder: Path, out: Path, *options: str | Path) -> int:
    command = ["replay", "--site", folder / "site.toml", "--tape", folder, "--out", out, "--report", out, *options]
    return run_command([str(part) for part in command])


def pages(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.html")}


def test_a_page_a_recording_and_one_that_leads_to_them_the_same_for_any_number_of_processes(
    folder: Path, tmp_path: Path
) -> None:
    for jobs in ("1", "2"):
        assert report(folder, tmp_path / jobs, "--truth", folder, "--jobs", jobs) == 0
    written = pages(tmp_path / "1")
    assert written == pages(tmp_path / "2")
    names = sorted(path.stem for path in folder.glob("*.tape"))
    assert sorted(written) == sorted(["index.html", *(f"{name}.html" for name in names)])
    index = Page(written["index.html"].decode())
    assert index.attributes("a", "href") == [f"{name}.html" for name in names]


def test_a_page_says_what_was_right_and_why(folder: Path, tmp_path: Path) -> None:
    tape = min(folder.glob("*.tape"))
    command = ["replay", "--site", folder / "site.toml", "--tape", tape, "--out", tmp_path / "a.jsonl"]
    assert run_command([str(part) for part in [*command, "--report", tmp_path, "--truth", folder]]) == 0
    page = Page((tmp_path / f"{tape.stem}.html").read_text(encoding="utf-8"))
    assert "right" in page.words
    assert any(re.fullmatch(r"a car stood there for 20 s", word) for word in page.words)
    assert "Came near, and was not told of" in page.words
    assert any(word.startswith("too unsure: mean score") or "recording ended" in word for word in page.words)
    assert "No pictures: only a tape was replayed. Give --video too, and they are here." in page.words
    assert hashlib.sha256((folder / "site.toml").read_bytes()).hexdigest() in page.words
    raised = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    told = sum(line["phase"] == "raised" for line in raised)
    assert sum(word.startswith("Alert ") for word in page.words) == told > 0
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    led_to = [target[1:] for target in page.attributes("a", "href")]
    assert led_to
    assert set(led_to) <= set(ids)


def test_pages_stand_alone_and_their_policy_allows_only_what_is_in_them(folder: Path, tmp_path: Path) -> None:
    assert report(folder, tmp_path, "--jobs", "1") == 0
    written = pages(tmp_path)
    for name, content in written.items():
        page = Page(content.decode())
        leads = [attrs[key] or "" for _, attrs in page.tags for key in ("src", "href", "action") if key in attrs]
        assert all(lead.startswith(("#", "data:image/jpeg;base64,")) or lead in written for lead in leads), name
        assert not re.search(r"url\(|@import|https?:", page.text), name
        assert not any(key.startswith("on") or key == "style" for _, attrs in page.tags for key in attrs), name
        (policy,) = page.attributes("meta", "content")[1:]
        assert policy.startswith("default-src 'none'")
        for script in page.scripts:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"script-src 'sha256-{digest}'" in policy
        assert len(page.scripts) == (name != "index.html")


def test_truths_are_used_where_there_are_some(folder: Path, tmp_path: Path) -> None:
    truths = tmp_path / "truths"
    truths.mkdir()
    first = min(folder.glob("*.tape")).stem
    (truths / f"{first}.json").write_bytes((folder / f"{first}.json").read_bytes())
    assert report(folder, tmp_path / "out", "--truth", truths, "--jobs", "1") == 0
    index = Page((tmp_path / "out" / "index.html").read_text(encoding="utf-8"))
    assert index.words.count("no truth") == 3


def test_what_failed_stands_in_the_index(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for tape in folder.glob("*.tape"):
        (tmp_path / tape.name).write_bytes(tape.read_bytes())
    (tmp_path / "site.toml").write_bytes((folder / "site.toml").read_bytes())
    (tmp_path / "a<b.tape").write_text("no tape")
    assert report(tmp_path, tmp_path / "out", "--jobs", "1") == 1
    index = Page((tmp_path / "out" / "index.html").read_text(encoding="utf-8"))
    assert "a<b.tape" in index.words
    assert not (tmp_path / "out" / "a<b.html").exists()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--truth", "absent.json"), "must be a folder"),
        (("--report", "site.toml"), "--report"),
    ],
)
def test_what_cannot_be_meant_is_one_line(
    folder: Path, tmp_path: Path, options: tuple[str, str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(folder, tmp_path, options[0], folder / options[1]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert expected in line


def test_a_truth_without_a_report_names_what_scores(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["replay", "--site", folder / "site.toml", "--tape", folder, "--out", tmp_path, "--truth", folder]
    assert run_command([str(part) for part in command]) == 2
    assert "`ioc score`" in capsys.readouterr().err


def page_of(folder: Path, tmp_path: Path, video: Path | None, camera_name: str = "") -> Page:
    """Return the page of the first street, as if it had been seen in that video."""
    site = load_site(folder / "site.toml")
    tape = open_tape(min(folder.glob("*.tape")))
    camera = site.camera_with(tape.header.camera)
    assert camera is not None
    rules = [Told(rule) for rule in make_rules(site, camera.id, folder / "site.toml")]
    seen = shifted(tape, RECORDING_START - tape.header.start)
    alerts = [alert for obs in seen for rule in rules for alert in rule.observe(obs)]
    replayed = Replayed(
        name="a.mp4",
        site_file=folder / "site.toml",
        camera=camera.model_copy(update={"name": camera_name}),
        rules=site.rules_of(camera.id),
        header=type(tape.header)(camera.id, RECORDING_START, clip="a.mp4"),
        media=timedelta(seconds=60),
        told=rules,
        alerts=alerts,
        video=video,
    )
    summary = write_page(tmp_path / "a.html", replayed)
    assert summary.raised == sum(alert.phase == "raised" for alert in alerts) > 0
    return Page((tmp_path / "a.html").read_text(encoding="utf-8"))


def test_stills_show_how_an_alert_began_and_when_it_was_told(folder: Path, tmp_path: Path) -> None:
    video = draw(tmp_path / "a.mp4", 120, rate=2, picture=lambda number: flat(100))
    page = page_of(folder, tmp_path, video)
    pictures = page.attributes("image", "href")
    alerts = sum(word.startswith("Alert ") for word in page.words)
    assert len(pictures) == 2 * alerts
    assert all(base64.b64decode(picture.partition(",")[2]).startswith(b"\xff\xd8") for picture in pictures)
    classes = page.attributes("polygon", "class") + page.attributes("rect", "class")
    assert classes.count("zone") == classes.count("box") == len(pictures)
    assert any(word.endswith(", when it was told") for word in page.words)


def test_simulated_pictures_are_said_to_be(folder: Path, tmp_path: Path) -> None:
    plain = page_of(folder, tmp_path, None)
    assert not any("Simulated" in word for word in plain.words)
    text = (folder / "site.toml").read_text(encoding="utf-8").replace("[[camera]]\n", "[[camera]]\nsimulated = true\n")
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    tape = min(folder.glob("*.tape"))
    (tmp_path / "tapes").mkdir()
    (tmp_path / "tapes" / tape.name).write_bytes(tape.read_bytes())
    options = ["--tape", tmp_path / "tapes", "--out", tmp_path / "out", "--report", tmp_path / "out"]
    assert run_command([str(part) for part in ["replay", "--site", tmp_path / "site.toml", *options]]) == 0
    drawn = Page((tmp_path / "out" / f"{tape.stem}.html").read_text(encoding="utf-8"))
    assert "Simulated: the pictures are drawn and show no real place." in drawn.words
    assert "east (simulated)" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_words_from_outside_are_text_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    page = page_of(folder, tmp_path, None, camera_name="<script>alert(1)</script>")
    assert len(page.scripts) == 1
    assert any("<script>alert(1)</script>" in word for word in page.words)

"""An alert never waits for its clip; the clip follows when it can, and what cannot be cut costs only itself."""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.clip_journal import ClipJournal
from alerts.clips import MOST_WAITING, Clips
from alerts.delivery import Delivery
from alerts.evidence import EvidenceStore
from alerts.evidence_file import UNFINISHED
from alerts.outbox import Outbox
from alerts.wire import AlertMessage, decode
from ioc.errors import ClipMissing
from ioc.ports import ClipStart, Span
from ioc.types import Alert, Evidence, Phase
from tests.alerts.drawn import CAMERA, ROOT, SITE, after, alert, frame
from tests.alerts.peers import wait_for

BEFORE, AFTER = timedelta(seconds=10), timedelta(seconds=5)


@dataclass
class Camera:
    """A camera whose after-part comes when the test says so."""

    come: threading.Event = field(default_factory=threading.Event)
    trouble: Exception | None = None
    held: list[Span] = field(default_factory=list)
    asked: list[Span] = field(default_factory=list)

    def hold(self, span: Span) -> None:
        self.held.append(span)

    def release(self, span: Span) -> None:
        self.held.remove(span)

    def ready(self, span: Span) -> bool:
        assert span in self.held
        return self.come.is_set()

    def write(self, path: Path, span: Span) -> ClipStart:
        self.asked.append(span)
        path.write_bytes(b"half a clip")
        if self.trouble is not None:
            raise self.trouble
        path.write_bytes(b"all of it" if self.come.is_set() else b"what came before")
        return ClipStart(3, span.start)


@dataclass(frozen=True)
class Wired:
    """A delivery with its outbox and its evidence."""

    folder: Path
    outbox: Outbox
    delivery: Delivery
    camera: Camera

    def clips(self, reserve: int = 0, **more: Any) -> Clips:
        store = EvidenceStore(self.folder, reserve=reserve)
        return Clips({CAMERA: self.camera}, {"no-stopping"}, BEFORE, AFTER, store, self.delivery, **more)

    def told(self) -> list[AlertMessage]:
        """Return the alerts that were told of."""
        decoded = [decode(row.topic, row.payload) for row in self.outbox.pending(100)]
        return [message for message in decoded if isinstance(message, AlertMessage)]

    def with_clip(self) -> list[str]:
        """Return the subjects of the alerts that were told of with a clip."""
        return [one.subject for one in self.told() if any(item.kind == "clip" for item in one.evidence)]

    def file(self, message: AlertMessage) -> bytes:
        """Return the clip of an alert, which has the digest that the message says."""
        (clip,) = [item for item in message.evidence if item.kind == "clip"]
        content = (self.folder / str(clip.path)).read_bytes()
        assert hashlib.sha256(content).hexdigest() == clip.sha256
        return content


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[Wired]:
    folder = tmp_path / "evidence"
    with Outbox(tmp_path / "outbox.db") as outbox:
        yield Wired(folder, outbox, Delivery(SITE, outbox, EvidenceStore(folder), lambda: None), Camera())


def test_the_alert_goes_out_at_once_and_again_with_its_clip(wired: Wired) -> None:
    with wired.clips() as clips:
        clips.ask(wired.delivery.deliver(alert(), frame()), frame())
        assert len(wired.told()) == 1
        wired.camera.come.set()
    first, again = wired.told()
    *stills, clip = again.evidence
    assert again.model_copy(update={"evidence": tuple(stills)}) == first
    assert (clip.kind, clip.seq, clip.at) == ("clip", 3, after(50))
    assert clip.path == f"{CAMERA}/2026-03-01/{alert().id}-raised-clip.mp4"
    assert wired.file(again) == b"all of it"
    assert set(wired.camera.asked) == {Span(frame().run, after(50), after(60), after(65))}
    assert wired.camera.held == []
    assert list((wired.folder / ".clips").glob("*")) == [], "nothing is left to tell of"


def test_it_waits_for_what_comes_after(wired: Wired) -> None:
    with wired.clips() as clips:
        clips.ask(alert(), frame())
        assert wired.camera.held, "what came before is kept meanwhile"
        wait_for(lambda: wired.camera.asked, what="what came before is on the disk")
        assert not wired.told()
        wired.camera.come.set()
        wait_for(wired.told)
    assert len(wired.told()) == 1


def test_a_program_that_is_stopped_keeps_what_there_is(wired: Wired) -> None:
    with wired.clips() as clips:
        for number in range(3):
            clips.ask(alert(subject=str(number)), frame())
    assert sorted(wired.with_clip()) == ["0", "1", "2"]
    assert wired.camera.held == []


def test_patience_with_a_camera_that_sends_nothing_ends(wired: Wired) -> None:
    with wired.clips(patience=-AFTER) as clips:
        clips.ask(alert(), frame())
        wait_for(wired.told)


@pytest.mark.parametrize(
    "unasked",
    [
        replace(alert(Phase.UPDATED)),
        replace(alert(Phase.CLEARED)),
        replace(alert(), rule="another"),
        replace(alert(), camera="another"),
    ],
)
def test_what_is_to_have_no_clip_gets_none(wired: Wired, unasked: Alert) -> None:
    with wired.clips() as clips:
        clips.ask(unasked, frame())
        clips.ask(alert(), None)
    assert not wired.told()
    assert not wired.camera.asked


@pytest.mark.parametrize("trouble", [ClipMissing("the camera sent no key picture"), OSError(28, "No space left")])
def test_a_clip_that_cannot_be_kept_leaves_nothing_behind_and_is_said_once(
    wired: Wired, caplog: pytest.LogCaptureFixture, trouble: Exception
) -> None:
    caplog.set_level(logging.INFO)
    wired.camera.trouble = trouble
    wired.camera.come.set()
    with wired.clips() as clips:
        for number in range(3):
            clips.ask(alert(subject=str(number)), frame())
            wait_for(lambda: not wired.camera.held)
        assert [path for path in wired.folder.rglob("*clip*") if path.is_file()] == []
        wired.camera.trouble = None
        clips.ask(alert(), frame())
        wait_for(wired.told)
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.INFO]
    assert wired.camera.held == []


def test_what_came_before_is_told_of_when_the_rest_cannot_be_kept(wired: Wired) -> None:
    with wired.clips() as clips:
        clips.ask(alert(), frame())
        wait_for(lambda: list(wired.folder.glob(".clips/*.json")))
        wired.camera.trouble = OSError(28, "No space left")
        wired.camera.come.set()
    (told,) = wired.told()
    assert wired.file(told) == b"what came before"


def test_a_full_disk_costs_the_clip(wired: Wired, caplog: pytest.LogCaptureFixture) -> None:
    with wired.clips(reserve=1 << 60) as clips:
        clips.ask(alert(), frame())
    assert not wired.told()
    assert "disk full" in caplog.text


def test_a_clip_that_breaks_costs_no_other(wired: Wired, caplog: pytest.LogCaptureFixture) -> None:
    wired.camera.trouble = RuntimeError("a fault of ours")
    wired.camera.come.set()
    with wired.clips() as clips:
        clips.ask(alert(subject="1"), frame())
        wait_for(lambda: not wired.camera.held)
        wired.camera.trouble = None
        clips.ask(alert(subject="2"), frame())
        wait_for(wired.told)
    assert wired.with_clip() == ["2"]
    assert "a fault of ours" in caplog.text


def test_a_flood_of_alerts_leaves_no_more_than_some_clips_waiting(
    wired: Wired, caplog: pytest.LogCaptureFixture
) -> None:
    with wired.clips() as clips:
        for number in range(MOST_WAITING + 5):
            clips.ask(alert(subject=str(number)), frame())
    assert len(wired.told()) == MOST_WAITING
    assert f"{MOST_WAITING} clips are waiting" in caplog.text


def test_a_killed_program_tells_of_what_it_had_when_it_starts_again(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.alerts.cutter", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as cutter:
        assert cutter.stdout is not None
        assert cutter.stdout.readline() == "half\n"
        cutter.kill()
    folder = tmp_path / "evidence"
    assert len(list(folder.rglob(UNFINISHED))) == 1, "it was killed in the middle of a file"
    with Outbox(tmp_path / "outbox.db") as outbox:
        wired = Wired(folder, outbox, Delivery(SITE, outbox, EvidenceStore(folder), lambda: None), Camera())
        assert wired.with_clip() == []
        for _ in range(2):
            with Clips({}, (), BEFORE, AFTER, EvidenceStore(folder), wired.delivery, now=lambda: frame().at):
                pass
        first, again = wired.told()
    assert again.id == first.id
    assert wired.file(again) == b"what came before"
    files = {path for path in folder.rglob("*") if path.is_file()}
    assert files == {folder / str(item.path) for item in again.evidence}, "nothing half written is left"


def test_a_clip_that_was_finished_but_not_told_of_is_told_of_as_it_is(wired: Wired) -> None:
    journal = ClipJournal(wired.folder, wired.delivery.message)
    (wired.folder).mkdir()
    (wired.folder / "clip.mp4").write_bytes(b"all of it")
    early = Evidence("clip", 3, after(50), None, "clip.mp4", hashlib.sha256(b"what came before").hexdigest())
    journal.begin(replace(alert(), evidence=(early,)))
    with wired.clips():
        pass
    (told,) = wired.told()
    assert wired.file(told) == b"all of it"
    assert list(journal.left()) == []


def test_a_journal_that_cannot_be_read_stops_nothing(wired: Wired, caplog: pytest.LogCaptureFixture) -> None:
    (wired.folder / ".clips").mkdir(parents=True)
    (wired.folder / ".clips" / "1.json").write_text("{}")
    with wired.clips() as clips:
        clips.ask(alert(), frame())
    assert len(wired.told()) == 1
    assert "1.json: not a message of ours" in caplog.text
    (wired.folder / ".clips" / "2.json").mkdir()
    with wired.clips():
        pass
    assert "Is a directory" in caplog.text

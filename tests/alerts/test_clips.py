"""An alert never waits for its clip; the clip follows when it can, and what cannot be cut costs only itself."""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.clips import MOST_WAITING, Clips
from alerts.delivery import Delivery
from alerts.evidence import EvidenceStore
from alerts.evidence_file import UNFINISHED
from alerts.outbox import Outbox
from alerts.wire import AlertMessage, decode
from ioc.errors import ClipMissing
from ioc.ports import ClipStart, Span
from ioc.types import Alert, Phase
from tests.alerts.drawn import CAMERA, ROOT, SITE, after, alert, frame
from tests.alerts.peers import wait_for

BEFORE, AFTER = timedelta(seconds=10), timedelta(seconds=5)
DEADLINE = 10.0


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
        path.write_bytes(b"a clip")
        return ClipStart(3, span.start)


@dataclass
class Told:
    """The alerts that were told of again."""

    alerts: list[Alert] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, told: Alert) -> None:
        with self.changed:
            self.alerts.append(told)
            self.changed.notify_all()

    def wait(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.alerts) >= count, DEADLINE)


@pytest.fixture
def camera() -> Camera:
    return Camera()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def make(tmp_path: Path, camera: Camera, told: Told) -> Callable[..., Clips]:
    def make(**more: object) -> Clips:
        store = EvidenceStore(tmp_path / "evidence")
        given: dict[str, object] = {"evidence": store, "tell": told.take} | more
        return Clips({CAMERA: camera}, {"no-stopping"}, BEFORE, AFTER, **given)  # type: ignore[arg-type]

    return make


def test_the_alert_goes_out_at_once_and_again_with_its_clip(tmp_path: Path, camera: Camera) -> None:
    store = EvidenceStore(tmp_path / "evidence")
    with Outbox(tmp_path / "outbox.db") as outbox:
        delivery = Delivery(SITE, outbox, store, lambda: None)
        with Clips({CAMERA: camera}, {"no-stopping"}, BEFORE, AFTER, store, delivery.tell) as clips:
            clips.ask(delivery.deliver(alert(), frame()), frame())
            assert len(outbox.pending(10)) == 1
            camera.come.set()
        first, again = (decode(row.topic, row.payload) for row in outbox.pending(10))
    assert isinstance(first, AlertMessage)
    assert isinstance(again, AlertMessage)
    *stills, clip = again.evidence
    assert again.model_copy(update={"evidence": tuple(stills)}) == first
    assert (clip.kind, clip.seq, clip.at) == ("clip", 3, after(50))
    assert clip.path == f"{CAMERA}/2026-03-01/{alert().id}-raised-clip.mp4"
    assert hashlib.sha256((tmp_path / "evidence" / clip.path).read_bytes()).hexdigest() == clip.sha256
    assert camera.asked == [Span(frame().run, after(50), after(60), after(65))]
    assert camera.held == []


def test_it_waits_for_what_comes_after(make: Callable[..., Clips], camera: Camera, told: Told) -> None:
    with make() as clips:
        clips.ask(alert(), frame())
        assert camera.held, "what came before is kept meanwhile"
        assert not told.alerts
        camera.come.set()
        told.wait(1)
    assert len(told.alerts) == 1


def test_a_program_that_is_stopped_keeps_what_there_is(make: Callable[..., Clips], camera: Camera, told: Told) -> None:
    with make() as clips:
        for number in range(3):
            clips.ask(alert(subject=str(number)), frame())
    assert [one.subject for one in told.alerts] == ["0", "1", "2"]
    assert camera.held == []


def test_patience_with_a_camera_that_sends_nothing_ends(make: Callable[..., Clips], told: Told) -> None:
    with make(patience=-AFTER) as clips:
        clips.ask(alert(), frame())
        told.wait(1)


@pytest.mark.parametrize(
    "unasked",
    [
        replace(alert(Phase.UPDATED)),
        replace(alert(Phase.CLEARED)),
        replace(alert(), rule="another"),
        replace(alert(), camera="another"),
    ],
)
def test_what_is_to_have_no_clip_gets_none(
    make: Callable[..., Clips], camera: Camera, told: Told, unasked: Alert
) -> None:
    with make() as clips:
        clips.ask(unasked, frame())
        clips.ask(alert(), None)
    assert not told.alerts
    assert not camera.asked


@pytest.mark.parametrize("trouble", [ClipMissing("the camera sent no key picture"), OSError(28, "No space left")])
def test_a_clip_that_cannot_be_kept_leaves_nothing_behind_and_is_said_once(
    make: Callable[..., Clips],
    camera: Camera,
    told: Told,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    trouble: Exception,
) -> None:
    caplog.set_level(logging.INFO)
    camera.trouble = trouble
    camera.come.set()
    with make() as clips:
        for number in range(3):
            clips.ask(alert(subject=str(number)), frame())
            wait_for(lambda: not camera.held)
        assert not list((tmp_path / "evidence").rglob("*clip*"))
        camera.trouble = None
        clips.ask(alert(), frame())
        told.wait(1)
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.INFO]
    assert camera.held == []


def test_a_full_disk_costs_the_clip(
    make: Callable[..., Clips], told: Told, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with make(evidence=EvidenceStore(tmp_path / "evidence", reserve=1 << 60)) as clips:
        clips.ask(alert(), frame())
    assert not told.alerts
    assert "disk full" in caplog.text


def test_a_clip_that_breaks_costs_no_other(
    make: Callable[..., Clips], camera: Camera, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    camera.trouble = RuntimeError("a fault of ours")
    camera.come.set()
    with make() as clips:
        clips.ask(alert(subject="1"), frame())
        wait_for(lambda: not camera.held)
        camera.trouble = None
        clips.ask(alert(subject="2"), frame())
        told.wait(1)
    assert [one.subject for one in told.alerts] == ["2"]
    assert "a fault of ours" in caplog.text


def test_a_flood_of_alerts_leaves_no_more_than_some_clips_waiting(
    make: Callable[..., Clips], told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    with make() as clips:
        for number in range(MOST_WAITING + 5):
            clips.ask(alert(subject=str(number)), frame())
    assert len(told.alerts) == MOST_WAITING
    assert f"{MOST_WAITING} clips are waiting" in caplog.text


def test_what_a_killed_program_had_begun_is_removed(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    kept = store.keep(alert(), frame())
    folder = tmp_path / CAMERA / "2026-03-01"
    (folder / ".x-raised-clip.mp4.part").write_bytes(b"half")
    store.remove_unfinished(after(60 * 60 * 24))
    assert sorted(path.name for path in folder.iterdir()) == sorted(Path(str(e.path)).name for e in kept.evidence)


def test_a_kill_in_the_middle_of_a_clip_costs_the_clip_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.alerts.cutter", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as cutter:
        assert cutter.stdout is not None
        assert cutter.stdout.readline() == "half\n"
        cutter.kill()
    store = EvidenceStore(tmp_path / "evidence")
    assert len(list((tmp_path / "evidence").rglob(UNFINISHED))) == 1
    store.remove_unfinished(frame().at)
    with Outbox(tmp_path / "outbox.db") as outbox:
        (told,) = (decode(row.topic, row.payload) for row in outbox.pending(10))
    assert isinstance(told, AlertMessage)
    files = {path for path in (tmp_path / "evidence").rglob("*") if path.is_file()}
    assert files == {tmp_path / "evidence" / str(item.path) for item in told.evidence}
    assert [item.kind for item in told.evidence] == ["frame", "frame"]

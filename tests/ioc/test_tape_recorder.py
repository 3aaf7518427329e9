"""Live tapes: a file an hour, kept for a while, and nothing that goes wrong reaches the analysis."""

from __future__ import annotations

import logging
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.policy import Policy
from ioc import replay, rulebook
from ioc.ports import Sight
from ioc.runner import CameraJob, Fold
from ioc.site import load_site
from ioc.tape import TapeHeader, open_tape, write_tape
from ioc.tape_recorder import TapeRecorder, TapeShelf
from ioc.types import Alert, Box, Detection, Frame, Observation, Track
from tests.ioc.drawn import RUN, START, after, frame, observation, picture

HEADER = TapeHeader(camera="c1", start=START, models=({"name": "road"},), sampler={"rate_hz": 5.0}, code="abc")
DAY = timedelta(hours=24)
TAPE_SITE = Path(__file__).parents[1] / "tapes" / "site.toml"


def ignore(reason: str) -> None:
    raise AssertionError(reason)


def seen(begin: float, end: float, step: float = 5.0) -> list[Observation]:
    count = round((end - begin) / step)
    return [
        observation(n, begin + n * step, Track(f"{RUN}-0", "car", 0.5, Box(0, 0, 1, 1), START)) for n in range(count)
    ]


def recorded(folder: Path, made: list[Observation], keep: timedelta = DAY) -> list[Path]:
    recorder = TapeRecorder(folder, HEADER, keep, ignore)
    for obs in made:
        recorder.add(obs)
    recorder.close()
    return sorted(folder.iterdir())


def test_a_tape_begins_with_each_hour_and_together_they_hold_everything(tmp_path: Path) -> None:
    made = seen(-300, 2 * 3600 + 60)
    paths = recorded(tmp_path / "c1", made)
    assert [path.name for path in paths] == [
        "20260301T075500.000000Z.tape",
        "20260301T080000.000000Z.tape",
        "20260301T090000.000000Z.tape",
        "20260301T100000.000000Z.tape",
    ]
    tapes = [open_tape(path) for path in paths]
    assert [obs for tape in tapes for obs in tape] == made
    assert tapes[1].header == replace(HEADER, start=after(0))


def test_old_tapes_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "incident.tape").touch()
    (tmp_path / "20260301 notes.txt").touch()
    hours = seen(0, 6 * 3600, step=600)
    names = [path.name for path in recorded(tmp_path, hours, keep=timedelta(hours=2))]
    # What was seen between 11:00 and 13:00 is the last two hours at 13:00, when the last tape begins.
    assert names == [
        "20260301 notes.txt",
        "20260301T110000.000000Z.tape",
        "20260301T120000.000000Z.tape",
        "20260301T130000.000000Z.tape",
        "incident.tape",
    ]


def test_a_camera_that_starts_again_within_the_hour_gets_a_tape_of_its_own(tmp_path: Path) -> None:
    recorded(tmp_path, seen(0, 60))
    first = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(recorded(tmp_path, seen(90, 120))) == 2
    assert all(path.read_bytes() == content for path, content in first.items())


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the kernel refuse to write more into any file, as it does when the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_told_once_and_the_tape_goes_on_when_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    recorder = TapeRecorder(tmp_path, HEADER, DAY, told.append)
    made = seen(0, 600, step=1)
    write_tape(tmp_path / "header", HEADER, [])
    with files_of_at_most((tmp_path / "header").stat().st_size + 10):
        for obs in made[:300]:
            recorder.add(obs)
    assert set(told) == {"its tape cannot be written: File too large"}
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
    (tmp_path / "header").unlink()
    assert list(tmp_path.iterdir()) == []
    for obs in made[300:]:
        recorder.add(obs)
    recorder.close()
    assert told[-1] == ""
    (path,) = tmp_path.iterdir()
    assert list(open_tape(path)) == made[-len(list(open_tape(path))) :]
    assert len(list(open_tape(path))) > 250


def test_what_stands_on_a_tape_before_the_disk_is_full_can_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    made = seen(0, 300, step=1)
    write_tape(tmp_path / "whole", HEADER, made)
    recorder = TapeRecorder(tmp_path / "c1", HEADER, DAY, told.append)
    with files_of_at_most(round(0.5 * (tmp_path / "whole").stat().st_size)):
        for obs in made:
            recorder.add(obs)
    assert told
    path = min((tmp_path / "c1").iterdir())
    whole = list(open_tape(path))
    assert whole == made[: len(whole)]
    assert len(whole) >= 30
    assert "cut off" in caplog.text


def test_a_folder_that_cannot_be_made_and_an_odd_observation_are_faults_and_no_more(tmp_path: Path) -> None:
    told: list[str] = []
    (tmp_path / "tapes").touch()
    TapeRecorder(tmp_path / "tapes" / "c1", HEADER, DAY, told.append).add(seen(0, 5)[0])
    assert told == ["its tape cannot be written: Not a directory"]
    told.clear()
    recorder = TapeRecorder(tmp_path / "c1", HEADER, DAY, told.append)
    unrounded = Track(f"{RUN}-0", "car", 1 / 3, Box(0, 0, 1, 1), START)
    for n in range(40):
        recorder.add(observation(n, n, unrounded))
    recorder.close()
    assert "as pipeline.Observer rounds them" in told[0]


def test_the_shelf_ends_all_tapes_and_removes_the_old_ones_of_cameras_that_are_gone(tmp_path: Path) -> None:
    recorded(tmp_path / "gone", seen(0, 60))
    recorded(tmp_path / "c2", seen(3 * 3600, 3 * 3600 + 60))
    shelf = TapeShelf(tmp_path, timedelta(hours=1), ({"name": "road"},), {"rate_hz": 5.0}, "abc")
    shelf.remove_old(after(4 * 3600))
    assert [path.parent.name for path in tmp_path.glob("*/*.tape")] == ["c2"]
    with shelf:
        shelf.recorder("c1", ignore).add(observation(0, 4 * 3600))
    (path,) = (tmp_path / "c1").iterdir()
    assert open_tape(path).header == replace(HEADER, start=after(4 * 3600))
    assert len(list(open_tape(path))) == 1


def parked(t: float) -> Sight:
    """A car that stands in the tapes' zone, its box unsteady as a detector's is."""
    x = 0.3 + 0.001 * ((t * 7) % 3)
    return Sight((Detection("car", 0.8, Box(x, 0.5, x + 0.1, 0.62)),))


@pytest.fixture
def job() -> Callable[..., tuple[CameraJob, list[Alert]]]:
    site = load_site(TAPE_SITE)

    def make(record: Callable[[Observation], None]) -> tuple[CameraJob, list[Alert]]:
        delivered: list[Alert] = []
        return CameraJob(
            "illegal_parking",
            lambda put, stop: None,
            lambda: rulebook.make_rules(site, "illegal_parking", TAPE_SITE),
            Policy,
            lambda alert, of: delivered.append(alert),
            ignore,
            record,
        ), delivered

    return make


def test_a_live_tape_gives_the_alerts_that_live_gave(
    tmp_path: Path, job: Callable[..., tuple[CameraJob, list[Alert]]]
) -> None:
    header = replace(HEADER, camera="illegal_parking")
    recorder = TapeRecorder(tmp_path, header, DAY, ignore)
    made, delivered = job(recorder.add)
    fold = Fold(made)
    for seq in range(120 * 5):
        of = Frame("illegal_parking", RUN, seq, after(seq / 5), picture())
        fold.take(of, parked(seq / 5) if seq < 200 else Sight())
    recorder.close()
    (path,) = tmp_path.iterdir()
    rules = rulebook.make_rules(load_site(TAPE_SITE), "illegal_parking", TAPE_SITE)
    again = list(replay.alerts(open_tape(path), rules, Policy()))
    assert again == delivered
    assert [alert.id for alert in again] == [alert.id for alert in delivered]
    assert [alert.phase for alert in again] == ["raised", "cleared"]


def test_what_breaks_the_rules_stands_on_the_tape_too(tmp_path: Path) -> None:
    kept: list[Observation] = []

    class Breaks:
        def observe(self, obs: Observation) -> list[Alert]:
            raise RuntimeError("the rule broke")

    job = CameraJob(
        "c1", lambda put, stop: None, lambda: (Breaks(),), Policy, lambda a, f: None, lambda r: None, kept.append
    )
    fold = Fold(job)
    fold.or_restart(lambda: fold.take(frame(0, 0), Sight()))
    assert [obs.seq for obs in kept] == [0]

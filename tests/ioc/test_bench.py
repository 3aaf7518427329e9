"""`ioc bench`: what is measured, that it adds up, and what is said of what cannot be measured."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ioc import clock, rulebook
from ioc.__main__ import run_command
from ioc.bench_street import CAMERA, START, bench_kinds, bench_site, street
from ioc.bench_video import STAGES, Loop, Stopwatch, side_by_side
from ioc.errors import UsageError
from ioc.ports import Sight
from ioc.sampler import Sampler
from ioc.tape import TapeHeader, write_tape
from ioc.types import Frame
from streams.scenes import DemoCamera
from tests.ioc.drawn import ListedFrames, OneCarEverywhere, frame, observation
from tests.ioc.kerb_site import kerb_site


def test_the_drawn_street_is_the_same_each_time_and_as_busy_as_asked() -> None:
    seen = list(street(10, 60))
    assert seen == list(street(10, 60))
    assert len(seen) == 300
    later = seen[100:]
    assert 8.5 <= sum(len(obs.tracks) for obs in later) / len(later) <= 10
    assert {track.label for obs in later for track in obs.tracks} == {"car", "person"}
    steps = [a.tracks[0].box.x1 - b.tracks[0].box.x1 for a, b in pairwise(later) if a.tracks and b.tracks]
    assert len(set(steps)) > 100, "boxes of a detector are never still"


def test_the_drawn_rules_are_of_all_kinds_that_need_objects_alone_and_look_at_what_is_drawn() -> None:
    assert set(rulebook.kinds()) - set(bench_kinds()) >= {"plate"}
    count = 3 * len(bench_kinds())
    site = bench_site(count)
    rules = rulebook.make_rules(site, CAMERA, Path("bench.toml"))
    assert len(rules) == count
    assert {entry.kind for entry in site.rule} == set(bench_kinds())
    fired = {alert.kind for obs in street(10, 80) for rule in rules for alert in rule.observe(obs)}
    assert fired >= {"illegal_parking", "overcrowding"}
    assert bench_site(0).rule == ()


def bench(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    assert run_command(["bench", *map(str, arguments), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_drawn_tape_is_measured_step_by_step(capsys: pytest.CaptureFixture[str]) -> None:
    found = bench(capsys, "tape", "--minutes", "0.5", "--seconds", "0", "--tracks", "4", "--rules", "2")
    assert (found["observations"], found["rules"]) == (150, list(bench_kinds()[:2]))
    read, rules, both = found["paces"]
    assert [pace["step"] for pace in found["paces"]] == ["read", "rules", "both"]
    assert both["cpu_ms"] > max(read["cpu_ms"], rules["cpu_ms"]) > 0
    for pace in found["paces"]:
        assert pace["times_real_time"] == pytest.approx(found["seconds"] / (pace["cpu_ms"] / 1000 * 150))


def test_a_tape_of_a_site_is_folded_with_its_rules(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    tape, site = tmp_path / "a.tape", kerb_site(tmp_path, kerb)
    write_tape(tape, TapeHeader("c1", START), street(3, 20))
    found = bench(capsys, "tape", "--tape", tape, "--site", site, "--seconds", "0")
    assert (found["tape"], found["rules"]) == ("a.tape", ["illegal_parking"])
    assert run_command(["bench", "tape", "--tape", str(tape), "--seconds", "0", "--rules", "0"]) == 0
    text = capsys.readouterr().out
    assert "a.tape: 100 observations in 20 s" in text
    assert "× real time" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--tape", "absent.tape"), "no such tape"),
        (("--tape", "short.tape"), "holds no time to be measured"),
        (("--tape", "short.tape", "--site", "site.toml"), "no camera 'c9'; there are: c1"),
        (("--site", "site.toml"), "--site needs --tape"),
        (("--tape", "short.tape", "--tracks", "3"), "--tracks and --minutes draw a street"),
        (("--tape", "short.tape", "--site", "site.toml", "--rules", "3"), "--rules makes rules up"),
    ],
)
def test_a_tape_that_cannot_be_measured_is_one_line(
    tmp_path: Path, kerb: DemoCamera, options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kerb_site(tmp_path, kerb)
    write_tape(tmp_path / "short.tape", TapeHeader("c9", START), [observation(0, 0)])
    given = [str(tmp_path / option) if "." in option else option for option in options]
    assert run_command(["bench", "tape", *given]) in {1, 2}
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_time_spent_within_a_stage_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(100))
    monkeypatch.setattr(clock, "monotonic", lambda: float(next(ticks)))
    monkeypatch.setattr(clock, "processor_seconds", lambda: 0.0)
    watch = Stopwatch()
    with watch.of("decode"), watch.of("sampler", within="decode"):
        pass
    assert (watch.wall["decode"], watch.wall["sampler"]) == (2.0, 1.0)


def test_the_processors_time_is_that_of_this_process() -> None:
    before, began = clock.processor_seconds(), time.perf_counter()
    while time.perf_counter() - began < 0.05:
        pass
    assert 0 < clock.processor_seconds() - before < 1


def test_both_loops_go_through_the_same_time_and_stop_with_the_recording() -> None:
    frames = [frame(n, n / 25) for n in range(100)]
    loops = [
        Loop(name, ListedFrames(frames), wanted, OneCarEverywhere().look, ())
        for name, wanted in (("sampled", Sampler(5).wants), ("naive", lambda _at: True))
    ]
    sampled, naive = side_by_side(loops, 2)
    assert (sampled["media_s"], naive["media_s"]) == (2.0, 2.0)
    assert (sampled["looked_at"], naive["looked_at"]) == (10, 50)
    assert (sampled["pictures"], naive["pictures"]) == (50, 50)
    for row in (sampled, naive):
        assert row["all_ms"] == pytest.approx(sum(float(str(row[f"{stage}_ms"])) for stage in STAGES))
    again = side_by_side([Loop("all", ListedFrames(frames), lambda _at: True, OneCarEverywhere().look, ())], 3600)
    assert again[0]["media_s"] == pytest.approx(99 / 25)


def test_what_is_read_of_a_picture_is_measured_apart() -> None:
    def slowly_read(_frames: Sequence[Frame], objects: Sequence[Sight]) -> list[Sight]:
        began = clock.processor_seconds()
        while clock.processor_seconds() - began < 0.005:
            pass
        return [*objects]

    frames = [frame(n, n / 5) for n in range(10)]
    loop = Loop("all", ListedFrames(frames), lambda _at: True, OneCarEverywhere().look, (), slowly_read)
    (row,) = side_by_side([loop], 10)
    assert float(str(row["readings_ms"])) >= 5 > float(str(row["model_ms"]))


def test_a_recording_of_one_picture_cannot_be_measured() -> None:
    loop = Loop("naive", ListedFrames([frame(0, 0)]), lambda _at: True, OneCarEverywhere().look, ())
    with pytest.raises(UsageError, match="holds no time"):
        side_by_side([loop], 5)
    assert loop.media == timedelta(0)


def test_a_recording_is_looked_at_beside_the_naive_loop(
    kerb_clip: Path, kerb: DemoCamera, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = kerb_site(tmp_path, kerb)
    found = bench(capsys, "video", kerb_clip, "--seconds", "2", "--site", site, "--camera", "c1")
    sampled, naive = found["loops"]
    assert (sampled["loop"], naive["loop"], found["video"]) == ("sampled", "naive", kerb_clip.name)
    assert sampled["media_s"] == naive["media_s"] == 2.0
    assert sampled["looked_at"] == 10 < naive["looked_at"]
    assert sampled["model_ms"] > sampled["tracker_ms"] > 0
    assert sampled["times_real_time"] > naive["times_real_time"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("clip.mp4", "--camera", "c1"), 2, "--site and --camera belong together"),
        (("clip.mp4",), 1, "clip.mp4"),
    ],
)
def test_a_recording_that_cannot_be_measured_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["bench", "video", str(tmp_path / arguments[0]), *arguments[1:]]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line

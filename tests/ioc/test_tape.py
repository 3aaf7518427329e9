from __future__ import annotations

import gzip
import json
import logging
import random
import subprocess
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.pipeline import rounded
from ioc.tape import PART, TapeError, TapeHeader, TapeWriter, open_tape, read_tape, write_tape
from ioc.types import Box, Json, Observation, Reading, Track
from tests.ioc.drawn import RUN, START, after, observation

HEADER = TapeHeader(
    camera="c1",
    start=START,
    clip="a.mp4",
    clip_sha256="0" * 64,
    models=({"name": "road", "sha256": "1" * 64, "size": 416},),
    sampler={"rate_hz": 5.0},
    code="abc",
)
LIVE = replace(HEADER, clip=None, clip_sha256=None)

fraction = st.floats(0, 1, allow_nan=False)
spans = st.tuples(fraction, fraction).filter(lambda span: span[0] != span[1]).map(sorted)
boxes = st.builds(lambda x, y: rounded(Box(x[0], y[0], x[1], y[1])), spans, spans)
scores = st.floats(0, 1, allow_nan=False).map(lambda score: round(score, 3))
times = st.datetimes().map(lambda at: at.replace(tzinfo=START.tzinfo))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
tracks = st.builds(
    Track, st.sampled_from([f"{RUN}-0", f"{RUN}-1", "β"]), st.sampled_from(["car", "bus"]), scores, boxes, times
)
readings = st.builds(Reading, st.text(), values, scores, st.none() | boxes, st.none() | st.text())


@st.composite
def observations(draw: st.DrawFn) -> list[Observation]:
    """Draw observations as odd as the words allow: runs that alternate, times that jump, tracks in any order."""
    made = []
    for _ in range(draw(st.integers(0, 6))):
        own, read = draw(st.lists(tracks, max_size=3)), draw(st.lists(readings, max_size=2))
        run, seq = draw(st.sampled_from([RUN, "later"])), draw(st.integers(0, 10**9))
        made.append(Observation("c1", run, seq, draw(times), tuple(own), tuple(read)))
    return made


@settings(max_examples=60, deadline=None)
@given(observations())
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, made: list[Observation]) -> None:
    path = tmp_path_factory.mktemp("tape") / "a.tape"
    write_tape(path, HEADER, made)
    tape = read_tape(path)
    assert tape.header == HEADER
    assert list(tape.observations) == made


@pytest.mark.parametrize("score", [0.12345, 1 / 3])
def test_what_the_observer_did_not_round_is_refused_rather_than_altered(tmp_path: Path, score: float) -> None:
    track = Track(f"{RUN}-0", "car", score, Box(0, 0, 1, 1), START)
    finer = replace(track, score=0.5, box=Box(0, 0, score, 1))
    for wrong in (track, finer):
        with pytest.raises(ValueError, match=r"as pipeline\.Observer rounds them"):
            write_tape(tmp_path / "a.tape", HEADER, [observation(0, 0, wrong)])


def minutes(count: float, tracks: int = 10) -> Iterator[Observation]:
    """Yield what is seen in a busy street: boxes that move and jitter, each missed now and then."""
    dice = random.Random(1)
    ways = [(dice.uniform(0, 0.8), dice.choice([0, 0, 0.001, 0.01]), dice.uniform(0.03, 0.12)) for _ in range(tracks)]
    for seq in range(round(count * 60 * 5)):
        seen = []
        for n, (start, speed, size) in enumerate(ways):
            x, y = (start + speed * seq) % 0.8, 0.08 * n
            x1, y1, x2, y2 = (dice.gauss(value, 0.003) for value in (x, y, x + size, y + size))
            box = Box.clipped(x1, y1, x2, y2)
            if box is not None and dice.random() < 0.95:
                score = round(min(dice.gauss(0.75, 0.08), 1), 3)
                seen.append(Track(f"{RUN}-{n}", "car", score, rounded(box), START))
        yield observation(seq, seq / 5, *seen)


def test_the_same_observations_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_tape(tmp_path / f"{name}.tape", HEADER, minutes(2))
    assert (tmp_path / "a.tape").read_bytes() == (tmp_path / "b.tape").read_bytes()


def test_an_hour_with_ten_tracks_stays_far_below_five_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "ten.tape"
    write_tape(path, HEADER, minutes(10))
    assert path.stat().st_size * 6 < 2_000_000


def test_an_hour_without_anything_costs_next_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "night.tape"
    write_tape(path, HEADER, minutes(60, tracks=0))
    assert path.stat().st_size < 50_000


def test_any_tool_that_knows_gzip_shows_what_is_on_a_tape(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    write_tape(path, HEADER, minutes(1))
    shown = subprocess.run(["gzip", "-dc"], stdin=path.open("rb"), capture_output=True, check=True).stdout
    first, *parts, last = map(json.loads, shown.splitlines())
    until = round(after(59.8).timestamp() * 1e6)
    assert (first["tape"], first["clip"], last) == (2, "a.mp4", {"end": 300, "until": until})
    assert [len(part["seq"]) for part in parts] == [150, 150]


def test_a_long_tape_is_written_and_read_a_part_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "long.tape"
    write_tape(path, HEADER, minutes(10))
    tracemalloc.start()
    assert sum(len(obs.tracks) for obs in open_tape(path)) > 25_000
    _, streamed = tracemalloc.get_traced_memory()
    whole = read_tape(path)
    _, kept = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert whole.observations
    assert streamed < kept / 5


def test_a_file_can_be_read_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    write_tape(path, HEADER, minutes(1))
    tape = open_tape(path)
    assert list(islice(tape, 3)) == list(tape)[:3] == list(minutes(1))[:3]


def test_an_ended_tape_tells_its_length_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    for seconds in (10, 90):
        write_tape(path, HEADER, minutes(seconds / 60))
        assert open_tape(path).length() == timedelta(seconds=seconds - 0.2)
    path.write_bytes(path.read_bytes()[:-1])
    assert open_tape(path).length() is None
    write_tape(path, HEADER, [])
    assert open_tape(path).length() == timedelta(0)
    path.write_bytes(members(HEAD, {"end": 0}))
    assert open_tape(path).length() is None


def test_a_tape_that_failed_half_way_does_not_appear(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    broken = observation(1, 0.2, readings=(Reading("density", {"people": object()}, 1.0),))  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        write_tape(path, HEADER, [observation(0, 0), broken])
    assert list(tmp_path.iterdir()) == []


def test_a_tape_made_again_replaces_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    write_tape(path, HEADER, [observation(n, n / 5) for n in range(9)])
    write_tape(path, HEADER, [observation(0, 0)])
    assert len(read_tape(path).observations) == 1


@pytest.mark.parametrize(
    "change",
    [{"camera": "c2"}, {"clip_sha256": "2" * 64}, {"models": ()}, {"sampler": {"rate_hz": 2.0}}, {"code": "abd"}],
)
def test_the_key_changes_with_whatever_the_tape_depends_on(change: dict[str, object]) -> None:
    assert replace(HEADER, **change).key != HEADER.key  # type: ignore[arg-type]
    assert replace(HEADER).key == HEADER.key


HEAD = b'{"tape":2,"camera":"c1","start":0,"models":[],"clip":"a.mp4"}\n'
PART_OF_ONE = {"runs": [["r", 1]], "seq": [0], "at": [0], "tracks": [1], "readings": []}
A_TRACK = {"known": [["r-0", "car", 0]], "which": [0], "rows": [[500], [0], [0], [9000], [9000]]}


def members(*lines: bytes | dict[str, object]) -> bytes:
    return b"".join(gzip.compress(line if isinstance(line, bytes) else json.dumps(line).encode()) for line in lines)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no header|Expecting value"),
        (b"not a tape", "incorrect header check"),
        (b"PK\x03\x04" + bytes(300), "incorrect header check"),
        (members(b"[]\n"), "no header of a tape"),
        (members(b"a,b\n1,2\n"), "Expecting value"),
        (members(b'{"tape":1,"camera":"c1"}\n{"run":"r"}\n'), "a tape of version 1, not 2"),
        (members(b'{"tape":99}\n'), "a tape of version 99, not 2"),
        (members(HEAD.replace(b"clip", b"klip")), "klip"),
        (members(HEAD), "cut short"),
        (members(HEAD, {"end": 1}), "its end does not fit"),
        (members(HEAD, {"end": 0}, {"end": 0}), "its end does not fit"),
        (members(HEAD, {"end": 0}) + b"more", "incorrect header check"),
        (members(HEAD, b"[]"), "list indices"),
        (members(HEAD, PART_OF_ONE, {"end": 1}), "known"),
        (members(HEAD, {**PART_OF_ONE, **A_TRACK, "tracks": [2], "at": []}, {"end": 1}), "shorter"),
        (members(HEAD, {**PART_OF_ONE, **A_TRACK, "rows": [[500], [0], [0], [0], [9]]}, {"end": 1}), "box corners"),
        (members(HEAD, {**PART_OF_ONE, **A_TRACK, "at": [10**30]}, {"end": 1}), "too large"),
        (members(HEAD, b"0" * (1 << 27)), "a part is too large"),
    ],
)
def test_what_is_no_tape_is_one_clear_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.tape"
    path.write_bytes(content)
    with pytest.raises(TapeError, match=said) as caught:
        read_tape(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert "make it" in message


def test_a_sound_part_is_read(tmp_path: Path) -> None:
    """The parts that the test above damages are otherwise right."""
    path = tmp_path / "good.tape"
    path.write_bytes(members(HEAD, {**PART_OF_ONE, **A_TRACK}, {"end": 1}))
    (obs,) = read_tape(path).observations
    assert obs.tracks == (Track("r-0", "car", 0.5, Box(0, 0, 0.9, 0.9), obs.at),)


def test_no_tape_and_a_folder_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="no such tape; make it"):
        read_tape(tmp_path / "absent.tape")
    with pytest.raises(TapeError, match="cannot be read: Is a directory"):
        read_tape(tmp_path)


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    write_tape(tmp_path / "whole.tape", HEADER, minutes(2, tracks=3))
    return (tmp_path / "whole.tape").read_bytes()


@pytest.mark.parametrize("left", [-1, -40, 0.9, 0.5, 0.1])
def test_a_cut_tape_of_a_clip_is_refused(tmp_path: Path, whole: bytes, left: float) -> None:
    path = tmp_path / "cut.tape"
    path.write_bytes(whole[: left if isinstance(left, int) else round(left * len(whole))])
    with pytest.raises(TapeError, match="cut short"):
        read_tape(path)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 7))
def test_a_changed_bit_is_noticed(tmp_path_factory: pytest.TempPathFactory, where: int, bit: int) -> None:
    path = tmp_path_factory.mktemp("flipped") / "a.tape"
    write_tape(path, HEADER, minutes(1, tracks=3))
    content = bytearray(path.read_bytes())
    content[where % len(content)] ^= 1 << bit
    path.write_bytes(content)
    try:
        tape = read_tape(path)
    except TapeError:
        return
    # Only in a member's name, time or system may a bit differ without harm.
    assert (tape.header, list(tape.observations)) == (HEADER, list(minutes(1, tracks=3)))


def test_a_live_tape_cut_off_by_a_loss_of_power_is_read_as_far_as_it_is_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, made = tmp_path / "live.tape", list(minutes(2, tracks=3))
    with path.open("wb") as file:
        writer, sizes = TapeWriter(file, LIVE), []
        for obs in made:
            writer.add(obs)
            sizes.append(path.stat().st_size)
    # Two minutes are four parts, of which the last still waits.
    assert sorted(set(sizes)) == sorted(sizes[n] for n in (0, 150, 300, 450))
    path.write_bytes(path.read_bytes()[:-1])
    with caplog.at_level(logging.WARNING):
        assert list(open_tape(path)) == made[:300]
    (record,) = caplog.records
    assert "cut off (it is cut short)" in record.message
    assert str(after(59.8)) in record.message


def test_a_live_tape_with_a_tail_of_zeros_is_read_as_far_as_it_is_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Some file systems leave zeros where data was on its way when the power failed."""
    path, made = tmp_path / "live.tape", list(minutes(1.5, tracks=3))
    write_tape(path, LIVE, made)
    path.write_bytes(path.read_bytes() + bytes(4096))
    assert list(open_tape(path)) == made
    assert "incorrect header check" in caplog.records[0].message


def test_a_live_tape_of_which_nothing_is_whole_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "live.tape"
    write_tape(path, LIVE, minutes(0.2))
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(TapeError, match=r"no whole part on it \(it is cut short\)"):
        read_tape(path)


def test_a_part_is_never_longer_than_its_time(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    write_tape(path, HEADER, (observation(n, 7 * n) for n in range(30)))
    lines = gzip.decompress(path.read_bytes()).splitlines()[1:-1]
    assert [sum(json.loads(line)["at"][1:]) for line in lines] == [28_000_000] * 6
    assert timedelta(seconds=28) < PART


def test_a_header_tells_each_file_of_weights_once_however_deep_it_is_named() -> None:
    road: dict[str, Json] = {"name": "road", "sha256": "a" * 64, "size": 640}
    asks: dict[str, Json] = {"name": "road", "sha256": "a" * 64}
    reader: dict[str, Json] = {"name": "plate_reader", "sha256": "c" * 64}
    finder: dict[str, Json] = {"name": "plate", "sha256": "b" * 64, "reader": reader}
    header = TapeHeader("c1", START, models=(road, {"reads": "stationary", "asks": asks}, finder))
    assert header.weights == (road, finder, reader)
    assert TapeHeader("c1", START).weights == ()

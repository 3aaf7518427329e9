from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.pipeline import rounded
from ioc.tape import TapeError, TapeHeader, read_tape, write_tape
from ioc.types import Box, Observation, Reading, Track
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

grid = st.integers(0, 9_999)


@st.composite
def observations(draw: st.DrawFn) -> list[Observation]:
    made = []
    for seq in range(draw(st.integers(0, 5))):
        tracks = []
        for n in range(draw(st.integers(0, 3))):
            x, y = draw(grid), draw(grid)
            box = Box(x / 10_000, y / 10_000, (x + 1) / 10_000, (y + 1) / 10_000)
            score = draw(st.integers(0, 1000)) / 1000
            tracks.append(Track(f"{RUN}-{n}", draw(st.sampled_from(["car", "person"])), score, box, after(seq / 5)))
        reading = Reading("density", {"people": draw(st.integers(0, 99))}, 1.0, Box(0, 0, 1, 1), None)
        made.append(observation(seq, seq / 5, *tracks, readings=(reading,) if draw(st.booleans()) else ()))
    return made


@settings(max_examples=40)
@given(observations())
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, made: list[Observation]) -> None:
    path = tmp_path_factory.mktemp("tape") / "a.tape"
    write_tape(path, HEADER, made)
    tape = read_tape(path)
    assert tape.header == HEADER
    assert list(tape.observations) == made


def test_the_same_observations_give_the_same_bytes(tmp_path: Path) -> None:
    made = [observation(0, 0, Track(f"{RUN}-0", "car", 0.5, Box(0.1, 0.1, 0.2, 0.2), START))]
    write_tape(tmp_path / "a.tape", HEADER, made)
    write_tape(tmp_path / "b.tape", HEADER, made)
    assert (tmp_path / "a.tape").read_bytes() == (tmp_path / "b.tape").read_bytes()


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


def packed(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_bad_tapes_are_one_clear_line(tmp_path: Path) -> None:
    good = tmp_path / "good.tape"
    write_tape(good, HEADER, [observation(n, n / 5) for n in range(500)])
    head = gzip.decompress(good.read_bytes()).split(b"\n")[0].decode()
    (tmp_path / "cut.tape").write_bytes(good.read_bytes()[:-200])
    (tmp_path / "text.tape").write_text("not a tape")
    (tmp_path / "empty.tape").write_bytes(b"")
    packed(tmp_path / "version.tape", json.dumps({"tape": 99}) + "\n")
    packed(tmp_path / "list.tape", "[]\n")
    packed(tmp_path / "field.tape", head.replace('"clip"', '"klip"') + "\n")
    packed(tmp_path / "line.tape", head + '\n{"run": 1}\n')
    packed(tmp_path / "box.tape", head + '\n{"run":"r","seq":0,"at":0,"tracks":[["0","car",0.5,0.9,0,0.1,1,0]]}\n')
    names = ["cut", "text", "empty", "version", "list", "field", "line", "box", "absent"]
    for name in names:
        with pytest.raises(TapeError) as caught:
            read_tape(tmp_path / f"{name}.tape")
        message = str(caught.value)
        assert f"{name}.tape" in message
        assert "\n" not in message
        assert "make it" in message


def test_an_hour_with_ten_tracks_stays_below_five_megabytes(tmp_path: Path) -> None:
    made = []
    for seq in range(5 * 600):
        tracks = tuple(Track(f"{RUN}-{n}", "car", 0.5 + n / 50, rounded(_wandering(n, seq)), START) for n in range(10))
        made.append(observation(seq, seq / 5, *tracks))
    path = tmp_path / "hour.tape"
    write_tape(path, HEADER, made)
    assert path.stat().st_size * 6 < 5_000_000


def _wandering(n: int, seq: int) -> Box:
    x = (n * 0.083 + seq * 0.00137 * (n + 1)) % 0.8
    y = (n * 0.071 + seq * 0.00071 * (n + 2)) % 0.8
    return Box(x, y, x + 0.1, y + 0.1)

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.timing import (
    JUMP,
    SLEW,
    LiveTime,
    RecordedTime,
    Stamps,
    StampsMissing,
    run_id,
)

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
STEP = Fraction(1, 25)


def since(at: datetime | None) -> float:
    assert at is not None
    return (at - START).total_seconds()


def recorded(rate: int | None = 25) -> RecordedTime:
    time = RecordedTime(START)
    time.begin(Fraction(rate) if rate else None)
    return time


class TestRunId:
    def test_is_compact_utc_that_sorts_by_time(self) -> None:
        assert run_id(START) == "20260301T080000.000000Z"
        assert run_id(START) < run_id(START + timedelta(microseconds=1)) < run_id(START + timedelta(days=300))

    def test_says_utc_whatever_zone_it_was_given(self) -> None:
        assert run_id(START.astimezone(timezone(timedelta(hours=7)))) == run_id(START)


class TestStamps:
    def test_prefers_presentation_time(self) -> None:
        stamps = Stamps()
        assert [stamps.pick(Fraction(p), Fraction(d)) for p, d in [(2, 0), (3, 1), (4, 2)]] == [2, 3, 4]

    def test_takes_decoding_time_where_there_is_no_other(self) -> None:
        assert Stamps().pick(None, Fraction(7)) == 7
        assert Stamps().pick(None, None) is None

    def test_turns_to_decoding_time_when_presentation_time_falls_back(self) -> None:
        stamps = Stamps()
        picked = [stamps.pick(Fraction(p), Fraction(d)) for p, d in [(1, 2), (4, 3), (3, 4), (5, 5), (9, 6), (7, 7)]]
        assert picked == [1, 4, 4, 5, 6, 7]

    def test_stays_with_presentation_time_when_both_fall_back(self) -> None:
        stamps = Stamps()
        assert [stamps.pick(Fraction(p), Fraction(p - 1)) for p in (10, 11, 1, 2)] == [10, 11, 1, 2]


class TestRecordedTime:
    def test_counts_from_the_first_stamp(self) -> None:
        time = recorded()
        assert [since(time.place(Fraction(s))) for s in (100, 101, 105)] == [0, 1, 5]
        assert time.elapsed == 5

    def test_is_exact_to_the_microsecond_after_hours(self) -> None:
        time = recorded()
        time.place(Fraction(0))
        assert since(time.place(Fraction(1001, 30000) * 500_000)) == pytest.approx(16683.333333, abs=5e-7)

    def test_goes_by_the_rate_without_stamps(self) -> None:
        time = recorded()
        assert [since(time.place(None)) for _ in range(3)] == [0, 0.04, 0.08]

    def test_a_picture_without_stamp_does_not_shift_those_after_it(self) -> None:
        time = recorded()
        placed = [time.place(s) for s in (None, Fraction(9), None, Fraction(9) + 3 * STEP)]
        assert [round(since(at), 6) for at in placed] == [0, 0.04, 0.08, 0.16]

    def test_a_rate_is_found_from_the_stamps_when_the_file_names_none(self) -> None:
        time = recorded(rate=None)
        assert [since(time.place(s)) for s in (Fraction(0), Fraction(1, 10), None)] == [0, 0.1, 0.2]

    def test_says_so_when_nothing_tells_the_time(self) -> None:
        with pytest.raises(StampsMissing):
            recorded(rate=None).place(None)

    def test_drops_pictures_out_of_order_and_doubles(self) -> None:
        time = recorded()
        placed = [time.place(Fraction(s, 100)) for s in (0, 8, 4, 8, 12)]
        assert [at and since(at) for at in placed] == [0, 0.08, None, None, 0.12]

    @pytest.mark.parametrize("stamp", [0, -5000, 3_000_000])
    def test_goes_on_one_step_later_when_the_clock_was_set_anew(self, stamp: int) -> None:
        time = recorded()
        time.place(Fraction(0))
        time.place(Fraction(50))
        assert since(time.place(Fraction(stamp))) == 50.04
        assert since(time.place(stamp + STEP)) == 50.08

    def test_keeps_the_long_gaps_of_a_time_lapse(self) -> None:
        time = recorded()
        time.place(Fraction(0))
        assert since(time.place(Fraction(3600))) == 3600

    def test_a_second_file_follows_the_first(self) -> None:
        time = recorded()
        time.place(Fraction(500))
        time.place(Fraction(501))
        time.begin(Fraction(10))
        assert since(time.place(Fraction(0))) == 1.1
        assert since(time.place(Fraction(1))) == 2.1

    @given(st.lists(st.none() | st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=90_000), max_size=60))
    def test_always_rises(self, stamps: list[Fraction | None]) -> None:
        time = recorded()
        placed = [at for at in map(time.place, stamps) if at is not None]
        assert all(a < b for a, b in itertools.pairwise(placed))
        assert not stamps or placed[0] == START


class Camera:
    """A camera whose clock and whose network the test decides: each picture's stamp, and when it comes."""

    def __init__(self, rate: float = 25, clock: float = 1.0) -> None:
        self.time = LiveTime(START, Fraction(25))
        self.step = 1 / rate
        self.clock = clock
        self.real = 0.0
        self.offset = 1000.0
        self.placed: list[float] = []

    def send(self, seconds: float, delay: float = 0.0) -> float:
        """Send pictures for so long, each coming `delay` late; return how far the last one's time is from the truth."""
        for _ in range(round(seconds / self.step)):
            stamp = Fraction(self.offset + self.real * self.clock)
            at = self.time.place(stamp, self.real + delay)
            if at is not None:
                self.placed.append(since(at))
            self.real += self.step
        return self.placed[-1] - (self.real - self.step)

    @property
    def steps(self) -> list[float]:
        return [b - a for a, b in zip(self.placed, self.placed[1:], strict=False)]


class TestLiveTime:
    def test_begins_at_the_wall_clock_and_follows_the_stream(self) -> None:
        camera = Camera()
        assert camera.send(3) == pytest.approx(0, abs=1e-5)
        assert camera.placed[0] == 0
        assert camera.steps == pytest.approx([0.04] * 74, abs=2e-6)

    def test_jitter_on_the_way_does_not_show(self) -> None:
        time = LiveTime(START, Fraction(25))
        delays = [0.0, 0.3, 0.05, 0.2, 0.0] * 200
        placed = [since(time.place(i * STEP, float(i * STEP) + delay)) for i, delay in enumerate(delays)]
        assert [b - a for a, b in itertools.pairwise(placed)] == pytest.approx([0.04] * 999, abs=2e-6)

    @pytest.mark.parametrize("clock", [0.998, 1.002])
    def test_a_drifting_clock_is_held_to_the_wall_clock(self, clock: float) -> None:
        camera = Camera(rate=2, clock=clock)
        assert abs(camera.send(3600)) < 0.1, "uncorrected it would be 7 s off"
        assert camera.time.breaks == 0
        assert max(abs(step / 0.5 - 1) for step in camera.steps) < SLEW + 0.003, "and no step is far from true"

    def test_a_burst_at_the_beginning_is_made_good_slowly(self) -> None:
        time = LiveTime(START, Fraction(25))
        for i in range(50):
            time.place(i * STEP, 0.0)  # two seconds of pictures that the camera had kept
        placed = [since(time.place(Fraction(i, 2), i / 2 - 2)) for i in range(4, 1200)]
        assert placed[0] == pytest.approx(2.0), "the first pictures seem to come from the future"
        assert placed[-1] == pytest.approx(1199 / 2 - 2, abs=0.05), "the last ones are right"

    def test_a_late_stretch_changes_nothing(self) -> None:
        camera = Camera()
        camera.send(5)
        camera.send(8, delay=8)
        assert camera.send(60) == pytest.approx(0, abs=0.01)
        assert camera.time.breaks == 0

    @pytest.mark.parametrize("leap", [-600.0, -30.0, 60.0])
    def test_a_clock_set_anew_goes_on_from_the_wall_clock_in_the_same_run(self, leap: float) -> None:
        camera = Camera()
        camera.send(20)
        camera.offset += leap
        assert camera.send(20) == pytest.approx(0, abs=0.05)
        assert camera.time.breaks == 1
        assert all(step > 0 for step in camera.steps)

    def test_a_stream_that_lags_for_long_is_brought_back(self) -> None:
        camera = Camera()
        camera.send(5)
        camera.send(25, delay=2 * JUMP)
        assert camera.placed[-1] - camera.real == pytest.approx(2 * JUMP, abs=0.1), "then the delay is taken as given"
        assert camera.time.breaks == 1

    def test_a_looped_file_rises_through_every_loop(self) -> None:
        time = LiveTime(START, Fraction(25))
        placed = [since(time.place(Fraction(i % 100, 25), i / 25)) for i in range(1000)]
        assert placed == pytest.approx([i / 25 for i in range(1000)], abs=0.01)
        assert time.breaks == 9

    def test_pictures_a_little_out_of_order_are_dropped(self) -> None:
        time = LiveTime(START, Fraction(25))
        placed = [time.place(Fraction(s, 100), i * 0.04) for i, s in enumerate((0, 8, 4, 8, 12))]
        assert [at and since(at) for at in placed] == [0, 0.08, None, None, pytest.approx(0.12, abs=1e-3)]

    def test_the_first_pictures_may_lack_a_stamp(self) -> None:
        time = LiveTime(START, Fraction(25))
        placed = [time.place(stamp, 0.0) for stamp in (None, Fraction(77), 77 + STEP)]
        assert [since(at) for at in placed] == pytest.approx([0, 0.04, 0.08], abs=1e-3)

    def test_without_any_stamps_or_rate_the_arrival_tells_the_time(self) -> None:
        time = LiveTime(START, None)
        placed = [since(time.place(None, arrived)) for arrived in (0.0, 0.1, 0.1, 0.5)]
        assert placed == pytest.approx([0, 0.1, 0.101, 0.501], abs=1e-6)

    @given(
        st.lists(
            st.tuples(
                st.none() | st.floats(min_value=-1e6, max_value=1e6, allow_nan=False).map(Fraction),
                st.floats(min_value=0, max_value=30),
            ),
            max_size=80,
        )
    )
    def test_always_rises(self, pictures: list[tuple[Fraction | None, float]]) -> None:
        time, arrived, placed = LiveTime(START, None), 0.0, []
        for stamp, wait in pictures:
            arrived += wait
            at = time.place(stamp, arrived)
            if at is not None:
                placed.append(at)
        assert all(a < b for a, b in itertools.pairwise(placed))

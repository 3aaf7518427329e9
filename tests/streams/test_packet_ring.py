"""What is kept of a camera is bounded in time and in bytes, whatever it sends and whoever waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from ioc.errors import ClipMissing
from ioc.ports import Span
from streams.clip_file import Head, Packet
from streams.packet_ring import SLACK, PacketRing

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
BEFORE = timedelta(seconds=10)
HEAD = Head("run 1", b"")
RATE = 5


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def packet(number: int, key: bool, size: int = 1000) -> Packet:
    return Packet(bytes(size), key, number, at(number / RATE), Fraction(1, RATE), Fraction(0))


def send(
    ring: PacketRing, seconds: float, until: float, *, head: Head = HEAD, group: int = 10, size: int = 1000
) -> None:
    """Send what a camera sends from one second to another, with a key picture every `group` pictures."""
    for number in range(round(seconds * RATE), round(until * RATE)):
        ring.add(head, packet(number, number % group == 0, size))


def span(moment: float, before: float = 10, after: float = 10, run: str = "run 1") -> Span:
    return Span(run, at(moment - before), at(moment), at(moment + after))


def numbers(ring: PacketRing, wanted: Span) -> tuple[int, int]:
    """Return the numbers of the first and the last picture of the clip."""
    _, packets = ring._cut(wanted)
    assert packets[0].key
    assert [p.seq for p in packets] == list(range(packets[0].seq, packets[-1].seq + 1))
    return packets[0].seq, packets[-1].seq


def test_old_groups_are_given_up_when_no_clip_can_begin_in_them() -> None:
    ring = PacketRing(BEFORE)
    send(ring, 0, 600)
    kept = (BEFORE + SLACK).total_seconds()
    assert kept * RATE * 1000 <= ring.size <= (kept + 2) * RATE * 1000
    assert numbers(ring, span(599, after=0)) == (2940, 2995), "from the key picture before, to the moment"


def test_a_clip_that_waits_keeps_what_came_before_it() -> None:
    ring = PacketRing(BEFORE)
    send(ring, 0, 30)
    wanted = span(29, after=60)
    ring.hold(wanted)
    send(ring, 30, 95)
    assert numbers(ring, wanted) == (90, 445)
    ring.release(wanted)
    send(ring, 95, 97)
    assert ring.size <= 17 * RATE * 1000


def test_a_clip_is_ready_when_its_after_part_is_there_or_can_never_come() -> None:
    ring = PacketRing(BEFORE)
    send(ring, 0, 30)
    assert [ring.ready(span(moment)) for moment in (19, 20)] == [True, False]
    ring.end()
    assert ring.ready(span(25)), "the camera was lost"
    send(ring, 40, 41, head=Head("run 2", b""))
    assert ring.ready(span(25)), "and is back"
    assert not ring.ready(span(40, run="run 2"))


def test_a_clip_ends_with_its_run() -> None:
    ring = PacketRing(BEFORE)
    send(ring, 0, 30)
    ring.hold(span(29))
    send(ring, 32, 45, head=Head("run 2", b""))
    assert numbers(ring, span(29)) == (90, 149)
    assert numbers(ring, span(33, run="run 2")) == (160, 215)


@pytest.mark.parametrize("held", [False, True])
def test_no_more_bytes_are_kept_than_allowed_even_for_a_clip_that_waits(held: bool) -> None:
    ring = PacketRing(BEFORE, most_bytes=100_000)
    send(ring, 0, 10, size=5_000)
    if held:
        ring.hold(span(8, after=60))
    for second in range(10, 60):
        send(ring, second, second + 1, size=5_000)
        assert ring.size <= 100_000
    first, last = numbers(ring, span(59, after=0))
    assert last == 295
    assert first >= 280
    with pytest.raises(ClipMissing):
        numbers(ring, span(8, after=60))


def test_a_camera_without_key_pictures_for_long_costs_its_clips_and_no_memory() -> None:
    ring = PacketRing(BEFORE, most_bytes=100_000)
    send(ring, 0, 60, group=10_000, size=5_000)
    assert ring.size == 0
    with pytest.raises(ClipMissing, match="no key picture"):
        numbers(ring, span(50))
    send(ring, 60, 70, group=10)
    assert numbers(ring, span(65, after=2)) == (300, 335), "as soon as it sends one"


def test_a_long_group_makes_a_clip_longer_and_not_shorter() -> None:
    ring = PacketRing(BEFORE)
    send(ring, 0, 55, group=200)
    assert numbers(ring, span(52, after=1)) == (200, 265), "40 s is where the last key picture before 42 s was"


def test_what_hangs_on_a_key_picture_that_was_not_seen_is_not_kept() -> None:
    ring = PacketRing(BEFORE)
    for number in range(1, 10):
        ring.add(HEAD, packet(number, key=False))
    assert ring.size == 0
    ring.add(HEAD, packet(10, key=True))
    ring.add(Head("run 2", b""), packet(11, key=False))
    assert ring.size == 1000

"""What was put is there after whatever happens, until the broker has it and a while longer."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.outbox import GIVEN_UP, REDELIVERED, Outbox
from alerts.outbox_file import OutboxError
from tests.alerts.drawn import ROOT, START

SECOND = timedelta(seconds=1)


class Clock:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "outbox.db"


def payloads(outbox: Outbox, limit: int = 1000) -> list[bytes]:
    """Return what waits, in order."""
    return [row.payload for row in outbox.pending(limit)]


def put_all(outbox: Outbox, names: str, topic: str = "t") -> list[int]:
    """Put one row a letter and return all waiting ids."""
    for name in names:
        outbox.put(topic, name.encode())
    return [row.id for row in outbox.pending(1000)]


def test_rows_come_back_as_they_were_put_and_in_that_order(path: Path) -> None:
    with Outbox(path) as outbox:
        outbox.put("a/b", b"\x00\xff", retain=True)
        outbox.put("ẵ", b"")
        rows = outbox.pending(10)
    assert [(row.topic, row.payload, row.retain) for row in rows] == [("a/b", b"\x00\xff", True), ("ẵ", b"", False)]
    assert rows[0].id < rows[1].id


def test_rows_outlive_the_process_and_ids_go_on(path: Path) -> None:
    with Outbox(path) as outbox:
        before = put_all(outbox, "ab")
    with Outbox(path) as outbox:
        assert payloads(outbox) == [b"a", b"b"]
        assert put_all(outbox, "c")[-1] > before[-1]


def test_a_page_of_rows_starts_after_the_last_one_seen(path: Path) -> None:
    with Outbox(path) as outbox:
        ids = put_all(outbox, "abcde")
        assert [row.payload for row in outbox.pending(2)] == [b"a", b"b"]
        assert [row.payload for row in outbox.pending(2, after=ids[1])] == [b"c", b"d"]


def test_what_is_acknowledged_waits_no_more(path: Path) -> None:
    with Outbox(path) as outbox:
        ids = put_all(outbox, "abc")
        outbox.acknowledged(ids[:2])
        assert payloads(outbox) == [b"c"]
        assert outbox.waiting == 1


def test_what_was_acknowledged_last_is_sent_again_after_a_loss(path: Path) -> None:
    now = Clock()
    with Outbox(path, now=now) as outbox:
        ids = put_all(outbox, "abcd")
        for id_, seconds in zip(ids[:3], (0, 41, 100), strict=True):
            now.at = START + seconds * SECOND
            outbox.acknowledged([id_])
        now.at += timedelta(days=1)
        outbox.reopen()
        assert payloads(outbox) == [b"b", b"c", b"d"], "a minute counts from the last acknowledgement"


def test_a_clock_that_is_set_back_loses_no_row_from_the_minute(path: Path) -> None:
    now = Clock()
    with Outbox(path, now=now) as outbox:
        ids = put_all(outbox, "ab")
        outbox.acknowledged(ids[:1])
        now.at -= timedelta(hours=5)
        outbox.acknowledged(ids[1:])
    with Outbox(path, now=now) as outbox:
        outbox.reopen()
        assert payloads(outbox) == [b"a", b"b"]


def test_what_was_acknowledged_long_ago_is_forgotten(path: Path) -> None:
    now = Clock()
    with Outbox(path, now=now) as outbox:
        ids = put_all(outbox, "ab")
        outbox.acknowledged(ids[:1])
        now.at += REDELIVERED + SECOND
        outbox.acknowledged(ids[1:])
        outbox.tidy()
        outbox.reopen()
        assert payloads(outbox) == [b"b"]
    assert count(path) == 1


def count(path: Path) -> int:
    """Return how many rows the file holds."""
    with sqlite3.connect(path) as database:
        (rows,) = database.execute("SELECT count(*) FROM message").fetchone()
    database.close()
    return int(rows)


def test_the_last_retained_row_of_each_topic_is_sent_again_however_old(path: Path) -> None:
    now = Clock()
    with Outbox(path, now=now) as outbox:
        for topic, payload in (("a", b"1"), ("b", b"2"), ("a", b"3")):
            outbox.put(topic, payload, retain=True)
        outbox.acknowledged([row.id for row in outbox.pending(10)])
        now.at += timedelta(days=100)
        outbox.acknowledged(put_all(outbox, "x"))
        outbox.tidy()
        outbox.reopen()
        assert payloads(outbox) == [b"2", b"3", b"x"]
        assert outbox.retained_topics() == {"a", "b"}


def test_what_was_withdrawn_is_not_sent_for_ever(path: Path) -> None:
    now = Clock()
    with Outbox(path, now=now) as outbox:
        outbox.put("a", b"1", retain=True)
        outbox.put("a", b"", retain=True)
        assert outbox.retained_topics() == set()
        outbox.acknowledged([row.id for row in outbox.pending(10)])
        now.at += timedelta(days=1)
        outbox.acknowledged(put_all(outbox, "x"))
        outbox.tidy()
        outbox.reopen()
        assert payloads(outbox) == [b"x"]


def test_a_held_topic_waits_and_others_go_on(path: Path) -> None:
    with Outbox(path) as outbox:
        ids = put_all(outbox, "ab", topic="nobody")
        outbox.put("heard", b"c")
        outbox.held(ids[:1])
        assert payloads(outbox) == [b"c"]
        outbox.put("nobody", b"d")
        assert payloads(outbox) == [b"c"]
        assert [row.payload for row in outbox.probes()] == [b"a"]
        assert outbox.waiting == 4
        outbox.release("nobody")
        assert payloads(outbox) == [b"a", b"b", b"c", b"d"], "in the order they were put"
        assert outbox.probes() == []


def test_a_new_connection_tries_held_topics_again(path: Path) -> None:
    with Outbox(path) as outbox:
        outbox.held(put_all(outbox, "a"))
        outbox.reopen()
        assert payloads(outbox) == [b"a"]


def test_what_nobody_takes_for_a_week_is_given_up_aloud(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    now = Clock()
    with Outbox(path, now=now) as outbox:
        outbox.held(put_all(outbox, "a"))
        now.at += GIVEN_UP
        outbox.tidy()
        assert outbox.waiting == 1
        now.at += SECOND
        outbox.tidy()
        assert outbox.waiting == 0
    assert "gave up 1 messages" in caplog.text


def test_many_threads_put_and_one_acknowledges(path: Path) -> None:
    with Outbox(path) as outbox:

        def put(name: int) -> None:
            for number in range(50):
                outbox.put(f"t/{name}", b"%d" % number)

        threads = [threading.Thread(target=put, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        taken: dict[str, list[int]] = {}
        after = 0
        while sum(map(len, taken.values())) < 200:
            rows = outbox.pending(10, after)
            outbox.acknowledged([row.id for row in rows])
            for row in rows:
                taken.setdefault(row.topic, []).append(int(row.payload))
                after = row.id
        for thread in threads:
            thread.join()
        assert outbox.waiting == 0
    assert all(numbers == list(range(50)) for numbers in taken.values())


def test_a_second_ioc_is_refused_with_the_way_out(path: Path) -> None:
    with Outbox(path), pytest.raises(OutboxError, match="in use by another ioc: stop it, or give this one another"):
        Outbox(path, busy=timedelta(milliseconds=50))
    with Outbox(path) as outbox:
        assert payloads(outbox) == []


def test_a_second_process_is_refused_too(path: Path) -> None:
    with running(path) as process:
        assert read_kept(process, 1) == [0]
        with pytest.raises(OutboxError, match="in use by another ioc"):
            Outbox(path, busy=timedelta(milliseconds=50))


@contextmanager
def running(path: Path, first: int = 0, limit: int = 0) -> Iterator[subprocess.Popen[str]]:
    """Return a process that puts rows; it is killed in the end."""
    command = [sys.executable, "-m", "tests.alerts.putter", str(path), str(first), str(limit)]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_kept(process: subprocess.Popen[str], count: int) -> list[int]:
    """Return the numbers that the process says are kept, `count` of them."""
    assert process.stdout is not None
    return [int(process.stdout.readline().removeprefix("kept ")) for _ in range(count)]


def test_what_put_returned_for_survives_kill_9(path: Path) -> None:
    kept: list[int] = []
    for _ in range(4):
        with running(path, first=len(kept)) as process:
            kept += read_kept(process, 60)
            process.kill()
            rest, _ = process.communicate()
            kept += [int(line.removeprefix("kept ")) for line in rest.splitlines()]
        with Outbox(path) as outbox:
            outbox.reopen()
            found = [int(row.payload.partition(b".")[0]) for row in outbox.pending(100_000)]
            # The last row may be there although its process was killed before it could say so.
            assert found in (kept, [*kept, len(kept)])
            kept = found


def test_a_full_disk_costs_nothing_once_there_is_room_again(path: Path) -> None:
    with running(path, limit=60_000) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines = []
        while not (line := process.stdout.readline()).startswith("trouble"):
            lines.append(line)
        assert "full" in line or "disk" in line
        process.stdin.write("room\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith("over ''")
        assert process.wait(10) == 0
    with Outbox(path) as outbox:
        outbox.reopen()
        found = payloads(outbox)
    assert [payload.partition(b".")[0] for payload in found] == [*(b"%d" % n for n in range(len(lines))), b"last"]


def full(path: Path, spill_limit: int = 1000) -> Outbox:
    """Return an outbox whose file has no room for the next row."""
    outbox = Outbox(path, max_bytes=64 << 10, spill_limit=spill_limit)
    while not outbox.trouble:
        outbox.put("t", b"x" * 3000)
    return outbox


def test_rows_on_a_full_disk_wait_in_memory_and_are_published(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with full(path) as outbox:
        outbox.put("t", b"in memory")
        rows = outbox.pending(1000)
        assert rows[-1].payload == b"in memory"
        assert len(rows) == outbox.waiting
        outbox.acknowledged([row.id for row in rows])
        assert outbox.pending(1000) == []
        assert outbox.waiting == 0
        outbox.reopen()
        assert outbox.pending(1000) == rows, "a broker that died lost these as well"
        outbox.acknowledged([row.id for row in rows])
    assert [record.levelno for record in caplog.records] == [logging.ERROR], "said once, and nothing was lost"


def test_a_message_is_refused_aloud_when_memory_is_full_too(path: Path) -> None:
    with full(path, spill_limit=5) as outbox:
        for _ in range(4):
            outbox.put("t", b"x" * 3000)
        with pytest.raises(OutboxError, match="a message is lost"):
            outbox.put("t", b"x" * 3000)


def test_what_is_lost_by_closing_on_a_full_disk_is_counted(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with full(path) as outbox:
        outbox.put("t", b"x" * 3000)
    assert "2 messages that could not be written are lost" in caplog.text


def test_room_is_noticed_and_reported_once(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    now = Clock()
    caplog.set_level(logging.INFO)
    with Outbox(path, max_bytes=256 << 10, now=now) as outbox:
        while not outbox.trouble:
            outbox.put("t", b"x" * 3000)
        outbox.put("t", b"in memory")
        ids = [row.id for row in outbox.pending(1000)]
        outbox.acknowledged(ids[:-2])
        now.at += REDELIVERED + SECOND
        outbox.acknowledged(ids[-2:-1])
        for _ in range(2):
            outbox.tidy()
        assert outbox.trouble == ""
        assert payloads(outbox) == [b"in memory"]
    assert caplog.text.count("cannot be written") == 1
    assert caplog.text.count("can be written again") == 1


@pytest.mark.parametrize("damage", [b"not a database, but long enough to be taken for one" * 100, None])
def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(
    path: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    with Outbox(path) as outbox:
        for _ in range(5):
            outbox.put("t", b"x" * 8000)
    old = damage if damage is not None else path.read_bytes()[:4096] + b"\xaa" * 20_000
    path.write_bytes(old)
    with Outbox(path) as outbox:
        assert payloads(outbox) == []
        assert put_all(outbox, "a") == [1]
    (aside,) = (p for p in path.parent.iterdir() if ".damaged-" in p.name and not p.name.endswith(("-wal", "-shm")))
    assert aside.read_bytes() == old
    assert aside.name in caplog.text


def test_an_outbox_of_a_newer_version_is_left_alone(path: Path) -> None:
    Outbox(path).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(OutboxError, match=r"newer ioc .*run that one, or move the file away"):
        Outbox(path)


@pytest.mark.parametrize("in_the_way", ["data", "data/outbox.db"])
def test_a_place_that_cannot_hold_it_is_named(path: Path, in_the_way: str) -> None:
    place = path.parents[1] / in_the_way
    if place == path:
        place.mkdir(parents=True)
    else:
        place.write_text("a file where the folder belongs")
    with pytest.raises(OutboxError, match=r"outbox .*outbox\.db cannot be"):
        Outbox(path)


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    Outbox(path).close()
    assert path.stat().st_mode & 0o077 == 0

"""kill -9 of publisher, broker and subscriber in turn while 500 messages pass: none lost, none doubled."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerts.broker import EmbeddedBroker
from tests.alerts import engine, keeper
from tests.alerts.peers import listens, wait_for
from tests.mosquitto_peer import MosquittoPeer

COUNT = 500
PHASES = ["raised", "updated", "cleared"]


@dataclass(frozen=True)
class Broker:
    """A broker and how to kill it; it is back on its port soon after."""

    url: str
    secret: str
    kill: Callable[[], None]
    remembers: bool
    """Whether it still knows its subscribers then; one that does not may pass on an end before the beginning."""


@contextmanager
def mosquitto(folder: Path) -> Iterator[Broker]:
    """Return a Mosquitto that saves every five seconds, and so forgets what came since when it is killed."""
    with MosquittoPeer(folder) as peer:

        def kill() -> None:
            peer.kill()
            peer.start()

        yield Broker(peer.url, "", kill, remembers=True)


@contextmanager
def embedded(_folder: Path) -> Iterator[Broker]:
    """Return the embedded broker, which forgets everything when it is killed."""
    with EmbeddedBroker() as running:

        def kill() -> None:
            dead = running.pid
            assert dead is not None
            os.kill(dead, signal.SIGKILL)
            wait_for(lambda: running.pid != dead and listens(int(running.url.rpartition(":")[2])))

        yield Broker(running.url, running.secret, kill, remembers=False)


class Passage:
    """The three parties and their files."""

    def __init__(self, folder: Path, broker: Broker, stack: ExitStack) -> None:
        self._outbox = folder / "outbox.db"
        self._kept = folder / "kept.db"
        self._broker = broker
        self._stack = stack
        self.put = -1
        self._keeper = self._start_keeper()
        self._engine = self._start_engine()

    def _start_engine(self) -> subprocess.Popen[str]:
        process = engine.start(self._outbox, self._broker.url, self._broker.secret, self.put + 1, COUNT)
        self._stack.callback(end, process)
        return process

    def _start_keeper(self) -> subprocess.Popen[str]:
        process = keeper.start(self._kept, self._broker.url, self._broker.secret)
        self._stack.callback(end, process)
        return process

    def wait_until_put(self, number: int) -> None:
        """Return once message `number` stands in the outbox."""
        assert self._engine.stdout is not None
        while self.put < number:
            line = self._engine.stdout.readline()
            assert line, "the engine ended"
            self.put = int(line.removeprefix("kept "))

    def kill_engine(self) -> None:
        """Kill the engine and start it again where it was."""
        self._engine.kill()
        rest, _ = self._engine.communicate()
        for line in rest.splitlines():
            self.put = int(line.removeprefix("kept "))
        self._engine = self._start_engine()

    def kill_keeper(self) -> None:
        """Kill the subscriber and start it again."""
        end(self._keeper)
        self._keeper = self._start_keeper()

    def kill_broker(self) -> None:
        """Kill the broker, which comes back."""
        self._broker.kill()

    def ask(self, query: str) -> list[tuple[str, str]]:
        """Return what the subscriber's file answers."""
        with closing(sqlite3.connect(f"file:{self._kept}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(query).fetchall()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.mark.parametrize("kind", [pytest.param(mosquitto, marks=pytest.mark.mosquitto), embedded])
def test_no_message_is_lost_or_doubled(kind: Callable[[Path], AbstractContextManager[Broker]], tmp_path: Path) -> None:
    told = [engine.story(number) for number in range(COUNT)]
    wanted = {(str(message.id), str(message.phase)) for message in told}
    standing = {str(message.id): str(message.phase) for message in told}
    with ExitStack() as stack:
        broker = stack.enter_context(kind(tmp_path))
        passage = Passage(tmp_path, broker, stack)
        kills = (passage.kill_broker, passage.kill_engine, passage.kill_keeper, passage.kill_broker)
        for number, kill in enumerate(kills, 1):
            passage.wait_until_put(90 * number)
            kill()
        passage.wait_until_put(COUNT - 1)
        wait_for(lambda: set(passage.ask("SELECT DISTINCT id, phase FROM arrival")) >= wanted, seconds=40)
        arrivals = passage.ask("SELECT id, phase FROM arrival ORDER BY number")
        incidents = passage.ask("SELECT id, phase FROM incident")
    assert set(arrivals) == wanted, "nothing came that was not sent"
    assert len(incidents) == len(standing)
    assert dict(incidents) == standing, "each incident stands where its last message left it"
    if broker.remembers:
        first_of_each: dict[str, list[str]] = {}
        for id_, phase in dict.fromkeys(arrivals):
            first_of_each.setdefault(id_, []).append(phase)
        assert all(phases == sorted(phases, key=PHASES.index) for phases in first_of_each.values())

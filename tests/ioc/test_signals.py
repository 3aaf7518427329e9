"""Ending in good order: the first signal asks, the second one ends."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from ioc.commands.signals import until_told

CHILD = """
from ioc.commands.signals import until_told
with until_told() as stop:
    print("ready", flush=True)
    stop.wait(30)
    print("told", flush=True)
    import threading
    threading.Event().wait({longer})
print("done", flush=True)
"""


def child(longer: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD.format(longer=longer)], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_block_end(number: signal.Signals) -> None:
    process = child(longer=0)
    process.send_signal(number)
    out, _ = process.communicate(timeout=20)
    assert out == "told\ndone\n"
    assert process.returncode == 0


def test_a_second_signal_ends_a_block_that_hangs() -> None:
    process = child(longer=60)
    assert process.stdout is not None
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "told\n"
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    process.stdout.close()
    assert process.returncode == -signal.SIGTERM


def test_the_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with until_told() as stop:
        assert signal.getsignal(signal.SIGINT) != before[0]
        assert not stop.is_set()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before

"""The embedded broker: ours alone, on this machine alone, and back when it dies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.broker import EmbeddedBroker
from ioc.errors import IocError
from tests.alerts.drawn import ROOT
from tests.alerts.peers import Subscriber, listens, subscribed, wait_for


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as running:
        yield running


def port_of(broker: EmbeddedBroker) -> int:
    return int(broker.url.rpartition(":")[2])


def test_messages_pass(broker: EmbeddedBroker) -> None:
    with subscribed(broker.url, broker.secret) as subscriber:
        subscriber.publish("ioc/v1/s/c/alerts/k", b"\x00" * 300_000)
        wait_for(lambda: subscriber.payloads == [b"\x00" * 300_000])


@pytest.mark.parametrize("secret", [None, "ioc:wrong", "other:{password}"])
def test_a_stranger_is_not_let_in(broker: EmbeddedBroker, secret: str | None) -> None:
    password = broker.secret.partition(":")[2]
    stranger = Subscriber(broker.url, secret and secret.format(password=password), name="stranger")
    with pytest.raises(AssertionError, match="did not take the subscription"):
        stranger.start(seconds=1)
    stranger.stop()


def test_it_listens_on_loopback_alone(broker: EmbeddedBroker) -> None:
    wanted = f":{port_of(broker):04X}"
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    listening = [fields[1] for fields in lines if fields[1].endswith(wanted) and fields[3] == "0A"]
    assert [address.partition(":")[0] for address in listening] == ["0100007F"]


def test_it_keeps_retained_messages_for_whoever_comes_later(broker: EmbeddedBroker) -> None:
    with subscribed(broker.url, broker.secret) as early:
        early.publish("kept/a", b"1", retain=True)
        early.publish("kept/a", b"2", retain=True)
    with subscribed(broker.url, broker.secret, "kept/#") as late:
        wait_for(lambda: late.got == [("kept/a", b"2", True)])


def test_it_keeps_messages_for_a_subscriber_who_is_away(broker: EmbeddedBroker) -> None:
    away = Subscriber(broker.url, broker.secret, "away/#", name="away")
    away.start()
    away.stop()
    with subscribed(broker.url, broker.secret) as other:
        for number in range(20):
            other.publish("away/t", b"%d" % number)
    back = Subscriber(broker.url, broker.secret, "away/#", name="away")
    back.start()
    wait_for(lambda: back.payloads == [b"%d" % number for number in range(20)])
    back.stop()


def test_the_secret_differs_at_each_start_and_shows_nowhere(broker: EmbeddedBroker) -> None:
    with EmbeddedBroker() as other:
        assert other.secret != broker.secret
        assert listens(port_of(other))
        arguments = Path(f"/proc/{other.pid}/cmdline").read_bytes() + Path(f"/proc/{other.pid}/environ").read_bytes()
        assert other.secret.partition(":")[2].encode() not in arguments
        assert other.secret.partition(":")[2] not in left_on_disk()


def left_on_disk() -> str:
    """Return all that brokers, ours and any other test's, have written and not removed."""
    folders = Path(tempfile.gettempdir()).glob("ioc-broker-*")
    return "".join(path.read_text() for folder in folders for path in folder.glob("*"))


def test_it_ends_with_its_block() -> None:
    with EmbeddedBroker() as broker:
        pid, port = broker.pid, port_of(broker)
    assert pid is not None
    assert not Path(f"/proc/{pid}").exists()
    with EmbeddedBroker(port) as again:
        assert port_of(again) == port, "its port is free at once"


def test_a_port_in_use_is_named_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(IocError, match=rf"127\.0\.0\.1:{port} \(address already in use\): stop what") as refused:
            EmbeddedBroker(port).__enter__()
    assert "\n" not in str(refused.value)


def test_it_is_back_on_the_same_port_when_it_is_killed(caplog: pytest.LogCaptureFixture) -> None:
    with EmbeddedBroker() as broker:
        first = broker.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: broker.pid != first and listens(port_of(broker)))
        with subscribed(broker.url, broker.secret) as subscriber:
            subscriber.publish("a", b"1")
    assert caplog.text.count("was started again") == 1


def test_ctrl_c_at_the_terminal_does_not_reach_it(broker: EmbeddedBroker) -> None:
    assert broker.pid is not None
    assert os.getpgid(broker.pid) != os.getpgid(0)


def test_it_does_not_outlive_a_parent_that_is_killed() -> None:
    program = (
        "import sys\nfrom alerts.broker import EmbeddedBroker\n"
        "with EmbeddedBroker() as b:\n    print(b.pid, flush=True)\n    sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    wait_for(lambda: not is_alive(child), what="the broker ended")


def is_alive(pid: int) -> bool:
    """Return whether the process runs; one that has ended and is not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False

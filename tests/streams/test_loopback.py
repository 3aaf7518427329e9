"""The loopback RTSP server, read by FFmpeg as a camera is."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import av
import numpy as np
import pytest
from av.container import InputContainer
from av.error import FFmpegError

from ioc.clock import monotonic
from ioc.errors import StreamError
from streams.encoder import encode
from streams.loopback import serve
from tests.streams.small_scenes import passing_car

OPTIONS = {"rtsp_transport": "tcp", "timeout": "5000000", "analyzeduration": "200000"}
LASTS = 1.5
"""Seconds of the served file."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("served")
    for seed, name in ((1, "left"), (2, "right")):
        encode(passing_car(LASTS, seed=seed), folder / f"{name}.mp4")
    return {name: folder / f"{name}.mp4" for name in ("left", "right")}


@pytest.fixture(scope="module")
def urls(files: dict[str, Path]) -> Iterator[dict[str, str]]:
    with serve(files) as served:
        yield dict(served)


def opened(url: str) -> InputContainer:
    return av.open(url, options=OPTIONS)


def eventually(condition: Callable[[], bool], within: float = 10.0) -> bool:
    deadline = monotonic() + within
    while not condition():
        if monotonic() > deadline:
            return False
        Event().wait(0.02)
    return True


def refuses(url: str) -> bool:
    parts = urlsplit(url)
    assert parts.hostname is not None
    try:
        with socket.create_connection((parts.hostname, parts.port or 0), timeout=1):
            return False
    except OSError:
        return True


def children() -> list[int]:
    """Return the process ids of this process's children, by Linux's own list."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]


def listening_addresses(pid: int) -> set[str]:
    """Return the local addresses (hexadecimal, as in /proc) on which a process listens."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        target = str(descriptor.readlink()) if descriptor.is_symlink() else ""
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    addresses = set()
    for table in ("tcp", "tcp6"):
        path = Path(f"/proc/{pid}/net/{table}")
        rows = [line.split() for line in path.read_text().splitlines()[1:]] if path.exists() else []
        addresses |= {row[1].split(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes}
    return addresses


def test_each_file_has_its_url_on_the_loopback(urls: dict[str, str]) -> None:
    assert set(urls) == {"left", "right"}
    for name, url in urls.items():
        parts = urlsplit(url)
        assert (parts.scheme, parts.hostname, parts.path, parts.query) == ("rtsp", "127.0.0.1", f"/{name}", "")


def test_it_listens_on_the_loopback_alone_and_on_one_port(files: dict[str, Path]) -> None:
    before = set(children())
    with serve(files):
        (server,) = set(children()) - before
        assert listening_addresses(server) == {"0100007F"}


def test_a_client_reads_the_files_pictures(urls: dict[str, str], files: dict[str, Path]) -> None:
    with av.open(str(files["left"])) as container:
        original = [f.to_ndarray(format="bgr24").astype(int) for f in container.decode(video=0)]
    with opened(urls["left"]) as live:
        stream = live.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 192, 112)
        received = [f.to_ndarray(format="bgr24") for _, f in zip(range(5), live.decode(stream), strict=False)]
    for n, image in enumerate(received):
        assert np.abs(image - original[n]).max() == 0


def test_two_clients_each_get_their_own_stream(urls: dict[str, str]) -> None:
    with opened(urls["left"]) as left, opened(urls["right"]) as right, opened(urls["left"]) as again:
        streams = [container.decode(video=0) for container in (left, right, again)]
        pictures = [[next(s).to_ndarray(format="bgr24").astype(int) for s in streams] for _ in range(8)]
    for one, other, same in pictures:
        assert np.abs(one - other).mean() > 2
        assert np.abs(one - same).max() == 0


def test_it_goes_on_past_the_end_with_rising_timestamps(urls: dict[str, str]) -> None:
    wanted = int(LASTS * 10 * 2.5)
    with opened(urls["left"]) as live:
        base = live.streams.video[0].time_base
        assert base is not None
        times = [
            float(p.pts * base) for _, p in zip(range(wanted), live.demux(video=0), strict=False) if p.pts is not None
        ]
    assert times[-1] > LASTS * 2
    steps = np.diff(times)
    assert steps == pytest.approx([0.1] * len(steps), abs=0.002)


def test_the_loop_begins_with_a_key_frame(urls: dict[str, str]) -> None:
    with opened(urls["left"]) as live:
        keys = [n for n, p in zip(range(40), live.demux(video=0), strict=False) if p.is_keyframe]
    assert keys == [0, 10, 15, 25, 30]


def test_it_plays_at_the_files_own_pace(urls: dict[str, str]) -> None:
    with opened(urls["left"]) as live:
        packets = live.demux(video=0)
        for _ in range(12):
            next(packets)
        began = monotonic()
        for _ in range(20):
            next(packets)
        assert monotonic() - began == pytest.approx(2.0, abs=0.8)


def test_a_stream_that_is_not_there_is_refused(urls: dict[str, str]) -> None:
    with pytest.raises(FFmpegError, match="404"):
        opened(urls["left"].replace("/left", "/nowhere"))


@pytest.mark.parametrize("path", ["/../left", "/etc/passwd", "/left.mp4", "/"])
def test_no_other_file_can_be_had(urls: dict[str, str], path: str) -> None:
    with pytest.raises(FFmpegError):
        opened(urls["left"].replace("/left", path))


def test_a_url_cannot_switch_the_loop_off(urls: dict[str, str]) -> None:
    with opened(urls["left"] + "?play_count=1") as live:
        count = sum(1 for _ in zip(range(25), live.demux(video=0), strict=False))
    assert count == 25


def test_it_stops_at_once_while_clients_read(files: dict[str, Path]) -> None:
    before = set(children())
    with serve(files) as served:
        live, other = opened(served["left"]), opened(served["right"])
        next(live.demux(video=0))
        began = monotonic()
    assert monotonic() - began < 2.5
    assert refuses(served["left"])
    assert set(children()) == before
    # PyAV ends a dropped stream without an exception; what was buffered still comes.
    assert sum(1 for _ in live.demux(video=0)) < 12
    live.close()
    other.close()


def test_it_stops_when_the_context_raises(files: dict[str, Path]) -> None:
    before = set(children())
    with pytest.raises(ZeroDivisionError), serve(files) as served:
        raise ZeroDivisionError
    assert refuses(served["left"])
    assert set(children()) == before


def test_it_may_come_back_on_the_same_port(files: dict[str, Path]) -> None:
    with serve(files) as first:
        port = urlsplit(first["left"]).port
        live = opened(first["left"])
    assert port is not None
    with serve(files, port=port) as second:
        assert second == first
        with opened(second["left"]) as back:
            assert next(back.decode(video=0)).width == 192
    live.close()


def test_two_servers_do_not_disturb_each_other(urls: dict[str, str], files: dict[str, Path]) -> None:
    with serve({"left": files["right"]}) as other:
        assert other["left"] != urls["left"]
        with opened(other["left"]) as second, opened(urls["left"]) as first:
            a = next(first.decode(video=0)).to_ndarray(format="bgr24").astype(int)
            b = next(second.decode(video=0)).to_ndarray(format="bgr24").astype(int)
    assert np.abs(a - b).mean() > 2


def test_a_port_in_use_is_one_line(files: dict[str, Path]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        before = set(children())
        with pytest.raises(StreamError, match="choose another") as caught, serve(files, port=taken.getsockname()[1]):
            pass
    assert "\n" not in str(caught.value)
    assert set(children()) == before


def test_a_port_that_cannot_be_is_one_line(files: dict[str, Path]) -> None:
    with pytest.raises(StreamError, match="0-65535") as caught, serve(files, port=70_000):
        pass
    assert "\n" not in str(caught.value)


def test_ctrl_c_is_for_the_parent_alone(files: dict[str, Path]) -> None:
    before = set(children())
    with serve(files) as served:
        (server,) = set(children()) - before
        assert os.getsid(server) != os.getsid(0)
        assert os.getpgid(server) != os.getpgid(0)
        assert not refuses(served["left"])


def test_many_clients_are_served_at_once(urls: dict[str, str]) -> None:
    clients = [opened(urls["left"]) for _ in range(9)]
    try:
        assert [next(client.decode(video=0)).width for client in clients] == [192] * 9
    finally:
        for client in clients:
            client.close()


def test_a_client_that_goes_away_does_not_disturb_the_others(urls: dict[str, str]) -> None:
    with opened(urls["left"]) as stays:
        packets = stays.demux(video=0)
        next(packets)
        for _ in range(3):
            opened(urls["left"]).close()
        assert sum(1 for _ in zip(range(15), packets, strict=False)) == 15


def test_a_client_that_talks_nonsense_does_not_disturb_the_others(urls: dict[str, str]) -> None:
    parts = urlsplit(urls["left"])
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as talker:
        talker.sendall(b"\x00\xff nonsense\r\n\r\n" * 20)
    with opened(urls["left"]) as live:
        assert next(live.decode(video=0)).width == 192


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match=r"gone\.mp4"), serve({"gone": tmp_path / "gone.mp4"}):
        pass


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", ".hidden", "ngõ"])
def test_a_name_that_no_url_can_carry_is_refused(files: dict[str, Path], name: str) -> None:
    with pytest.raises(StreamError, match="letters, digits"), serve({name: files["left"]}):
        pass


def test_a_file_that_is_no_video_leaves_the_others_alone(files: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video")
    with serve({"good": files["left"], "broken": broken}) as served:
        with pytest.raises(FFmpegError):
            opened(served["broken"])
        with opened(served["good"]) as live:
            assert next(live.decode(video=0)).width == 192


PARENT = """
import sys
from pathlib import Path
from streams.loopback import serve
with serve({"left": Path(sys.argv[1])}) as urls:
    print(urls["left"], flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_orphaned_when_the_parent_is_killed(files: dict[str, Path], how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(files["left"])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert not refuses(url)
        parent.send_signal(how)
        parent.wait(10)
        assert eventually(lambda: refuses(url))

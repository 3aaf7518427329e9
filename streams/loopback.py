"""A real RTSP server on this machine's loopback that plays files endlessly, for `ioc demo` and for tests.

It is a process of its own, so that its pace does not hang on what the rest of the program computes. The two
talk over the child's standard input and output: one line with the files goes in, one line with the port comes
out. The child ends when its input closes, which the system sees to even when the parent is killed.
"""

from __future__ import annotations

import asyncio
import json
import re
import select
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from aio_rtsp_toolkit.server import RtspServer

from ioc.errors import StreamError

HOST = "127.0.0.1"
START_LIMIT = 30.0
"""Seconds that the server may take to answer; a loaded machine starts Python slowly."""
STOP_LIMIT = 3.0
CLIENTS = 64
"""How many clients can be served at once: each takes a thread that reads the file."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@contextmanager
def serve(files: Mapping[str, Path], port: int = 0) -> Iterator[Mapping[str, str]]:
    """Serve `files` (MP4 or MKV, H.264 or H.265) while the context lasts; yield each name's RTSP URL.

    RTP comes interleaved over TCP, at the file's own pace, and begins again at the end of the file with
    timestamps that go on rising. `port` 0 takes a free one. Raises StreamError when it cannot start.
    """
    for name, path in files.items():
        if not _NAME.fullmatch(name):
            raise StreamError(f"cannot serve a stream named {name!r}: use letters, digits, dot, dash and underscore")
        if not path.is_file():
            raise StreamError(f"cannot serve {path}: there is no such file")
    with tempfile.TemporaryFile("w+") as complaints:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "streams.loopback"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            start_new_session=True,  # Ctrl-C is for the parent, which stops the cameras before their server
        )
        try:
            bound = _handshake(child, complaints, files, port)
            yield {name: f"rtsp://{HOST}:{bound}/{name}" for name in files}
        finally:
            _stop(child)


def _handshake(child: subprocess.Popen[str], complaints: IO[str], files: Mapping[str, Path], port: int) -> int:
    """Tell the child what to serve and return the port it listens on."""
    assert child.stdin is not None
    assert child.stdout is not None
    request = {"port": port, "files": {name: str(path.resolve()) for name, path in files.items()}}
    with suppress(BrokenPipeError):  # a child that died at once has said why
        child.stdin.write(json.dumps(request) + "\n")
        child.stdin.flush()
    answered, _, _ = select.select([child.stdout], [], [], START_LIMIT)
    line = child.stdout.readline() if answered else ""
    if line:
        answer = json.loads(line)
        if "port" in answer:
            return int(answer["port"])
        raise StreamError(f"cannot start the RTSP server: {answer['error']}; free the port or choose another")
    complaints.seek(0)
    last = (complaints.read().strip().splitlines() or ["it did not answer; try again on a less busy machine"])[-1]
    raise StreamError(f"cannot start the RTSP server: {last}")


def _stop(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    with suppress(BrokenPipeError):
        child.stdin.close()
    try:
        child.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    child.stdout.close()


class _Quiet:
    """Takes the library's log: what concerns single requests is dropped, errors go to standard error."""

    def debug(self, message: str) -> None:
        pass

    def info(self, message: str) -> None:
        pass

    def warning(self, message: str) -> None:
        pass

    def error(self, message: str) -> None:
        sys.stderr.write(f"{message}\n")


class _LoopingServer(RtspServer):  # type: ignore[misc]  # the library carries no types
    """Serves named files instead of a folder, endlessly whatever the URL says, without the control port."""

    def __init__(self, files: Mapping[str, Path], port: int) -> None:
        super().__init__(directory="/", host=HOST, port=port, session_name="city-ioc simulation", control_port=None)
        self.logger = _Quiet()
        self._files = files

    @property
    def bound_port(self) -> int:
        """The port it listens on once started."""
        return int(self._server.sockets[0].getsockname()[1])

    def resolve_request_path(self, uri: str) -> Path:
        name = urllib.parse.unquote(urllib.parse.urlsplit(uri).path).strip("/")
        if name not in self._files:
            raise FileNotFoundError(name)
        return self._files[name]

    def parse_play_count(self, uri: str) -> int:  # noqa: ARG002  # 0 is endless
        return 0


async def _run() -> None:
    """Serve what standard input asks for until it closes."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(CLIENTS))
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    request = json.loads(await reader.readline())
    server = _LoopingServer({name: Path(path) for name, path in request["files"].items()}, int(request["port"]))
    try:
        await server.start()
    except OSError as error:
        print(json.dumps({"error": str(error)}), flush=True)  # noqa: T201  # the line the parent waits for
        return
    print(json.dumps({"port": server.bound_port}), flush=True)  # noqa: T201
    await reader.read()
    await server.close()


if __name__ == "__main__":
    asyncio.run(_run())

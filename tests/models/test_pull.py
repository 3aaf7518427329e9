"""Fetching, from a server in this process that can cut, lie and lead astray."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError
from models.pull import pull

CONTENT = np.random.default_rng(1).bytes(300_000)
SHA = hashlib.sha256(CONTENT).hexdigest()
PLAIN = frozenset({"http"})


@dataclass
class Server:
    """What the server does, and the ranges that it was asked for."""

    address: str = ""
    content: bytes = CONTENT
    cut_after: int | None = None
    """It hangs up after so many bytes of an answer."""
    ranges: bool = True
    """It gives a part where a part is asked for."""
    status: int = 200
    leads_to: str | None = None
    asked: list[str | None] = field(default_factory=list)

    def get(self, path: str = "model.onnx") -> str:
        return f"{self.address}/{path}"


@pytest.fixture
def server() -> Iterator[Server]:
    own = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers["Range"]
            own.asked.append(wanted)
            if own.leads_to is not None and self.path == "/model.onnx":
                self.send_response(302)
                self.send_header("Location", own.leads_to)
                self.end_headers()
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and own.ranges else 0
            part = own.content[start:]
            self.send_response(206 if start else own.status)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(own.content) - 1}/{len(own.content)}")
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            self.wfile.write(part[: own.cut_after])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name is the library's)
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    own.address = f"http://127.0.0.1:{http.server_port}"
    yield own
    http.shutdown()
    thread.join()
    http.server_close()


def fetched(server: Server, into: Path, sha256: str = SHA, size: int = len(CONTENT)) -> bool:
    return pull(server.get(), into, sha256=sha256, size=size, schemes=PLAIN)


def test_a_file_comes_whole_and_progress_is_told(server: Server, tmp_path: Path) -> None:
    into, told = tmp_path / "far" / "model.onnx", list[int]()
    assert pull(server.get(), into, sha256=SHA, size=len(CONTENT), each=told.append, schemes=PLAIN)
    assert into.read_bytes() == CONTENT
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)
    assert [path.name for path in into.parent.iterdir()] == ["model.onnx"]


def test_what_is_there_is_not_fetched_again_and_another_file_is_not_touched(server: Server, tmp_path: Path) -> None:
    into = tmp_path / "model.onnx"
    into.write_bytes(CONTENT)
    assert not fetched(server, into)
    into.write_bytes(b"mine")
    with pytest.raises(ModelError, match="is there, but is another file; move it away first"):
        fetched(server, into)
    assert into.read_bytes() == b"mine"
    assert server.asked == []


@pytest.mark.parametrize("ranges", [True, False])
def test_a_cut_fetch_goes_on_or_begins_again(server: Server, tmp_path: Path, ranges: bool) -> None:
    into = tmp_path / "model.onnx"
    server.cut_after, server.ranges = 100_000, ranges
    with pytest.raises(ModelError, match=r"model\.onnx: (ended after|cannot be fetched)"):
        fetched(server, into)
    partial = tmp_path / ".model.onnx.part"
    have = partial.stat().st_size
    assert 0 < have <= 100_000
    assert not into.exists()
    server.cut_after = None
    assert fetched(server, into)
    assert server.asked == [None, f"bytes={have}-"]
    assert into.read_bytes() == CONTENT
    assert not partial.exists()


def test_another_file_of_the_same_size_is_not_kept(server: Server, tmp_path: Path) -> None:
    server.content = CONTENT[:-1] + b"x"
    with pytest.raises(ModelError, match=f"gave another file: expected sha256 {SHA}, found .*; nothing was kept"):
        fetched(server, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_does_not_end_is_stopped(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is larger than the 200000 bytes that were announced"):
        fetched(server, tmp_path / "model.onnx", size=200_000)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 0


def test_rubbish_of_an_earlier_fetch_is_thrown_away_and_the_next_one_succeeds(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".model.onnx.part").write_bytes(b"x" * 1000)
    with pytest.raises(ModelError, match="gave another file"):
        fetched(server, tmp_path / "model.onnx")
    assert fetched(server, tmp_path / "model.onnx")
    (tmp_path / "model.onnx").unlink()
    (tmp_path / ".model.onnx.part").write_bytes(b"x" * len(CONTENT))
    assert fetched(server, tmp_path / "model.onnx")


def test_what_the_server_says_is_told(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(ModelError, match="the server answers 404 Not Found; look where it lies now"):
        fetched(server, tmp_path / "model.onnx")


def test_it_is_led_to_another_place_but_to_no_other_scheme(server: Server, tmp_path: Path) -> None:
    server.leads_to = server.get("elsewhere.onnx")
    assert fetched(server, tmp_path / "model.onnx")
    server.leads_to = "ftp://127.0.0.1/model.onnx"
    with pytest.raises(
        ModelError, match=r"ftp://127\.0\.0\.1/model\.onnx: expected an address that begins with http://"
    ):
        fetched(server, tmp_path / "other.onnx")


@pytest.mark.parametrize("url", ["http://127.0.0.1/a.onnx", "file:///etc/passwd", "a.onnx"])
def test_nothing_but_https_is_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(ModelError, match="expected an address that begins with https://"):
        pull(url, tmp_path / "a.onnx", sha256=SHA, size=1)


def test_without_a_network_one_line_names_the_way_out(server: Server, tmp_path: Path) -> None:
    nobody = server.address.rpartition(":")[0] + ":1"
    with pytest.raises(ModelError) as caught:
        pull(f"{nobody}/a.onnx", tmp_path / "a.onnx", sha256=SHA, size=1, schemes=PLAIN)
    assert str(caught.value) == (
        f"{nobody}/a.onnx: cannot be fetched: [Errno 111] Connection refused; this needs a network, or bring the file "
        f"to {tmp_path / 'a.onnx'} by hand"
    )

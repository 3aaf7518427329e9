"""A peer that speaks just enough MQTT 5 to misbehave: packets are written by hand, by the standard's section 3."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

CONNACK_OK = bytes([0x20, 3, 0, 0, 0])
PUBACK, SUBSCRIBE, CONNECT = 4, 8, 1


def publish(packet: int, topic: str, payload: bytes) -> bytes:
    """Return a PUBLISH of QoS 1."""
    name = topic.encode()
    body = struct.pack(">H", len(name)) + name + struct.pack(">HB", packet, 0) + payload
    return bytes([0x32]) + _length(len(body)) + body


def suback(packet: int, codes: Sequence[int]) -> bytes:
    body = struct.pack(">HB", packet, 0) + bytes(codes)
    return bytes([0x90]) + _length(len(body)) + body


def _length(size: int) -> bytes:
    found = bytearray()
    while True:
        size, digit = divmod(size, 128)
        found.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(found)


class Line:
    """One accepted connection."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer

    def send(self, data: bytes) -> None:
        self._peer.sendall(data)

    def read(self) -> tuple[int, bytes]:
        """Return the next packet's type and body; raise OSError at the end."""
        first = self._exactly(1)[0]
        size, shift = 0, 0
        while True:
            digit = self._exactly(1)[0]
            size |= (digit & 127) << shift
            shift += 7
            if digit < 128:
                return first >> 4, self._exactly(size)

    def welcome(self) -> None:
        """Let the client in and confirm its subscriptions."""
        assert self.read()[0] == CONNECT
        self.send(CONNACK_OK)
        kind, body = self.read()
        if kind != SUBSCRIBE:
            raise ConnectionResetError  # it goes away again
        self.send(suback(struct.unpack(">H", body[:2])[0], [1, 1, 1]))

    def acknowledged(self, count: int) -> list[int]:
        """Wait for that many acknowledgements and return their packet ids."""
        found: list[int] = []
        while len(found) < count:
            kind, body = self.read()
            if kind == PUBACK:
                found.append(struct.unpack(">H", body[:2])[0])
        return found

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._peer.recv(size - len(data))
            if not part:
                raise ConnectionResetError
            data += part
        return data


@contextmanager
def odd_broker(*scripts: Callable[[Line], object]) -> Iterator[str]:
    """Play one script for each connection in turn, the last for all that follow, and hang up; give the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    lines: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                peer, _ = listener.accept()
                lines.append(peer)
                script = scripts[min(len(lines), len(scripts)) - 1]
                with suppress(OSError):
                    script(Line(peer))
                    peer.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"mqtt://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for open_one in (listener, *lines):
            with suppress(OSError):
                open_one.shutdown(socket.SHUT_RDWR)
            open_one.close()
        thread.join(10)
        assert not thread.is_alive()

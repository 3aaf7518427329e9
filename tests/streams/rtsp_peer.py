"""Starts, freezes and kills the RTSP servers that the tests talk to."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

SCRIPT = Path(__file__).with_name("gst_rtsp_server.py")
PYTHON = "/usr/bin/python3"


class RtspPeer:
    """GStreamer's RTSP server as a process of its own; `arguments` are those of gst_rtsp_server.py."""

    def __init__(self, *arguments: str, login: str | None = None) -> None:
        self._arguments = arguments
        self._login = login
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def url(self) -> str:
        """The address of its stream."""
        return f"rtsp://127.0.0.1:{self.port}/cam"

    def start(self) -> None:
        """Start it, on the port that it had before if it had one; return when it listens."""
        environment = dict(os.environ)
        if self._login is not None:
            environment["IOC_TEST_LOGIN"] = self._login
        command = [PYTHON, str(SCRIPT), "--port", str(self.port), *self._arguments]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith("ready "):
            _, errors = self._process.communicate()
            raise AssertionError(f"the RTSP server did not start: {errors.strip()}")
        self.port = int(line.split()[1])

    def kill(self) -> None:
        """End it as the kernel does when memory runs out."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def freeze(self) -> None:
        """Stop it without closing anything."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

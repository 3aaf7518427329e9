"""`ioc` as a process of its own, its output read line by line."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from ioc import clock

PASSWORD = "correct horse battery"


class Program:
    """One `ioc` command that runs until stopped; what it prints is kept."""

    def __init__(self, *arguments: str, environ: Mapping[str, str] | None = None) -> None:
        environment = {**os.environ, "IOC_ADMIN_PASSWORD": PASSWORD, "OMP_NUM_THREADS": "1", **(environ or {})}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ioc", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        self._changed = threading.Condition()
        self._ended = False
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def find(self, pattern: str) -> list[re.Match[str]]:
        """Return the matches among the lines so far."""
        with self._changed:
            return [found for line in self.lines if (found := re.search(pattern, line))]

    def wait_for(self, pattern: str, seconds: float = 60, times: int = 1) -> re.Match[str]:
        """Wait for so many lines that match and return the last match."""
        deadline = clock.monotonic() + seconds
        with self._changed:
            while True:
                matches = [found for line in self.lines if (found := re.search(pattern, line))]
                if len(matches) >= times:
                    return matches[-1]
                left = deadline - clock.monotonic()
                assert left > 0 and not self._ended, f"no {pattern!r} in:\n" + "\n".join(self.lines)  # noqa: PT018
                self._changed.wait(left)

    def stop(self) -> int:
        """Ask it to end, as Ctrl-C does, and return its exit code."""
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(30)
        self._reader.join(10)
        return code

    def kill(self) -> None:
        """End it as the kernel does when memory runs out."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join(10)
        if self._process.stdout is not None:
            self._process.stdout.close()

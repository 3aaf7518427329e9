"""A broker that starts and ends with us, for one machine: iotcore (rumqttd) behind an adapter.

It runs in a child process, because rumqttd cannot be stopped, and is started again on the same port when it dies. It
listens on 127.0.0.1 alone, speaks MQTT 5, and takes only the user and password made for this start, so that
another user of the machine can neither read nor publish. It keeps retained messages, sessions and the QoS 1
messages of subscribers who are away, but in memory: a restart loses them all, and it acknowledges what nobody has
subscribed to. `alerts.publisher` sends again what that may have cost. It has no access lists; for several machines or
logins use Mosquitto (`config/mosquitto`).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from ioc import clock
from ioc.errors import IocError

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
USER = "ioc"
START_SECONDS = 15.0
WATCH_SECONDS = 0.25
RETRY_SECONDS = 5.0
MAX_PAYLOAD = 512 * 1024
"""More than the wire format allows: rumqttd closes the connection over a larger one, without saying why."""

CONFIG = """
id = 0
[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
# A subscriber who is away finds at most the last 4 segments of 16 MiB.
max_segment_size = 16777216
max_segment_count = 4
[v5.1]
name = "mqtt5"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 5000
max_payload_size = {max_payload}
max_inflight_count = 100
[v5.1.connections.auth]
{user} = {password}
"""


class EmbeddedBroker:
    """The broker as a context manager: `with EmbeddedBroker() as broker: connect(broker.url, broker.secret)`.

    `port` 0 takes a free one. Raises IocError when it cannot be started; two may run in one process.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._password = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="broker", daemon=True)

    @property
    def url(self) -> str:
        """Where to connect."""
        return f"mqtt://{HOST}:{self._port}"

    @property
    def secret(self) -> str:
        """What to sign in with, as user:password."""
        return f"{USER}:{self._password}"

    @property
    def pid(self) -> int | None:
        """The child process, while there is one."""
        return self._process.pid if self._process is not None else None

    def __enter__(self) -> Self:
        if self._port == 0:
            self._port = _free_port()
        self._process = self._launch()
        self._watcher.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping.set()
        self._watcher.join()
        if self._process is not None:
            _end(self._process)

    def _watch(self) -> None:
        """Start the child again whenever it has died."""
        reported = False
        while not self._stopping.wait(RETRY_SECONDS if reported else WATCH_SECONDS):
            if self._process is None or self._process.poll() is None:
                continue
            code = self._process.returncode
            try:
                self._process = self._launch()
            except IocError as error:
                if not reported and not self._stopping.is_set():
                    log.error("embedded broker ended (exit code %d) and cannot be started again: %s", code, error)
                reported = True
            else:
                log.warning("embedded broker ended (exit code %d) and was started again", code)
                reported = False

    def _launch(self) -> subprocess.Popen[bytes]:
        """Return the child once it listens."""
        _check_free(self._port)
        with tempfile.TemporaryDirectory(prefix="ioc-broker-") as folder:
            config = Path(folder) / "broker.toml"
            config.write_text(self._config(), encoding="utf-8")
            # -P: a folder called iotcore where we were started must not be taken for the package. Its own
            # session: Ctrl-C at the terminal must not end the broker before the last messages are sent.
            command = [sys.executable, "-P", "-m", "alerts.broker", str(config)]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
            try:
                self._wait_until_up(process)
            except BaseException:
                _end(process)
                raise
        return process

    def _config(self) -> str:
        names = {"user": json.dumps(USER), "password": json.dumps(self._password)}
        return CONFIG.format(host=HOST, port=self._port, max_payload=MAX_PAYLOAD, **names)

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        deadline = clock.monotonic() + START_SECONDS
        while clock.monotonic() < deadline and not self._stopping.is_set():
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(0.02)
                raise IocError(f"embedded broker could not be started on port {self._port} (exit code {code})")
            if _answers(self._port):
                return
        raise IocError(f"embedded broker did not come up within {START_SECONDS:.0f} s on port {self._port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise IocError(
                f"embedded broker cannot listen on {HOST}:{port} ({(error.strerror or '').lower()}): "
                "stop what uses that port, or choose another port, or name a broker's URL in the site file"
            ) from error


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=0.2):
            return True
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _serve(config: str) -> None:
    """Run rumqttd in this process until our parent, which holds our standard input open, is gone."""
    from iotcore.iotcore import IotCoreBroker  # noqa: PLC0415 - the parent needs no 14 MB of rumqttd

    logging.disable(logging.CRITICAL)  # rumqttd reports every packet as an error
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    IotCoreBroker(config_path=config).run_forever()


def _exit_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1])

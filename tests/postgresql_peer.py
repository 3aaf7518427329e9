"""Debian's PostgreSQL as a process of its own, on loopback, sorting as Vietnamese does; it keeps nothing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

PATH = ":".join([os.environ.get("PATH", os.defpath), *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
OWNER = "postgres"
"""Who runs the server when we are root, whom it refuses; Debian's package makes that user."""
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=200")


class PostgresqlPeer:
    """A server whose databases last as long as they are used."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
        self._user = OWNER if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self._folder, self._user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._made = 0

    def __enter__(self) -> Self:
        options = ["--auth=trust", "--username=ioc", "--no-sync", "--encoding=UTF8", "--locale=C"]
        self._run("initdb", *options, "--locale-provider=icu", "--icu-locale=vi", "-D", str(self._data))
        settings = (f"port={self._port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *FAST)
        with (self._data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in (one.split("=", 1) for one in settings))
        self._run("pg_ctl", "start", "--wait", "-D", str(self._data), "-l", str(self._folder / "log"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "stop", "--mode=immediate", "-D", str(self._data))
        shutil.rmtree(self._folder)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def url(self, name: str) -> str:
        """Return where the database of that name is."""
        return f"postgresql+psycopg://ioc@127.0.0.1:{self._port}/{name}"

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Give the name of a database that is made as another one is, which nobody uses, and is dropped at the end."""
        self._made += 1
        name = f"store{self._made}"
        with psycopg.connect(host="127.0.0.1", port=self._port, user="ioc", dbname="postgres", autocommit=True) as desk:
            desk.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            yield name
            desk.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, *command: str) -> None:
        program = shutil.which(command[0], path=PATH)
        assert program, "these tests need PostgreSQL: apt-get install postgresql"
        subprocess.run(
            [program, *command[1:]],
            check=True,
            user=self._user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

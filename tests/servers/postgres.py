"""PostgreSQL from the system's own programs: one server for all tests, or one whose failures a test decides."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import psycopg
from psycopg import sql

from tests.servers.run import ServerFailed, ServerUnavailable, wait_until

if TYPE_CHECKING:
    from tests.servers.run import Run

START_S = 60
STOP_S = 60
OWNER = "hub"
# Linguistic order, as a French database has it: what relies on the order of bytes shows. It needs PostgreSQL 15.
INITDB = ("--data-checksums", "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=fr")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
    "dynamic_shared_memory_type": "posix",
    "timezone": "UTC",
}
# Tests of a whole run create hundreds of databases: without these each costs several times as much.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "10min"}

_numbers = itertools.count(1)


@dataclass
class Postgres:
    """A server's address, and databases on it."""

    port: int
    host: str = "127.0.0.1"
    user: str = OWNER
    password: str = ""

    def url(self, database: str = "postgres") -> str:
        """The URL of a database, for SQLAlchemy with psycopg."""
        secret = f":{self.password}" if self.password else ""
        return f"postgresql+psycopg://{self.user}{secret}@{self.host}:{self.port}/{database}"

    def create_database(self, stem: str = "hub", *, like: str | None = None) -> str:
        """Create an empty database with a name of its own, or a copy of the one at this URL; return its URL."""
        name = f"{stem}_{os.getpid()}_{next(_numbers)}"
        template = "template0" if like is None else like.rpartition("/")[2]
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        return self.url(name)

    def keep_database(self, name: str) -> str:
        """Return the URL of the database of this name; it is created if it is not there."""
        with contextlib.suppress(psycopg.errors.DuplicateDatabase):
            self._execute("CREATE DATABASE {}", name)
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop the database at this URL, whoever is connected."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", url.rpartition("/")[2])

    def answers(self) -> bool:
        """Whether the server takes a connection now."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: str, *names: str) -> None:
        with self._connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password or None,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )


class LocalPostgres(Postgres):
    """A server that runs here, as an ordinary user, and that can be killed, stopped, paused and started again.

    Args:
        durable: what is committed survives; without it a stop of the machine would lose data, and everything is faster.
        port: instead of a free one.
        data: a folder that keeps the data, instead of the run's.
    """

    def __init__(self, run: Run, *, durable: bool, port: int | None = None, data: Path | None = None) -> None:
        super().__init__(port=port or run.free_port())
        folder = data or run.fresh_folder("postgres")
        folder.mkdir(parents=True, exist_ok=True)
        self._run = run
        self._programs = programs()
        self._user = ordinary_user()
        self._data = folder / "data"
        self.log = folder / "server.log"
        self._settings = SETTINGS | ({} if durable else FORGETFUL) | {"unix_socket_directories": str(self._data)}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.resume()
            self.stop("immediate")

    def start(self) -> None:
        """Start the server on its data and wait until it answers.

        Raises:
            ServerFailed: it does not come up; with the end of what it said.
        """
        if not self._data.exists():
            self._make()
        options = [f"--{name}={value}" for name, value in {**self._settings, "port": self.port}.items()]
        command = [str(self._programs / "postgres"), "-D", str(self._data), *options]
        self.process = self._run.spawn(command, self.log, end=signal.SIGQUIT, user=self._user)
        wait_until(self._has_started, deadline_s=START_S, what="PostgreSQL")

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """End the server: `fast` rolls back and writes all out, `immediate` leaves the recovery to the next start."""
        ends = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        self._process().send_signal(ends[mode])
        self._ended()

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop and start."""
        self.stop(mode)
        self.start()

    def kill(self) -> None:
        """End the server at once, as `kill -9` does, and wait until its own processes have followed."""
        process = self._process()
        children = _children(process.pid)
        process.kill()
        self._ended()
        wait_until(lambda: not any(map(_lives, children)), deadline_s=STOP_S, what="the end of PostgreSQL's processes")

    def pause(self) -> None:
        """Stop the clock of all its processes: connections stay open and nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._signal_all(signal.SIGCONT)

    def _make(self) -> None:
        options = ("--auth=trust", f"--username={OWNER}", *INITDB)
        if self._user is not None:
            shutil.chown(self._data.parent, self._user)
        done = subprocess.run(
            [self._programs / "initdb", "--no-sync", "-D", self._data, *options],
            check=False,
            capture_output=True,
            text=True,
            user=self._user,
            group=self._user and pwd.getpwnam(self._user).pw_gid,
            extra_groups=() if self._user else None,
            cwd=self._data.parent,
            timeout=START_S,
        )
        if done.returncode != 0:
            raise ServerFailed(f"PostgreSQL's data was not made: {done.stdout}{done.stderr}")

    def _has_started(self) -> bool:
        if self._process().poll() is not None:
            raise ServerFailed(f"PostgreSQL ended at its start: {self.log.read_text(errors='replace')[-2000:]}")
        return self.answers()

    def _process(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise ValueError("PostgreSQL does not run")
        return self.process

    def _ended(self) -> None:
        self._run.ended(self._process(), deadline_s=STOP_S)
        self.process = None

    def _signal_all(self, number: signal.Signals) -> None:
        server = self._process().pid
        for process in (server, *_children(server)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)


def programs() -> Path:
    """The folder of PostgreSQL's programs: the newest that Debian's packages keep apart, else what PATH finds.

    Raises:
        ServerUnavailable: there are none.
    """
    kept_apart = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda it: int(it.parts[-3]), reverse=True
    )
    on_path = shutil.which("initdb")
    for program in (*kept_apart, *([Path(on_path).resolve()] if on_path else [])):
        if (program.parent / "postgres").exists():
            return program.parent
    raise ServerUnavailable("PostgreSQL needs Docker, or its server's programs: no `initdb` with `postgres` was found")


def ordinary_user() -> str | None:
    """Who runs the server, if this is root: it refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _children(process: int) -> list[int]:
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = stat.read_text().rpartition(")")[2].split()[1]
            if int(parent) == process:
                children.append(int(stat.parent.name))
    return children


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True

"""A run: the folder of the servers that one pytest run, or one developer's hand, started, and their certain end."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# Below the range that outgoing connections take their ports from, so that a stopped server finds its port free again.
PORTS = range(15_000, 30_000)
REAPER = Path(__file__).with_name("reaper.py")


class ServerUnavailable(Exception):
    """There is no such server on this machine; the message says what is missing."""


class ServerFailed(Exception):
    """A server that is there does not do what it should; the message ends with what it said."""


def wait_until(done: Callable[[], bool], *, deadline_s: float, what: str) -> None:
    """Poll until `done()`.

    Raises:
        ServerFailed: it never was within the deadline.
    """
    end = time.monotonic() + deadline_s
    while not done():
        if time.monotonic() > end:
            raise ServerFailed(f"{what}: not within {deadline_s:g} s")
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether something listens on this loopback port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Run:
    """A folder with everything that servers write, and a record of their processes.

    Its owner opens it; the other processes of the run join it. When the owner closes it, or dies in whatever way, the
    end of a pipe tells the reaper, a process apart, which ends every recorded server and removes the folder.
    """

    def __init__(self, folder: Path, *, alive: int | None = None) -> None:
        self.folder = folder
        self._alive = alive
        self._processes: list[subprocess.Popen[bytes]] = []

    @classmethod
    def open(cls) -> Self:
        """Make the folder, and own it."""
        folder = Path(tempfile.mkdtemp(prefix="parcours-hub-"))
        folder.chmod(0o711)  # PostgreSQL's own user passes through
        for name in ("processes", "containers", "ports"):
            (folder / name).mkdir()
        pipe = folder / "alive"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # a writer may only open what someone reads
        alive = os.open(pipe, os.O_WRONLY)
        os.close(reader)
        return cls(folder, alive=alive)

    def close(self) -> None:
        """End every server, if this is the owner."""
        if self._alive is None:
            return
        for process in self._processes:
            self._end(process)
        # Asked before the pipe is closed: the reaper may have removed everything a moment later.
        is_reaped = (self.folder / "reaper.log").exists()
        os.close(self._alive)
        self._alive = None
        if is_reaped:
            wait_until(lambda: not self.folder.exists(), deadline_s=60, what="the end of the servers")
        else:
            shutil.rmtree(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a lock that all processes of the run share."""
        with (self.folder / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def shared(self, name: str, start: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        """Have the first who asks start the server, and tell everyone what `start` returned (values for JSON).

        Raises:
            ServerUnavailable: it cannot be had here.
            ServerFailed: it did not start; nobody tries again.
        """
        file = self.folder / f"{name}.json"
        with self.lock(name):
            if not file.exists():
                file.write_text(json.dumps(_outcome(start)))
        match json.loads(file.read_text()):
            case {"missing": str(why)}:
                raise ServerUnavailable(why)
            case {"failed": str(why)}:
                raise ServerFailed(why)
            case said:
                return dict(said)

    def free_port(self) -> int:
        """A free loopback port that nobody else of this run gets."""
        while True:
            port = random.choice(PORTS)
            with contextlib.suppress(OSError), socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                (self.folder / "ports" / str(port)).touch(exist_ok=False)
                return port

    def fresh_folder(self, name: str) -> Path:
        """A new folder inside the run's."""
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        folder.chmod(0o711)
        return folder

    def spawn(
        self, command: Sequence[str | Path], log: Path, *, end: signal.Signals = signal.SIGKILL, user: str | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a server in a session of its own, its output added to `log`; `end` is how the reaper ends it."""
        self._start_reaper()
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=user and _group(user),
                extra_groups=() if user else None,
                cwd=self.folder,
            )
        try:
            (self.folder / "processes" / str(process.pid)).write_text(str(int(end)))
        except OSError:  # the run has ended meanwhile
            process.kill()
            raise
        self._processes.append(process)
        return process

    def ended(self, process: subprocess.Popen[bytes], *, deadline_s: float = 30) -> None:
        """Wait for a process that was told to end, and forget it."""
        process.wait(timeout=deadline_s)
        self._processes.remove(process)
        (self.folder / "processes" / str(process.pid)).unlink()

    def keep_container(self, container: str) -> None:
        """Have the container of this id removed at the end of the run."""
        self._start_reaper()
        (self.folder / "containers" / container).touch()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            process.send_signal(int((self.folder / "processes" / str(process.pid)).read_text()))
            process.send_signal(signal.SIGCONT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)

    def _start_reaper(self) -> None:
        log = self.folder / "reaper.log"
        with self.lock("reaper"):
            if log.exists():
                return
            with log.open("wb") as output:
                self._reaper = subprocess.Popen(
                    [sys.executable, "-I", REAPER, self.folder],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    cwd="/",
                )


def _outcome(start: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return start()
    except ServerUnavailable as error:
        return {"missing": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever it is, those who come after must hear of it
        return {"failed": f"{type(error).__name__}: {error}"}


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415 - not on every platform that the tests without servers run on

    return pwd.getpwnam(user).pw_gid

"""A process of its own that tests can kill: it takes one order at a time and forks a worker for it.

The worker is a real process, killed by a real SIGKILL; forking it from one that has imported everything saves a second
of start for each of a hundred kills.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, Literal, NamedTuple

import msgspec
from sqlalchemy import event

from hub.settings import Settings
from hub.wiring import Hub
from tests.integration import engines

ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL
PATIENCE_S = 60.0


Task = Literal["consume", "rebuild", "rebuild in processes"]


class Order(NamedTuple):
    """What a worker is to do; it is killed before its nth statement or commit in the store unless `fatal` is 0."""

    task: Task
    settings: dict[str, Any]
    batch: int
    fatal: int


def carry_out(order: Order) -> int:
    """Consume until caught up, or rebuild; give how many records were read, or the new generation's number."""
    with Hub(Settings(**order.settings)) as hub:
        if order.fatal:
            _die_before(hub, order.fatal)
        if order.task == "rebuild in processes":
            hub.alone_up_to = 0
        if order.task != "consume":
            return hub.rebuild(lambda _done, _total: None)
        ingest = hub.ingest(order.batch)
        read = ingest.until_caught_up(lambda _counts: None).read
        ingest.close()
        return read


def _die_before(hub: Hub, statement: int) -> None:
    left = statement

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "commit"):
        event.listen(hub.store, name, count)


def serve(orders: IO[bytes]) -> None:
    """Fork a worker for each order; say its process id, then what it gave, if it came so far, and its exit code."""
    for line in orders:
        process = os.fork()
        if not process:
            _say(f"gave {carry_out(msgspec.json.decode(line, type=Order))}")
            os._exit(0)
        _say(f"pid {process}")
        _say(f"exit {os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])}")


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


class Worker:
    """The tests' side of such a process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.integration.worker"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders, self._said = self._process.stdin, SimpleQueue[str]()
        self._listener = Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listener.start()
        self._pid = 0
        self.gave: list[int] = []
        """What finished orders gave."""

    def _listen(self, answers: IO[bytes]) -> None:
        with answers:
            for line in answers:
                self._said.put(line.decode().strip())

    def start(self, task: Task, data: Path, *, batch: int = 500, fatal: int = 0) -> None:
        """Start a worker; the one before has ended."""
        order = Order(task, engines.given(data, rebuild_workers=2), batch, fatal)
        self._orders.write(msgspec.json.encode(order) + b"\n")
        self._orders.flush()
        self._pid = 0
        while not self._pid:
            self._hear(PATIENCE_S)

    def kill(self) -> None:
        """Kill the worker, wherever it is."""
        os.kill(self._pid, signal.SIGKILL)

    def ended(self, within_s: float = PATIENCE_S) -> int | None:
        """Wait for the worker's end; give its exit code, or None when it still runs."""
        while True:
            try:
                code = self._hear(within_s)
            except Empty:
                return None
            if code is not None:
                return code

    def _hear(self, within_s: float) -> int | None:
        what, _, number = self._said.get(timeout=within_s).partition(" ")
        if what == "pid":
            self._pid = int(number)
        elif what == "gave":
            self.gave.append(int(number))
        return int(number) if what == "exit" else None

    def close(self) -> None:
        """End the process."""
        self._orders.close()
        self._process.wait(PATIENCE_S)
        self._listener.join(PATIENCE_S)
        assert not self._listener.is_alive(), "a process that a worker started outlived it"


@contextmanager
def workers(count: int) -> Iterator[list[Worker]]:
    """Keep some ready."""
    started = [Worker() for _ in range(count)]
    try:
        yield started
    finally:
        for worker in started:
            worker.close()


if __name__ == "__main__":
    serve(sys.stdin.buffer)

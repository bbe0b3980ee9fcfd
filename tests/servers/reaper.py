"""Ends the servers of a run when its owner closes it or dies: a program by itself, outlived by nothing it knows of."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path


def main(folder: Path) -> None:
    """Wait until nobody holds the run's pipe open any more, then end its servers and remove its folder."""
    pipe = os.open(folder / "alive", os.O_RDONLY | os.O_NONBLOCK)  # opening never waits, for the owner may be gone
    os.set_blocking(pipe, True)
    os.read(pipe, 1)  # nobody writes: this returns at the end of the last writer
    records = {int(record.name): int(record.read_text() or signal.SIGKILL) for record in folder.glob("processes/*")}
    for process, end in records.items():
        _signal(process, end)
        _signal(process, signal.SIGCONT)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and not all(_gone(process) for process in records):
        time.sleep(0.05)
    for process in records:
        _signal(process, signal.SIGKILL)
    _remove_containers([record.name for record in folder.glob("containers/*")])
    shutil.rmtree(folder, ignore_errors=True)


def _signal(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, number)


def _gone(process: int) -> bool:
    """Whether the process has ended; one whose parent has not asked for its status yet has."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except ProcessLookupError:
        return True
    except OSError:
        return not Path(f"/proc/{process}").exists() and Path("/proc/self").exists()


def _remove_containers(ids: list[str]) -> None:
    if ids:
        import docker  # type: ignore[import-untyped] # noqa: PLC0415 - only where an engine started them

        client = docker.from_env()
        for container in ids:
            with contextlib.suppress(docker.errors.NotFound):
                client.containers.get(container).remove(force=True, v=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

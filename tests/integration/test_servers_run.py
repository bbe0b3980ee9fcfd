"""Whatever a run started ends with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers.run import Run, ServerFailed, ServerUnavailable, listens, wait_until

# Opens a run, starts a server in it, says where, and waits.
OWNER = """
import signal
from tests.servers.run import Run

signal.signal(signal.SIGINT, signal.default_int_handler)
with Run.open() as run:
    process = run.spawn(["sleep", "1000"], run.folder / "log")
    print(run.folder, process.pid, flush=True)
    signal.pause()
"""


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_servers_and_folder_go_when_their_owner_does(end: signal.Signals) -> None:
    command = [sys.executable, "-c", OWNER]
    quiet: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], **quiet) as owner:
        assert owner.stdout is not None
        folder, server = owner.stdout.readline().split()
        assert _lives(int(server))
        owner.send_signal(end)
        owner.wait(timeout=30)
    wait_until(lambda: not Path(folder).exists(), deadline_s=30, what="the end of the folder")
    wait_until(lambda: not _lives(int(server)), deadline_s=10, what="the end of the server")


def test_a_shared_server_is_started_once() -> None:
    with Run.open() as run:
        starts: list[int] = []

        def start() -> dict[str, int]:
            starts.append(1)
            return {"port": 1}

        other = Run(run.folder)
        assert run.shared("server", start) == other.shared("server", start) == {"port": 1}
        assert starts == [1]


@pytest.mark.parametrize("error", [ServerUnavailable("no such program"), ServerFailed("it ended")])
def test_those_who_come_after_a_failed_start_hear_why(error: Exception) -> None:
    def start() -> dict[str, int]:
        raise error

    with Run.open() as run:
        for _ in range(2):
            with pytest.raises(type(error), match=str(error)):
                run.shared("server", start)


def test_a_free_port_is_given_once_and_nobody_listens_there() -> None:
    with Run.open() as run:
        ports = [run.free_port() for _ in range(50)]
        assert len(set(ports)) == 50
        assert not any(map(listens, ports))

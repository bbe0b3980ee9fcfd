"""The upgrade that `docs/deploy.md` describes: a version with another fold, while workers of the old one run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.commands import run
from tests.servers.postgres import Postgres
from tests.servers.run import wait_until

NEXT_VERSION = """
import sys
from hub.domain.pathway import pathway
pathway.FOLD_VERSION += 1
from hub.cli.app import main
sys.exit(main(sys.argv[1:]))
"""
START_S = 60


class Installation:
    """A hub on PostgreSQL, used by two versions of the program."""

    def __init__(self, folder: Path, postgres: Postgres) -> None:
        self._data = folder / "data"
        self._stores = {
            "HUB_DATABASE": postgres.create_database(),
            "HUB_KEY_DATABASE": postgres.create_database("keys"),
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def old(self, *arguments: str | Path) -> Any:
        """Run the version that made it."""
        return run(self._data, *arguments, env=self._stores)

    def new(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Start the next version, whose fold is another one."""
        return self._start([sys.executable, "-c", NEXT_VERSION], *arguments)

    def old_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker of the version that made it."""
        return self._start([sys.executable, "-m", "hub.cli.app"], "consume")

    def is_idle(self) -> bool:
        """Tell whether all that was published is taken in, and something was."""
        status = self.old("--format", "json", "status").json
        return bool(status["lag"]["total_events"] == 0 and status["ledger_position"] > 0)

    def _start(self, program: list[str], *arguments: str | Path) -> subprocess.Popen[bytes]:
        environment = os.environ | self._stores | {"HUB_DATA": str(self._data)}
        command = [*program, *map(str, arguments)]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self._processes.append(process)
        return process

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()


@pytest.fixture
def installation(postgres: Postgres, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path, postgres)
    yield made
    made.close()


def publish(installation: Installation, folder: Path, seed: int) -> None:
    feed = folder / f"{seed}.jsonl"
    installation.old("simulate", "--people", "10", "--seed", str(seed), "--out", feed)
    published = installation.old("publish", "--raw", feed)
    assert published.code == 0, published.err


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, written = process.communicate(timeout=START_S)
    return process.returncode, written.decode()


def test_old_workers_go_on_until_the_new_version_has_rebuilt_and_then_give_way(
    installation: Installation, tmp_path: Path
) -> None:
    installation.old("init")
    worker = installation.old_worker()
    publish(installation, tmp_path, 1)
    wait_until(installation.is_idle, deadline_s=START_S, what="a worker that takes the first feed")

    worker.send_signal(signal.SIGSTOP)
    publish(installation, tmp_path, 2)
    code, said = ended(installation.new("consume", "--until-caught-up"))
    assert (code, "run `hub rebuild`" in said) == (1, True), said
    worker.send_signal(signal.SIGCONT)
    wait_until(installation.is_idle, deadline_s=START_S, what="an old worker that goes on")

    assert ended(installation.new("rebuild"))[0] == 0
    publish(installation, tmp_path, 4)
    code, said = ended(worker)
    assert (code, "run `hub rebuild`" in said) == (1, True), said

    assert ended(installation.new("consume", "--until-caught-up"))[0] == 0
    assert installation.is_idle()
    assert installation.old("--format", "json", "status").json["accounting"]["adds_up"]

    publish(installation, tmp_path, 5)
    assert installation.old("consume", "--until-caught-up").code == 1
    assert installation.old("rebuild").code == 0, "the way back"
    assert installation.old("consume", "--until-caught-up").code == 0
    assert installation.is_idle()

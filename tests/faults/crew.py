"""The workers of a hub: real processes of `hub consume`, each with a log of its own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from tests.integration.commands import command
from tests.integration.test_worker_process import Worker


class Crew:
    """Starts, kills and stops workers.

    Args:
        settings: of the hub.
        free_port: gives each worker a port for its metrics.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], free_port: Callable[[], int]) -> None:
        self._folder = folder
        self.data = Path(settings["data"])
        self._env = {f"HUB_{name.upper()}": str(value) for name, value in settings.items()}
        self._free_port = free_port
        self._started: list[Worker] = []
        self.working: list[Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._started:
            if worker.process.poll() is None:
                worker.process.kill()
            worker.process.wait()

    def start(self, program: list[str] | None = None) -> Worker:
        """Start a worker, or a program that runs one."""
        folder = self._folder / f"worker-{len(self._started) + 1}"
        folder.mkdir(parents=True)
        env = {**self._env, "HUB_METRICS_PORT": str(self._free_port())}
        worker = Worker(folder, program or command(self.data, "consume"), env)
        self._started.append(worker)
        self.working.append(worker)
        return worker

    def kill(self, worker: Worker) -> None:
        """End a worker at once."""
        worker.process.kill()
        assert worker.ended() == -signal.SIGKILL, "it ended by itself before"
        self.working.remove(worker)

    def stop(self, *workers: Worker) -> None:
        """Have workers finish what they have in hand and leave."""
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            assert worker.ended() == 0
            self.working.remove(worker)

    def all_said(self, event: str, *, code: str = "") -> bool:
        """Tell whether every worker has said so, with this code if one is given."""
        return all(
            any(line["event"] == event and line.get("code", "").startswith(code) for line in worker.lines)
            for worker in self.working
        )

    def check(self) -> None:
        """Fail when a worker has ended by itself."""
        for worker in self.working:
            assert worker.process.poll() is None, f"a worker ended by itself:\n{worker.log.read_text()[-3000:]}"

    def last_words(self) -> str:
        """Give the end of every log, for a test that fails."""
        return "\n".join(f"{each.log}:\n{each.log.read_text()[-1500:]}" for each in self._started)

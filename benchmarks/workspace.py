"""The stores that are measured: simulated regions on the log, and hubs that took them in, made once and copied."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from itertools import count, islice
from pathlib import Path

from benchmarks.worker import Usage
from hub.codec.jsonform import from_json
from hub.domain.events.base import Event
from hub.producers.simulation import simulate
from hub.settings import Settings
from hub.wiring import Hub

SEED = 1
MOST_IN_MEMORY = 4_000
"""People whose events are held in memory at once, 0.1 million events; larger regions are streamed."""
_ROOT = Path(__file__).parents[1]
_AT_ONCE = 1_000


def feed(people: int) -> Iterator[Event]:
    """Give the events of a simulated region, those sent twice included, broken records left out."""
    return (from_json(line) for line in simulate(people, SEED) if "raw" not in line)


def settle(hub: Hub) -> None:
    """Move the write-ahead log into the store, so that no measurement pays for the one before."""
    with closing(sqlite3.connect(hub.paths.store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


class Workspace:
    """A folder of stores for `runs` runs over a region of so many people."""

    def __init__(self, folder: Path, people: int, runs: int, *, large: bool = False) -> None:
        """Take an empty folder on the disk to measure; `large` adds a region of ten times as many people."""
        self.folder = folder
        self.people = people
        self.runs = runs
        self.sizes = (max(1, people // 10), people, *([people * 10] if large else []))
        self._published: dict[int, Path] = {}
        self._ingested: dict[int, Path] = {}
        self._ingests: dict[int, list[Usage]] = {}
        self._names = count()

    @cached_property
    def events(self) -> list[Event]:
        """The events of the region, of its first size that fits into memory."""
        return list(feed(min(self.people, MOST_IN_MEMORY)))

    def runs_of(self, people: int) -> int:
        """Tell how often a size is measured: the large one once, since it takes minutes."""
        return self.runs if people <= self.people else 1

    @contextmanager
    def fresh(self) -> Iterator[Hub]:
        """Give an empty hub, gone afterwards."""
        path = self._new()
        with Hub.create(Settings(data=path)) as hub:
            yield hub
        shutil.rmtree(path)

    @contextmanager
    def unread(self, people: int, rebuild_workers: int) -> Iterator[Hub]:
        """Give a hub that has a region on its log and has read nothing of it, gone afterwards."""
        with (
            self._copied(self._log(people)) as path,
            Hub(Settings(data=path, rebuild_workers=rebuild_workers)) as hub,
        ):
            yield hub

    @contextmanager
    def ingested(self, people: int) -> Iterator[Hub]:
        """Give a hub that has taken in a region and may be changed, gone afterwards."""
        self.ingests(people)
        with self._copied(self._ingested[people]) as path, Hub(Settings(data=path)) as hub:
            yield hub

    def ingests(self, people: int) -> list[Usage]:
        """Give what ingesting a region took, each run in a process of its own; the first one's store is kept."""
        if people not in self._ingests:
            usages = []
            for _ in range(self.runs_of(people)):
                with self._copied(self._log(people)) as path:
                    usages.append(run("ingest", path))
                    self._ingested.setdefault(people, path)
            self._ingests[people] = usages
        return self._ingests[people]

    def rebuilds(self, people: int) -> list[Usage]:
        """Give what rebuilding takes, each run in a process of its own."""
        self.ingests(people)
        with self._copied(self._ingested[people]) as path:
            return [run("rebuild", path) for _ in range(self.runs_of(people))]

    def _log(self, people: int) -> Path:
        if people not in self._published:
            path = self._new()
            events = feed(people)
            with Hub.create(Settings(data=path)) as hub, hub.publisher() as publisher:
                while batch := list(islice(events, _AT_ONCE)):
                    publisher.publish_batch(batch)
            self._published[people] = path
        return self._published[people]

    @contextmanager
    def _copied(self, path: Path) -> Iterator[Path]:
        copy = self._new()
        shutil.copytree(path, copy)
        yield copy
        if copy not in self._ingested.values():
            shutil.rmtree(copy)

    def _new(self) -> Path:
        return self.folder / f"store-{next(self._names)}"


def run(job: str, path: Path) -> Usage:
    """Do one job of `benchmarks.worker` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.worker", job, str(path)]
    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Usage(**json.loads(done.stdout))


@contextmanager
def serving(path: Path) -> Iterator[None]:
    """Keep an ingest worker running beside the measurement."""
    command = [sys.executable, "-m", "benchmarks.worker", "serve", str(path)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline(), "the worker did not start"
        try:
            yield
        finally:
            process.terminate()

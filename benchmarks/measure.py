"""Costs in wall and CPU time, their spread over several runs, and the peak memory of this process."""

from __future__ import annotations

import gc
import multiprocessing
import os
import re
import resource
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Seconds by the clock, and seconds of CPU time of this process and of the children that it waited for."""

    wall_s: float
    cpu_s: float

    def plus(self, other: Cost) -> Cost:
        """Add another cost."""
        return Cost(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)


class Spread(NamedTuple):
    """The median of several runs, with the lowest and the highest."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Give the spread of one figure over the runs."""
    return Spread(statistics.median(values), min(values), max(values))


def percentile(values: Sequence[float], percent: int) -> float:
    """Give the smallest value that at least `percent` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


class Stopwatch:
    """Adds up what the stretches inside `running` cost; what happens between them is free."""

    def __init__(self) -> None:
        self.cost = Cost(0.0, 0.0)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what happens inside."""
        cpu, wall = _cpu_s(), time.perf_counter()
        try:
            yield
        finally:
            self.cost = self.cost.plus(Cost(time.perf_counter() - wall, _cpu_s() - cpu))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the garbage collector from walking, again and again, through what other measurements hold in memory."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Measure everything inside."""
    watch = Stopwatch()
    with undisturbed(), watch.running():
        yield watch


def _cpu_s() -> float:
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def peak_bytes() -> int:
    """Give the most memory that this process ever held."""
    peak = _high_water(os.getpid())
    if peak is not None:
        return peak
    known = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return known if sys.platform == "darwin" else known * 1024


class ChildrenPeak:
    """The most memory that each worker process ever held, added up; Linux only, elsewhere they count nothing.

    To be asked again and again while they work: what a process held is gone with it.
    """

    def __init__(self) -> None:
        self._peaks: dict[int, int] = {}

    def look(self) -> None:
        """Take the worker processes of this moment into account."""
        for child in multiprocessing.active_children():
            if child.pid is not None and (peak := _high_water(child.pid)) is not None:
                self._peaks[child.pid] = peak

    @property
    def total_bytes(self) -> int:
        """The sum over all of them."""
        return sum(self._peaks.values())


def _high_water(pid: int) -> int | None:
    """Read a process's own high-water mark, None where there is no such thing.

    Not `ru_maxrss`, which Linux starts from what the parent held.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else None

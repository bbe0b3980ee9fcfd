"""Costs in wall and CPU time, their spread over several runs, and the peak memory of this process."""

from __future__ import annotations

import gc
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
    """Give the most memory that this process ever held.

    Linux starts a child's `ru_maxrss` from what its parent held, so there the process's own high-water mark is read.
    """
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)):
        return int(found[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024

"""The machine that the figures are from: they compare with nothing that ran elsewhere, or at another time."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from pathlib import Path
from typing import NamedTuple


class Machine(NamedTuple):
    """What a reader needs to know to judge the figures."""

    cpu: str
    cores: int
    memory_gib: float
    system: str
    python: str
    sqlite: str
    load: float
    """Processes that wanted to run, on average over the last minute, before the measurements began."""


def machine() -> Machine:
    """Describe this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return Machine(
        _cpu_model(),
        os.cpu_count() or 1,
        round(memory, 1),
        f"{platform.system()} {platform.release()}",
        f"{platform.python_implementation()} {platform.python_version()}",
        sqlite3.sqlite_version,
        round(os.getloadavg()[0], 2),
    )


def sentence(described: Machine) -> str:
    """Name the machine in one line."""
    return (
        f"{described.cpu}, {described.cores} cores, {described.memory_gib:g} GiB, {described.system}, "
        f"{described.python}, SQLite {described.sqlite}; load before the start {described.load:g}"
    )


def _cpu_model() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists() and (found := re.search(r"^model name\s*: (.+)$", listing.read_text(), re.MULTILINE)):
        return found[1].strip()
    return platform.processor() or platform.machine()

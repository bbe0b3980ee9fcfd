"""What each fault came to, and the table of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FAULTS = {
    "kills": "two workers, killed (`kill -9`) in turn at random moments",
    "zombie-before": "worker stopped with a batch in hand, returns after another has its partitions",
    "zombie-within": "the same, stopped inside its transaction",
    "rebalances": "workers join and leave all the time",
    "broker-killed": "only broker killed (`kill -9`), started again",
    "leader-killed": "leader of the busiest partitions killed, one of three brokers; then another",
    "broker-cut": "network to the broker cut, healed",
    "broker-frozen": "packets to and from the broker vanish, healed",
    "unanswered": "appends land without an acknowledgement; the publisher sends them again",
    "database-restarted": "PostgreSQL stopped (fast), started again",
    "database-killed": "PostgreSQL killed (`kill -9`) in the middle of a transaction, started again",
    "database-cut": "network to PostgreSQL cut, healed",
    "database-frozen": "packets to and from PostgreSQL vanish, healed",
    "registry-away": "schema registry killed, a worker started without it, started again",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What a region published through a fault came to.

    Attributes:
        times: how often the fault struck.
        records: in the log, repetitions included.
        events: that were published, each counted once.
        lost: events that are not in the ledger, or with other content.
        doubled: entries of the ledger beyond one an event.
        outage_s: how long what was taken away was away; the longest time.
        first_batch_s: from the end of the fault to the first batch committed; the longest time.
        backlog_s: from the end of the fault until all that was acknowledged by then is in; the longest time.
    """

    times: int
    records: int
    events: int
    lost: int
    doubled: int
    outage_s: float
    first_batch_s: float
    backlog_s: float


def keep(folder: Path, fault: str, figures: Figures) -> None:
    """Write the figures of a fault, for the table."""
    (folder / f"{fault}.json").write_text(json.dumps(asdict(figures)))


def forget(folder: Path) -> None:
    """Drop the figures of runs before."""
    for file in folder.glob("*.json"):
        file.unlink()


def table(folder: Path) -> list[str]:
    """Give the lines of the table, in Markdown, of the faults that figures are kept of."""
    heads = ("Fault", "Times", "Records", "Events", "Lost", "Doubled", "Outage", "First batch", "Backlog in")
    lines = [f"| {' | '.join(heads)} |", f"|---{'|--:' * (len(heads) - 1)}|"]
    for fault, title in FAULTS.items():
        file = folder / f"{fault}.json"
        if file.exists():
            lines.append(_row(title, Figures(**json.loads(file.read_text()))))
    return lines


def _row(title: str, it: Figures) -> str:
    counts = f"{it.times} | {it.records:,} | {it.events:,} | {it.lost} | {it.doubled}".replace(",", " ")
    return f"| {title} | {counts} | {_seconds(it.outage_s)} | {_seconds(it.first_batch_s)} | {_seconds(it.backlog_s)} |"


def _seconds(duration: float) -> str:
    """Write a duration, and nothing for what was over with the next look."""
    return f"{duration:.1f} s" if duration >= 0.05 else "-"

"""Logs to read back, records and batches to watch, clocks that move when told to."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hub.telemetry.logs import Log, log_to
from hub.telemetry.watching import Taken

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Lines:
    """A log and what was written to it."""

    def __init__(self, *, as_json: bool = True) -> None:
        self.stream = io.StringIO()
        self.log: Log = log_to(self.stream, as_json=as_json, now=lambda: NOON)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def found(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def events(self) -> list[str]:
        return [line["event"] for line in self.found]


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass(frozen=True)
class ARecord:
    """A record as it was read."""

    topic: str = "france-travail.case-events.v1"
    partition: int = 0
    offset: int = 0
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True)
class ARefusal:
    """A record that breaks the contract."""

    record: ARecord
    reason: str = "undecodable"


def taken(
    records: Sequence[ARecord] = (ARecord(),), *, refused: Sequence[ARefusal] = (), quarantined: int = 0, **changes: int
) -> Taken:
    counts = {"accepted": len(records) - quarantined, "duplicates": 0, "conflicts": 0, "attempts": 1, **changes}
    first = records[0]
    return Taken(
        first.topic,
        first.partition,
        records,
        (),
        refused,
        **counts,
        quarantined=quarantined,
        begun_ns=1_700_000_000_000_000_000,
        judge_ns=2_000_000,
        commit_ns=8_000_000,
    )

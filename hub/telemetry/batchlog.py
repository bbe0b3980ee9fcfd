"""The log lines of ingest: what was taken, in sums of some seconds, and at once what someone should look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hub.telemetry.logs import Log
from hub.telemetry.watching import Taken

EVERY_S = 10.0
"""Sums rather than a line a batch: 200 events a second would write half a million lines a day."""


class BatchLog:
    """Writes what was watched; `elapsed_s` is a monotonic clock."""

    def __init__(self, log: Log, elapsed_s: Callable[[], float]) -> None:
        self._log = log
        self._elapsed_s = elapsed_s
        self._since = self._last = elapsed_s()
        self._sums: Counter[str] = Counter()

    def polled(self, records: int, seconds: float) -> None:
        """Write the sums when their time is over."""
        if self._sums and self._elapsed_s() - self._since >= EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Write the sums so far."""
        if self._sums:
            self._log.info("taken", **self._sums, seconds=round(self._last - self._since, 3))
        self._sums.clear()

    def retried(self, topic: str, partition: int, code: str) -> None:
        """Write why a batch is tried again."""
        self._log.warning("batch_retried", topic=topic, partition=partition, code=code)

    def overtaken(self, topic: str, partition: int) -> None:
        """Write that another worker was faster."""
        self._log.info("overtaken", topic=topic, partition=partition)

    def taken(self, batch: Taken) -> None:
        """Add to the sums, and write what was quarantined."""
        self._last = self._elapsed_s()
        if not self._sums:
            self._since = self._last - (batch.judge_ns + batch.commit_ns) / 1e9
        self._sums.update(
            batches=1,
            records=len(batch.records),
            accepted=batch.accepted,
            duplicates=batch.duplicates,
            quarantined=batch.quarantined,
            conflicts=batch.conflicts,
        )
        first = {refused.reason: refused.record.offset for refused in reversed(batch.refused)}
        place = {"topic": batch.topic, "partition": batch.partition}
        for reason, count in Counter(refused.reason for refused in batch.refused).items():
            self._log.warning("quarantined", **place, reason=reason, quarantined=count, offset=first[reason])
        if batch.conflicts:
            self._log.error("content_conflict", **place, conflicts=batch.conflicts)

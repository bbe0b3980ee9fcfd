"""Watching an ingest loop: what it tells, with its durations, handed to metrics, logs and traces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.telemetry.observer import Passed, Read, Refused


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch that was committed: where its records stand, what became of them, and how long it took.

    `begun_ns` is when it was begun, in nanoseconds since 1970 UTC.
    """

    topic: str
    partition: int
    records: Sequence[Read]
    passed: Sequence[Passed]
    refused: Sequence[Refused]
    accepted: int
    duplicates: int
    quarantined: int
    conflicts: int
    attempts: int
    begun_ns: int
    judge_ns: int
    commit_ns: int


class Sink(Protocol):
    """Takes what was watched."""

    def polled(self, records: int, seconds: float) -> None:
        """The log was polled."""
        ...

    def retried(self, topic: str, partition: int, code: str) -> None:
        """A batch's transaction was rolled back, and is tried again."""
        ...

    def overtaken(self, topic: str, partition: int) -> None:
        """Another worker was faster."""
        ...

    def taken(self, batch: Taken) -> None:
        """A batch was committed."""
        ...


class _Guarded:
    """A sink that never raises."""

    def __init__(self, sink: Sink, defect: Callable[[Exception], object]) -> None:
        self._sink = sink
        self._defect = defect

    def polled(self, records: int, seconds: float) -> None:
        self._try(lambda: self._sink.polled(records, seconds))

    def retried(self, topic: str, partition: int, code: str) -> None:
        self._try(lambda: self._sink.retried(topic, partition, code))

    def overtaken(self, topic: str, partition: int) -> None:
        self._try(lambda: self._sink.overtaken(topic, partition))

    def taken(self, batch: Taken) -> None:
        self._try(lambda: self._sink.taken(batch))

    def _try(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception as error:  # noqa: BLE001 the batch is committed: a defect here must not look like one of ingest
            self._defect(error)


class Watch:
    """An observer that measures.

    Args:
        sinks: take what was watched, each in turn.
        elapsed_ns: a monotonic clock.
        now_ns: nanoseconds since 1970 UTC.
        defect: told of an exception that a sink raised: ingest goes on, whatever telemetry does.
    """

    def __init__(
        self,
        sinks: Sequence[Sink],
        elapsed_ns: Callable[[], int],
        now_ns: Callable[[], int],
        defect: Callable[[Exception], object],
    ) -> None:
        self._sinks = [_Guarded(sink, defect) for sink in sinks]
        self._elapsed_ns = elapsed_ns
        self._now_ns = now_ns
        self._polling_since = 0

    def polling(self) -> None:
        """Start the time of a poll."""
        self._polling_since = self._elapsed_ns()

    def polled(self, records: int) -> None:
        """Stop it."""
        seconds = (self._elapsed_ns() - self._polling_since) / 1e9
        for sink in self._sinks:
            sink.polled(records, seconds)

    def batch(self, topic: str, partition: int, records: Sequence[Read]) -> _WatchedBatch:
        """Start the time of a batch."""
        return _WatchedBatch(self._sinks, self._elapsed_ns, self._now_ns(), topic, partition, records)


class _WatchedBatch:
    """Measures one batch."""

    def __init__(
        self,
        sinks: Sequence[Sink],
        elapsed_ns: Callable[[], int],
        begun_ns: int,
        topic: str,
        partition: int,
        records: Sequence[Read],
    ) -> None:
        self._sinks = sinks
        self._elapsed_ns = elapsed_ns
        self._begun_ns = begun_ns
        self._topic = topic
        self._partition = partition
        self._records = records
        self._passed: Sequence[Passed] = ()
        self._refused: Sequence[Refused] = ()
        self._attempts = 1
        self._begun = self._judged = elapsed_ns()

    def judged(self, passed: Sequence[Passed], refused: Sequence[Refused]) -> None:
        self._passed, self._refused = passed, refused
        self._judged = self._elapsed_ns()

    def retried(self, code: str) -> None:
        self._attempts += 1
        for sink in self._sinks:
            sink.retried(self._topic, self._partition, code)

    def overtaken(self) -> None:
        for sink in self._sinks:
            sink.overtaken(self._topic, self._partition)

    def committed(self, accepted: int, duplicates: int, quarantined: int, conflicts: int) -> None:
        taken = Taken(
            self._topic,
            self._partition,
            self._records,
            self._passed,
            self._refused,
            accepted,
            duplicates,
            quarantined,
            conflicts,
            self._attempts,
            self._begun_ns,
            self._judged - self._begun,
            self._elapsed_ns() - self._judged,
        )
        for sink in self._sinks:
            sink.taken(taken)

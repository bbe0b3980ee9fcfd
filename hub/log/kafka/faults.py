"""What cannot be read: found out where it is and why, since the library only raises, and then never returns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from kafka import errors

from hub.errors import HubError, LogIncident
from hub.log.kafka.names import Names
from hub.log.kafka.opening import translate
from hub.log.kafka.reader import Reader

FAILURES_BEFORE_PROBE = 2
"""A checksum may fail once on the way; what fails twice is looked for partition by partition."""
MOST_FAILURES = 6
CALM_S = 60.0
"""Failures further apart are not counted together. That other partitions are read in between says nothing."""
_PROBE_MS = 1_000.0


class Faults:
    """Counts failures that follow each other, and raises an incident when reading again does not help."""

    def __init__(self, names: Names, reader: Reader, clock: Callable[[], float] = time.monotonic) -> None:
        self._names = names
        self._reader = reader
        self._clock = clock
        self._failures = 0
        self._failed_at = 0.0

    def out_of_range(self, error: Exception) -> Iterable[Any]:
        """Give the partitions whose place the log does not hold."""
        if isinstance(error, errors.OffsetOutOfRangeError) and error.args and isinstance(error.args[0], dict):
            return list(error.args[0])
        return ()

    def explain(self, error: Exception, partitions: Iterable[Any]) -> None:
        """Raise what the library's error means for the worker, unless to read again from the same places may help.

        Raises:
            LogIncident: a partition cannot be read on from its place.
            Usage: Kafka refuses the user.
            HubError: the error itself, if it is one: Kafka could not even be asked.
        """
        match error:
            case HubError():
                raise error
            case errors.LogTruncationError():
                raise LogIncident(self._truncated(error))
            case errors.AuthorizationError() | errors.SaslAuthenticationFailedError():
                raise translate(error, "the records cannot be read")
            case errors.RetriableError() | errors.IllegalStateError() | OSError():
                return
            case _:
                self._count()
        if self._failures < FAILURES_BEFORE_PROBE:
            return
        for here in partitions:
            cause = self._reader.probe(here, _PROBE_MS)
            if isinstance(cause, HubError):
                raise cause
            if cause is not None:
                raise LogIncident(self._unreadable(here, cause)) from cause
        if self._failures >= MOST_FAILURES:
            raise LogIncident(
                f"reading failed {self._failures} times in a row ({_reason(error)}) but not when each partition was "
                "read alone; check the memory and the disks of this machine and of the brokers, then start it again"
            ) from error

    def _count(self) -> None:
        now = self._clock()
        self._failures = self._failures + 1 if now < self._failed_at + CALM_S else 1
        self._failed_at = now

    def _truncated(self, error: Any) -> str:
        places = []
        for here, divergent in error.divergent_offsets.items():
            plain = self._names.plain(here)
            since = "an offset that is not known" if divergent is None else f"offset {divergent.offset}"
            places.append(f"topic {plain.topic}, partition {plain.partition}, from {since} on")
        return (
            f"Kafka lost records that had been read ({'; '.join(places)}): a replica that lagged was elected leader; "
            "have what was published since then published again, then "
            "`hub offsets reset TOPIC --partition N --to OFFSET --note WHY`"
        )

    def _unreadable(self, here: Any, cause: BaseException) -> str:
        plain, offset = self._names.plain(here), self._reader.place(here).offset
        return (
            f"topic {plain.topic}, partition {plain.partition}: the batch at or after offset {offset} cannot be read, "
            f"{_reason(cause)}; repair that and start the worker again, or give the batch up: have it published again, "
            "delete the records up to its end with `kafka-delete-records.sh`, then "
            f"`hub offsets reset {plain.topic} --partition {plain.partition} --note WHY`"
        )


def _reason(cause: BaseException) -> str:
    """Say why, without bytes of a record, which the library's texts may repeat."""
    text = str(cause.args[0]) if cause.args else ""
    match cause:
        case errors.UnsupportedCodecError():
            return f"it is compressed in a way that this installation cannot undo ({text})"
        case errors.CorruptRecordError() if text.endswith("failed crc check"):
            return "its checksum does not match its bytes: they were damaged on a disk or on the way"
        case _:
            return f"its bytes are not a valid batch ({type(cause).__name__})"

"""What ingest tells about itself while it works; silent unless something listens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hub.domain.events.base import Event


class Read(Protocol):
    """A record as it was read from the log."""

    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...  # noqa: D102


class Passed(Protocol):
    """A record that keeps the contract."""

    @property
    def record(self) -> Read: ...  # noqa: D102
    @property
    def event(self) -> Event: ...  # noqa: D102


class Refused(Protocol):
    """A record that breaks the contract, and the code of why."""

    @property
    def record(self) -> Read: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102


class BatchObserver(Protocol):
    """Is told what becomes of one batch."""

    def judged(self, passed: Sequence[Passed], refused: Sequence[Refused]) -> None:
        """Every record was decoded and checked."""
        ...

    def retried(self, code: str) -> None:
        """The transaction was rolled back for an error of this code, and is tried again."""
        ...

    def overtaken(self) -> None:
        """Another worker took the partition's records first: nothing of the batch was kept."""
        ...

    def committed(self, accepted: int, duplicates: int, quarantined: int, conflicts: int) -> None:
        """The batch is in the stores; `conflicts` are among the quarantined."""
        ...


class Observer(Protocol):
    """Is told what an ingest loop does; it belongs to that loop's thread."""

    def polling(self) -> None:
        """The log is asked for records."""
        ...

    def polled(self, records: int) -> None:
        """The log gave so many."""
        ...

    def batch(self, topic: str, partition: int, records: Sequence[Read]) -> BatchObserver:
        """Records of one partition are taken, from now on."""
        ...


class _SilentBatch:
    def judged(self, passed: Sequence[Passed], refused: Sequence[Refused]) -> None:
        return None

    def retried(self, code: str) -> None:
        return None

    def overtaken(self) -> None:
        return None

    def committed(self, accepted: int, duplicates: int, quarantined: int, conflicts: int) -> None:
        return None


class _Silent:
    def __init__(self) -> None:
        self._batch = _SilentBatch()

    def polling(self) -> None:
        return None

    def polled(self, records: int) -> None:
        return None

    def batch(self, topic: str, partition: int, records: Sequence[Read]) -> BatchObserver:
        return self._batch


SILENT: Observer = _Silent()
"""Listens to nothing, at no cost."""

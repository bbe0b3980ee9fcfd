"""What publishing answers."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hub.client.documents import Problem


class Result(msgspec.Struct, kw_only=True, frozen=True):
    """What became of one event.

    `status` is `accepted` or `duplicate`, with its place on the log; or `invalid`, `conflict` or `forbidden`, with what
    is wrong. Of one from which no id can be read, `event_id` is None.
    """

    status: str
    event_id: str | None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    problem: Problem | None = None

    @property
    def is_durable(self) -> bool:
        """Whether the event is on the log."""
        return self.problem is None


class Results(msgspec.Struct, kw_only=True, frozen=True):
    """What became of a batch: how many events of each kind, and each one's result in the order sent."""

    accepted: int
    duplicates: int
    refused: int
    results: list[Result]

    def refusals(self) -> Iterator[tuple[int, Result]]:
        """Give what was refused, with its place in the batch."""
        return ((place, result) for place, result in enumerate(self.results) if not result.is_durable)

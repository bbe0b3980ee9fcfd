"""Stored offsets: where a consumer goes on, moved by compare-and-set in the transaction of its effects."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from sqlalchemy import Connection


class Partition(Protocol):
    """A topic's partition, as the log names it."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...


class StoredOffset(NamedTuple):
    """The next offset to read, the identity of the topic it counts in, and how many records were read so far."""

    consumer: str
    topic: str
    partition: int
    next_offset: int
    topic_id: str
    leader_epoch: int
    records_read: int


def read(connection: Connection, consumer: str, tp: Partition) -> StoredOffset | None:
    """Give a consumer's stored offset in a partition."""
    raise NotImplementedError


def advance(
    connection: Connection, consumer: str, tp: Partition, expected: int | None, next_offset: int, topic_id: str, leader_epoch: int, records: int
) -> None:
    """Move an offset from its expected value."""
    raise NotImplementedError


def all_offsets(connection: Connection) -> list[StoredOffset]:
    """Give every stored offset."""
    raise NotImplementedError

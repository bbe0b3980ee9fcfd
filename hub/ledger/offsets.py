"""Stored offsets: where a consumer goes on, moved by compare-and-set in the transaction of its effects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from hub.errors import OffsetConflict
from hub.ledger.database import insert_ignoring
from hub.ledger.moments import microseconds, moment_of
from hub.ledger.tables import consumer_offset, offset_decision
from hub.ledger.texts import storable
from hub.log.port import Stored, TopicPartition

UNKNOWN_EPOCH = -1
"""The leader epoch before a place that was chosen, not read up to: nothing can be said of a truncation there."""


class StoredOffset(NamedTuple):
    """The next offset to read, the identity of the topic it counts in, and how many records were read so far.

    `resets` is how often someone set the offset back: with it, an offset names one record read for ever.
    """

    consumer: str
    topic: str
    partition: int
    next_offset: int
    topic_id: str
    leader_epoch: int
    records_read: int
    resets: int = 0


class OffsetDecision(NamedTuple):
    """What someone decided when the log had lost what a stored offset pointed at."""

    consumer: str
    topic: str
    partition: int
    from_offset: int
    from_topic_id: str
    to_offset: int
    to_topic_id: str
    decided_by: str
    note: str
    decided_at: datetime


def read(connection: Connection, consumer: str, tp: TopicPartition) -> StoredOffset | None:
    """Give a consumer's stored offset in a partition, or None before its first batch."""
    row = connection.execute(select(consumer_offset).where(_of(consumer, tp))).one_or_none()
    return StoredOffset(*row) if row else None


def advance(
    connection: Connection, consumer: str, tp: TopicPartition, expected: Stored | None, reached: Stored, records: int
) -> int:
    """Move an offset from its expected value, as the first statement of the transaction that holds the batch's effects.

    `expected` is the stored position, or None when there is none yet; its leader epoch is not compared, nor are the
    resets of `reached` stored. `records` is how many records the batch read: offsets may have gaps, so it is not their
    difference.

    Returns:
        How often the offset was reset before these records were read.

    Raises:
        OffsetConflict: the stored position is another one: roll back, read it again, seek, and go on from there.
    """
    if expected is None:
        first = (consumer, *tp, reached.next_offset, reached.topic_id, reached.leader_epoch, records, 0)
        resets = _first(connection, first)
    else:
        resets = _moved_on(connection, _of(consumer, tp), expected, reached, records)
    if resets is None:
        raise _conflict(consumer, tp, None if expected is None else expected.next_offset)
    return resets


def _first(connection: Connection, row: tuple[str | int, ...]) -> int | None:
    added = insert_ignoring(connection, consumer_offset).values(row).returning(consumer_offset.c.resets)
    resets: int | None = connection.execute(added).scalar_one_or_none()
    return resets


def _moved_on(
    connection: Connection, of: ColumnElement[bool], expected: Stored, reached: Stored, records: int
) -> int | None:
    table = consumer_offset.c
    moved = (
        update(consumer_offset)
        .where(of, *_is(expected))
        .values(
            next_offset=reached.next_offset,
            topic_id=reached.topic_id,
            leader_epoch=reached.leader_epoch,
            records_read=table.records_read + records,
        )
    )
    resets: int | None = connection.execute(moved.returning(table.resets)).scalar_one_or_none()
    return resets


def reset(
    connection: Connection,
    stored: StoredOffset,
    to_offset: int,
    to_topic_id: str,
    *,
    by: str,
    note: str,
    now: Callable[[], datetime],
) -> OffsetDecision:
    """Set a stored offset to another place, and record who decided it; the records read so far stay counted.

    Raises:
        OffsetConflict: it is no longer what it was.
    """
    table, tp = consumer_offset.c, TopicPartition(stored.topic, stored.partition)
    result = connection.execute(
        update(consumer_offset)
        .where(_of(stored.consumer, tp), *_is(stored))
        .values(next_offset=to_offset, topic_id=to_topic_id, leader_epoch=UNKNOWN_EPOCH, resets=table.resets + 1)
    )
    if result.rowcount != 1:
        raise _conflict(stored.consumer, tp, stored.next_offset)
    place = (stored.consumer, *tp, stored.next_offset, stored.topic_id, to_offset, to_topic_id)
    decision = OffsetDecision(*place, storable(by), storable(note), now())
    row = decision._asdict() | {"decided_at": microseconds(decision.decided_at)}
    connection.execute(insert(offset_decision).values(row))
    return decision


def decisions(connection: Connection) -> list[OffsetDecision]:
    """Give every reset, oldest first."""
    columns = offset_decision.c
    query = select(*(columns[name] for name in OffsetDecision._fields)).order_by(columns.decision_id)
    rows = connection.execute(query).mappings()
    return [OffsetDecision(**{**row, "decided_at": moment_of(row["decided_at"])}) for row in rows]


def all_offsets(connection: Connection) -> list[StoredOffset]:
    """Give every stored offset, by consumer, topic and partition."""
    table = consumer_offset.c
    ordered = select(consumer_offset).order_by(table.consumer, table.topic, table.partition)
    return [StoredOffset(*row) for row in connection.execute(ordered)]


def _of(consumer: str, tp: TopicPartition) -> ColumnElement[bool]:
    table = consumer_offset.c
    return and_(table.consumer == consumer, table.topic == tp.topic, table.partition == tp.partition)


def _is(stored: Stored | StoredOffset) -> tuple[ColumnElement[bool], ...]:
    """Compare the resets too: a reset to the same number in the same topic has its records read again."""
    table = consumer_offset.c
    return table.next_offset == stored.next_offset, table.topic_id == stored.topic_id, table.resets == stored.resets


def _conflict(consumer: str, tp: TopicPartition, expected: int | None) -> OffsetConflict:
    return OffsetConflict(
        f"the offset of {consumer} in {tp.topic}/{tp.partition} is no longer {expected}, or not as it was: another "
        "worker moved it, or someone reset it; read it again and go on from there"
    )

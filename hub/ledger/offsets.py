"""Stored offsets: where a consumer goes on, moved by compare-and-set in the transaction of its effects."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, and_, select, update

from hub.errors import OffsetConflict
from hub.ledger.database import insert_ignoring
from hub.ledger.tables import consumer_offset
from hub.log.port import TopicPartition


class StoredOffset(NamedTuple):
    """The next offset to read, the identity of the topic it counts in, and how many records were read so far."""

    consumer: str
    topic: str
    partition: int
    next_offset: int
    topic_id: str
    leader_epoch: int
    records_read: int


def read(connection: Connection, consumer: str, tp: TopicPartition) -> StoredOffset | None:
    """Give a consumer's stored offset in a partition, or None before its first batch."""
    table = consumer_offset.c
    here = and_(table.consumer == consumer, table.topic == tp.topic, table.partition == tp.partition)
    row = connection.execute(select(consumer_offset).where(here)).one_or_none()
    return StoredOffset(*row) if row else None


def advance(
    connection: Connection,
    consumer: str,
    tp: TopicPartition,
    expected: int | None,
    next_offset: int,
    topic_id: str,
    leader_epoch: int,
    records: int,
) -> None:
    """Move an offset from its expected value, as the first statement of the transaction that holds the batch's effects.

    `expected` is the stored next offset, or None when there is none yet. `records` is how many records the batch read:
    offsets may have gaps, so it is not their difference.

    Raises:
        OffsetConflict: the stored offset is another one: roll back, read it again, seek, and go on from there.
    """
    table = consumer_offset.c
    if expected is None:
        first = (consumer, tp.topic, tp.partition, next_offset, topic_id, leader_epoch, records)
        insert = insert_ignoring(connection, consumer_offset).values(first)
        # SQLAlchemy forgets the row count of an insert on some drivers unless it is asked to keep it.
        result = connection.execute(insert, execution_options={"preserve_rowcount": True})
    else:
        result = connection.execute(
            update(consumer_offset)
            .where(table.consumer == consumer, table.topic == tp.topic, table.partition == tp.partition)
            .where(table.next_offset == expected)
            .values(
                next_offset=next_offset,
                topic_id=topic_id,
                leader_epoch=leader_epoch,
                records_read=table.records_read + records,
            )
        )
    if result.rowcount != 1:
        raise OffsetConflict(
            f"the offset of {consumer} in {tp.topic}/{tp.partition} is no longer {expected}: another worker moved it; "
            "read it again and go on from there"
        )


def all_offsets(connection: Connection) -> list[StoredOffset]:
    """Give every stored offset, by consumer, topic and partition."""
    table = consumer_offset.c
    ordered = select(consumer_offset).order_by(table.consumer, table.topic, table.partition)
    return [StoredOffset(*row) for row in connection.execute(ordered)]

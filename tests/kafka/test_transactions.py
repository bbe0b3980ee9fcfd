"""Transactions of other clients: what was aborted is never shown, and their marks keep nobody waiting."""

from __future__ import annotations

from itertools import pairwise

from hub.log.kafka import KafkaAdmin
from hub.log.port import Batch, Stored
from tests.kafka.topics import FIRST, TOPIC, Site, numbered, site, until
from tests.servers.kafka import Kafka

ABORTED = 3_000


def write(made: Site, *transactions: tuple[int, bool]) -> None:
    """Write transactions of so many records each, and commit them or not."""
    writer = made.librdkafka(**{"transactional.id": f"{made.prefix}writer"})
    writer.init_transactions(30)
    for number, (count, is_committed) in enumerate(transactions):
        writer.begin_transaction()
        for _ in range(count):
            writer.produce(made.name, value=b"%d" % number, partition=0)
        writer.flush(30)
        if is_committed:
            writer.commit_transaction(30)
        else:
            writer.abort_transaction(30)


def catch_up(made: Site, stored: dict[object, Stored] | None = None) -> list[Batch]:
    consumer, batches = made.consumer(stored), []  # type: ignore[arg-type]
    until(consumer.is_caught_up, lambda: batches.extend(consumer.poll(500, 200)))
    return batches


def end(made: Site) -> int:
    admin = KafkaAdmin(made.connection, replication=1)
    try:
        return admin.describe([TOPIC])[TOPIC].partitions[0].end
    finally:
        admin.close()


def values(batches: list[Batch]) -> list[bytes | None]:
    return [record.value for batch in batches for record in batch.records]


def test_committed_records_come_and_aborted_ones_do_not(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        write(made, (3, True), (ABORTED, False), (2, True), (1, False))
        assert values(catch_up(made)) == [b"0"] * 3 + [b"2"] * 2


def test_the_position_passes_over_the_marks_so_that_no_lag_is_left(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        write(made, (2, True))
        batches = catch_up(made)
        assert batches[-1].next_offset == end(made) == 3
        for before, after in pairwise(batches):
            assert before.next_offset == after.first_offset


def test_a_partition_with_nothing_for_readers_is_passed_over_in_a_batch_without_records(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        write(made, (ABORTED, False), (ABORTED, False))
        batches = catch_up(made)
        assert values(batches) == []
        assert batches[0].first_offset == 0
        assert batches[-1].next_offset == end(made) == 2 * (ABORTED + 1)


def test_reading_goes_on_from_a_position_on_a_mark(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        write(made, (2, True), (2, True))
        stored = {FIRST: Stored(2, made.topic_id(), 0)}
        assert [record.offset for batch in catch_up(made, stored) for record in batch.records] == [3, 4]  # type: ignore[arg-type]


def test_an_open_transaction_is_waited_for_and_counts_as_no_lag(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        made.producer().append(numbered(2))
        writer = made.librdkafka(**{"transactional.id": f"{made.prefix}open"})
        writer.init_transactions(30)
        writer.begin_transaction()
        writer.produce(made.name, value=b"open", partition=0)
        writer.flush(30)
        made.producer().append(numbered(1, begin=9))
        consumer, batches = made.consumer(), []
        until(consumer.is_caught_up, lambda: batches.extend(consumer.poll(500, 200)))
        assert values(batches) == [b"0", b"1"]
        assert consumer.end_offsets([FIRST]) == {FIRST: 2}
        writer.commit_transaction(30)
        until(lambda: len(values(batches)) == 4, lambda: batches.extend(consumer.poll(500, 200)))
        assert values(batches) == [b"0", b"1", b"open", b"9"]

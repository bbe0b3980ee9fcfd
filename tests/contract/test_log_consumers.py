"""What every adapter of the log must hold for whoever reads: from where, how much, and what stops a consumer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hub.errors import LogIncident, NotFound
from hub.log.port import MAX_BYTES, Stored, TopicPartition
from tests.contract.log_adapters import PARTITIONS, TOPIC, LogUnderTest, open_log
from tests.contract.log_records import ALL, FIRST, PATIENCE_MS, message, numbered, read, values

SECOND = TopicPartition(TOPIC, 1)


@pytest.fixture(params=["embedded", "kafka"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LogUnderTest]:
    under_test = open_log(request.param, tmp_path, request)
    yield under_test
    under_test.close()


def topic_id(log: LogUnderTest) -> str:
    return log.admin.describe([TOPIC])[TOPIC].topic_id


def test_a_consumer_without_a_stored_offset_starts_at_the_beginning(log: LogUnderTest) -> None:
    log.producer().append(numbered(5))
    log.trim(FIRST, 2)
    assert values(read(log.consumer(), 3), 0) == [b"2", b"3", b"4"]


def test_a_consumer_goes_on_from_its_stored_offsets(log: LogUnderTest) -> None:
    producer = log.producer()
    producer.append(numbered(10) + numbered(4, partition=1))
    first = log.consumer().poll(500, PATIENCE_MS)
    epoch = first[0].leader_epoch
    assert {batch.topic_id for batch in first} == {topic_id(log)}
    stored = {FIRST: Stored(7, topic_id(log), epoch), SECOND: Stored(4, topic_id(log), epoch)}
    assert [record.offset for record in read(log.consumer(stored), 3)] == [7, 8, 9]


def test_seeking_back_reads_again_and_seeking_forward_passes_over(log: LogUnderTest) -> None:
    log.producer().append(numbered(10))
    consumer = log.consumer()
    read(consumer, 10)
    consumer.seek(FIRST, 4)
    assert [record.offset for record in read(consumer, 6)] == [4, 5, 6, 7, 8, 9]
    consumer.seek(FIRST, 0)
    consumer.seek(FIRST, 9)
    assert [record.offset for record in read(consumer, 1)] == [9]


def test_seeking_a_partition_of_someone_else_has_no_effect(log: LogUnderTest) -> None:
    log.producer().append(numbered(2))
    consumer = log.consumer()
    consumer.seek(TopicPartition("another-topic", 0), 99)
    assert len(read(consumer, 2)) == 2


def test_new_records_come_after_an_empty_poll(log: LogUnderTest) -> None:
    consumer, producer = log.consumer(), log.producer()
    assert consumer.poll(10, 0) == []
    for number in range(3):
        producer.append([message(b"%d" % number)])
        assert values(read(consumer, 1), 0) == [b"%d" % number]


def test_a_poll_without_news_returns_nothing_after_its_timeout(log: LogUnderTest) -> None:
    assert log.consumer().poll(10, 30) == []


def test_a_busy_partition_does_not_keep_the_others_waiting(log: LogUnderTest) -> None:
    log.producer().append([message for number in range(PARTITIONS) for message in numbered(100, partition=number)])
    consumer = log.consumer()
    reached: set[int] = set()
    for _ in range(2 * PARTITIONS):
        reached |= {batch.partition.partition for batch in consumer.poll(5, PATIENCE_MS)}
    assert reached == set(range(PARTITIONS))


def test_a_poll_holds_no_more_than_its_bytes(log: LogUnderTest) -> None:
    value = bytes(MAX_BYTES // 2 + 1)
    log.producer().append([message(value, partition=number % 2) for number in range(4)])
    consumer = log.consumer()
    for _ in range(4):
        batches = consumer.poll(500, PATIENCE_MS)
        assert sum(len(batch.records) for batch in batches) == 1
    assert consumer.poll(500, 0) == []


def test_two_consumers_read_everything_each_in_order(log: LogUnderTest) -> None:
    log.producer().append([message for number in range(PARTITIONS) for message in numbered(40, partition=number)])
    first, second = log.consumer(), log.consumer()
    seen: dict[TopicPartition, set[int]] = defaultdict(set)
    while sum(map(len, seen.values())) < 40 * PARTITIONS:
        for consumer in (first, second):
            for batch in consumer.poll(7, 100):
                offsets = [record.offset for record in batch.records]
                assert offsets == sorted(offsets)
                seen[batch.partition].update(offsets)
    assert first.assignment() | second.assignment() == set(ALL) == seen.keys()


def test_a_commit_moves_no_consumer(log: LogUnderTest) -> None:
    log.producer().append(numbered(5))
    consumer = log.consumer()
    consumer.commit({FIRST: 5})
    assert len(read(consumer, 5)) == 5
    assert len(read(log.consumer(), 5)) == 5


def test_the_end_offsets_say_where_the_next_append_goes(log: LogUnderTest) -> None:
    producer, consumer = log.producer(), log.consumer()
    producer.append(numbered(5))
    assert consumer.end_offsets(ALL) == {FIRST: 5, SECOND: 0, TopicPartition(TOPIC, 2): 0}
    assert producer.append([message(b"next")]) == [(FIRST, 5)]


def test_the_end_offset_of_a_partition_that_does_not_exist_is_refused(log: LogUnderTest) -> None:
    with pytest.raises(NotFound, match="partition 99"):
        log.consumer().end_offsets([TopicPartition(TOPIC, 99)])


def test_a_stored_offset_before_the_beginning_stops_the_consumer(log: LogUnderTest) -> None:
    log.producer().append(numbered(10))
    log.trim(FIRST, 6)
    consumer = log.consumer({FIRST: Stored(5, topic_id(log), 0)})
    for _ in range(2):
        with pytest.raises(LogIncident, match=rf"{TOPIC}, partition 0: .*begins at 6.*reset the stored offset"):
            consumer.poll(10, PATIENCE_MS)


def test_a_stored_offset_past_the_end_stops_the_consumer(log: LogUnderTest) -> None:
    log.producer().append(numbered(10, partition=1))
    consumer = log.consumer({SECOND: Stored(11, topic_id(log), 0)})
    with pytest.raises(LogIncident, match=rf"{TOPIC}, partition 1: .*ends at 10.*restore"):
        consumer.poll(10, PATIENCE_MS)


def test_a_stored_offset_of_an_earlier_topic_of_that_name_stops_the_consumer(log: LogUnderTest) -> None:
    log.producer().append(numbered(3))
    stored = {FIRST: Stored(3, topic_id(log), 0)}
    log.recreate()
    log.producer().append(numbered(3))
    with pytest.raises(LogIncident, match="created again"):
        log.consumer(stored).poll(10, PATIENCE_MS)


def test_a_topic_recreated_under_a_reading_consumer_stops_it(log: LogUnderTest) -> None:
    log.producer().append(numbered(3))
    consumer = log.consumer()
    read(consumer, 3)
    log.recreate()
    with pytest.raises(LogIncident, match="created again"):
        consumer.poll(10, PATIENCE_MS)


def test_records_that_expire_under_a_reading_consumer_stop_it_unless_it_had_fetched_them(log: LogUnderTest) -> None:
    producer, consumer = log.producer(), log.consumer()
    producer.append(numbered(3))
    read(consumer, 3)
    producer.append(numbered(3))
    log.trim(FIRST, 5)
    offsets: list[int] = []
    with suppress(LogIncident):
        while len(offsets) < 3:
            offsets += [record.offset for batch in consumer.poll(10, PATIENCE_MS) for record in batch.records]
    assert offsets == list(range(3, 3 + len(offsets)))
    if len(offsets) < 3:
        with pytest.raises(LogIncident, match="begins at 5"):
            consumer.poll(10, PATIENCE_MS)


def test_a_stored_offset_at_the_very_end_or_beginning_is_no_incident(log: LogUnderTest) -> None:
    log.producer().append(numbered(4) + numbered(4, partition=1))
    log.trim(FIRST, 4)
    log.trim(SECOND, 2)
    stored = {FIRST: Stored(4, topic_id(log), 0), SECOND: Stored(2, topic_id(log), 0)}
    assert [record.offset for record in read(log.consumer(stored), 2)] == [2, 3]

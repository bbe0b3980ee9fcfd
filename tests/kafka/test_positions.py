"""A position that the log does not hold any more stops the worker: nothing is skipped."""

from __future__ import annotations

import kafka as library
import pytest

from hub.errors import LogIncident, NotFound
from hub.log.port import Stored, TopicPartition
from tests.kafka.topics import FIRST, TOPIC, Site, numbered, read, site, until
from tests.servers.kafka import Kafka


def expire(made: Site, before_offset: int) -> None:
    made.library_admin().delete_records({library.TopicPartition(made.name, 0): before_offset})


def poll_until_raised(consumer: object) -> None:
    until(lambda: False, lambda: consumer.poll(500, 200), patience_s=20)  # type: ignore[attr-defined]


def test_records_that_expired_before_they_were_read_stop_a_running_worker(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        made.producer().append(numbered(10))
        consumer = made.consumer()
        read(consumer, 10)
        expire(made, 8)
        consumer.seek(FIRST, 4)
        for _ in range(2):
            with pytest.raises(LogIncident, match=r"partition 0: offset 4 comes next but the log begins at 8.*reset"):
                poll_until_raised(consumer)


def test_a_position_beyond_the_end_stops_a_running_worker(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        made.producer().append(numbered(10))
        consumer = made.consumer()
        read(consumer, 10)
        consumer.seek(FIRST, 14)
        with pytest.raises(LogIncident, match=r"offset 14 comes next but the log ends at 10"):
            poll_until_raised(consumer)


def test_a_deleted_topic_stops_the_worker_instead_of_leaving_it_idle(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        made.producer().append(numbered(10))
        consumer = made.consumer()
        read(consumer, 10)
        made.library_admin().delete_topics([made.name])
        with pytest.raises(LogIncident, match=f"topic {TOPIC} was deleted while it was read.*hub topics create"):
            poll_until_raised(consumer)


def test_a_topic_made_anew_with_more_records_than_were_read_stops_the_worker(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        made.producer().append(numbered(3))
        consumer, admin = made.consumer(), made.library_admin()
        read(consumer, 3)
        before = made.topic_id()
        admin.delete_topics([made.name])
        until(lambda: made.name not in admin.list_topics(), lambda: None)
        made.create()
        made.producer().append(numbered(9))
        assert made.topic_id() != before
        with pytest.raises(LogIncident, match="created again"):
            poll_until_raised(consumer)


def test_a_topic_that_does_not_exist_is_named_when_the_consumer_opens(kafka: Kafka) -> None:
    made = Site(kafka.servers)
    with pytest.raises(NotFound, match=f"no topic {TOPIC}; run `hub topics create`"):
        made.consumer()


def test_a_partition_added_later_is_read_from_its_beginning(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        made.producer().append(numbered(3))
        consumer, admin = made.consumer(), made.library_admin()
        read(consumer, 3)
        admin.create_partitions({made.name: 2})
        added = TopicPartition(TOPIC, 1)
        producer = made.producer()
        producer.append(numbered(2, partition=1))
        assert [record.partition for record in read(consumer, 2)] == [1, 1]
        assert consumer.assignment() == {FIRST, added}


def test_a_stored_position_whose_leader_epoch_is_gone_is_compared_with_the_log(kafka: Kafka) -> None:
    """What an unclean election leaves: the same offsets, written again by a leader that never had ours."""
    with site(kafka.servers) as made:
        made.producer().append(numbered(10))
        stored = {FIRST: Stored(5, made.topic_id(), 7)}
        with pytest.raises(LogIncident, match="partition 0"):
            poll_until_raised(made.consumer(stored))

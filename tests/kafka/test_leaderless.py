"""Partitions whose only broker is away: the others are read on, and these too when it is back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest

from hub.errors import LogUnavailable
from hub.log.kafka import KafkaConsumer
from hub.log.port import TopicPartition
from tests.kafka.topics import TOPIC, Site, numbered, read, records_of, site, until
from tests.servers.kafka import KafkaCluster

PARTITIONS = 6
DOWN = 2


def test_partitions_with_a_leader_are_read_and_the_others_when_theirs_is_back(
    kafka_cluster: Callable[..., KafkaCluster],
) -> None:
    cluster = kafka_cluster()
    with site(cluster.servers, PARTITIONS, timeout_ms=3_000) as made:
        lost = {number for number in range(PARTITIONS) if cluster.leader_of(made.name, number) == DOWN}
        assert lost
        produce(made)
        before = made.consumer()
        read(before, PARTITIONS)
        cluster.kill(DOWN)
        until(lambda: all(cluster.leader_of(made.name, number) == -1 for number in lost), lambda: before.poll(1, 100))
        with pytest.raises(LogUnavailable, match="no broker answers"):
            before.end_offsets([TopicPartition(TOPIC, number) for number in lost])
        until(lambda: refuses_to_be_caught_up(before), lambda: before.poll(1, 100))
        before.close()

        after, came = made.consumer(), Counter[int]()
        until(lambda: len(came) == PARTITIONS - len(lost), lambda: take(after, came))
        until(lambda: refuses_to_be_caught_up(after), lambda: take(after, came))
        assert came == {number: 1 for number in range(PARTITIONS) if number not in lost}

        cluster.start(DOWN)
        until(lambda: len(came) == PARTITIONS, lambda: take(after, came))
        assert set(came.values()) == {1}
        until(lambda: not refuses_to_be_caught_up(after) and after.is_caught_up(), lambda: take(after, came))


def produce(made: Site) -> None:
    made.producer().append([message for number in range(PARTITIONS) for message in numbered(1, partition=number)])


def take(consumer: KafkaConsumer, came: Counter[int]) -> None:
    with suppress(LogUnavailable):
        came.update(record.partition for record in records_of(consumer.poll(100, 100)))


def refuses_to_be_caught_up(consumer: KafkaConsumer) -> bool:
    """Tell whether it says that it cannot know."""
    try:
        consumer.is_caught_up()
    except LogUnavailable:
        return True
    return False

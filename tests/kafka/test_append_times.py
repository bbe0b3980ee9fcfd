"""When the next record to read was appended, so that lag is told in seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from hub.errors import LogUnavailable
from hub.log.kafka import KafkaAdmin
from hub.log.port import Message, TopicPartition
from tests.kafka.topics import FIRST, TOPIC, Site, numbered, site
from tests.servers.kafka import Kafka, KafkaCluster
from tests.servers.run import Run


@pytest.fixture
def made(kafka: Kafka) -> Iterator[Site]:
    with site(kafka.servers, 2) as made:
        yield made


def admin(made: Site) -> KafkaAdmin:
    opened = KafkaAdmin(made.connection, replication=1)
    made.open.callback(opened.close)
    return opened


def test_the_brokers_stamp_of_the_next_record_is_told(made: Site) -> None:
    producer, times = made.producer(), admin(made)
    before = time.time_ns() // 1_000_000
    producer.append(numbered(1))
    between = time.time_ns() // 1_000_000
    producer.append(numbered(500, begin=1))
    after = time.time_ns() // 1_000_000
    first, second, last = (times.appended_ms(FIRST, offset) for offset in (0, 1, 500))
    assert before <= (first or 0) <= between <= (second or 0) <= (last or 0) <= after
    producer.append([Message(TOPIC, None, b"v", partition=1)])
    assert (times.appended_ms(TopicPartition(TOPIC, 1), 0) or 0) >= after
    assert times.appended_ms(FIRST, 0) == first


def test_what_is_not_there_has_no_time_and_the_next_question_is_answered(made: Site) -> None:
    times = admin(made)
    made.producer().append(numbered(1))
    began = time.monotonic()
    assert times.appended_ms(FIRST, 1) is None
    assert times.appended_ms(FIRST, 7) is None
    assert times.appended_ms(TopicPartition(TOPIC, 9), 0) is None
    assert time.monotonic() - began < 10
    assert times.appended_ms(FIRST, 0) is not None


def test_what_a_transaction_took_back_is_passed_over(made: Site) -> None:
    times = admin(made)
    producer = made.librdkafka(**{"transactional.id": made.prefix})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(made.name, b"aborted", partition=0)
    producer.flush()
    producer.abort_transaction()
    between = time.time_ns() // 1_000_000
    made.producer().append(numbered(1))
    assert (times.appended_ms(FIRST, 0) or 0) >= between


def test_a_publishers_own_stamp_is_no_time_of_append(made: Site) -> None:
    times = admin(made)
    name = f"{made.prefix}stamped"
    made.library_admin().create_topics(
        {name: {"num_partitions": 1, "replication_factor": 1, "configs": {"message.timestamp.type": "CreateTime"}}}
    )
    made.producer().append([Message("stamped", None, b"v")])
    assert times.appended_ms(TopicPartition("stamped", 0), 0) is None


def test_kafka_away_is_said_in_time(kafka: Kafka, servers_run: Run) -> None:  # noqa: ARG001 it says whether there are servers
    with KafkaCluster(servers_run) as cluster, site(cluster.servers, timeout_ms=1_000) as made:
        made.producer().append(numbered(1))
        times = admin(made)
        assert times.appended_ms(FIRST, 0) is not None
        cluster.kill(1)
        began = time.monotonic()
        assert times.appended_ms(FIRST, 0) is None
        fresh = Site(cluster.servers, timeout_ms=1_000)
        assert time.monotonic() - began < 5
        with pytest.raises(LogUnavailable):
            KafkaAdmin(fresh.connection)

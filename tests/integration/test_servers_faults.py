"""Servers of a test's own break as told, keep what they confirmed, and come back where they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import psycopg
import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.servers.proxy import Proxy
from tests.servers.run import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.kafka import KafkaCluster
    from tests.servers.postgres import LocalPostgres
    from tests.servers.run import Run

TOPIC = "servers.faults"


def _create_topic(cluster: KafkaCluster, copies: int) -> None:
    admin = AdminClient({"bootstrap.servers": cluster.servers})
    admin.create_topics([NewTopic(TOPIC, 1, copies)])[TOPIC].result(timeout=60)


def _publish(cluster: KafkaCluster, value: bytes) -> KafkaError | None:
    producer = Producer({"bootstrap.servers": cluster.servers, "acks": "all", "message.timeout.ms": 60_000})
    outcomes: list[KafkaError | None] = []
    producer.produce(TOPIC, value, on_delivery=lambda error, _message: outcomes.append(error))
    producer.flush(90)
    return outcomes[0]


def _records(cluster: KafkaCluster) -> list[bytes | None]:
    consumer = Consumer({"bootstrap.servers": cluster.servers, "group.id": "faults", "enable.auto.commit": False})
    try:
        partition = TopicPartition(TOPIC, 0, 0)
        _, end = consumer.get_watermark_offsets(partition, timeout=30)
        consumer.assign([partition])
        return [message.value() for message in consumer.consume(end, timeout=30)]
    finally:
        consumer.close()


def test_a_broker_killed_and_started_again_has_its_records(kafka_cluster: Callable[..., KafkaCluster]) -> None:
    cluster = kafka_cluster(brokers=1)
    _create_topic(cluster, copies=1)
    assert _publish(cluster, b"before") is None
    cluster.kill(1)
    cluster.start(1)
    assert _publish(cluster, b"after") is None
    assert _records(cluster) == [b"before", b"after"]


def test_another_broker_leads_when_the_leader_is_killed(kafka_cluster: Callable[..., KafkaCluster]) -> None:
    cluster = kafka_cluster()
    _create_topic(cluster, copies=3)
    assert _publish(cluster, b"before") is None
    first = cluster.leader_of(TOPIC)
    cluster.kill(first)
    assert _publish(cluster, b"without it") is None
    assert cluster.leader_of(TOPIC) not in {first, -1}
    cluster.start(first)
    wait_until(lambda: first in cluster.in_sync(TOPIC), deadline_s=60, what="the return of the killed broker")
    cluster.pause(cluster.leader_of(TOPIC))
    assert _publish(cluster, b"while it is paused") is None
    assert _records(cluster) == [b"before", b"without it", b"while it is paused"]


def test_clients_reach_a_broker_only_through_its_proxy(
    servers_run: Run, kafka_cluster: Callable[..., KafkaCluster]
) -> None:
    ports = {"proxy": servers_run.free_port(), "broker": servers_run.free_port()}
    cluster = kafka_cluster(brokers=1, port=ports["broker"], advertised={1: ports["proxy"]})
    with Proxy(ports["proxy"], ports["broker"]) as network:
        _create_topic(cluster, copies=1)
        producer = Producer({"bootstrap.servers": cluster.servers, "message.timeout.ms": 1_000, "log_level": 0})
        outcomes: list[KafkaError | None] = []
        network.cut()
        producer.produce(TOPIC, b"cut", on_delivery=lambda error, _message: outcomes.append(error))
        producer.flush(30)
        network.heal()
        assert _publish(cluster, b"healed") is None
        assert [error and error.code() for error in outcomes] == [KafkaError._MSG_TIMED_OUT]
        assert _records(cluster) == [b"healed"]


@pytest.mark.parametrize("how", ["kill", "immediate", "fast"])
def test_what_postgresql_committed_outlives_its_end(
    fault_postgres: LocalPostgres, how: Literal["kill", "immediate", "fast"]
) -> None:
    url = fault_postgres.create_database().replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (id int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    with psycopg.connect(url) as open_connection:
        open_connection.execute("INSERT INTO kept VALUES (2)")
        match how:
            case "kill":
                fault_postgres.kill()
            case "immediate" | "fast":
                fault_postgres.stop(how)
        assert not fault_postgres.answers()
        with pytest.raises(psycopg.OperationalError):
            open_connection.execute("SELECT 1")
    fault_postgres.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT id FROM kept").fetchall() == [(1,)]


def test_a_paused_postgresql_answers_nothing_until_it_goes_on(fault_postgres: LocalPostgres) -> None:
    assert fault_postgres.answers()
    fault_postgres.pause()
    assert not fault_postgres.answers()
    fault_postgres.resume()
    assert fault_postgres.answers()

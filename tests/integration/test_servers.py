"""The servers that tests start: they come up, they are shared, they break as told, and nothing of them stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

if TYPE_CHECKING:
    from tests.servers.kafka import Kafka
    from tests.servers.postgres import Postgres


def test_the_shared_broker_takes_a_record(kafka: Kafka) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.servers})
    admin.create_topics([NewTopic("servers.shared", 2, 1)])["servers.shared"].result(timeout=30)
    producer = Producer({"bootstrap.servers": kafka.servers, "acks": "all"})
    delivered: list[object] = []
    producer.produce("servers.shared", b"record", on_delivery=lambda error, _message: delivered.append(error))
    assert producer.flush(30) == 0
    assert delivered == [None]


def test_each_database_of_the_shared_server_is_empty_and_of_its_own(postgres: Postgres) -> None:
    first, second = postgres.create_database(), postgres.create_database()
    assert first != second
    with psycopg.connect(first.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE only_here (id int)")
    with psycopg.connect(second.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'").fetchone() == (0,)
    postgres.drop_database(first)
    postgres.drop_database(second)

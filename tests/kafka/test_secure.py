"""TLS and login: what is right works, and what is wrong says which setting it is."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

import pytest

from hub.errors import LogUnavailable, Usage
from hub.log.kafka import KafkaAdmin, KafkaConnection, KafkaConsumer, KafkaProducer
from hub.log.port import Message
from tests.kafka.secured import by_certificate, by_password, by_token
from tests.kafka.topics import TOPIC, read
from tests.servers.secure import SecureKafka

OPENINGS: dict[str, Any] = {
    "admin": KafkaAdmin,
    "producer": KafkaProducer,
    "consumer": lambda connection: KafkaConsumer(connection, [TOPIC], lambda _: None, group="g"),
}


def reads_and_writes(connection: KafkaConnection) -> None:
    with ExitStack() as opened:
        admin = KafkaAdmin(connection, replication=1)
        opened.callback(admin.close)
        admin.create({TOPIC: 1})
        producer = KafkaProducer(connection)
        opened.callback(producer.close)
        consumer = KafkaConsumer(connection, [TOPIC], lambda _: None, group=connection.topic_prefix)
        opened.callback(consumer.close)
        producer.append([Message(TOPIC, None, b"v")])
        assert [record.value for record in read(consumer, 1)] == [b"v"]


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
def test_a_password_over_tls_reads_and_writes(secure_kafka: SecureKafka, mechanism: str) -> None:
    reads_and_writes(by_password(secure_kafka, mechanism=mechanism, topic_prefix=f"{mechanism}."))


def test_a_token_over_tls_reads_and_writes(secure_kafka: SecureKafka) -> None:
    reads_and_writes(by_token(secure_kafka, topic_prefix="token."))


def test_a_certificate_reads_and_writes(secure_kafka: SecureKafka) -> None:
    reads_and_writes(by_certificate(secure_kafka, topic_prefix="certificate."))


def test_a_client_without_a_certificate_is_refused_where_one_is_asked_for(secure_kafka: SecureKafka) -> None:
    connection = by_certificate(secure_kafka, cert_file=None, key_file=None, key_password=None, timeout_ms=2_000)
    with pytest.raises((Usage, LogUnavailable), match="HUB_KAFKA_CERT_FILE"):
        KafkaProducer(connection)


@pytest.mark.parametrize("kind", OPENINGS)
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
def test_a_wrong_password_is_said_and_never_shown(
    secure_kafka: SecureKafka,
    mechanism: str,
    kind: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises((Usage, LogUnavailable), match=r"refuse[ds] the login") as raised:
        OPENINGS[kind](by_password(secure_kafka, mechanism=mechanism, password="wr0ng"))
    assert "wr0ng" not in f"{raised.value}{caplog.text}{capfd.readouterr()}"


@pytest.mark.parametrize("kind", OPENINGS)
def test_a_wrong_client_secret_is_said_at_once_and_never_shown(
    secure_kafka: SecureKafka, kind: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    began = time.monotonic()
    with pytest.raises(Usage, match="HUB_KAFKA_CLIENT_SECRET") as raised:
        OPENINGS[kind](by_token(secure_kafka, client_secret="wr0ng", timeout_ms=30_000))
    assert time.monotonic() - began < 10
    assert "wr0ng" not in f"{raised.value}{caplog.text}{capfd.readouterr()}"


@pytest.mark.parametrize("kind", OPENINGS)
def test_a_token_endpoint_that_is_away_may_be_back_later(secure_kafka: SecureKafka, kind: str) -> None:
    nowhere = "http://127.0.0.1:1/token"
    with pytest.raises(LogUnavailable, match=rf"{nowhere} \(HUB_KAFKA_TOKEN_URL\) does not answer"):
        OPENINGS[kind](by_token(secure_kafka, token_url=nowhere, timeout_ms=2_000))


def test_a_server_of_an_authority_that_is_not_trusted_is_refused(secure_kafka: SecureKafka) -> None:
    with pytest.raises(LogUnavailable, match="certificate verify failed"):
        KafkaProducer(by_password(secure_kafka, ca_file=secure_kafka.other_ca_file))


def test_a_server_of_another_name_is_refused(secure_kafka: SecureKafka) -> None:
    port = secure_kafka.sasl_ssl.rpartition(":")[2]
    with pytest.raises(LogUnavailable, match=r"not valid for '127\.1'"):
        KafkaProducer(by_password(secure_kafka, servers=f"127.1:{port}"))


def test_plain_text_to_a_server_that_wants_tls_is_said(secure_kafka: SecureKafka) -> None:
    with pytest.raises(LogUnavailable, match="does not speak Kafka in this way"):
        KafkaProducer(KafkaConnection(secure_kafka.sasl_ssl, timeout_ms=2_000))

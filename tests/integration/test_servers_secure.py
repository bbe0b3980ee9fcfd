"""The secured broker lets in who has the right password, token or certificate, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

if TYPE_CHECKING:
    from tests.servers.secure import SecureKafka


def _by_password(kafka: SecureKafka, mechanism: str, protocol: str, **changes: Any) -> dict[str, Any]:
    return {
        "bootstrap.servers": {"SASL_SSL": kafka.sasl_ssl, "SASL_PLAINTEXT": kafka.sasl_plaintext}[protocol],
        "security.protocol": protocol,
        "sasl.mechanism": mechanism,
        "sasl.username": kafka.user,
        "sasl.password": kafka.password,
        "ssl.ca.location": str(kafka.ca_file),
        "log_level": 0,
        **changes,
    }


def _by_certificate(kafka: SecureKafka) -> dict[str, Any]:
    return {
        "bootstrap.servers": kafka.ssl,
        "security.protocol": "SSL",
        "ssl.ca.location": str(kafka.ca_file),
        "ssl.certificate.location": str(kafka.cert_file),
        "ssl.key.location": str(kafka.key_file),
        "ssl.key.password": kafka.key_password,
        "log_level": 0,
    }


def _by_token(kafka: SecureKafka) -> dict[str, Any]:
    def token(_: str) -> tuple[str, float]:
        credentials = (kafka.tokens.client_id, kafka.tokens.client_secret)
        answer = httpx2.post(kafka.tokens.url, data={"grant_type": "client_credentials"}, auth=credentials).json()
        return answer["access_token"], 4_000_000_000.0

    return _by_password(kafka, "OAUTHBEARER", "SASL_SSL", oauth_cb=token)


def _create_topic(config: dict[str, Any], name: str) -> None:
    admin = AdminClient(config)
    admin.poll(0)  # the first token is got here
    admin.create_topics([NewTopic(name, 1, 1)], request_timeout=20)[name].result(timeout=30)


@pytest.mark.parametrize("protocol", ["SASL_SSL", "SASL_PLAINTEXT"])
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
def test_a_user_comes_in_by_password(secure_kafka: SecureKafka, mechanism: str, protocol: str) -> None:
    _create_topic(_by_password(secure_kafka, mechanism, protocol), f"by-{mechanism}-{protocol}")


def test_a_client_comes_in_by_certificate(secure_kafka: SecureKafka) -> None:
    _create_topic(_by_certificate(secure_kafka), "by-certificate")


def test_a_client_comes_in_by_token(secure_kafka: SecureKafka) -> None:
    before = secure_kafka.tokens.given
    _create_topic(_by_token(secure_kafka), "by-token")
    assert secure_kafka.tokens.given > before


def test_a_wrong_client_secret_gets_no_token(secure_kafka: SecureKafka) -> None:
    endpoint = secure_kafka.tokens
    answer = httpx2.post(endpoint.url, data={"grant_type": "client_credentials"}, auth=(endpoint.client_id, "wrong"))
    assert answer.status_code == 401


@pytest.mark.parametrize("wrong", ["password", "authority", "certificate"])
def test_nobody_comes_in_with_what_is_wrong(secure_kafka: SecureKafka, wrong: str) -> None:
    by_password = _by_password(secure_kafka, "SCRAM-SHA-512", "SASL_SSL")
    config = {
        "password": by_password | {"sasl.password": "wrong"},
        "authority": by_password | {"ssl.ca.location": str(secure_kafka.other_ca_file)},
        "certificate": {k: v for k, v in _by_certificate(secure_kafka).items() if "key" not in k and "cert" not in k},
    }[wrong]
    with pytest.raises(KafkaException):
        AdminClient(config).list_topics(timeout=3)


def test_a_user_without_rights_may_not_create_a_topic(secure_kafka: SecureKafka) -> None:
    stranger = {"sasl.username": secure_kafka.stranger}
    with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
        _create_topic(_by_password(secure_kafka, "PLAIN", "SASL_SSL", **stranger), "forbidden")

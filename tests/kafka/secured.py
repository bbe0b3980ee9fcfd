"""Ways into the secured broker."""

from __future__ import annotations

from typing import Any

from hub.log.kafka import KafkaConnection
from tests.servers.secure import CLIENT_SECRET, SecureKafka


def by_password(broker: SecureKafka, **changed: Any) -> KafkaConnection:
    """As the user who may do everything."""
    return _connection(broker.sasl_ssl, {"username": broker.user, "password": broker.password}, broker, changed)


def by_token(broker: SecureKafka, **changed: Any) -> KafkaConnection:
    """As the token endpoint's client, who may do everything."""
    client = {"token_url": broker.tokens.url, "client_id": broker.tokens.client_id, "client_secret": CLIENT_SECRET}
    return _connection(broker.sasl_ssl, {"mechanism": "OAUTHBEARER", **client}, broker, changed)


def by_certificate(broker: SecureKafka, **changed: Any) -> KafkaConnection:
    """As who has the client certificate, who may do everything."""
    files = {"cert_file": broker.cert_file, "key_file": broker.key_file, "key_password": broker.key_password}
    return _connection(broker.ssl, {"security": "SSL", **files}, broker, changed)


def _connection(servers: str, login: dict[str, Any], broker: SecureKafka, changed: dict[str, Any]) -> KafkaConnection:
    usual = {"servers": servers, "security": "SASL_SSL", "ca_file": broker.ca_file, "timeout_ms": 10_000}
    return KafkaConnection(**{**usual, **login, **changed})

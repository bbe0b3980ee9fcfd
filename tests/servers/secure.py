"""A broker that asks who is there: TLS, SASL by password and by token, certificates, and a user without rights."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers.certificates import Authority
from tests.servers.kafka import KafkaCluster
from tests.servers.tokens import AUDIENCE, ISSUER, TokenEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.run import Run

USER, PASSWORD = "hub", "a password: with signs!"
STRANGER = "stranger"
CLIENT_SECRET = "the client's secret"
KEY_PASSWORD = "the key's password"
REAUTH_MS = 3_600_000

_SASL = "org.apache.kafka.common.security"
_LOGIN = {
    "scram-sha-256": f"{_SASL}.scram.ScramLoginModule required;",
    "scram-sha-512": f"{_SASL}.scram.ScramLoginModule required;",
    "plain": f'{_SASL}.plain.PlainLoginModule required user_{USER}="{PASSWORD}" user_{STRANGER}="{PASSWORD}";',
    "oauthbearer": f"{_SASL}.oauthbearer.OAuthBearerLoginModule required;",
}


@dataclass(frozen=True, slots=True)
class SecureKafka:
    """How to reach the broker, and with what.

    Attributes:
        sasl_ssl: bootstrap servers with TLS and SASL: SCRAM-SHA-512, SCRAM-SHA-256, PLAIN, OAUTHBEARER.
        sasl_plaintext: the same without TLS.
        ssl: bootstrap servers with TLS that ask for the client's certificate.
        user: may do everything; so may the token endpoint's client and who has the client certificate.
        stranger: is let in with the same password, and may do nothing.
        key_file: the key of the client certificate, encrypted under `key_password`.
        other_ca_file: an authority that did not sign the broker's certificate.
        cluster: to stop and start the broker.
    """

    sasl_ssl: str
    sasl_plaintext: str
    ssl: str
    user: str
    stranger: str
    password: str
    ca_file: Path
    other_ca_file: Path
    cert_file: Path
    key_file: Path
    key_password: str
    tokens: TokenEndpoint
    cluster: KafkaCluster


@contextlib.contextmanager
def secure_broker(run: Run) -> Iterator[SecureKafka]:
    """Run such a broker and its token endpoint."""
    folder = run.fresh_folder("secure")
    authority = Authority(folder)
    cert_file, key_file = authority.issue(USER, KEY_PASSWORD)
    with TokenEndpoint(run.free_port(), USER, CLIENT_SECRET) as tokens:
        cluster = KafkaCluster(
            run,
            listeners={"SIGNED": "SASL_SSL", "CLEAR": "SASL_PLAINTEXT", "MUTUAL": "SSL"},
            settings={**_access(), **_tls(folder, authority), **_sasl("signed", tokens), **_sasl("clear", tokens)},
            format_options=[
                option
                for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
                for user in (USER, STRANGER)
                for option in ("--add-scram", f'{mechanism}=[name={user},password="{PASSWORD}"]')
            ],
            java_options=[f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={tokens.keys_url}"],
        )
        with cluster:
            yield SecureKafka(
                sasl_ssl=cluster.servers_of("SIGNED"),
                sasl_plaintext=cluster.servers_of("CLEAR"),
                ssl=cluster.servers_of("MUTUAL"),
                user=USER,
                stranger=STRANGER,
                password=PASSWORD,
                ca_file=authority.ca_file,
                other_ca_file=Authority(folder, "other-ca").ca_file,
                cert_file=cert_file,
                key_file=key_file,
                key_password=KEY_PASSWORD,
                tokens=tokens,
                cluster=cluster,
            )


def _access() -> dict[str, str]:
    return {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:{USER};User:CN={USER}",
    }


def _tls(folder: Path, authority: Authority) -> dict[str, str]:
    cert_file, key_file = authority.issue("broker")
    store = folder / "broker-store.pem"
    store.write_bytes(key_file.read_bytes() + cert_file.read_bytes())
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(store),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.ca_file),
        "listener.name.mutual.ssl.client.auth": "required",
    }


def _sasl(listener: str, tokens: TokenEndpoint) -> dict[str, str]:
    own = f"listener.name.{listener}"
    oauth = f"{own}.oauthbearer.sasl"
    return {
        "sasl.enabled.mechanisms": ",".join(_LOGIN).upper(),
        **{f"{own}.{mechanism}.sasl.jaas.config": login for mechanism, login in _LOGIN.items()},
        f"{oauth}.server.callback.handler.class": f"{_SASL}.oauthbearer.OAuthBearerValidatorCallbackHandler",
        f"{own}.sasl.oauthbearer.jwks.endpoint.url": tokens.keys_url,
        f"{own}.sasl.oauthbearer.expected.audience": AUDIENCE,
        f"{own}.sasl.oauthbearer.expected.issuer": ISSUER,
        # Without, a connection may outlive its token; with it, the broker ends those not renewed in time.
        f"{own}.oauthbearer.connections.max.reauth.ms": str(REAUTH_MS),
    }

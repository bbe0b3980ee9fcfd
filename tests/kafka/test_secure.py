"""TLS and login: what is right works, and what is wrong says which setting it is."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.errors import LogUnavailable, Usage
from hub.log.kafka import KafkaAdmin, KafkaConnection, KafkaConsumer, KafkaProducer
from hub.log.port import Message
from tests.kafka.topics import TOPIC, read
from tests.servers.kafka import Kafka, KafkaCluster
from tests.servers.run import Run

USER = {"username": "hub", "password": "right"}
MODULES = "org.apache.kafka.common.security"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a server's key and certificate for 127.0.0.1, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kafka"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "ca.pem")]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    keystore = (folder / "key.pem").read_text() + (folder / "ca.pem").read_text()
    (folder / "server.pem").write_text(keystore)
    return folder


@pytest.fixture(scope="module")
def secure(kafka: Kafka, servers_run: Run, authority: Path) -> Iterator[KafkaCluster]:  # noqa: ARG001 it says whether there are servers
    """A broker that takes only logins over TLS."""
    settings = {
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,SCRAM-SHA-256,PLAIN",
        "listener.name.secure.plain.sasl.jaas.config": f'{MODULES}.plain.PlainLoginModule required user_hub="right";',
        "listener.name.secure.scram-sha-256.sasl.jaas.config": f"{MODULES}.scram.ScramLoginModule required;",
        "listener.name.secure.scram-sha-512.sasl.jaas.config": f"{MODULES}.scram.ScramLoginModule required;",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(authority / "server.pem"),
    }
    users = [f"{mechanism}=[name=hub,password=right]" for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")]
    options = [part for user in users for part in ("--add-scram", user)]
    with KafkaCluster(servers_run, listeners={"SECURE": "SASL_SSL"}, settings=settings, format_options=options) as it:
        yield it


def connection(secure: KafkaCluster, authority: Path, **changed: Any) -> KafkaConnection:
    usual = {"security": "SASL_SSL", "ca_file": authority / "ca.pem", "timeout_ms": 5_000, **USER}
    return KafkaConnection(secure.servers_of("SECURE"), **{**usual, **changed})


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
def test_a_login_over_tls_reads_and_writes(secure: KafkaCluster, authority: Path, mechanism: str) -> None:
    used = connection(secure, authority, mechanism=mechanism, topic_prefix=f"{mechanism}.")
    admin = KafkaAdmin(used, replication=1)
    admin.create({TOPIC: 1})
    producer, consumer = KafkaProducer(used), KafkaConsumer(used, [TOPIC], lambda _: None, group=mechanism)
    producer.append([Message(TOPIC, None, b"v")])
    assert [record.value for record in read(consumer, 1)] == [b"v"]
    for each in (admin, producer, consumer):
        each.close()


@pytest.mark.parametrize("kind", [KafkaAdmin, KafkaProducer])
def test_a_wrong_password_is_said_and_never_shown(
    secure: KafkaCluster,
    authority: Path,
    kind: type,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises((Usage, LogUnavailable), match=r"refuse[ds] the login") as raised:
        kind(connection(secure, authority, password="wr0ng"))
    assert "wr0ng" not in f"{raised.value}{caplog.text}{capfd.readouterr()}"


def test_a_server_of_an_authority_that_is_not_trusted_is_refused(secure: KafkaCluster, authority: Path) -> None:
    with pytest.raises(LogUnavailable, match="certificate verify failed"):
        KafkaProducer(connection(secure, authority, ca_file=None))


def test_a_server_of_another_name_is_refused(secure: KafkaCluster, authority: Path) -> None:
    port = secure.servers_of("SECURE").rpartition(":")[2]
    with pytest.raises(LogUnavailable, match="not valid for 'localhost'"):
        KafkaProducer(replace(connection(secure, authority), servers=f"localhost:{port}"))


def test_plain_text_to_a_server_that_wants_tls_is_said(secure: KafkaCluster) -> None:
    with pytest.raises(LogUnavailable, match="does not speak Kafka in this way"):
        KafkaProducer(KafkaConnection(secure.servers_of("SECURE"), timeout_ms=2_000))

"""The compose file's commands, environments and health checks, run against real servers without containers.

What this cannot show: the images themselves, read-only file systems, limits, and Karapace, in whose place stands
another registry with the same API.
"""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.topics import CAP_EMPLOI_EVENTS, DECISIONS, FRANCE_TRAVAIL_EVENTS, INBOUND, OUTBOUND, OUTBOUND_OF
from tests.deploy.native import JOBS, Installation, up
from tests.servers.fixtures import or_skip
from tests.servers.registry import Registry
from tests.servers.run import Run, wait_until

TIMEOUT_S = 20
Worker = subprocess.Popen[bytes]
Settings = dict[str, Any]
"""Of librdkafka."""
NETWORKS = [("france-travail", FRANCE_TRAVAIL_EVENTS), ("cap-emploi", CAP_EMPLOI_EVENTS)]


@pytest.fixture(scope="session")
def installation(servers_run: Run, registry: Registry) -> Installation:
    """Everything but workers, started once for all tests of the run."""

    def start() -> dict[str, Any]:
        made = up(servers_run, registry.url)
        return asdict(made) | {"folder": str(made.folder)}

    with or_skip():
        said = servers_run.shared("compose", start)
    return Installation(**said | {"folder": Path(said["folder"])})


@pytest.fixture
def workers(installation: Installation, tmp_path: Path) -> Iterator[dict[int, Worker]]:
    """Two workers, as `--scale worker=2` starts them, by the port of their metrics."""
    processes = {port: installation.spawn_worker(tmp_path / f"{port}.log", port) for port in installation.metrics}
    yield processes
    for process in processes.values():
        process.kill()
        process.wait()


def client(installation: Installation, user: str, *, listener: str, password: str | None = None) -> Settings:
    """Give librdkafka's settings to sign in as a user."""
    port = {"internal": installation.kafka_internal, "host": installation.kafka_host}[listener]
    names = {"hub": "HUB_KAFKA_PASSWORD"}
    variable = names.get(user, f"HUB_KAFKA_{user.replace('-', '_').upper()}_PASSWORD")
    return {
        "bootstrap.servers": f"127.0.0.1:{port}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": user,
        "sasl.password": password or installation.variables()[variable],
        "log_level": 0,
        "error_cb": lambda _error: None,
    }


def signs_in(settings: Settings) -> bool:
    admin = AdminClient(settings)
    try:
        admin.list_topics(timeout=3)
    except KafkaException:
        return False
    return True


@pytest.mark.parametrize(
    ("user", "listener"),
    [
        ("broker", "internal"),
        ("registry", "internal"),
        ("hub", "internal"),
        ("hub", "host"),
        ("france-travail", "host"),
        ("cap-emploi", "host"),
    ],
)
def test_a_user_signs_in_where_it_belongs_and_with_its_password_alone(
    installation: Installation, user: str, listener: str
) -> None:
    assert signs_in(client(installation, user, listener=listener))
    assert not signs_in(client(installation, user, listener=listener, password="another"))


@pytest.mark.parametrize(("user", "listener"), [("broker", "host"), ("registry", "host"), ("cap-emploi", "internal")])
def test_a_user_is_unknown_elsewhere(installation: Installation, user: str, listener: str) -> None:
    assert not signs_in(client(installation, user, listener=listener))


def appended(settings: Settings, topic: str) -> str | None:
    """Append a record; give the name of the error, if it was refused."""
    failures: list[Any] = []
    producer = Producer({**settings, "enable.idempotence": True})
    producer.produce(topic, b"no Avro", b"key", on_delivery=lambda error, _: failures.append(error))
    producer.flush(TIMEOUT_S)
    failure: str | None = failures[0] and failures[0].name()
    return failure


@pytest.mark.parametrize(("user", "own"), NETWORKS)
def test_a_network_appends_to_its_own_topic_only_and_reads_none(
    installation: Installation, user: str, own: str
) -> None:
    settings = client(installation, user, listener="host")
    assert appended(settings, own) is None
    for other in {*INBOUND} - {own}:
        assert appended(settings, other) == "TOPIC_AUTHORIZATION_FAILED"
    reader = Consumer({**settings, "group.id": "curious"})
    reader.subscribe([own])
    message: Any = reader.poll(TIMEOUT_S)
    assert message is not None
    assert message.error().name() in {"GROUP_AUTHORIZATION_FAILED", "TOPIC_AUTHORIZATION_FAILED"}
    reader.close()


@pytest.mark.parametrize(("network", "user"), [(FRANCE_TRAVAIL, "france-travail"), (CAP_EMPLOI, "cap-emploi")])
def test_a_network_reads_its_own_updates_only_and_writes_none(
    installation: Installation, network: str, user: str
) -> None:
    own = OUTBOUND_OF[network]
    assert appended(client(installation, "hub", listener="internal"), own) is None
    settings = {**client(installation, user, listener="host"), "auto.offset.reset": "earliest"}
    for topic in OUTBOUND:
        assert appended(settings, topic) == "TOPIC_AUTHORIZATION_FAILED"
        reader = Consumer({**settings, "group.id": f"{user}.records"})
        reader.subscribe([topic])
        message: Any = reader.poll(TIMEOUT_S)
        assert message is not None
        assert (message.error() is None) == (topic == own)
        reader.close()


def test_the_registrys_user_makes_writes_and_reads_its_topic_and_no_other(installation: Installation) -> None:
    settings = client(installation, "registry", listener="internal")
    admin = AdminClient(settings)
    admin.create_topics([NewTopic("_schemas", 1, 1, config={"cleanup.policy": "compact"})])["_schemas"].result(
        TIMEOUT_S
    )
    assert appended(settings, "_schemas") is None
    group = {"group.id": "karapace-autogenerated-1a2b3c", "auto.offset.reset": "earliest"}
    reader = Consumer({**settings, **group})
    reader.subscribe(["_schemas"])
    message = reader.poll(TIMEOUT_S)
    assert message is not None
    assert message.error() is None
    reader.close()
    assert appended(settings, DECISIONS) == "TOPIC_AUTHORIZATION_FAILED"


@pytest.mark.parametrize("name", JOBS)
def test_a_job_run_again_changes_nothing_and_succeeds(installation: Installation, name: str) -> None:
    key = (installation.folder / "key" / "master.key").read_bytes()
    done = installation.run(name, installation.command(name))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (installation.folder / "key" / "master.key").read_bytes() == key


def test_the_topics_are_as_the_environment_says(installation: Installation) -> None:
    topics = AdminClient(client(installation, "hub", listener="internal")).list_topics(timeout=TIMEOUT_S).topics
    assert {name: len(topics[name].partitions) for name in INBOUND} == {
        FRANCE_TRAVAIL_EVENTS: 3,
        CAP_EMPLOI_EVENTS: 3,
        DECISIONS: 1,
    }


@pytest.mark.parametrize("name", ["kafka", "postgres"])
def test_a_servers_health_check_succeeds_and_tells_a_server_that_is_away(installation: Installation, name: str) -> None:
    assert installation.health(name).returncode == 0
    elsewhere = replace(installation, kafka_host=1, postgres=1)
    assert elsewhere.health(name).returncode != 0


def test_kafkas_health_check_signs_in(installation: Installation) -> None:
    assert installation.health("kafka", HUB_KAFKA_PASSWORD="another").returncode != 0


def connected(installation: Installation, user: str, password: str, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1", port=installation.postgres, user=user, password=password, dbname=database, connect_timeout=5
    )


@pytest.mark.parametrize(("user", "database"), [("hub", "hub_keys"), ("hub_keys", "hub"), ("hub", "postgres")])
def test_the_owner_of_one_database_cannot_read_another(installation: Installation, user: str, database: str) -> None:
    passwords = {"hub": "HUB_DATABASE_PASSWORD", "hub_keys": "HUB_KEY_DATABASE_PASSWORD"}
    password = installation.variables()[passwords[user]]
    connected(installation, user, password, user).close()
    if database != "postgres":
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            connected(installation, user, password, database)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connected(installation, user, "another", user)


def test_the_databases_log_repeats_no_row(installation: Installation) -> None:
    password = installation.variables()["HUB_DATABASE_PASSWORD"]
    with connected(installation, "hub", password, "hub") as connection:
        connection.execute("create temporary table person (name text primary key)")
        connection.execute("insert into person values ('Invented Dupont')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into person values ('Invented Dupont')")
        connection.rollback()
    written = (installation.folder / "postgres.log").read_text()
    assert "duplicate key value" in written
    assert "Dupont" not in written


def test_workers_take_what_is_published_are_healthy_and_stop_in_time(
    installation: Installation, workers: dict[int, Worker], tmp_path: Path
) -> None:
    feed = tmp_path / "region.jsonl"
    for command in (["simulate", "--people", "20", "--out", str(feed)], ["publish", "--raw", str(feed)]):
        done = installation.run("hub", installation.command("hub", *command))
        assert done.returncode == 0, done.stderr

    def status() -> dict[str, Any]:
        done = installation.run("hub", installation.command("hub", "--format", "json", "status"))
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    wait_until(lambda: status()["lag"]["total_events"] == 0, deadline_s=60, what="an empty backlog")
    counted = status()["accounting"]
    assert counted["adds_up"]
    assert counted["accepted"] > 100
    for port, worker in workers.items():
        wait_until(lambda p=port: installation.health("worker", p).returncode == 0, deadline_s=60, what="health")  # type: ignore[misc]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
            assert b"hub_lag_events{" in page.read()
        worker.terminate()
    for port, worker in workers.items():
        assert worker.wait(timeout=60) == 0
        assert installation.health("worker", port).returncode != 0


def test_the_api_answers_is_healthy_and_stops_in_time(installation: Installation, tmp_path: Path) -> None:
    port = installation.metrics[0]
    # Nobody answers there: the API lives without its provider, and tells so.
    api = installation.spawn_api(tmp_path / "api.log", port, "http://127.0.0.1:1")
    try:
        health = [word.replace("8000", str(port)) for word in installation.services()["api"].health]
        asked = installation.command("api", *health[1:])
        wait_until(lambda: installation.run("api", asked).returncode == 0, deadline_s=60, what="a healthy API")
        wait_until(lambda: b"store: answers" in ready(port), deadline_s=60, what="an answer of the store")
        wait_until(lambda: b"log: answers" in ready(port), deadline_s=60, what="an answer of the log")
        assert b"keys: answers" in ready(port)
        wait_until(lambda: b"issuer: issuer_unavailable" in ready(port), deadline_s=60, what="a provider asked for")
        api.terminate()
        assert api.wait(timeout=30) == 0
    finally:
        api.kill()
        api.wait()


def ready(port: int) -> bytes:
    """Ask whether the API is ready; give its reasons, whichever it is."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as page:
            return bytes(page.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.read()

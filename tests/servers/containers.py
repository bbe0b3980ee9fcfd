"""The shared servers as containers, where an engine runs that has their images or can get them."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING, TypeVar

from docker.errors import DockerException  # type: ignore[import-untyped]
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from tests.servers.kafka import CLUSTER_ID, SETTINGS, START_S, Kafka, answers
from tests.servers.postgres import FORGETFUL, INITDB, OWNER, Postgres
from tests.servers.run import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.run import Run

# As in docker-compose.yml.
KAFKA_IMAGE = "apache/kafka:4.1.1"
POSTGRES_IMAGE = "postgres:17.7-bookworm"
CLIENTS_PORT = 9092

Server = TypeVar("Server")


def kafka_container(run: Run) -> Kafka:
    """Start a broker."""
    port = run.free_port()
    settings = SETTINGS | {
        "node.id": "1",
        "controller.quorum.voters": "1@localhost:9093",
        "listeners": f"CONTROLLER://localhost:9093,INTERNAL://localhost:9094,CLIENTS://:{CLIENTS_PORT}",
        "advertised.listeners": f"INTERNAL://localhost:9094,CLIENTS://localhost:{port}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,CLIENTS:PLAINTEXT",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
    }
    environment = {"KAFKA_" + name.upper().replace(".", "_"): value for name, value in settings.items()}
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(CLIENTS_PORT, port)
    container.with_envs(CLUSTER_ID=CLUSTER_ID, KAFKA_HEAP_OPTS="-Xmx256m", **environment)
    _start(run, container)
    wait_until(lambda: answers(f"localhost:{port}", node=1), deadline_s=START_S, what="Kafka's container")
    return Kafka(f"localhost:{port}")


def postgres_container(run: Run) -> Postgres:
    """Start a PostgreSQL server."""
    settings = {**FORGETFUL, "max_connections": "200", "timezone": "UTC"}
    container = PostgresContainer(POSTGRES_IMAGE, username=OWNER, password=OWNER, dbname="postgres")
    container.with_env("POSTGRES_INITDB_ARGS", " ".join(INITDB))
    container.with_command(["postgres", *(f"--{name}={value}" for name, value in settings.items())])
    _start(run, container)
    port = container.get_exposed_port(container.port)
    return Postgres(port=port, host=container.get_container_host_ip(), password=OWNER)


def _start(run: Run, container: DockerContainer) -> None:
    # The run ends its containers: testcontainers' own reaper would when the first worker ends.
    testcontainers_config.ryuk_disabled = True
    try:
        container.start()
    finally:
        with contextlib.suppress(AttributeError):
            run.keep_container(container.get_wrapped_container().id)


def from_engine(start: Callable[[Run], Server], run: Run) -> Server | None:
    """What `start` starts; None where no engine answers, or it cannot get the image."""
    if not _listens(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")):
        return None
    with contextlib.suppress(DockerException):
        return start(run)
    return None


def _listens(engine: str) -> bool:
    """Whether the engine's socket takes a connection: where it does not, the engine's own client leaks one."""
    kind, _, path = engine.partition("://")
    if kind != "unix":
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0

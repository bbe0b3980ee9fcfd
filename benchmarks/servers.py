"""Kafka and PostgreSQL for the measurements: one broker and one database, both durable, with a region on the topics."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import make_url

from benchmarks.workspace import Workspace
from hub.domain.topics import DECISIONS, INBOUND
from hub.settings import Settings
from hub.wiring import Hub
from tests.servers.kafka import KafkaCluster
from tests.servers.postgres import LocalPostgres
from tests.servers.run import Run

PREFIX = "bench."
PARTITIONS = 4
AT_ONCE = 1_000
"""Events published together."""
_ROOT = Path(__file__).parents[1]
_names = count(1)


class Servers:
    """One broker and one database, both durable, and a region on the topics that every run reads from the start."""

    def __init__(self, workspace: Workspace, cluster: KafkaCluster, postgres: LocalPostgres) -> None:
        self.workspace = workspace
        self.cluster = cluster
        self.postgres = postgres
        self.events = len(workspace.events)

    @property
    def address(self) -> str:
        """The database server, as psycopg takes it."""
        return _plain(self.postgres.url())

    @contextmanager
    def hub(self) -> Iterator[tuple[Hub, dict[str, str]]]:
        """Give an empty hub that reads the topics, and the environment in which another process opens it."""
        number = next(_names)
        path = self.workspace.folder / f"servers-{number}"
        databases = [self.postgres.create_database("bench"), self.postgres.create_database("bench")]
        given = {
            "HUB_DATA": str(path),
            "HUB_DATABASE": databases[0],
            "HUB_KEY_DATABASE": databases[1],
            "HUB_KAFKA_SERVERS": self.cluster.servers,
            "HUB_KAFKA_TOPIC_PREFIX": PREFIX,
            "HUB_KAFKA_GROUP": f"bench-{number}",
            "HUB_PARTITIONS": str(PARTITIONS),
            "HUB_REPLICATION": "1",
        }
        settings = Settings.model_validate({name.removeprefix("HUB_").lower(): value for name, value in given.items()})
        with Hub.create(settings) as hub:
            yield hub, given
        for database in databases:
            self.postgres.drop_database(database)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give an empty database, as psycopg takes it."""
        url = self.postgres.create_database("bare")
        yield _plain(url)
        self.postgres.drop_database(url)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def servers(workspace: Workspace) -> Iterator[Servers]:
    """Start both, and publish the region."""
    with Run.open() as run, KafkaCluster(run) as cluster, LocalPostgres(run, durable=True) as postgres:
        started = Servers(workspace, cluster, postgres)
        with started.hub() as (hub, _):
            with closing(hub.admin()) as admin:
                admin.create({topic: 1 if topic == DECISIONS else PARTITIONS for topic in INBOUND})
            with hub.publisher() as publisher:
                events = workspace.events
                for first in range(0, len(events), AT_ONCE):
                    publisher.publish_batch(events[first : first + AT_ONCE])
        yield started


def start(arguments: Sequence[str], environment: Mapping[str, str] = MappingProxyType({})) -> subprocess.Popen[str]:
    """Start a module of the benchmarks in a process of its own, so that its costs are its own."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=_ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> str:
    """Wait for its end; give what it wrote."""
    out, _ = process.communicate(timeout=900)
    assert process.returncode == 0, f"{process.args!r} ended with {process.returncode}"
    return out


@contextmanager
def serving(process: subprocess.Popen[str]) -> Iterator[None]:
    """Have a process serve, from when it says that it is ready."""
    assert process.stdout is not None
    with process:
        assert process.stdout.readline(), "it did not start"
        try:
            yield
        finally:
            process.terminate()

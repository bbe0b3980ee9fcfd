"""Scenes on any servers, and networks to a broker and a database that a test can break."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.faults.crew import Crew
from tests.faults.scene import PEOPLE, Scene
from tests.faults.upstream import Upstream
from tests.faults.watch import Watch
from tests.integration import engines
from tests.integration.feeds import digest_of_region, region
from tests.servers.fixtures import or_skip
from tests.servers.kafka import Kafka, KafkaCluster
from tests.servers.postgres import Postgres
from tests.servers.proxy import Proxy
from tests.servers.run import Run

SESSION_MS = 2_000
"""How long a silent worker keeps its partitions: by default 15 s."""
TIMEOUT_MS = 3_000
"""How long Kafka may take to answer: by default 30 s."""


Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Scenes(Protocol):
    """Sets a scene; `to_workers` changes the settings for the workers alone."""

    def __call__(
        self, kafka: Kafka | KafkaCluster, postgres: Postgres, to_workers: Change = ..., **settings: Any
    ) -> Scene: ...


@pytest.fixture
def scenes(tmp_path: Path, servers_run: Run, pytestconfig: pytest.Config) -> Iterator[Scenes]:
    """Set scenes, and clear them away."""
    assert pytestconfig.cache is not None
    figures = pytestconfig.cache.mkdir("faults")
    digest_of_region(PEOPLE)
    data = tmp_path / "data"
    with ExitStack() as opened:

        def set_scene(
            kafka: Kafka | KafkaCluster,
            postgres: Postgres,
            to_workers: Change = dict,
            **settings: Any,
        ) -> Scene:
            on = engines.Servers(kafka.servers, postgres)
            opened.enter_context(engines.on(on))
            settings = {"kafka_session_ms": SESSION_MS, "kafka_timeout_ms": TIMEOUT_MS, **settings}
            hub = opened.enter_context(engines.create(data, **settings))
            given = engines.given(data, **settings)
            crew = opened.enter_context(Crew(tmp_path, to_workers(given), servers_run.free_port))
            watch = opened.enter_context(Watch(hub))
            upstream = opened.enter_context(Upstream(hub, region(PEOPLE)))
            return Scene(hub, crew, watch, upstream, figures)

        yield set_scene


@dataclass(frozen=True, slots=True)
class Away:
    """A broker of the module's own, and the network through which all clients reach it."""

    cluster: KafkaCluster
    network: Proxy


@pytest.fixture(scope="module")
def broker(servers_run: Run) -> Iterator[Away]:
    port, behind = servers_run.free_port(), servers_run.free_port()
    with or_skip(), KafkaCluster(servers_run, port=behind, advertised={1: port}) as cluster, Proxy(port, behind) as net:
        yield Away(cluster, net)


@pytest.fixture
def database_network(postgres: Postgres, servers_run: Run) -> Iterator[Proxy]:
    """A network to the shared PostgreSQL server."""
    with Proxy(servers_run.free_port(), postgres.port) as network:
        yield network

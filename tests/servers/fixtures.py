"""The servers as fixtures: shared ones started once per run, however many processes it has, and ones to break."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.kafka import Kafka, KafkaCluster
from tests.servers.postgres import LocalPostgres, Postgres
from tests.servers.registry import Registry, RegistryServer
from tests.servers.run import Run, ServerUnavailable
from tests.servers.secure import SecureKafka, secure_broker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RUN = pytest.StashKey[Run]()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Own a run, or join the one whose worker this process is."""
    given = getattr(config, "workerinput", None)
    config.stash[RUN] = Run(Path(given["servers"])) if given else Run.open()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist which run it is of."""
    node.workerinput["servers"] = str(node.config.stash[RUN].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the run started."""
    config.stash[RUN].close()


@pytest.fixture(scope="session")
def servers_run(pytestconfig: pytest.Config) -> Run:
    """The run, for a test that starts servers of its own."""
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def kafka(servers_run: Run, pytestconfig: pytest.Config) -> Kafka:
    """A broker that all tests of the run share: isolate by topic prefix and group."""

    def start() -> dict[str, str]:
        from tests.servers.containers import from_engine, kafka_container  # noqa: PLC0415 - half a second to import

        if container := from_engine(kafka_container, servers_run):
            return dataclasses.asdict(container)
        cluster = KafkaCluster(servers_run)
        cluster.start()
        return {"servers": cluster.servers}

    with or_skip():
        found = Kafka(**servers_run.shared("kafka", start))
        # On a busy machine kafka-python once left a connection to Python to close, in whatever test came next.
        ports = "|".join(each.rpartition(":")[2] for each in found.servers.split(","))
        ignored = rf"ignore:unclosed <socket.*raddr=\('127.0.0.1', ({ports})\):ResourceWarning"
        pytestconfig.addinivalue_line("filterwarnings", ignored)
        return found


@pytest.fixture(scope="session")
def postgres(servers_run: Run) -> Postgres:
    """A PostgreSQL server that all tests of the run share: isolate by `create_database()`."""

    def start() -> dict[str, Any]:
        from tests.servers.containers import from_engine, postgres_container  # noqa: PLC0415 - half a second to import

        if container := from_engine(postgres_container, servers_run):
            return dataclasses.asdict(container)
        server = LocalPostgres(servers_run, durable=False)
        server.start()
        return {"port": server.port}

    with or_skip():
        return Postgres(**servers_run.shared("postgres", start))


@pytest.fixture
def fault_postgres(servers_run: Run) -> Iterator[LocalPostgres]:
    """A durable PostgreSQL server of the test's own, started, to kill, stop and pause."""
    with or_skip(), LocalPostgres(servers_run, durable=True) as server:
        yield server


@pytest.fixture(scope="session")
def registry(servers_run: Run) -> Registry:
    """A schema registry that all tests of the run share: isolate by topic prefix."""

    def start() -> dict[str, str]:
        server = RegistryServer(servers_run)
        server.start()
        return {"url": server.url}

    with or_skip():
        return Registry(**servers_run.shared("registry", start))


@pytest.fixture
def fault_registry(servers_run: Run) -> Iterator[RegistryServer]:
    """A schema registry of the test's own, started, to kill."""
    with or_skip():
        server = RegistryServer(servers_run)
        server.start()
    yield server
    server.kill()


@pytest.fixture
def kafka_cluster(servers_run: Run) -> Iterator[Callable[..., KafkaCluster]]:
    """Start a cluster of the test's own: three brokers, or as `KafkaCluster`'s arguments say."""
    with contextlib.ExitStack() as clusters:

        def start(**options: Any) -> KafkaCluster:
            with or_skip():
                return clusters.enter_context(KafkaCluster(servers_run, **{"brokers": 3, **options}))

        yield start


@pytest.fixture(scope="module")
def secure_kafka(servers_run: Run) -> Iterator[SecureKafka]:
    """A broker of the module's own that asks for passwords, tokens or certificates."""
    with or_skip(), secure_broker(servers_run) as broker:
        yield broker


@contextlib.contextmanager
def or_skip() -> Iterator[None]:
    """Skip a test whose server cannot be had here; fail it where CI promises every server."""
    try:
        yield
    except ServerUnavailable as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))

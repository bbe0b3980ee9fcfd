"""The two engines that the promises hold on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration import engines, stores


@pytest.fixture(scope="module", params=["files", "servers"])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a module's tests on the embedded log and SQLite, then on Kafka and PostgreSQL."""
    if request.param == "files":
        yield request.param
        return
    kafka, postgres = request.getfixturevalue("kafka"), request.getfixturevalue("postgres")
    with engines.on(engines.Servers(kafka.servers, postgres, lasts=True)):
        yield request.param


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a test with its stores on SQLite, then on PostgreSQL."""
    server = request.getfixturevalue("postgres_database") if request.param == "postgresql" else None
    with stores.on(server):
        yield request.param


@pytest.fixture
def on_postgresql(postgres_database: str) -> Iterator[None]:
    """Run a test with its stores on PostgreSQL."""
    with stores.on(postgres_database):
        yield


@pytest.fixture(scope="module")
def postgres_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database for the tests of a module, each of which has schemas of its own there."""
    postgres = request.getfixturevalue("postgres")
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)

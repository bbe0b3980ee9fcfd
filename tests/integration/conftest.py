"""Where the tests of the ledger have their stores."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration import stores


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

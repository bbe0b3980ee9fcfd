"""Ingest into PostgreSQL over connections that break: at any statement, or with the answer of a commit lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate, count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import event

from hub.consumers.ingest import Ingest
from hub.errors import StoreUnavailable
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.feeds import deliver, digest_of_region, region
from tests.integration.hubs import digest_of, sums_of
from tests.servers.postgres import Postgres

PEOPLE = 3
BATCH = 10


@pytest.fixture
def hub(tmp_path: Path, postgres: Postgres) -> Iterator[Hub]:
    """A hub with its stores on PostgreSQL, and a region on its embedded log."""
    urls = [postgres.create_database(), postgres.create_database()]
    database, key_database = map(SecretStr, urls)
    with Hub.create(Settings(data=tmp_path, database=database, key_database=key_database)) as hub:
        yield hub
    for url in urls:
        postgres.drop_database(url)


def consume_somehow(ingest: Ingest) -> int:
    """Take all, and go on as a worker does after what may pass; give how often it did."""
    for times in count():
        try:
            ingest.until_caught_up(lambda _: None)
        except StoreUnavailable:
            assert times < 100
        else:
            ingest.close()
            return times
    raise AssertionError


def lose(connection: psycopg.Connection[Any]) -> None:
    """Close a connection as the network does: without a word to either side."""
    connection.pgconn.finish()


@contextmanager
def broken_at(hub: Hub, places: Iterator[int]) -> Iterator[list[str]]:
    """Break the store's connection before statements, counted over all attempts; gives those broken."""
    broken: list[str] = []
    numbers, following = count(1), next(places)

    def execute(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        nonlocal following
        if next(numbers) == following:
            following = next(places)
            broken.append(statement)
            lose(cursor.connection)

    event.listen(hub.store, "before_cursor_execute", execute)
    yield broken
    event.remove(hub.store, "before_cursor_execute", execute)


def test_a_connection_lost_at_any_statement_loses_and_doubles_nothing(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = deliver(hub, region(PEOPLE))
    ingest = hub.ingest(BATCH)
    monkeypatch.setattr(ingest, "_sleep", lambda _: None)
    # At the 1st, 3rd, 6th, 10th, 15th...: each attempt gets further than the one before.
    with broken_at(hub, accumulate(count(1))) as broken:
        consume_somehow(ingest)
    assert len(set(broken)) > 10
    assert sums_of(hub).adds_up
    assert sums_of(hub).read == records
    assert digest_of(hub) == digest_of_region(PEOPLE)


def test_a_commit_whose_answer_is_lost_is_not_done_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    records = deliver(hub, region(PEOPLE))
    commit, commits, lost = hub.store.dialect.do_commit, count(1), []

    def commit_and_lose(connection: Any) -> None:
        commit(connection)
        if next(commits) % 3 == 0:
            lost.append(connection)
            lose(connection.driver_connection)
            raise psycopg.OperationalError("consuming input failed: server closed the connection unexpectedly")

    ingest = hub.ingest(BATCH)
    monkeypatch.setattr(ingest, "_sleep", lambda _: None)
    monkeypatch.setattr(hub.store.dialect, "do_commit", commit_and_lose)
    consume_somehow(ingest)
    monkeypatch.undo()
    assert len(lost) > 5
    assert sums_of(hub).adds_up
    assert sums_of(hub).read == records
    assert digest_of(hub) == digest_of_region(PEOPLE)

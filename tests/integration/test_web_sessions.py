"""Logins of the web pages in both databases: found, noted, ended and purged, by many at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.ledger import sessions
from hub.ledger.database import reading, writing
from hub.ledger.migrating import STORE, create_or_upgrade
from hub.ledger.sessions import VISITS_KEPT, Row
from tests.integration.stores import a_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
READER, OTHER = b"r" * 32, b"o" * 32


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Engine]:
    assert database
    engine = a_store(tmp_path, must_exist=False)
    create_or_upgrade(engine, STORE)
    yield engine
    engine.dispose()


def row(number: int, reader: bytes = READER, at: datetime = NOON) -> Row:
    return Row(number.to_bytes(32), reader, at, at, at + 8 * HOUR, b"n" * 12, b"content")


def add(store: Engine, *rows: Row) -> None:
    with writing(store) as connection:
        for each in rows:
            sessions.add(connection, each)


def found(store: Engine, number: int) -> Row | None:
    with reading(store) as connection:
        return sessions.find(connection, number.to_bytes(32))


def test_a_login_is_found_as_it_was_added(store: Engine) -> None:
    add(store, row(1), row(2, OTHER))
    assert found(store, 1) == row(1)
    assert found(store, 3) is None


def test_a_login_that_is_used_is_noted_with_its_readers_visit(store: Engine) -> None:
    add(store, row(1))
    with writing(store) as connection:
        assert sessions.visit(connection, READER, NOON) is None
        sessions.touch(connection, row(1), NOON + HOUR)
        assert sessions.visit(connection, READER, NOON + 2 * HOUR) == NOON + HOUR
        assert sessions.visit(connection, OTHER, NOON) is None
    assert found(store, 1) == row(1)._replace(seen_at=NOON + HOUR)


def test_one_login_ends_or_all_of_a_reader(store: Engine) -> None:
    add(store, row(1), row(2), row(3), row(4, OTHER))
    with writing(store) as connection:
        sessions.end(connection, row(1).session_ref)
        assert sessions.end_all(connection, READER) == 2
    assert [found(store, number) is not None for number in range(1, 5)] == [False, False, False, True]


def test_logins_that_count_are_counted(store: Engine) -> None:
    add(store, row(1), row(2, at=NOON - HOUR), row(3, at=NOON - 9 * HOUR), row(4, OTHER))
    with reading(store) as connection:
        assert sessions.count(connection, READER, used_since=NOON - 2 * HOUR, now=NOON) == 2
        assert sessions.count(connection, READER, used_since=NOON - HOUR / 2, now=NOON) == 1
        assert sessions.count(connection, READER, used_since=NOON - 24 * HOUR, now=NOON) == 2


def test_expired_logins_and_old_visits_are_purged(store: Engine) -> None:
    add(store, row(1), row(2, at=NOON - 9 * HOUR))
    with writing(store) as connection:
        sessions.visit(connection, READER, NOON - VISITS_KEPT - HOUR)
        sessions.visit(connection, OTHER, NOON)
    assert sessions.purge(store, NOON) == 1
    assert found(store, 1) is not None
    with writing(store) as connection:
        assert sessions.visit(connection, READER, NOON) is None
        assert sessions.visit(connection, OTHER, NOON) == NOON


def test_many_that_log_in_and_purge_at_once_do_not_hinder_each_other(store: Engine) -> None:
    add(store, *(row(number, at=NOON - 9 * HOUR) for number in range(40)))

    def log_in(number: int) -> None:
        sessions.purge(store, NOON)
        with writing(store) as connection:
            sessions.visit(connection, READER, NOON)
            sessions.add(connection, row(100 + number))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(log_in, range(24)))
    assert sessions.purge(store, NOON) == 0
    with reading(store) as connection:
        assert sessions.count(connection, READER, used_since=NOON - HOUR, now=NOON) == 24

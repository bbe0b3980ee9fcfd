"""What readers marked as read, in both databases: moved forward alone, by many at once, and purged."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.ledger import marks, sessions
from hub.ledger.database import reading, writing
from hub.ledger.marks import KEPT, Mark
from hub.ledger.migrating import STORE, create_or_upgrade
from tests.integration.stores import a_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIST, OTHER = b"l" * 32, b"o" * 32


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Engine]:
    assert database
    engine = a_store(tmp_path, must_exist=False)
    create_or_upgrade(engine, STORE)
    yield engine
    engine.dispose()


def move(store: Engine, ref: bytes, position: int, at: datetime = NOON) -> None:
    with writing(store) as connection:
        marks.move(connection, ref, Mark(position, at))


def found(store: Engine, ref: bytes) -> Mark | None:
    with reading(store) as connection:
        return marks.find(connection, ref)


def test_a_mark_is_of_its_list_alone_and_moves_forward_only(store: Engine) -> None:
    assert found(store, LIST) is None
    move(store, LIST, 20)
    later = NOON + timedelta(hours=1)
    move(store, LIST, 10, later)

    assert found(store, LIST) == Mark(20, NOON)
    assert found(store, OTHER) is None
    move(store, LIST, 21, later)
    assert found(store, LIST) == Mark(21, later)


def test_of_windows_and_servers_that_mark_at_once_the_farthest_mark_stays(database: str, tmp_path: Path) -> None:
    assert database
    servers = [a_store(tmp_path, must_exist=False) for _ in range(2)]
    create_or_upgrade(servers[0], STORE)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda position: move(servers[position % 2], LIST, position), [*range(40, 0, -1), 99, *range(9)]))

    assert found(servers[0], LIST) == Mark(99, NOON)
    for server in servers:
        server.dispose()


def test_marks_that_nobody_moves_are_purged_with_what_expired(store: Engine) -> None:
    move(store, LIST, 20)
    move(store, OTHER, 20, NOON + timedelta(days=2))

    sessions.purge(store, NOON + KEPT + timedelta(days=1))

    assert found(store, LIST) is None
    assert found(store, OTHER) is not None

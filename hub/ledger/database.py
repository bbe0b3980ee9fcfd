"""Opening a store, and the only two ways to use it: one writing transaction, or one reading snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


def open_database(url: str, *, must_exist: bool = True, busy_timeout_ms: int = 30_000) -> Engine:
    """Open a store."""
    raise NotImplementedError


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that holds the write lock from its start."""
    raise NotImplementedError
    yield


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one snapshot and cannot write."""
    raise NotImplementedError
    yield

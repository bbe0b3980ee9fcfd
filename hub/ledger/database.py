"""Opening a store, and the only two ways to use it: one writing transaction, or one reading snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, Table, make_url
from sqlalchemy import exc as sqlalchemy_errors
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect

from hub.errors import HubError, StoreMissing, StoreUnavailable, Usage
from hub.ledger import postgresql, sqlite

CONNECTIONS = 5


def open_database(
    url: str, *, must_exist: bool = True, busy_timeout_ms: int = 30_000, connections: int = CONNECTIONS
) -> Engine:
    """Open a store: a SQLite file, or a PostgreSQL database that exists.

    A transaction is on disk when its commit returns. A new SQLite file is readable by its owner alone, and its deleted
    bytes are overwritten.

    Args:
        url: `sqlite:///path`, or `postgresql://user:password@host:port/database?...` with libpq's parameters.
        must_exist: refuse a store that is missing or that `hub init` did not finish, rather than make it.
        busy_timeout_ms: how long a transaction waits for another one's lock.
        connections: how many are kept open; ten more are opened when all are in use.

    Raises:
        StoreMissing: there is no such store, or nothing in it.
        StoreUnavailable: it cannot be opened now.
        StoreCorrupt: the file is not a database.
        Usage: the URL names no store.
    """
    target = _url_of(url)
    match target.get_backend_name():
        case "sqlite":
            engine = sqlite.engine_of(
                target, must_exist=must_exist, busy_timeout_ms=busy_timeout_ms, connections=connections
            )
        case "postgresql":
            engine = postgresql.engine_of(target, busy_timeout_ms=busy_timeout_ms, connections=connections)
        case other:
            raise Usage(f"the hub has no store on {other}; expected postgresql://user:password@host:port/database")
    try:
        with reading(engine) as connection:
            is_empty = (sqlite if engine.dialect.name == "sqlite" else postgresql).is_empty(connection)
        if must_exist and is_empty:
            raise StoreMissing(f"the store {store_name(engine)} is empty; run `hub init`")
    except HubError:
        engine.dispose()
        raise
    return engine


def _url_of(text: str) -> URL:
    try:
        return make_url(text)
    except sqlalchemy_errors.ArgumentError:
        # Not chained: the URL may hold a password.
        raise Usage("a database's URL cannot be read; expected postgresql://user:password@host:port/database") from None


def store_name(engine: Engine) -> str:
    """Name a store in a message: a file's path, or server and database, never user or password."""
    if engine.dialect.name == "postgresql":
        return postgresql.name(engine.url)
    return str(engine.url.database)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that commits at the end, or rolls back when anything is raised.

    SQLite: the write lock is held from the start, so the transaction never fails half-way for another writer.
    PostgreSQL: READ COMMITTED; rows are locked as they are written.

    Raises:
        StoreUnavailable: locked for too long, full, or away; nothing was kept, except that a commit whose answer was
            lost may have been: a compare-and-set of the next attempt tells.
        StoreCorrupt: the store is damaged.
    """
    with _translated(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one snapshot from its first query on, and cannot write.

    Raises:
        StoreUnavailable: locked for too long, or away.
        StoreCorrupt: the store is damaged.
    """
    options: dict[str, Any] = {sqlite.READING: True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with _translated(engine), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def insert_ignoring(connection: Connection, table: Table) -> sqlite_dialect.Insert | postgresql_dialect.Insert:
    """Give an insert that leaves rows with an existing key as they are."""
    if connection.dialect.name == "postgresql":
        return postgresql_dialect.insert(table).on_conflict_do_nothing()
    return sqlite_dialect.insert(table).on_conflict_do_nothing()


@lru_cache(maxsize=64)
def insert_text(dialect: Dialect, table: Table) -> str:
    """Give the text of an insert that takes tuples in the order of the table's columns.

    For `exec_driver_sql` on hot paths: it saves SQLAlchemy's work per row and value, about 4 us a ledger row.
    """
    dialect_class: Any = type(dialect)
    positional = dialect_class(paramstyle="qmark" if dialect.name == "sqlite" else "format")
    return str(table.insert().compile(dialect=positional))


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    try:
        yield
    except sqlalchemy_errors.DBAPIError as error:
        translated = _translate(error, engine)
        if translated is None:
            raise
        raise translated from error
    except sqlalchemy_errors.TimeoutError as error:
        raise StoreUnavailable(
            f"the store {store_name(engine)} has every connection of this program in use; try again"
        ) from error


def _translate(error: sqlalchemy_errors.DBAPIError, engine: Engine) -> HubError | None:
    """Tell failures of the store from defects of a statement, which stay what they are."""
    if engine.dialect.name == "postgresql":
        found = postgresql.failure(error)
        postgresql.scrub(error)
    else:
        found = sqlite.failure(error)
    if found is None:
        return None
    kind, text = found
    return kind(f"the store {store_name(engine)} {text}")

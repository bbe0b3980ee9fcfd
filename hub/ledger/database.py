"""Opening a store, and the only two ways to use it: one writing transaction, or one reading snapshot."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from hub.errors import HubError, StoreCorrupt, StoreUnavailable, Usage

_READING = "hub_reading"
_LOCKED = (StoreUnavailable, "is locked by another program for too long; nothing was kept, try again when it is done")
_FULL = (StoreUnavailable, "has no room left and nothing was kept; free space on its disk, then try again")
_DAMAGED = (StoreCorrupt, "is damaged or is not a database of the hub; restore it from a backup")
_AWAY = (
    StoreUnavailable,
    "cannot be opened, read or written; check the file, its owner and its disk, then try again",
)
# Primary result codes: https://www.sqlite.org/rescode.html
_SQLITE_FAILURES = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CANTOPEN: _AWAY,
    sqlite3.SQLITE_IOERR: _AWAY,
    sqlite3.SQLITE_PERM: _AWAY,
    sqlite3.SQLITE_READONLY: _AWAY,
}
# A page cache of 32 MiB a connection, whatever the size of the file.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cache_size=-32768",
)


def open_database(url: str, *, must_exist: bool = True, busy_timeout_ms: int = 30_000) -> Engine:
    """Open a store; a new SQLite file is readable by its owner alone.

    A SQLite transaction is on disk when its commit returns, and deleted bytes are overwritten.

    Args:
        url: as SQLAlchemy takes it; a SQLite store is a file.
        must_exist: refuse a file that is missing or that `hub init` did not finish, rather than make it.
        busy_timeout_ms: how long a transaction waits for another one's lock.

    Raises:
        StoreUnavailable: no such store, or it cannot be opened now.
        StoreCorrupt: the file is not a database.
        Usage: the URL names no file.
    """
    target = make_url(url)
    if target.get_backend_name() != "sqlite":
        return create_engine(target, hide_parameters=True)
    if not target.database or target.database == ":memory:":
        raise Usage("a store must be a file, so that it survives the program; expected sqlite:///path/to/hub.db")
    path = Path(target.database)
    _claim(path, must_exist=must_exist)
    # mode=rw: a file removed while the program runs is an error, never an empty new store.
    location = f"file:{quote(str(path.absolute()))}?mode=rw"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            location, uri=True, timeout=busy_timeout_ms / 1000, isolation_level=None, check_same_thread=False
        )

    engine = create_engine(target, creator=connect, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        with reading(engine) as connection:
            is_empty = connection.exec_driver_sql("PRAGMA schema_version").scalar() == 0
        if must_exist and is_empty:
            raise StoreUnavailable(f"the store {path} is empty; run `hub init`")
    except HubError:
        engine.dispose()
        raise
    return engine


def _claim(path: Path, *, must_exist: bool) -> None:
    if path.is_file():
        return
    if must_exist:
        raise StoreUnavailable(f"there is no store at {path}; run `hub init`, or name the right data directory")
    try:
        # SQLite gives its WAL the same mode.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreUnavailable(f"the store {path} cannot be created ({error.strerror}); check its folder") from error


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()
    except sqlite3.Error:
        connection.close()
        raise


def _begin(connection: Connection) -> None:
    """Begin where SQLAlchemy only notes that it began: the driver's own BEGIN would be deferred, and late."""
    if connection.get_execution_options().get(_READING):
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that commits at the end, or rolls back when anything is raised.

    SQLite: the write lock is held from the start, so the transaction never fails half-way for another writer.

    Raises:
        StoreUnavailable: locked for too long, disk full, or away; nothing was kept.
        StoreCorrupt: the file is damaged.
    """
    with _translated(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one snapshot from its first query on, and cannot write.

    Raises:
        StoreUnavailable: locked for too long, or away.
        StoreCorrupt: the file is damaged.
    """
    options: dict[str, Any] = {_READING: True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with _translated(engine), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def insert_ignoring(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Give an insert that leaves rows with an existing key as they are."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


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
    except DBAPIError as error:
        translated = _translate(error.orig, engine)
        if translated is None:
            raise
        raise translated from error


def _translate(error: BaseException | None, engine: Engine) -> HubError | None:
    """Tell failures of the store from defects of a statement, which stay what they are."""
    code = getattr(error, "sqlite_errorcode", None)
    failure = None if code is None else _SQLITE_FAILURES.get(code & 0xFF)
    if failure is None:
        return None
    kind, text = failure
    return kind(f"the store {engine.url.database} {text}")

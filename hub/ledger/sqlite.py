"""SQLite as a store: one file, durable when a commit returns, deleted bytes overwritten."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from hub.errors import HubError, StoreCorrupt, StoreMissing, StoreUnavailable, Usage

READING = "hub_reading"
"""The execution option of a connection that may not write."""
_LOCKED = (StoreUnavailable, "is locked by another program for too long; nothing was kept, try again when it is done")
_FULL = (StoreUnavailable, "has no room left and nothing was kept; free space on its disk, then try again")
_DAMAGED = (StoreCorrupt, "is damaged or is not a database of the hub; restore it from a backup")
_AWAY = (
    StoreUnavailable,
    "cannot be opened, read or written; check the file, its owner and its disk, then try again",
)
# Primary result codes: https://www.sqlite.org/rescode.html
_FAILURES: dict[int, tuple[type[HubError], str]] = {
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


def engine_of(target: URL, *, must_exist: bool, busy_timeout_ms: int, connections: int) -> Engine:
    """Prepare a store in a file; a new one is readable by its owner alone.

    Raises:
        StoreMissing: there is no such file.
        StoreUnavailable: it cannot be made.
        Usage: the URL names no file.
    """
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

    engine = create_engine(target, creator=connect, hide_parameters=True, pool_size=connections)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def is_empty(connection: Connection) -> bool:
    """Tell whether nothing was ever made in the file."""
    return connection.exec_driver_sql("PRAGMA schema_version").scalar() == 0


def failure(error: DBAPIError) -> tuple[type[HubError], str] | None:
    """Tell a failure of the store from a defect of a statement; the text goes after the store's name."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else _FAILURES.get(code & 0xFF)


def _claim(path: Path, *, must_exist: bool) -> None:
    if path.is_file():
        return
    if must_exist:
        raise StoreMissing(f"there is no store at {path}; run `hub init`, or name the right data directory")
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
    if connection.get_execution_options().get(READING):
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

"""The file of the embedded log: its tables, how it is opened, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

from hub.errors import HubError, LogUnavailable, NotFound, RecordTooLarge, StoreCorrupt, StoreUnavailable

APPLICATION_ID = 0x50484C47
"""Marks the file as a log of the hub (SQLite's `application_id`): "PHLG"."""

FORMAT_VERSION = 1
BUSY_TIMEOUT_S = 30.0

# `place` packs partition and offset, so that the table itself is ordered by them and needs no index.
OFFSET_BITS = 44
_TABLES = (
    "CREATE TABLE topic (name TEXT PRIMARY KEY, topic_id TEXT NOT NULL UNIQUE)",
    """CREATE TABLE partition (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        topic TEXT NOT NULL REFERENCES topic (name),
        number INTEGER NOT NULL,
        beginning INTEGER NOT NULL DEFAULT 0,
        "end" INTEGER NOT NULL DEFAULT 0,
        UNIQUE (topic, number)
    )""",
    """CREATE TABLE record (
        place INTEGER PRIMARY KEY, timestamp_ms INTEGER NOT NULL, key BLOB, value BLOB, headers BLOB NOT NULL
    )""",
)


def create(path: Path, draft_name: str) -> None:
    """Create the file, readable by its owner alone since it holds the events in clear, unless it is there already.

    It is made under `draft_name`, which no other process uses, and then linked, so that nobody ever opens half a log.
    """
    if path.exists():
        return
    draft = path.with_name(draft_name)
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            _fill(draft)
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
        _flush_folder(path.parent)
    except OSError as error:
        message = f"the log {path} cannot be created ({error.strerror}); check the folder and its rights"
        raise StoreUnavailable(message) from error


def _fill(path: Path) -> None:
    with translated(path), closing(_connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection, "EXCLUSIVE"):
            for statement in _TABLES:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_log(path: Path) -> sqlite3.Connection:
    """Open a log that exists; a commit is durable when it returns.

    Raises:
        NotFound: there is no such file.
        StoreCorrupt: the file is not a log of the hub, or not of this version.
    """
    if not path.exists():
        raise NotFound(f"there is no log at {path}; create it with `hub init`, or name the right data directory")
    with translated(path), ExitStack() as on_error:
        connection = on_error.enter_context(closing(_connect(path)))
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise StoreCorrupt(f"{path} is not a log of the hub; restore it from its backup, or name another file")
        if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT_VERSION:
            raise StoreCorrupt(f"the log {path} was written by another version of the hub; use that version")
        connection.execute("PRAGMA synchronous = FULL")
        # What retention deletes must not live on in free pages.
        connection.execute("PRAGMA secure_delete = ON").close()
        connection.execute(f"PRAGMA journal_size_limit = {64 * 1024 * 1024}")
        on_error.pop_all()
        return connection


def _connect(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)


@contextmanager
def transaction(connection: sqlite3.Connection, kind: Literal["DEFERRED", "IMMEDIATE", "EXCLUSIVE"]) -> Iterator[None]:
    """Commit what the block does, or nothing of it if it raises."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has already rolled back after some errors, a full disk among them.
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into the hub's, with what to do about each."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(error, path) from error


def _translate(error: sqlite3.Error, path: Path) -> HubError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LogUnavailable(f"the log {path} was locked by another process for {BUSY_TIMEOUT_S:g} s; try again")
        case sqlite3.SQLITE_FULL:
            return StoreUnavailable(f"the disk of the log {path} is full and nothing was written; free space")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return StoreUnavailable(f"the log {path} is read-only and nothing was written; give the hub write access")
        case sqlite3.SQLITE_CANTOPEN:
            return StoreUnavailable(f"the log {path} cannot be opened; check the file, its folder and their rights")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_FORMAT:
            return StoreCorrupt(f"the log {path} is damaged; stop the hub and restore the file from its backup")
        case sqlite3.SQLITE_TOOBIG:
            return RecordTooLarge(f"a record is larger than the log {path} can hold, 1 GB; nothing was written")
        case _:
            return LogUnavailable(f"the log {path} failed ({error}); check the disk and try again")

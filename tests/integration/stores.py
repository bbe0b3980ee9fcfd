"""Builders of stores, keys and entries for the tests of the ledger, on SQLite or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, text

from hub.domain.ids import Subject
from hub.ledger import ledger
from hub.ledger.database import open_database, reading, writing
from hub.ledger.ledger import NewEntry
from hub.ledger.migrating import STORE, create_or_upgrade
from hub.privacy.keys import MasterKey
from hub.privacy.keystore import KeyStore, SubjectKey

MASTER = MasterKey(b"k" * 32)
NOON = datetime(2021, 4, 1, 12, tzinfo=UTC)
TOPIC = "france-travail.case-events.v1"

_numbers = count(1)


class Databases:
    """Where the stores of a test are: files of its folder, or schemas of one PostgreSQL database."""

    def __init__(self, server: str | None = None) -> None:
        self.server = server
        self._urls: dict[tuple[Path, str], str] = {}
        self._opened: list[Engine] = []

    def url(self, folder: Path, name: str) -> str:
        """Give the URL of a store; a schema is made when it is first asked for."""
        if self.server is None:
            return f"sqlite:///{folder}/{name}.db"
        if (folder, name) not in self._urls:
            schema = f"{name}_{next(_numbers)}"
            engine = self.open(self.server, must_exist=False)
            with writing(engine) as connection:
                connection.execute(text(f"create schema {schema}"))
            self._urls[folder, name] = f"{self.server}?options=-csearch_path%3D{schema}"
        return self._urls[folder, name]

    def open(self, url: str, **options: Any) -> Engine:
        """Open a store until the test's end."""
        self._opened.append(open_database(url, **options))
        return self._opened[-1]

    def close(self) -> None:
        """Release every connection."""
        for engine in self._opened:
            engine.dispose()

    def held(self, folder: Path) -> bytes:
        """Everything that the stores of a folder hold: the files with their write-ahead logs, or every value."""
        if self.server is None:
            return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
        return b"".join(_values(self.open(url)) for (of, _), url in self._urls.items() if of == folder)


_chosen = [Databases()]


@contextmanager
def on(server: str | None) -> Iterator[None]:
    """Let every store opened inside be on a PostgreSQL database, or in files."""
    _chosen.append(Databases(server))
    try:
        yield
    finally:
        _chosen.pop().close()


def a_url(folder: Path, name: str = "hub") -> str:
    return _chosen[-1].url(folder, name)


def a_store(folder: Path, name: str = "hub", **options: Any) -> Engine:
    return _chosen[-1].open(a_url(folder, name), **options)


def held_bytes(folder: Path) -> bytes:
    return _chosen[-1].held(folder)


def a_ledger(folder: Path) -> Engine:
    engine = a_store(folder, must_exist=False)
    create_or_upgrade(engine, STORE)
    return engine


def a_keystore(folder: Path, master: MasterKey = MASTER, *, cached: int = 100) -> KeyStore:
    keystore = KeyStore(a_store(folder, "keys", must_exist=False), master, os.urandom, cached=cached)
    keystore.create()
    return keystore


def a_case(number: int = 1) -> Subject:
    return Subject("case", "france_travail", "", f"{number:011d}")


def an_event_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def an_entry(
    number: int, subject: SubjectKey, *, event_type: str = "CaseUpdated", body: bytes = b"avro body"
) -> NewEntry:
    mac = number.to_bytes(32, "big")
    return NewEntry(an_event_id(number), subject, event_type, 7, body, mac, TOPIC, 0, number)


def append(engine: Engine, *entries: NewEntry, stamp: datetime = NOON) -> list[int]:
    with writing(engine) as connection:
        return ledger.append(connection, entries, stamp=stamp, random_bytes=os.urandom)


def zeros(engine: Engine, size: int | str) -> str:
    """Give the SQL of so many zero bytes."""
    if engine.dialect.name == "postgresql":
        return f"decode(repeat('00', {size}), 'hex')"
    return f"zeroblob({size})"


def _values(engine: Engine) -> bytes:
    with reading(engine) as connection:
        names = inspect(connection).get_table_names()
        rows = [row for name in names for row in connection.execute(text(f'select * from "{name}"'))]  # noqa: S608
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)

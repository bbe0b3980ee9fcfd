"""Rows in bulk: PostgreSQL takes them by binary COPY, SQLite by one prepared insert.

Binary COPY takes the least of the client's CPU from 5 rows up, and the client is what limits a worker: a ledger row of
8 000 takes 1.5 us of it, by executemany 11. By the clock it takes 4 us instead of 12, of 50 rows 5 instead of 20; text
COPY was faster by the clock for 8 000. A single row takes as long either way (measured).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Dialect, Table, any_, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError

from hub.ledger.database import insert_text

if TYPE_CHECKING:
    from psycopg import Connection as DriverConnection
    from psycopg import Copy

Row = tuple[Any, ...]


def insert(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert rows given as the driver takes them, in the order of the table's columns.

    Raises:
        IntegrityError: SQLAlchemy's, when a key is there already; roll back.
    """
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(insert_text(connection.dialect, table), rows)
        return
    with _copying(connection, table) as copy:
        _write(copy, _layout(connection.dialect, table), rows)


def insert_new(connection: Connection, table: Table, rows: list[Row]) -> int:
    """Insert rows in their order, and leave those with an existing key as they are; give how many were new.

    A key that another transaction is about to add is waited for, so writers must come in one order: of the key.
    """
    if not rows:
        return 0
    if connection.dialect.name != "postgresql":
        statement = f"{insert_text(connection.dialect, table)} ON CONFLICT DO NOTHING"
        return connection.exec_driver_sql(statement, rows).rowcount
    columns = tuple(map(list, zip(*rows, strict=True)))
    return connection.exec_driver_sql(_insert_new(connection.dialect, table), columns).rowcount


@lru_cache(maxsize=64)
def _insert_new(dialect: Dialect, table: Table) -> str:
    arrays = ", ".join(f"%s::{type_}[]" for type_ in _layout(dialect, table).types)
    name = dialect.identifier_preparer.format_table(table)
    return f"INSERT INTO {name} SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"  # noqa: S608 names of tables alone


def packed(connection: Connection, table: Table, rows: list[Row]) -> bytes:
    """Give rows as PostgreSQL's binary COPY reads them, for another process to hand on with `insert_packed`."""
    import psycopg  # noqa: PLC0415 not every hub has PostgreSQL's driver to load
    from psycopg.copy import FileWriter  # noqa: PLC0415

    buffer = BytesIO()
    with _driver(connection).cursor() as cursor, psycopg.Copy(cursor, binary=True, writer=FileWriter(buffer)) as copy:
        _write(copy, _layout(connection.dialect, table), rows)
    return buffer.getvalue()


def insert_packed(connection: Connection, table: Table, rows: bytes) -> None:
    """Insert rows that `packed` gave."""
    with _copying(connection, table) as copy:
        copy.write(rows)


def among(connection: Connection, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Give the condition that a column is one of the values in a list, which the statement gets under this name.

    PostgreSQL gets them as one array, so that one prepared statement serves whatever their number.
    """
    if connection.dialect.name != "postgresql":
        return column.in_(bindparam(name, expanding=True))
    return column == any_(bindparam(name, type_=_Values(column.type)))


def within(connection: Connection, column: ColumnElement[int], numbers: Sequence[int]) -> ColumnElement[bool]:
    """Give the condition that a column is one of these numbers, however many: one parameter of the statement."""
    if connection.dialect.name != "postgresql":
        return column.in_(select(func.json_each(json.dumps(numbers)).table_valued("value").c.value))
    return column == any_(literal(numbers, _Values(column.type)))


class _Values(ARRAY[Any]):
    """An array whose items the driver takes as they are: SQLAlchemy would wrap each `bytes` in an object of its own."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> None:
        """Convert nothing."""


class _Layout(NamedTuple):
    statement: str
    types: list[str]


@lru_cache(maxsize=512)
def _layout(dialect: Dialect, table: Table) -> _Layout:
    """Name the columns and their types: binary COPY casts nothing."""
    prepared = dialect.identifier_preparer
    names = ", ".join(prepared.quote(column.name) for column in table.columns)
    statement = f"COPY {prepared.format_table(table)} ({names}) FROM STDIN (FORMAT binary)"
    # A type's collation is no part of its name.
    types = [column.type.compile(dialect).lower().partition(" collate ")[0] for column in table.columns]
    return _Layout(statement, types)


def _write(copy: Copy, layout: _Layout, rows: list[Row]) -> None:
    copy.set_types(layout.types)
    write_row = copy.write_row
    for row in rows:
        write_row(row)


@contextmanager
def _copying(connection: Connection, table: Table) -> Iterator[Copy]:
    """Copy into a table; failures are those of SQLAlchemy's own statements."""
    dialect = connection.dialect
    statement = _layout(dialect, table).statement
    failures = dialect.loaded_dbapi.Error
    try:
        with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
            yield copy
    except failures as error:
        broken = dialect.is_disconnect(error, connection.connection, None)
        raise DBAPIError.instance(
            statement, None, error, failures, hide_parameters=True, connection_invalidated=broken, dialect=dialect
        ) from error


def _driver(connection: Connection) -> DriverConnection[Any]:
    driver: DriverConnection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    return driver

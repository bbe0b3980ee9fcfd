"""Writes rows in bulk: one prepared statement per table, positional tuples, conversions only where a type needs one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, bindparam
from sqlalchemy.engine import Dialect

from hub.projections.readmodel import Row

Convert = Callable[[Any], Any]


class Statement:
    """A statement for many rows, with the conversions of its columns for one database."""

    def __init__(self, sql: str, converters: Sequence[tuple[int, Convert]]) -> None:
        self.sql = sql
        self.converters = converters

    def run(self, connection: Connection, rows: list[Row]) -> None:
        """Execute the statement for every row."""
        if rows:
            connection.exec_driver_sql(self.sql, self.converted(rows))

    def converted(self, rows: list[Row]) -> list[Row]:
        """Give rows as the driver takes them."""
        if not self.converters:
            return rows
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for index, convert in self.converters:
            columns[index] = [None if value is None else convert(value) for value in columns[index]]
        return list(zip(*columns, strict=True))


def _converters(columns: Sequence[Any], dialect: Dialect) -> list[tuple[int, Convert]]:
    found = []
    for index, column in enumerate(columns):
        convert = column.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None and not isinstance(column.type, LargeBinary):
            found.append((index, convert))
    return found


@lru_cache(maxsize=512)
def _insert(table: Table, dialect: Dialect) -> Statement:
    columns = list(table.columns)
    compiled = table.insert().compile(dialect=dialect, column_keys=[column.name for column in columns])
    return Statement(str(compiled), _converters(columns, dialect))


@lru_cache(maxsize=512)
def _delete(table: Table, dialect: Dialect) -> Statement:
    columns = list(table.primary_key.columns)
    statement = table.delete()
    for column in columns:
        statement = statement.where(column == bindparam(f"key_{column.name}", type_=column.type))
    return Statement(str(statement.compile(dialect=dialect)), _converters(columns, dialect))


def insert(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert rows given as tuples in the table's column order."""
    _insert(table, connection.dialect).run(connection, list(rows))


def converted(table: Table, dialect: Dialect, rows: list[Row]) -> list[Row]:
    """Give rows as the driver takes them for an insert, so that another process may do so."""
    return _insert(table, dialect).converted(rows)


def insert_converted(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert rows that are converted already."""
    if rows:
        connection.exec_driver_sql(_insert(table, connection.dialect).sql, rows)


def delete(connection: Connection, table: Table, keys: Iterable[Row]) -> None:
    """Delete rows by their primary keys, given as tuples in the key's column order."""
    _delete(table, connection.dialect).run(connection, list(keys))

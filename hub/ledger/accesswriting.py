"""Writing what one transaction adds to the access log: in PostgreSQL by one statement, whatever its number of rows."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Table

from hub.ledger.accesstables import access_entry, access_person, access_volume
from hub.ledger.database import insert_text

Row = tuple[Any, ...]
_COUNTED = "counted = excluded.counted, asked_at = excluded.asked_at, shown_at = excluded.shown_at"
_AGAIN = f" ON CONFLICT (reader_no, person) DO UPDATE SET {_COUNTED}"
_HEAD = ("number", "last_entry", "mac", "alarm_no", "reader_no")


class Rows(NamedTuple):
    """Rows in the order of their tables' columns; of heads `number, last_entry, mac, alarm_no, reader_no`."""

    entries: list[Row]
    people: list[Row]
    counts: list[Row]
    heads: list[Row]


def write(connection: Connection, rows: Rows) -> None:
    """Add entries, people and counts, and move the readers' heads.

    Raises:
        IntegrityError: SQLAlchemy's, when an id is there already or a month has no partition; roll back.
    """
    if connection.dialect.name == "postgresql":
        entries, people = _columns(rows.entries, 14), _columns(rows.people, 6)
        values = (*entries, *people, *_columns(rows.counts, 5), *_columns(rows.heads, 5))
        connection.exec_driver_sql(_in_postgresql(connection.dialect), values)
        return
    connection.exec_driver_sql(insert_text(connection.dialect, access_entry), rows.entries)
    if rows.people:
        connection.exec_driver_sql(insert_text(connection.dialect, access_person), rows.people)
    if rows.counts:
        connection.exec_driver_sql(insert_text(connection.dialect, access_volume) + _AGAIN, rows.counts)
    moved = ", ".join(f"{name} = ?" for name in _HEAD[:-1])
    connection.exec_driver_sql(f"UPDATE access_reader SET {moved} WHERE reader_no = ?", rows.heads)  # noqa: S608


def _columns(rows: list[Row], width: int) -> list[list[Any]]:
    return [[row[index] for row in rows] for index in range(width)]


@lru_cache(maxsize=4)
def _in_postgresql(dialect: Dialect) -> str:
    people, counts = (_added(dialect, table) for table in (access_person, access_volume))
    moved = ", ".join(f"{name} = head.{name}" for name in _HEAD[:-1])
    heads = f"unnest(%s::bigint[], %s::bigint[], %s::bytea[], %s::bigint[], %s::bigint[]) AS head ({', '.join(_HEAD)})"
    before = f"WITH e AS ({_added(dialect, access_entry)}), p AS ({people}), c AS ({counts}{_AGAIN})"
    return f"{before} UPDATE access_reader AS r SET {moved} FROM {heads} WHERE r.reader_no = head.reader_no"  # noqa: S608


def _added(dialect: Dialect, table: Table) -> str:
    types = [column.type.compile(dialect).lower().partition(" collate ")[0] for column in table.columns]
    arrays = ", ".join(f"%s::{type_}[]" for type_ in types)
    return f"INSERT INTO {table.name} SELECT * FROM unnest({arrays})"  # noqa: S608 names of tables alone

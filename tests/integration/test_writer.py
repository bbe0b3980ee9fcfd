"""Rows in bulk: every type of the read model goes in, comes back and is deleted by its key, on either engine."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Engine, LargeBinary, MetaData, Table, select
from sqlalchemy.exc import IntegrityError

from hub.ledger.database import reading, writing
from hub.projections import writer
from hub.projections.readmodel import COUNT, DAY, MOMENT, NUMBER, TEXT, Row
from tests.integration.stores import a_store

TYPES: dict[str, Any] = {
    "text": TEXT,
    "day": DAY,
    "moment": MOMENT,
    "count": COUNT,
    "number": NUMBER,
    "bytes": LargeBinary(16),
}
NOON = datetime(2021, 4, 1, 12, 0, 0, 123456, tzinfo=UTC)
VALUES: dict[str, list[Any]] = {
    "text": ["a", "", 'l\'été "12" \\ {x}\n\t, 日本 \U0001f600', "null", "NULL"],
    "day": [date(1, 1, 1), date(1999, 12, 31), date(2000, 1, 1), date(2024, 2, 29), date(9999, 12, 31)],
    "moment": [NOON, NOON.replace(microsecond=0), *(NOON + timedelta(days=365 * years) for years in (-120, 1, 170))],
    "count": [-(2**31), -1, 0, 1, 2**31 - 1],
    "number": [-(2**63), -1, 0, 2**31, 2**63 - 1],
    "bytes": [bytes(16), b"\xff" * 16, b"\\x00'\"", b"{},NULL", b"a"],
}

pytestmark = pytest.mark.usefixtures("database")


def a_table(folder: Path, *keys: str) -> tuple[Engine, Table]:
    columns = [Column(f"key_{name}", TYPES[name], primary_key=True, autoincrement=False) for name in keys]
    columns += [Column(name, type_) for name, type_ in TYPES.items()]
    table, engine = Table("thing", MetaData(), *columns), a_store(folder, must_exist=False)
    with writing(engine) as connection:
        table.create(connection)
    return engine, table


def rows_with(*keys: str) -> list[Row]:
    whole = list(zip(*(VALUES[name] for name in (*keys, *TYPES)), strict=True))
    return [*whole[:4], (*whole[4][: len(keys)], *(None for _ in TYPES))]


def stored(engine: Engine, table: Table) -> set[Row]:
    with reading(engine) as connection:
        return set(map(tuple, connection.execute(select(table))))


@pytest.mark.parametrize("key", [name for name in TYPES if name != "count"])
def test_rows_come_back_as_they_went_in_and_go_by_their_keys(tmp_path: Path, key: str) -> None:
    engine, table = a_table(tmp_path, key, "count")
    rows = rows_with(key, "count")
    with writing(engine) as connection:
        writer.insert(connection, table, rows)
        writer.insert(connection, table, [])
    assert stored(engine, table) == set(rows)
    with writing(engine) as connection:
        writer.delete(connection, table, [])
        # Half of a key of two is not the key.
        writer.delete(connection, table, [(*row[:1], row[1] ^ 1) for row in rows])
        writer.delete(connection, table, [row[:2] for row in rows[1:]])
    assert stored(engine, table) == set(rows[:1])


def test_rows_may_be_made_ready_by_another_process(tmp_path: Path) -> None:
    engine, table = a_table(tmp_path, "number")
    rows = rows_with("number")
    with reading(engine) as connection:
        ready = [pickle.dumps(writer.converted(connection, table, part)) for part in (rows[:2], rows[2:])]
    with writing(engine) as connection:
        for part in ready:
            writer.insert_converted(connection, table, pickle.loads(part))  # noqa: S301 - made above
    assert stored(engine, table) == set(rows)


def test_many_rows_go_and_come_at_once(tmp_path: Path) -> None:
    engine, table = a_table(tmp_path, "number", "text")
    rows = [(number, str(number), *(None for _ in TYPES)) for number in range(5_000)]
    with writing(engine) as connection:
        writer.insert(connection, table, rows)
        writer.delete(connection, table, [row[:2] for row in rows[:-1]])
    assert stored(engine, table) == set(rows[-1:])


def test_a_key_that_is_there_already_is_refused(tmp_path: Path) -> None:
    engine, table = a_table(tmp_path, "text")
    rows = rows_with("text")
    for again in (rows[:1], [rows[1], rows[1]]):
        with pytest.raises(IntegrityError), writing(engine) as connection:
            writer.insert(connection, table, [*rows[:1], *again] if again == rows[:1] else again)
    assert stored(engine, table) == set()

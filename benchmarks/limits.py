"""What bounds a rebuild: decoding the ledger's bodies, and inserting the rows, each alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, func, select, type_coerce
from sqlalchemy.types import NullType

from benchmarks.measure import Cost, Stopwatch, undisturbed
from hub.ledger import ledger
from hub.ledger.database import insert_text, reading, writing
from hub.projections import generations
from hub.projections.models import PERSON_MODELS
from hub.projections.tables import Tables, tables
from hub.wiring import Hub

CASES_AT_ONCE = 500
"""Case records whose rows a rebuild writes in one transaction."""
_ENTRIES_AT_ONCE = 10_000

Rows = list[tuple[Any, ...]]


def decoding(hub: Hub) -> Cost:
    """Decode every body of the ledger; opening it and reading it do not count."""
    watch, after = Stopwatch(), 0
    decode = hub.codec.decode_body
    with undisturbed():
        while True:
            with reading(hub.store) as connection:
                entries = ledger.read_all(connection, hub.keystore, after, _ENTRIES_AT_ONCE)
            if not entries:
                return watch.cost
            bodies = [(entry.schema_id, entry.body) for entry in entries]
            after = entries[-1].position
            with watch.running():
                for schema_id, body in bodies:
                    decode(schema_id, body)


def inserting(hub: Hub) -> tuple[Cost, int]:
    """Insert the very rows of the live generation into empty tables of the same shape; give how many there are.

    The rows are in memory as SQLite gave them, in the order of their keys; they go in with one statement per table and
    one transaction per as many case records as a rebuild takes at once.
    """
    with reading(hub.store) as connection:
        source = generations.live(connection)
        units = [*_units(connection, source)]
    empty = tables(source.number + 1)
    with writing(hub.store) as connection:
        empty.metadata.create_all(connection)
    watch = Stopwatch()
    with undisturbed():
        for unit in units:
            with reading(hub.store) as connection:
                rows = [(table.name, _read(connection, query)) for table, query in unit]
            _insert(hub, watch, [(_twin(source, empty, name), found) for name, found in rows if found])
    counted = _counts(hub, source)
    assert counted == _counts(hub, empty), "the rows inserted are not the rows that the rebuild wrote"
    with writing(hub.store) as connection:
        empty.metadata.drop_all(connection)
    return watch.cost, sum(counted)


def _insert(hub: Hub, watch: Stopwatch, found: Sequence[tuple[Table, Rows]]) -> None:
    with watch.running(), writing(hub.store) as connection:
        for table, rows in found:
            connection.exec_driver_sql(insert_text(connection.dialect, table), rows)


def _units(connection: Connection, source: Tables) -> Iterator[list[tuple[Table, Select[Any]]]]:
    """Divide a generation as a rebuild does: case records with their keys, then pathways, then the other subjects."""
    of_records = (source.case_record, source.identity_key, source.blocking_key, source.pair_decision)
    cases = source.case_record.c
    for low, high in _ranges(connection, cases.case_no):
        yield [(table, _between(table, table.c.case_no, low, high)) for table in of_records]
    of_person = [source.fold, *(source.models[model.name] for model in PERSON_MODELS)]
    for low, high in _ranges(connection, cases.pathway_no):
        members = select(cases.case_no).where(cases.pathway_no.between(low, high))
        yield [
            *((table, _between(table, table.c.pathway_no, low, high)) for table in of_person),
            *((table, _raw(table).where(table.c.case_no.in_(members))) for table in (source.timeline, source.link)),
        ]
    yield [
        (table, _raw(table))
        for table in source.all()
        if table not in {*of_records, *of_person, source.timeline, source.link}
    ]


def _ranges(connection: Connection, column: Column[Any]) -> Iterator[tuple[int, int]]:
    """Cut a column of the case records into stretches of about as many case records as a rebuild takes at once."""
    query = select(column, func.count()).where(column.is_not(None)).group_by(column).order_by(column)
    low, cases = None, 0
    number = 0
    for number, found in connection.execute(query):
        low = number if low is None else low
        cases += found
        if cases >= CASES_AT_ONCE:
            yield low, number
            low, cases = None, 0
    if low is not None:
        yield low, number


def _raw(table: Table) -> Select[Any]:
    """Select values as SQLite stores them, so that inserting them again converts nothing."""
    columns: Iterable[Any] = (type_coerce(column, NullType()).label(column.name) for column in table.c)
    return select(*columns).order_by(*table.primary_key.columns)


def _between(table: Table, column: Column[Any], low: int, high: int) -> Select[Any]:
    return _raw(table).where(column.between(low, high))


def _read(connection: Connection, query: Select[Any]) -> Rows:
    return [tuple(row) for row in connection.execute(query)]


def _twin(source: Tables, empty: Tables, name: str) -> Table:
    return empty.metadata.tables[name.replace(f"g{source.number}_", f"g{empty.number}_", 1)]


def _counts(hub: Hub, generation: Tables) -> list[int]:
    with reading(hub.store) as connection:
        found: Iterable[Any] = (connection.scalar(select(func.count()).select_from(each)) for each in generation.all())
        return [int(each) for each in found]

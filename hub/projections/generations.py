"""Generations of the read model: the live one, and a rebuild beside it that is switched in by one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, Table, func, select

from hub.errors import StoreUnavailable, Usage
from hub.ledger import ledger
from hub.ledger.database import reading, writing
from hub.projections.models import shape
from hub.projections.tables import Tables, generation, generation_reader, tables

BUILDING, LIVE, RETIRED = "building", "live", "retired"
_FIRST = 0x70617263
"""An advisory lock's number that nothing else in the database has."""
_READERS_WAIT_MS = 200
_VACUUM_WAITS_MS = 3_000
_DROP_ATTEMPTS = 5


class Generation(NamedTuple):
    """A generation of the read model."""

    number: int
    state: str
    shape: str
    position: int
    created_at: datetime
    live_at: datetime | None

    @property
    def is_outdated(self) -> bool:
        """Tell whether another version of the program built it: this one reads it, and cannot carry it on."""
        return self.shape != shape()


def create_first(connection: Connection, now: datetime) -> None:
    """Make an empty live generation, unless there is one."""
    if connection.dialect.name == "postgresql":
        # Before there is a generation, nothing else can be locked: of two at once, the second finds it made.
        connection.execute(select(func.pg_advisory_xact_lock(_FIRST)))
    if connection.execute(select(func.count()).select_from(generation)).scalar():
        return
    tables(1).create(connection)
    connection.execute(
        generation.insert().values(number=1, state=LIVE, shape=shape(), position=0, created_at=now, live_at=now)
    )


def live(connection: Connection) -> Tables:
    """Give the tables of the live generation, as this snapshot sees it.

    Call it first in a reading, before anything else is read: in PostgreSQL it keeps the tables that the snapshot shows
    from being dropped, and the snapshot is taken by the next statement.
    """
    return tables(live_generation(connection).number)


def live_generation(connection: Connection) -> Generation:
    """Give the live generation, as `live` its tables."""
    return _live(listing(connection))


def live_to_write(connection: Connection) -> Tables:
    """Give the tables of the live generation to a writer; it stays the live one until the transaction ends.

    Raises:
        Usage: another version of the program built the generation; its rows cannot be carried on.
    """
    _lock(connection, generation, "ROW SHARE")
    current = _live(_all(connection))
    if current.is_outdated:
        raise Usage("the read model was built by another version of the hub; run `hub rebuild`, then start again")
    return tables(current.number)


def listing(connection: Connection) -> list[Generation]:
    """List all generations by number, as this snapshot sees them; call it first in a reading, as `live`."""
    _lock(connection, generation_reader, "ACCESS SHARE")
    return _all(connection)


def _live(known: list[Generation]) -> Generation:
    for found in known:
        if found.state == LIVE:
            return found
    raise StoreUnavailable("the store has no live read model; run `hub init`")


def _all(connection: Connection) -> list[Generation]:
    rows = connection.execute(select(generation).order_by(generation.c.number))
    return [Generation(*row) for row in rows]


def _lock(connection: Connection, table: Table, mode: str) -> None:
    """Lock a table in PostgreSQL, in a statement of its own: the next one sees what was committed while this waited.

    On `generation`, ROW SHARE of ingest keeps off EXCLUSIVE of a switch, ROW EXCLUSIVE of a build keeps off
    SHARE ROW EXCLUSIVE of another's beginning; readers wait for neither.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN {mode} MODE")


def begin(connection: Connection, now: datetime) -> Tables:
    """Make the empty tables of a new generation that reads the ledger up to here; a build begun before is dropped.

    Its number is not used again: should that build still run, it finds its generation gone, and not another one's.
    """
    _lock(connection, generation, "SHARE ROW EXCLUSIVE")
    known = _all(connection)
    for found in known:
        if found.state == BUILDING:
            _drop(connection, found.number)
    number = max((found.number for found in known), default=0) + 1
    built = tables(number)
    built.create(connection)
    connection.execute(
        generation.insert().values(
            number=number, state=BUILDING, shape=shape(), position=ledger.last_position(connection), created_at=now
        )
    )
    return built


@contextmanager
def writing_to(store: Engine, built: Tables) -> Iterator[Connection]:
    """Give a transaction that writes to a generation being built.

    Its commit is durable as any other: a build goes on after a crash of the server, which must not have lost a step.

    Raises:
        Usage: another rebuild began since, and dropped it.
    """
    with writing(store) as connection:
        _lock(connection, generation, "ROW EXCLUSIVE")
        _check_building(connection, built)
        yield connection


@contextmanager
def switching_to(store: Engine, built: Tables, *, wait_ms: int) -> Iterator[Connection]:
    """Give the transaction that completes a generation and makes it the live one; meanwhile ingest waits.

    In PostgreSQL it waits `wait_ms` for the batches under way: whoever comes after queues behind it.

    Raises:
        Usage: another rebuild began since, and dropped it.
        StoreUnavailable: batches were under way for longer, or the store is away.
    """
    with writing(store) as connection:
        if connection.dialect.name == "postgresql":
            usual = connection.exec_driver_sql("SHOW lock_timeout").scalar()
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait_ms}")
            _lock(connection, generation, "EXCLUSIVE")
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{usual}'")
        _check_building(connection, built, or_live=True)
        yield connection


def is_live(connection: Connection, built: Tables) -> bool:
    """Tell whether a generation was switched in already."""
    return any((found.number, found.state) == (built.number, LIVE) for found in _all(connection))


def _check_building(connection: Connection, built: Tables, *, or_live: bool = False) -> None:
    states = (BUILDING, LIVE) if or_live else (BUILDING,)
    if all(found.number != built.number or found.state not in states for found in _all(connection)):
        raise Usage("another rebuild began and this one was given up; nothing is lost, wait for the other one to end")


def gather_statistics(connection: Connection, built: Tables) -> None:
    """Have PostgreSQL learn what tables just filled hold: without that, it plans for empty ones."""
    if connection.dialect.name == "postgresql":
        for table in built.all():
            connection.exec_driver_sql(f"ANALYZE {table.name}")


def advance(connection: Connection, number: int, position: int) -> None:
    """Record how far a build has read."""
    connection.execute(generation.update().where(generation.c.number == number).values(position=position))


def switch(connection: Connection, number: int, now: datetime) -> None:
    """Make a built generation the live one, in the caller's transaction."""
    connection.execute(generation.update().where(generation.c.state == LIVE).values(state=RETIRED))
    connection.execute(generation.update().where(generation.c.number == number).values(state=LIVE, live_at=now))


def drop_retired(engine: Engine) -> None:
    """Drop the generations that no new reader uses, each in its own transaction.

    One that someone still reads in PostgreSQL is left; the next rebuild, or the next worker that starts, tries again.
    """
    with reading(engine) as connection:
        retired = [found.number for found in listing(connection) if found.state == RETIRED]
    for number in retired:
        for _ in range(_DROP_ATTEMPTS):
            try:
                with writing(engine) as connection:
                    _drop_retired(connection, number)
                break
            except StoreUnavailable:
                if engine.dialect.name != "postgresql":
                    raise


def _drop_retired(connection: Connection, number: int) -> None:
    if connection.dialect.name == "postgresql":
        # New readers queue behind this, so it gives way soon. Autovacuum gives way itself, after a second.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_READERS_WAIT_MS}")
        _lock(connection, generation_reader, "ACCESS EXCLUSIVE")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_VACUUM_WAITS_MS}")
    if any((found.number, found.state) == (number, RETIRED) for found in _all(connection)):
        _drop(connection, number)


def _drop(connection: Connection, number: int) -> None:
    tables(number).drop(connection)
    connection.execute(generation.delete().where(generation.c.number == number))

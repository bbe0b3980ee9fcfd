"""Generations of the read model: the live one, and a rebuild beside it that is switched in by one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select

from hub.errors import StoreUnavailable, Usage
from hub.ledger import ledger
from hub.ledger.database import reading, writing
from hub.projections.models import shape
from hub.projections.tables import Tables, generation, registry, tables

BUILDING, LIVE, RETIRED = "building", "live", "retired"


class Generation(NamedTuple):
    """A generation of the read model."""

    number: int
    state: str
    shape: str
    position: int
    created_at: datetime
    live_at: datetime | None


def create_first(connection: Connection, now: datetime) -> None:
    """Make the registry of generations and an empty live one, unless there is one."""
    registry.create_all(connection)
    if connection.execute(select(func.count()).select_from(generation)).scalar():
        return
    tables(1).metadata.create_all(connection)
    connection.execute(
        generation.insert().values(number=1, state=LIVE, shape=shape(), position=0, created_at=now, live_at=now)
    )


def live(connection: Connection) -> Tables:
    """Give the tables of the live generation, as this snapshot sees it."""
    return tables(_live(connection).number)


def live_to_write(connection: Connection) -> Tables:
    """Give the tables of the live generation to a writer.

    Raises:
        Usage: another version of the program built the generation; its rows cannot be carried on.
    """
    current = _live(connection)
    if current.shape != shape():
        raise Usage("the read model was built by another version of the hub; run `hub rebuild`, then start again")
    return tables(current.number)


def _live(connection: Connection) -> Generation:
    for found in listing(connection):
        if found.state == LIVE:
            return found
    raise StoreUnavailable("the store has no live read model; run `hub init`")


def listing(connection: Connection) -> list[Generation]:
    """List all generations by number."""
    rows = connection.execute(select(generation).order_by(generation.c.number))
    return [Generation(*row) for row in rows]


def begin(connection: Connection, now: datetime) -> Tables:
    """Make the empty tables of a new generation that reads the ledger up to here; a build begun before is dropped.

    Its number is not used again: should that build still run, it finds its generation gone, and not another one's.
    """
    known = listing(connection)
    for found in known:
        if found.state != LIVE:
            drop(connection, found.number)
    number = max((found.number for found in known), default=0) + 1
    built = tables(number)
    built.metadata.create_all(connection)
    connection.execute(
        generation.insert().values(
            number=number, state=BUILDING, shape=shape(), position=ledger.last_position(connection), created_at=now
        )
    )
    return built


def check_building(connection: Connection, number: int) -> None:
    """Check, in a transaction that writes to a generation being built, that it still is.

    Raises:
        Usage: another rebuild began since.
    """
    if all((found.number, found.state) != (number, BUILDING) for found in listing(connection)):
        raise Usage("another rebuild began and this one was given up; nothing is lost, wait for the other one to end")


def advance(connection: Connection, number: int, position: int) -> None:
    """Record how far a build has read."""
    connection.execute(generation.update().where(generation.c.number == number).values(position=position))


def switch(connection: Connection, number: int, now: datetime) -> None:
    """Make a built generation the live one, in the caller's transaction."""
    connection.execute(generation.update().where(generation.c.state == LIVE).values(state=RETIRED))
    connection.execute(generation.update().where(generation.c.number == number).values(state=LIVE, live_at=now))


def drop(connection: Connection, number: int) -> None:
    """Remove a generation that is not live."""
    tables(number).metadata.drop_all(connection)
    connection.execute(generation.delete().where(generation.c.number == number))


def retired(engine: Engine) -> Iterator[int]:
    """Give the numbers of generations that no new reader uses."""
    with reading(engine) as connection:
        yield from [found.number for found in listing(connection) if found.state == RETIRED]


def drop_retired(engine: Engine) -> None:
    """Drop retired generations, each in its own transaction."""
    for number in retired(engine):
        with writing(engine) as connection:
            drop(connection, number)

"""How far the build of a generation is, as its tables show it to any process."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import ProgrammingError

from hub.projections import generations
from hub.projections.tables import tables


class Building(NamedTuple):
    """A generation being built, or left behind by a rebuild that was killed.

    Of about `total` case records, `heard` are read from the ledger, and then `done` are laid out in rows.
    """

    number: int
    heard: int
    done: int
    total: int
    begun_at: datetime


def building(connection: Connection) -> Building | None:
    """Look at the build: case records are heard one after the other, then laid out from the lowest number up.

    Ask it last in a snapshot. The total is that of the live generation, which is as good as exact once all are heard.
    """
    known = generations.listing(connection)
    found = next((each for each in known if each.state == generations.BUILDING), None)
    if found is None:
        return None
    record = tables(found.number).case_record
    live = [each.number for each in known if each.state == generations.LIVE]
    try:
        heard = _last_case(connection, found.number)
        before = max((_last_case(connection, number) for number in live), default=0)
        waiting = connection.execute(select(func.min(record.c.case_no)).where(record.c.pathway_no.is_(None))).scalar()
    except ProgrammingError:
        # PostgreSQL: the rebuild ended and dropped a generation after this snapshot was taken.
        return None
    total = max(heard, before)
    done = heard if waiting is None else waiting - 1
    return Building(found.number, heard, min(done, total), total, found.created_at)


def _last_case(connection: Connection, number: int) -> int:
    return connection.execute(select(func.max(tables(number).case_record.c.case_no))).scalar() or 0

"""Up to where readers of the web pages have marked a list as read: a place in the ledger for a keyed hash."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.ledger import tables
from hub.ledger.moments import microseconds, moment_of

KEPT = timedelta(days=400)
"""How long a mark is kept that nobody moves, as long as a visit is."""
_AT_ONCE = 1_000
_marks = tables.web_mark


class Mark(NamedTuple):
    """The position of the last event that was marked as read, and when."""

    position: int
    at: datetime


def find(connection: Connection, ref: bytes) -> Mark | None:
    """Give a list's mark, None where nothing of it was marked."""
    row = connection.execute(select(_marks.c.position, _marks.c.marked_at).where(_marks.c.mark_ref == ref)).first()
    return None if row is None else Mark(row.position, moment_of(row.marked_at))


def move(connection: Connection, ref: bytes, mark: Mark) -> None:
    """Move a list's mark forward; one statement, so that of two at a time the farther one stays whichever is later."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = dialect.insert(_marks).values(mark_ref=ref, position=mark.position, marked_at=microseconds(mark.at))
    moved = {"position": fresh.excluded.position, "marked_at": fresh.excluded.marked_at}
    farther = _marks.c.position <= fresh.excluded.position
    connection.execute(fresh.on_conflict_do_update(index_elements=[_marks.c.mark_ref], set_=moved, where=farther))


def purge(connection: Connection, now: datetime) -> None:
    """Delete some of the marks that nobody has moved for long."""
    old = select(_marks.c.mark_ref).where(_marks.c.marked_at < microseconds(now - KEPT))
    old = old.order_by(_marks.c.mark_ref).limit(_AT_ONCE).with_for_update(skip_locked=True)
    connection.execute(delete(_marks).where(_marks.c.mark_ref.in_(old)))

"""Logins of the web pages, for every process that serves them: keyed hashes, moments, and sealed content."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, func, select, update

from hub.ledger import marks, tables
from hub.ledger.database import insert_ignoring, writing
from hub.ledger.moments import microseconds, moment_of

VISITS_KEPT = timedelta(days=400)
"""How long it is known when a reader was here last: a year's leave, and a little more."""
_PURGED_AT_ONCE = 1_000
_sessions = tables.web_session
_visits = tables.web_visit


class Row(NamedTuple):
    """A login: `session_ref` and `reader_ref` are keyed hashes, `content` is sealed under `nonce`."""

    session_ref: bytes
    reader_ref: bytes
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    nonce: bytes
    content: bytes


def add(connection: Connection, row: Row) -> None:
    """Begin a login."""
    moments = {name: microseconds(getattr(row, name)) for name in ("created_at", "seen_at", "expires_at")}
    connection.execute(_sessions.insert().values({**row._asdict(), **moments}))


def find(connection: Connection, session_ref: bytes) -> Row | None:
    """Give a login, whether it still counts or not."""
    found = connection.execute(select(_sessions).where(_sessions.c.session_ref == session_ref)).first()
    if found is None:
        return None
    ref, reader, created, seen, expires, nonce, content = found
    return Row(ref, reader, moment_of(created), moment_of(seen), moment_of(expires), nonce, content)


def visit(connection: Connection, reader_ref: bytes, now: datetime) -> datetime | None:
    """Note that a reader is here; give when they were here last, None if never."""
    seen_at = microseconds(now)
    last = connection.scalar(select(_visits.c.seen_at).where(_visits.c.reader_ref == reader_ref))
    if last is None:
        connection.execute(insert_ignoring(connection, _visits).values(reader_ref=reader_ref, seen_at=seen_at))
        return None
    connection.execute(update(_visits).where(_visits.c.reader_ref == reader_ref).values(seen_at=seen_at))
    return moment_of(last)


def touch(connection: Connection, row: Row, now: datetime) -> None:
    """Note that a login is used."""
    seen = update(_sessions).where(_sessions.c.session_ref == row.session_ref).values(seen_at=microseconds(now))
    connection.execute(seen)
    visit(connection, row.reader_ref, now)


def count(connection: Connection, reader_ref: bytes, *, used_since: datetime, now: datetime) -> int:
    """Count the logins of a reader that were used since a moment and have not expired."""
    query = (
        select(func.count())
        .select_from(_sessions)
        .where(
            _sessions.c.reader_ref == reader_ref,
            _sessions.c.seen_at > microseconds(used_since),
            _sessions.c.expires_at > microseconds(now),
        )
    )
    return connection.scalar(query) or 0


def end(connection: Connection, session_ref: bytes) -> None:
    """End a login."""
    connection.execute(delete(_sessions).where(_sessions.c.session_ref == session_ref))


def end_all(connection: Connection, reader_ref: bytes) -> int:
    """End all logins of a reader; gives their number."""
    return connection.execute(delete(_sessions).where(_sessions.c.reader_ref == reader_ref)).rowcount


def purge(store: Engine, now: datetime) -> int:
    """Delete logins that have expired, and visits and marks long ago; gives the number of logins."""
    old = select(_sessions.c.session_ref).where(_sessions.c.expires_at < microseconds(now))
    old = old.order_by(_sessions.c.session_ref).limit(_PURGED_AT_ONCE).with_for_update(skip_locked=True)
    gone = select(_visits.c.reader_ref).where(_visits.c.seen_at < microseconds(now - VISITS_KEPT))
    gone = gone.order_by(_visits.c.reader_ref).limit(_PURGED_AT_ONCE).with_for_update(skip_locked=True)
    with writing(store) as connection:
        purged = connection.execute(delete(_sessions).where(_sessions.c.session_ref.in_(old))).rowcount
        connection.execute(delete(_visits).where(_visits.c.reader_ref.in_(gone)))
        marks.purge(connection, now)
    return purged

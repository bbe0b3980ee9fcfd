"""Looking through the quarantine: what is held, for what, since when; none of it opens a record's bytes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from hub.ledger.moments import moment_of
from hub.ledger.quarantine import SUMMARY, Decision, Summary, decisions_of, no_entry, summaries
from hub.ledger.tables import quarantine

_columns = quarantine.c


class Chosen(NamedTuple):
    """Which entries are looked for; None is all."""

    state: str | None = None
    reason: str | None = None
    topic: str | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Give what a row must be."""
        for column, wanted in zip((_columns.state, _columns.reason, _columns.topic), self, strict=True):
            if wanted is not None:
                yield column == wanted


class Group(NamedTuple):
    """How many entries there are of a reason and topic, since when, and the last one's id."""

    reason: str
    topic: str
    entries: int
    oldest_at: datetime
    last_id: int


def listing(connection: Connection, chosen: Chosen, *, limit: int, after: int = 0) -> list[Summary]:
    """List the first entries whose id is greater than `after`, by id."""
    query = select(*SUMMARY).where(_columns.entry_id > after, *chosen.conditions())
    return summaries(connection, query.limit(limit))


def listing_before(connection: Connection, chosen: Chosen, *, limit: int, before: int) -> list[Summary]:
    """List the last entries whose id is less than `before`, by id."""
    last = select(_columns.entry_id).where(_columns.entry_id < before, *chosen.conditions())
    ids = last.order_by(_columns.entry_id.desc()).limit(limit)
    return summaries(connection, select(*SUMMARY).where(_columns.entry_id.in_(ids.scalar_subquery())))


def groups(connection: Connection, chosen: Chosen, *, after: int = 0, up_to: int | None = None) -> list[Group]:
    """Count entries by reason and topic, of ids greater than `after` and not greater than `up_to`."""
    columns = (_columns.reason, _columns.topic)
    query = select(*columns, func.count(), func.min(_columns.received_at), func.max(_columns.entry_id))
    query = query.where(_columns.entry_id > after, *chosen.conditions())
    if up_to is not None:
        query = query.where(_columns.entry_id <= up_to)
    rows = connection.execute(query.group_by(*columns).order_by(*columns))
    return [Group(reason, topic, entries, moment_of(oldest), last) for reason, topic, entries, oldest, last in rows]


def about(connection: Connection, entry_id: int) -> tuple[Summary, list[Decision]]:
    """Give what is known of an entry without its bytes, also once these were destroyed.

    Raises:
        NotFound: there is no such entry.
    """
    found = summaries(connection, select(*SUMMARY).where(_columns.entry_id == entry_id))
    if not found:
        raise no_entry(entry_id)
    return found[0], decisions_of(connection, entry_id)

"""The table of a transactional outbox: what a system writes with its own data, and how relays claim it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    FromClause,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    Update,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)


class _Utc(TypeDecorator[datetime]):
    """A time with its zone in PostgreSQL; in SQLite, which has none, the same time in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring a time to UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give a time its zone back."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


def outbox_table(metadata: MetaData, name: str = "hub_outbox") -> Table:
    """Define the table; `table.create(engine)` makes it.

    A system fills `event_id`, `case_token` and either `event` (JSON text) or `encoded` (a framed Avro record); the rest
    is the relays'. `case_token` is any stable text per case, such as the key of the case in that database: rows of one
    token are sent in the order of their ids, so transactions that write to the same case must not overlap.
    """
    table = Table(
        name,
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("event_id", Text, nullable=False, unique=True),
        Column("case_token", Text, nullable=False),
        Column("event", Text),
        Column("encoded", LargeBinary),
        Column("created_at", _Utc, nullable=False, server_default=func.current_timestamp()),
        Column("sent_at", _Utc),
        Column("parked_at", _Utc),
        Column("claimed_by", Text),
        Column("claimed_until", _Utc),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("error", Text),
        CheckConstraint("(event IS NULL) <> (encoded IS NULL)", name=f"{name}_one_form"),
        sqlite_autoincrement=True,
    )
    waiting = waiting_rows(table)
    Index(f"{name}_waiting", table.c.id, sqlite_where=waiting, postgresql_where=waiting)
    Index(f"{name}_cases", table.c.case_token, table.c.id, sqlite_where=waiting, postgresql_where=waiting)
    return table


def waiting_rows(table: FromClause) -> ColumnElement[bool]:
    """State that a row is neither sent nor parked."""
    return and_(table.c.sent_at.is_(None), table.c.parked_at.is_(None))


class Entry(NamedTuple):
    """An event to send: its JSON text, `{"type": ..., "meta": ..., ...}`, or its framed Avro record."""

    event_id: str
    case_token: str
    event: str | bytes


def enqueue(connection: Connection, table: Table, entries: Iterable[Entry]) -> None:
    """Write events to the outbox in the caller's own transaction: they will be sent if and only if it commits."""
    rows = [
        {
            "event_id": entry.event_id,
            "case_token": entry.case_token,
            "event": entry.event if isinstance(entry.event, str) else None,
            "encoded": entry.event if isinstance(entry.event, bytes) else None,
        }
        for entry in entries
    ]
    if rows:
        connection.execute(insert(table), rows)


def claim_cases(table: Table, owner: str, now: datetime, until: datetime, limit: int) -> Update:
    """State the claim: a lease on the first waiting row of up to `limit` cases that nobody holds.

    One statement, so that SQLite takes its write lock at once, and relays on PostgreSQL pass over the rows that others
    are just claiming. Only a first row can be claimed, and it is one row, so its lock is the lock of the case.
    """
    head, other = table.alias("head"), table.alias("other")
    free = (
        select(head.c.id)
        .where(
            waiting_rows(head),
            # Said of the head itself too: PostgreSQL checks it again on the row's newest version.
            or_(head.c.claimed_until.is_(None), head.c.claimed_until <= now),
            ~exists().where(
                other.c.case_token == head.c.case_token,
                waiting_rows(other),
                or_(other.c.id < head.c.id, other.c.claimed_until > now),
            ),
        )
        .order_by(head.c.id)
        .limit(limit)
        .with_for_update(of=head, skip_locked=True)
    )
    heads = free.cte("heads")
    return (
        update(table)
        .where(table.c.id.in_(select(heads.c.id)))
        .values(claimed_by=owner, claimed_until=until)
        .returning(table.c.id)
    )

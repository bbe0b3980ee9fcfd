"""The ledger's rows as anyone may see them who reads along: what is stored in clear, and nothing that is sealed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, select

from hub.ledger import bulk, tables

_REFS = 500
_columns = tables.ledger.c
_HEAD = tuple(_columns[name] for name in ("position", "subject_ref", "event_type", "stamped_at", "event_id", "topic"))


class Head(NamedTuple):
    """What a row says in clear; `stamped_at` is microseconds since 1970, `topic` tells who states the event."""

    position: int
    subject_ref: bytes
    event_type: str
    stamped_at: int
    event_id: bytes
    topic: str


def after(connection: Connection, position: int, limit: int) -> list[Head]:
    """Give up to `limit` rows after a position, in order; positions have no gaps, and commit in their order."""
    query = select(*_HEAD).where(_columns.position > position).order_by(_columns.position).limit(limit)
    return [Head(*row) for row in connection.execute(query)]


def end(connection: Connection) -> tuple[int, int]:
    """Give the last position and its stamp; 0 and 0 when the ledger is empty."""
    last = select(_columns.position, _columns.stamped_at).order_by(_columns.position.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    return (0, 0) if row is None else (row.position, row.stamped_at)


def about(connection: Connection, refs: Collection[bytes], *, after_position: int, up_to: int) -> list[Head]:
    """Give the rows about some subjects after a position, up to another one, in order."""
    among = bulk.among(connection, _columns.subject_ref, "refs")
    query = select(*_HEAD).where(among, _columns.position > after_position, _columns.position <= up_to)
    found = [Head(*row) for some in _chunks(refs) for row in connection.execute(query, {"refs": some})]
    return sorted(found)


def _chunks(refs: Collection[bytes]) -> Iterator[list[bytes]]:
    rest = iter(sorted(refs))
    while chunk := list(islice(rest, _REFS)):
        yield chunk

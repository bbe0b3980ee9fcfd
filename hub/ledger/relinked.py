"""Case records that an event about others brought into another pathway: what the ledger's rows alone do not say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, select

from hub.ledger import bulk, tables

_columns = tables.relinked.c


class Relinked(NamedTuple):
    """A case record, and the position of the last event that was accepted with the one that concerned it."""

    position: int
    subject_ref: bytes


def record(connection: Connection, position: int, refs: Iterable[bytes]) -> None:
    """Note that the pathways of these case records have other members since the transaction that ends at a position."""
    bulk.insert(connection, tables.relinked, [(position, ref) for ref in sorted(refs)])


def between(connection: Connection, after: int, up_to: int) -> list[Relinked]:
    """Give what was noted after a position, up to another one, in order."""
    query = select(tables.relinked).where(_columns.position > after, _columns.position <= up_to)
    return [Relinked(*row) for row in connection.execute(query.order_by(_columns.position, _columns.subject_ref))]

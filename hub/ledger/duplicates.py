"""Duplicates: one row for each record read whose event was in the ledger already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from hub.ledger import bulk
from hub.ledger.moments import microseconds
from hub.ledger.tables import duplicate


class Duplicate(NamedTuple):
    """A record that repeats an event: where it was read, the event's 16-byte id, and how often its offset was reset."""

    topic: str
    partition: int
    offset: int
    event_id: bytes
    resets: int = 0


def record(connection: Connection, duplicates: Sequence[Duplicate], *, stamp: datetime) -> None:
    """Keep one row per duplicate record, so that the records read add up."""
    if duplicates:
        stamped_at = microseconds(stamp)
        bulk.insert(connection, duplicate, [(*each, stamped_at) for each in duplicates])

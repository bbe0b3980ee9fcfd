"""Duplicates: one row for each record read whose event was in the ledger already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection


class Duplicate(NamedTuple):
    """A record that repeats an event."""

    topic: str
    partition: int
    offset: int
    event_id: bytes


def record(connection: Connection, duplicates: Sequence[Duplicate], *, stamp: datetime) -> None:
    """Keep one row per duplicate record."""
    raise NotImplementedError

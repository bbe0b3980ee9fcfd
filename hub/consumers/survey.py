"""A survey: how far the hub is behind the log and what waits for a decision, cheap enough to look every few seconds.

It reads the stored offsets, the ledger's last position, the held quarantine entries and what the log says of itself; it
counts no rows of the ledger or the read model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select

from hub.consumers.positions import positions
from hub.ledger import ledger, offsets
from hub.ledger.accounting import CONSUMER
from hub.ledger.database import reading
from hub.ledger.moments import moment_of
from hub.ledger.offsets import StoredOffset
from hub.ledger.quarantine import HELD
from hub.ledger.tables import quarantine
from hub.log.port import Topic, TopicAdmin, TopicPartition
from hub.projections.progress import Building, building


class HeldRecords(NamedTuple):
    """Records held in quarantine by why, and since when the oldest is."""

    by_reason: dict[str, int]
    oldest_at: datetime | None

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(self.by_reason.values())


class StoreLook(NamedTuple):
    """What the store holds at one moment."""

    stored: list[StoredOffset]
    position: int
    held: HeldRecords
    building: Building | None

    @property
    def read(self) -> int:
        """How many records were read, ever."""
        return sum(each.records_read for each in self.stored)


class Backlog(NamedTuple):
    """What a partition holds that the hub has not read, and when the next of it was appended, None if not known."""

    topic: str
    partition: int
    held_events: int
    lag_events: int
    next_appended_ms: int | None
    incident: str | None


def held(connection: Connection) -> HeldRecords:
    """Count what is held in quarantine."""
    columns = quarantine.c
    query = select(columns.reason, func.count(), func.min(columns.received_at)).where(columns.state == HELD)
    rows = connection.execute(query.group_by(columns.reason).order_by(func.count().desc(), columns.reason)).all()
    oldest = min((row[2] for row in rows), default=None)
    return HeldRecords({row[0]: row[1] for row in rows}, None if oldest is None else moment_of(oldest))


def look_at_store(store: Engine) -> StoreLook:
    """Look at the store, in one snapshot."""
    with reading(store) as connection:
        return survey(connection)


def survey(connection: Connection) -> StoreLook:
    """Look at the store in the caller's snapshot."""
    stored = [each for each in offsets.all_offsets(connection) if each.consumer == CONSUMER]
    return StoreLook(stored, ledger.last_position(connection), held(connection), building(connection))


def look_at_log(admin: TopicAdmin, topics: Iterable[str], stored: Iterable[StoredOffset]) -> list[Backlog]:
    """Compare what the log holds now with stored offsets taken before."""
    described = admin.describe(topics)
    found = {(each.stored.topic, each.stored.partition): each for each in positions(stored, described)}
    backlog = []
    for place, beginning, end in _extents(described):
        position = found.get(place)
        incident = position.incident if position else None
        following = position.stored.next_offset if position and not incident else beginning
        lag_events = max(0, end - following)
        appended = admin.appended_ms(TopicPartition(*place), following) if lag_events else None
        backlog.append(Backlog(*place, end - beginning, lag_events, appended, incident))
    return backlog


def _extents(topics: Mapping[str, Topic]) -> Iterable[tuple[tuple[str, int], int, int]]:
    for name, topic in sorted(topics.items()):
        for number, extent in enumerate(topic.partitions):
            yield (name, number), extent.beginning, extent.end


def lag_seconds(backlog: Iterable[Backlog], now: Callable[[], datetime]) -> float | None:
    """Give the age of the oldest record still to read; 0 when there is none, None when it is not known."""
    behind = [each for each in backlog if each.lag_events]
    known = [each.next_appended_ms for each in behind if each.next_appended_ms is not None]
    if not behind:
        return 0.0
    return max(0.0, now().timestamp() - min(known) / 1000) if known else None

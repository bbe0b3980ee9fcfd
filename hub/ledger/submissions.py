"""Submissions: event ids that came over HTTP, each with what it says, from before it is on the log.

Whoever enters an id first decides what it says, for every process, long before a worker reads the event. Once the
ledger holds the event, the ledger decides, and the row can go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, select

from hub.errors import Contended
from hub.ledger import bulk, tables
from hub.ledger.database import writing
from hub.ledger.moments import microseconds, moment_of

KEPT = timedelta(days=1)
"""How long a row stays after the ledger could answer for it: longer than any request takes."""
_AT_ONCE = 500
_PURGED_AT_ONCE = 10_000
_submission = tables.submission
_columns = _submission.c
_SETTLE_ONE = """
    UPDATE submission SET topic = ?, "partition" = ?, "offset" = ? WHERE event_id = ? AND topic IS NULL
"""
# Not flushed to disk: a place that is lost is one that nobody noted.
_SETTLE_ALL = """
    UPDATE submission SET topic = place.topic, "partition" = place."partition", "offset" = place."offset"
    FROM unnest(%s::text[], %s::integer[], %s::bigint[], %s::bytea[]) AS place(topic, "partition", "offset", event_id),
    (SELECT set_config('synchronous_commit', 'off', true)) AS relaxed
    WHERE submission.event_id = place.event_id AND submission.topic IS NULL
"""


class Place(NamedTuple):
    """Where an event stands on the log."""

    topic: str
    partition: int
    offset: int


class Standing(NamedTuple):
    """What an event id stands for: the MAC of its content, and where it is on the log, as far as that is known."""

    content_mac: bytes
    place: Place | None
    is_in_ledger: bool


def enter(connection: Connection, contents: Mapping[bytes, bytes], *, stamp: datetime) -> dict[bytes, Standing]:
    """Enter ids that are new, with the MACs of their contents, and tell what each id stands for from now on.

    Raises:
        Contended: an id was entered and purged meanwhile; begin again.
    """
    found = _in_ledger(connection, contents)
    submitted_at = microseconds(stamp)
    new = sorted((event_id, mac) for event_id, mac in contents.items() if event_id not in found)
    # In the order of their ids, so that two requests with the same ids wait for each other in one order.
    entered = bulk.insert_new(connection, _submission, [(*each, submitted_at, None, None, None) for each in new])
    if entered == len(new):
        return found | {event_id: Standing(mac, None, is_in_ledger=False) for event_id, mac in new}
    query = select(_columns.event_id, _columns.content_mac, _columns.topic, _columns.partition, _columns.offset)
    query = query.where(bulk.among(connection, _columns.event_id, "ids"))
    for ids in _chunks(event_id for event_id, _ in new):
        for event_id, mac, *place in connection.execute(query, {"ids": ids}):
            found[event_id] = Standing(mac, None if place[0] is None else Place(*place), is_in_ledger=False)
    if len(found) < len(contents):
        raise Contended("another process is done with one of these events just now; publish them again")
    return found


class Entered(NamedTuple):
    """A submission that was entered; without a place its append is under way, failed, or was not noted."""

    at: datetime
    has_place: bool


def entered(connection: Connection, event_id: bytes) -> Entered | None:
    """Tell when an id was entered, and whether its event is known to be on the log."""
    query = select(_columns.submitted_at, _columns.topic).where(_columns.event_id == event_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Entered(moment_of(row.submitted_at), row.topic is not None)


def is_known(connection: Connection, event_id: bytes) -> bool:
    """Tell whether an id was entered; a day after the ledger has it, it may be gone."""
    return connection.execute(select(_columns.event_id).where(_columns.event_id == event_id)).first() is not None


def settle(connection: Connection, places: Mapping[bytes, Place]) -> None:
    """Note where events are on the log, where nobody has noted it yet."""
    rows = [(*place, event_id) for event_id, place in sorted(places.items())]
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_SETTLE_ALL, tuple(map(list, zip(*rows, strict=True))))
    else:
        connection.exec_driver_sql(_SETTLE_ONE, rows)


def purge(store: Engine, older_than: datetime) -> int:
    """Delete rows entered before a moment whose events are in the ledger; gives their number.

    What is on the log and not in the ledger stays: its id must not get another content.
    """
    taken = select(tables.event_id.c.event_id).where(tables.event_id.c.event_id == _columns.event_id).exists()
    old = select(_columns.event_id).where(_columns.submitted_at < microseconds(older_than), taken)
    old = old.order_by(_columns.event_id).limit(_PURGED_AT_ONCE).with_for_update(skip_locked=True)
    purged = 0
    while True:
        with writing(store) as connection:
            count = connection.execute(delete(_submission).where(_columns.event_id.in_(old))).rowcount
        purged += count
        if count < _PURGED_AT_ONCE:
            return purged


def _in_ledger(connection: Connection, event_ids: Iterable[bytes]) -> dict[bytes, Standing]:
    ledger, ids = tables.ledger.c, tables.event_id.c
    query = select(ids.event_id, ledger.content_mac, ledger.topic, ledger.partition, ledger.offset)
    query = query.join(tables.ledger, ledger.position == ids.position)
    query = query.where(bulk.among(connection, ids.event_id, "ids"))
    return {
        event_id: Standing(mac, Place(*place), is_in_ledger=True)
        for chunk in _chunks(event_ids)
        for event_id, mac, *place in connection.execute(query, {"ids": chunk})
    }


def _chunks(ids: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(ids)
    while chunk := list(islice(rest, _AT_ONCE)):
        yield chunk

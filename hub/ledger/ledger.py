"""The ledger: every accepted event once, in the sequencer's order, sealed under its subject's key.

Reading is for the duration of the caller's transaction, and passes over subjects whose key was destroyed.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, groupby, islice
from itertools import count as count_from
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, case, func, select, update
from sqlalchemy.exc import IntegrityError

from hub.errors import EventConflict, Forgotten, NotFound, StoreCorrupt, StoreUnavailable
from hub.ledger import bulk, tables
from hub.ledger.moments import microseconds
from hub.ledger.rows import Entry, LedgerRow, NewEntry, open_row, seal_row
from hub.privacy.keystore import KeyStore, SubjectKey
from hub.privacy.sealing import NONCE_BYTES, event_keys

# Rows opened, and subjects asked for, at a time: enough to hide a statement's cost, few enough for a flat memory.
_ROWS = 500
_SUBJECTS = 250
_columns = tables.ledger.c
_subject_ref = itemgetter(1)

__all__ = [
    "Entry",
    "Location",
    "NewEntry",
    "Unopened",
    "append",
    "count",
    "entry_at",
    "known",
    "locate",
    "position_at",
    "read_all",
    "read_subjects",
    "read_types",
]


class Location(NamedTuple):
    """Where an event stands in the ledger, and on which topic of the log it came."""

    position: int
    subject_ref: bytes
    topic: str


@dataclass(slots=True)
class Unopened:
    """How many entries a reading passed over because their subject's key was destroyed."""

    entries: int = 0


def append(
    connection: Connection, entries: Sequence[NewEntry], *, stamp: datetime, random_bytes: Callable[[int], bytes]
) -> list[int]:
    """Append events whose ids are not in the ledger yet, all stamped alike.

    `stamp` is the clock's moment; when it is not after the ledger's last stamp, a microsecond after that one is taken,
    so that what was known at a moment never grows.

    Returns:
        Their positions, dense and in the order given.

    Raises:
        EventConflict: an id is in the ledger already, or twice in `entries`; roll back.
    """
    if not entries:
        return []
    first, stamped_at = _next_position(connection, len(entries), microseconds(stamp))
    nonces = random_bytes(NONCE_BYTES * len(entries))
    derived = {ref: event_keys(key) for ref, key in {(entry.subject.ref, entry.subject.key) for entry in entries}}
    rows = [
        seal_row(
            entry,
            derived[entry.subject.ref],
            first + index,
            stamped_at,
            nonces[index * NONCE_BYTES : (index + 1) * NONCE_BYTES],
        )
        for index, entry in enumerate(entries)
    ]
    ids = sorted(zip((entry.event_id for entry in entries), count_from(first)))
    try:
        bulk.insert(connection, tables.event_id, ids)
    except IntegrityError as error:
        raise EventConflict(
            "an event id of the batch is in the ledger already; roll back, look up the known ids again and go on"
        ) from error
    bulk.insert(connection, tables.ledger, rows)
    return list(range(first, first + len(entries)))


def known(connection: Connection, event_ids: Collection[bytes]) -> dict[bytes, bytes]:
    """Tell which event ids are in the ledger: event id → content MAC of the event that has it."""
    found: dict[bytes, bytes] = {}
    ids = tables.event_id.c
    joined = select(ids.event_id, _columns.content_mac).join(tables.ledger, _columns.position == ids.position)
    wanted = joined.where(bulk.among(connection, ids.event_id, "ids"))
    for chunk in _chunks(event_ids, _ROWS):
        found |= dict(connection.execute(wanted, {"ids": chunk}).all())
    return found


def read_subjects(
    connection: Connection,
    keys: Collection[SubjectKey],
    *,
    up_to_position: int | None = None,
    after_position: int | None = None,
    event_types: Collection[str] | None = None,
) -> Iterator[Entry]:
    """Read the histories of subjects, ordered by subject reference, then position; of all event types, or of these.

    Raises:
        StoreCorrupt: an entry was changed since it was appended.
    """
    by_ref = {key.ref: key.key for key in keys}
    query = _between(after_position, up_to_position).where(bulk.among(connection, _columns.subject_ref, "refs"))
    if event_types is not None:
        query = query.where(bulk.among(connection, _columns.event_type, "types"))
    query = query.order_by(_columns.subject_ref, _columns.position)
    for refs in _chunks(sorted(by_ref), _SUBJECTS):
        wanted = {"refs": refs} if event_types is None else {"refs": refs, "types": list(event_types)}
        result = connection.execute(query, wanted)
        rows = chain.from_iterable(iter(partial(result.fetchmany, _ROWS), []))
        for ref, history in groupby(rows, _subject_ref):
            derive = event_keys(by_ref[ref])
            for row in history:
                yield open_row(row, derive)


def read_types(
    connection: Connection,
    event_types: Collection[str],
    keystore: KeyStore,
    *,
    up_to_position: int | None = None,
    after_position: int | None = None,
    unopened: Unopened | None = None,
) -> Iterator[Entry]:
    """Read all events of some types by position, with memory for one page per type.

    Raises:
        StoreCorrupt: an entry was changed since it was appended.
    """
    streams = [_of_type(connection, event_type, after_position, up_to_position) for event_type in set(event_types)]
    rows = heapq.merge(*streams, key=itemgetter(0))
    while page := list(islice(rows, _ROWS)):
        yield from _all_opened(page, keystore, unopened)


def read_all(
    connection: Connection,
    keystore: KeyStore,
    after: int,
    limit: int,
    *,
    up_to_position: int | None = None,
    unopened: Unopened | None = None,
) -> list[Entry]:
    """Read up to `limit` entries after a position, by position; fewer than `limit` means the end of the ledger.

    Raises:
        StoreCorrupt: an entry was changed since it was appended.
    """
    entries: list[Entry] = []
    while len(entries) < limit:
        query = _between(after, up_to_position).order_by(_columns.position).limit(limit - len(entries))
        rows = connection.execute(query).fetchall()
        if not rows:
            break
        after = rows[-1].position
        entries += _all_opened(rows, keystore, unopened)
    return entries


def last_position(connection: Connection) -> int:
    """Give the last position, 0 when the ledger is empty."""
    return connection.scalar(select(func.max(_columns.position))) or 0


def subject_refs(connection: Connection, *, after: bytes, up_to_position: int, limit: int) -> list[bytes]:
    """List up to `limit` subject references greater than `after`, in order, that have an entry up to a position."""
    query = select(_columns.subject_ref).distinct().where(_columns.subject_ref > after)
    query = query.where(_columns.position <= up_to_position).order_by(_columns.subject_ref).limit(limit)
    return list(connection.execute(query).scalars())


def position_at(connection: Connection, moment: datetime) -> int:
    """Give the last position stamped at or before a moment, 0 when there is none.

    Stamps never fall as positions rise, so a search by halves needs no index: 29 look-ups in 300 million entries.
    """
    wanted = microseconds(moment)
    low, high = 0, last_position(connection)
    while low < high:
        middle = (low + high + 1) // 2
        stamped_at = connection.scalar(select(_columns.stamped_at).where(_columns.position == middle))
        if stamped_at is None:
            raise StoreCorrupt(f"the ledger has no entry at position {middle}; restore the store from a backup")
        low, high = (middle, high) if stamped_at <= wanted else (low, middle - 1)
    return low


def locate(connection: Connection, event_id: bytes) -> Location | None:
    """Find an event by its 16-byte id, or None when the ledger does not hold it."""
    joined = select(_columns.position, _columns.subject_ref, _columns.topic).join(
        tables.event_id, tables.event_id.c.position == _columns.position
    )
    row = connection.execute(joined.where(tables.event_id.c.event_id == event_id)).one_or_none()
    return Location(*row) if row else None


def entry_at(connection: Connection, position: int, keystore: KeyStore) -> Entry:
    """Open the entry at a position.

    Raises:
        NotFound: the ledger does not reach that position.
        Forgotten: the key of its subject was destroyed.
        StoreCorrupt: the entry was changed since it was appended.
    """
    row = connection.execute(select(tables.ledger).where(_columns.position == position)).one_or_none()
    if row is None:
        raise NotFound(f"the ledger has no entry at position {position}")
    key = keystore.by_ref([row.subject_ref]).get(row.subject_ref)
    if key is None:
        raise Forgotten(f"the entry at position {position} is about a subject that was erased")
    return open_row(row, event_keys(key.key))


def count(connection: Connection) -> int:
    """Count the accepted events."""
    return connection.scalar(select(func.count()).select_from(tables.ledger)) or 0


def _next_position(connection: Connection, entries: int, now: int) -> tuple[int, int]:
    """Take positions and a stamp: the row's lock makes commit order the order of positions."""
    columns = tables.sequencer.c
    row = connection.execute(
        update(tables.sequencer)
        .values(
            next_position=columns.next_position + entries,
            last_stamp=case((columns.last_stamp >= now, columns.last_stamp + 1), else_=now),
        )
        .returning(columns.next_position, columns.last_stamp)
    ).one_or_none()
    if row is None:
        raise StoreUnavailable("the ledger was never started; run `hub init`")
    return row.next_position - entries, row.last_stamp


def _all_opened(rows: Sequence[LedgerRow], keystore: KeyStore, unopened: Unopened | None) -> Iterator[Entry]:
    keys = {ref: event_keys(key.key) for ref, key in keystore.by_ref({row[1] for row in rows}).items()}
    for row in rows:
        if (derive := keys.get(row[1])) is not None:
            yield open_row(row, derive)
        elif unopened is not None:
            unopened.entries += 1


def _between(after: int | None, up_to: int | None) -> Select[*tuple[Any, ...]]:
    query = select(tables.ledger)
    if after is not None:
        query = query.where(_columns.position > after)
    if up_to is not None:
        query = query.where(_columns.position <= up_to)
    return query


def _of_type(connection: Connection, event_type: str, after: int | None, up_to: int | None) -> Iterator[LedgerRow]:
    while True:
        query = _between(after, up_to).where(_columns.event_type == event_type)
        rows = connection.execute(query.order_by(_columns.position).limit(_ROWS)).fetchall()
        yield from rows
        if len(rows) < _ROWS:
            return
        after = rows[-1].position


def _chunks(items: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk

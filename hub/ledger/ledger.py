"""The ledger: every accepted event once, in the sequencer's order, sealed under its subject's key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from hub.privacy.keystore import KeyStore, SubjectKey


class NewEntry(NamedTuple):
    """An accepted event on its way into the ledger: `body` is its Avro body, without the wire's frame."""

    event_id: bytes
    subject: SubjectKey
    event_type: str
    schema_id: int
    body: bytes
    content_mac: bytes
    topic: str
    partition: int
    offset: int


class Entry(NamedTuple):
    """An event of the ledger, opened: `stamped_at` is in microseconds UTC, `body` is Avro."""

    position: int
    subject_ref: bytes
    event_type: str
    schema_id: int
    stamped_at: int
    event_id: bytes
    body: bytes


class Location(NamedTuple):
    """Where an event stands in the ledger."""

    position: int
    subject_ref: bytes


@dataclass(slots=True)
class Unopened:
    """How many entries a reading passed over because their subject's key was destroyed."""

    entries: int = 0


def append(connection: Connection, entries: Sequence[NewEntry], *, stamp: datetime, random_bytes: Callable[[int], bytes]) -> list[int]:
    """Append."""
    raise NotImplementedError


def known(connection: Connection, event_ids: Collection[bytes]) -> dict[bytes, bytes]:
    """Tell which event ids are in the ledger: event id → content MAC."""
    raise NotImplementedError


def read_subjects(
    connection: Connection, keys: Collection[SubjectKey], *, up_to_position: int | None = None, after_position: int | None = None
) -> Iterator[Entry]:
    """Read subjects' histories, ordered by subject reference, then position."""
    raise NotImplementedError


def read_types(
    connection: Connection,
    event_types: Collection[str],
    keystore: KeyStore,
    *,
    up_to_position: int | None = None,
    after_position: int | None = None,
    unopened: Unopened | None = None,
) -> Iterator[Entry]:
    """Read all events of some types by position."""
    raise NotImplementedError


def read_all(connection: Connection, keystore: KeyStore, after: int, limit: int, *, unopened: Unopened | None = None) -> list[Entry]:
    """Read up to `limit` entries after a position; an empty list means the end."""
    raise NotImplementedError


def position_at(connection: Connection, moment: datetime) -> int:
    """Give the last position stamped at or before a moment, 0 when there is none."""
    raise NotImplementedError


def locate(connection: Connection, event_id: bytes) -> Location | None:
    """Find an event by its id."""
    raise NotImplementedError


def entry_at(connection: Connection, position: int, keystore: KeyStore) -> Entry:
    """Open the entry at a position."""
    raise NotImplementedError


def count(connection: Connection) -> int:
    """Count the accepted events."""
    raise NotImplementedError

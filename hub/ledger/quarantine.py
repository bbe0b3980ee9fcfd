"""Quarantine: records that break the contract, kept with their original bytes until someone decides.

What was decided is kept for ever; the bytes of a decided entry are kept `DECIDED_KEPT_DAYS` days, then destroyed.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from hub.errors import NotFound, StoreCorrupt, Usage
from hub.ledger.moments import microseconds, moment_of
from hub.ledger.tables import quarantine, quarantine_decision
from hub.ledger.texts import storable
from hub.privacy.keys import KEY_BYTES, MasterKey
from hub.privacy.sealing import NONCE_BYTES, expand, open_sealed, seal

HELD = "held"
REDRIVEN = "redriven"
DISCARDED = "discarded"
DECIDED_KEPT_DAYS = 90

# A redriven record is in the ledger; a discarded one can be taken back while its bytes are there.
_DECISIONS: Mapping[str, frozenset[str]] = {
    HELD: frozenset({REDRIVEN, DISCARDED}),
    DISCARDED: frozenset({HELD}),
    REDRIVEN: frozenset(),
}
_Original = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Original).decode


class Rejected(NamedTuple):
    """A record that cannot enter the ledger; `reason` is the error's code, `detail` its text without personal data."""

    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    resets: int = 0


class Summary(NamedTuple):
    """A quarantined record without its bytes."""

    entry_id: int
    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    received_at: datetime
    state: str
    decided_at: datetime | None
    decided_by: str | None
    note: str | None
    resets: int = 0
    """How often the offset of its partition had been reset when it was read."""


class Decision(NamedTuple):
    """What someone decided about an entry."""

    state: str
    decided_at: datetime
    decided_by: str
    note: str


class Quarantined(NamedTuple):
    """A quarantined record with its original bytes, and the decisions about it, oldest first."""

    summary: Summary
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    decisions: list[Decision]


class QuarantineKey:
    """Wraps the entries' own keys and hashes their values: `QuarantineKey(master.derive("quarantine"))`."""

    __slots__ = ("_hashing", "_wrapping")

    def __init__(self, secret: bytes) -> None:
        self._wrapping = expand(secret, b"parcours-hub/v1/quarantine/wrap")
        self._hashing = expand(secret, b"parcours-hub/v1/quarantine/hash")

    @classmethod
    def from_master(cls, master: MasterKey) -> QuarantineKey:
        """Derive it from the key-encryption key."""
        return cls(master.derive("quarantine"))

    def wrap(self, key: bytes) -> bytes:
        """Wrap an entry's key."""
        return aes_key_wrap(self._wrapping, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Unwrap an entry's key.

        Raises:
            StoreCorrupt: it was changed, or wrapped with another key-encryption key.
        """
        try:
            return aes_key_unwrap(self._wrapping, wrapped)
        except (InvalidUnwrap, ValueError) as error:
            raise StoreCorrupt(
                "a quarantined record's key does not unwrap: it was changed, or wrapped with another key-encryption "
                "key; check the key, or restore the store from a backup"
            ) from error

    def hash(self, value: bytes) -> bytes:
        """Hash a value, so that it can be found by who has both it and the key."""
        return hmac.digest(self._hashing, value, "sha256")


_columns = quarantine.c
SUMMARY = (
    _columns.entry_id,
    _columns.topic,
    _columns.partition,
    _columns.offset,
    _columns.reason,
    _columns.detail,
    _columns.received_at,
    _columns.state,
    _columns.decided_at,
    _columns.decided_by,
    _columns.note,
    _columns.resets,
)


class Quarantine:
    """The entries, opened with their key; every call works in the caller's transaction."""

    def __init__(self, key: QuarantineKey) -> None:
        self._key = key

    def hold(
        self,
        connection: Connection,
        items: Sequence[Rejected],
        *,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> list[int]:
        """Keep records that broke the contract; gives their entry ids, in order."""
        received_at = microseconds(now())
        statement = insert(quarantine).returning(_columns.entry_id)
        # One at a time: a record may be 20 MB, and a batch of them need not be in memory twice.
        return [
            connection.execute(statement, self._row(item, received_at, random_bytes)).scalar_one() for item in items
        ]

    def listing(
        self, connection: Connection, state: str | None = None, limit: int = 100, after: int = 0
    ) -> list[Summary]:
        """List up to `limit` entries whose id is greater than `after`, by id, of one state or of all."""
        query = select(*SUMMARY).where(_columns.entry_id > after)
        if state is not None:
            query = query.where(_columns.state == state)
        return summaries(connection, query.limit(limit))

    def show(self, connection: Connection, entry_id: int) -> Quarantined:
        """Open an entry.

        Raises:
            NotFound: there is no such entry, or its bytes were destroyed after their time.
            StoreCorrupt: its bytes were changed since they were stored.
        """
        row = connection.execute(select(quarantine).where(_columns.entry_id == entry_id)).one_or_none()
        if row is None:
            raise no_entry(entry_id)
        if row.original is None:
            raise NotFound(
                f"the bytes of quarantine entry {entry_id} were destroyed, as they are {DECIDED_KEPT_DAYS} days "
                "after a decision; `hub quarantine list` still shows it"
            )
        clear = _associated(row.topic, row.partition, row.offset, row.reason, row.received_at)
        opened = open_sealed(self._key.unwrap(row.wrapped_key), row.nonce, row.original, clear)
        key, value, headers = _decode(opened)
        summary = summaries(connection, select(*SUMMARY).where(_columns.entry_id == entry_id))[0]
        return Quarantined(summary, key, value, headers, decisions_of(connection, entry_id))

    def decide(
        self, connection: Connection, entry_id: int, state: str, by: str, note: str, now: Callable[[], datetime]
    ) -> None:
        """Record a decision: a held entry is redriven or discarded, a discarded one may be held again.

        Raises:
            NotFound: there is no such entry.
            Usage: the entry is not in a state from which this can be decided, or is discarded without a reason.
        """
        if state == DISCARDED and not note.strip():
            raise Usage(
                f"quarantine entry {entry_id} is not discarded without a note; say why the record is not wanted"
            )
        query = select(_columns.state, _columns.original.is_not(None)).where(_columns.entry_id == entry_id)
        row = connection.execute(query.with_for_update()).one_or_none()
        if row is None:
            raise no_entry(entry_id)
        current, has_bytes = row
        if state not in _DECISIONS[current] or not has_bytes:
            kept = "" if has_bytes else " and its bytes were destroyed"
            raise Usage(f"quarantine entry {entry_id} is {current}{kept}; it cannot become {state}")
        decision = {
            "state": state,
            "decided_at": microseconds(now()),
            "decided_by": storable(by),
            "note": storable(note),
        }
        connection.execute(update(quarantine).where(_columns.entry_id == entry_id).values(decision))
        connection.execute(insert(quarantine_decision).values(entry_id=entry_id, **decision))

    def find_by_value(self, connection: Connection, value: bytes) -> list[Summary]:
        """Find the entries whose value was exactly these bytes, by id; not those whose bytes were destroyed."""
        return summaries(connection, select(*SUMMARY).where(_columns.value_hash == self._key.hash(value)))

    def accounting(self, connection: Connection) -> dict[str, int]:
        """Count the entries in each state, those without any included."""
        counted = select(_columns.state, func.count()).group_by(_columns.state)
        return dict.fromkeys(_DECISIONS, 0) | dict(connection.execute(counted).all())

    def purge(self, connection: Connection, older_than: datetime) -> int:
        """Destroy the bytes of entries decided before a moment; gives their number.

        The rows stay, without anything of the record, so that the records read still add up.
        """
        decided = (_columns.state != HELD) & (_columns.decided_at < microseconds(older_than))
        gone: dict[ColumnElement[Any], None] = dict.fromkeys(
            (_columns.wrapped_key, _columns.nonce, _columns.original, _columns.value_hash)
        )
        result = connection.execute(update(quarantine).where(decided, _columns.original.is_not(None)).values(gone))
        return result.rowcount

    def _row(self, item: Rejected, received_at: int, random_bytes: Callable[[int], bytes]) -> dict[str, Any]:
        topic, partition, offset, reason, detail, key, value, headers, resets = item
        fresh = random_bytes(KEY_BYTES + NONCE_BYTES)
        entry_key, nonce = fresh[:KEY_BYTES], fresh[KEY_BYTES:]
        clear = _associated(topic, partition, offset, reason, received_at)
        return {
            "topic": topic,
            "partition": partition,
            "offset": offset,
            "reason": reason,
            "detail": storable(detail),
            "received_at": received_at,
            "wrapped_key": self._key.wrap(entry_key),
            "nonce": nonce,
            "original": seal(entry_key, nonce, _encode((key, value, headers)), clear),
            "value_hash": None if value is None else self._key.hash(value),
            "state": HELD,
            "resets": resets,
        }


def _associated(topic: str, partition: int, offset: int, reason: str, received_at: int) -> bytes:
    return _encode((topic, partition, offset, reason, received_at))


def no_entry(entry_id: int) -> NotFound:
    """Say that there is no such entry."""
    return NotFound(f"there is no quarantine entry {entry_id}; `hub quarantine list` shows them")


def summaries(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[Summary]:
    """Read entries, by id, with a query of the columns of `SUMMARY`."""
    return [_summary(row) for row in connection.execute(query.order_by(_columns.entry_id))]


def _summary(row: Row[*tuple[Any, ...]]) -> Summary:
    summary = Summary(*row)
    decided_at = None if row.decided_at is None else moment_of(row.decided_at)
    return summary._replace(received_at=moment_of(row.received_at), decided_at=decided_at)


def decisions_of(connection: Connection, entry_id: int) -> list[Decision]:
    """Give what was decided about an entry, oldest first."""
    columns = quarantine_decision.c
    query = (
        select(columns.state, columns.decided_at, columns.decided_by, columns.note)
        .where(columns.entry_id == entry_id)
        .order_by(columns.decision_id)
    )
    return [
        Decision(state, moment_of(decided_at), by, note) for state, decided_at, by, note in connection.execute(query)
    ]

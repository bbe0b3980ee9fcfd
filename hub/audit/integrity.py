"""Whether the ledger is as it was written: its entries, opened and counted, a part of them at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from hub.errors import Forgotten, NotFound, StoreCorrupt
from hub.ledger import ledger, tables
from hub.ledger.ledger import Unopened
from hub.privacy.keystore import KeyStore

_DIGITS = 32
_DIGESTED = (
    "position",
    "subject_ref",
    "event_type",
    "schema_id",
    "stamped_at",
    "event_id",
    "topic",
    "partition",
    "offset",
    "nonce",
    "payload",
    "content_mac",
    "key_commitment",
)
"""What a digest is made of, in this order for good: people have noted digests."""


class LedgerVerified(NamedTuple):
    """What was found from position `first` to `last`.

    `unopened` entries have no key any more, `missing` ones are not there, those at `changed` positions are not what was
    stored, and those at `displaced` ones are stamped before the one before them.
    """

    first: int
    last: int
    unopened: int
    missing: int
    changed: tuple[int, ...]
    displaced: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was found wrong."""
        return not (self.missing or self.changed or self.displaced)


def verify_ledger(connection: Connection, keystore: KeyStore, start: int, most: int) -> LedgerVerified:
    """Verify the entries after position `start`, as many as `most`: each opens only as it was sealed, in its place."""
    last = max(start, min(ledger.last_position(connection), start + most))
    unopened = Unopened()
    try:
        entries = ledger.read_all(connection, keystore, start, last - start, up_to_position=last, unopened=unopened)
        changed: tuple[int, ...] = ()
    except StoreCorrupt:
        unopened = Unopened()
        looked_at = list(_one_by_one(connection, keystore, start, last, unopened))
        entries = [entry for _, entry in looked_at if entry is not None]
        changed = tuple(position for position, entry in looked_at if entry is None)
    missing = last - start - len(entries) - len(changed) - unopened.entries
    stamps = [(0, _stamp_at(connection, start)), *((entry.position, entry.stamped_at) for entry in entries)]
    displaced = tuple(position for (_, before), (position, stamp) in pairwise(stamps) if stamp < before)
    return LedgerVerified(min(start + 1, last), last, unopened.entries, missing, changed, displaced)


def verify_last(connection: Connection, keystore: KeyStore, most: int) -> LedgerVerified:
    """Verify the last entries, as many as `most`."""
    return verify_ledger(connection, keystore, max(0, ledger.last_position(connection) - most), most)


def _stamp_at(connection: Connection, position: int) -> int:
    column = tables.ledger.c
    return connection.scalar(select(column.stamped_at).where(column.position == position)) or 0


class Anchor(NamedTuple):
    """How many entries the ledger had, and the digest of the last of them: kept elsewhere, it shows a tail cut off."""

    entries: int
    digest: str


def anchor(connection: Connection) -> Anchor:
    """Give what to keep elsewhere now."""
    last = ledger.last_position(connection)
    return Anchor(last, digest_at(connection, last) or "")


def digest_at(connection: Connection, position: int) -> str | None:
    """Give the digest of the entry at a position, sealed as it is: 128 bits in hexadecimal; None where there is none.

    It stays the same for good: an erasure destroys keys, and leaves entries as they are.
    """
    column = tables.ledger.c
    row = connection.execute(
        select(*(column[name] for name in _DIGESTED)).where(column.position == position)
    ).one_or_none()
    return None if row is None else hashlib.sha256(msgspec.msgpack.encode(tuple(row))).hexdigest()[:_DIGITS]


def _one_by_one(
    connection: Connection, keystore: KeyStore, start: int, last: int, unopened: Unopened
) -> Iterator[tuple[int, ledger.Entry | None]]:
    """Open each entry by itself; None for one that was changed."""
    for position in range(start + 1, last + 1):
        try:
            yield position, ledger.entry_at(connection, position, keystore)
        except StoreCorrupt:
            yield position, None
        except Forgotten:
            unopened.entries += 1
        except NotFound:
            continue

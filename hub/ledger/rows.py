"""One row of the ledger: its payload sealed, with every column stored in clear as associated data."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Row

from hub.errors import StoreCorrupt
from hub.privacy.keystore import SubjectKey
from hub.privacy.sealing import commitment, open_sealed, seal

_pack = struct.Struct(">QIqIQHHHHH").pack

LedgerRow = Row[*tuple[Any, ...]]
"""A row of the ledger with all its columns, in the table's order."""


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


def seal_row(
    entry: NewEntry, derive: Callable[[bytes], bytes], position: int, stamped_at: int, nonce: bytes
) -> tuple[Any, ...]:
    """Seal an entry; gives its values in the order of the table's columns. `derive` is as for `open_row`."""
    event_id, (ref, _, _), event_type, schema_id, body, mac, topic, partition, offset = entry
    key = derive(event_id)
    clear = (position, ref, event_type, schema_id, stamped_at, event_id, topic, partition, offset, nonce)
    committed = commitment(key)
    sealed = seal(key, nonce, body, _associated((*clear, b"", mac, committed)))
    return (*clear, sealed, mac, committed)


def open_row(row: LedgerRow, derive: Callable[[bytes], bytes]) -> Entry:
    """Open a row of the ledger; `derive` gives the key of an event of its subject by the event's id.

    Raises:
        StoreCorrupt: the payload or a clear column is not what was stored.
    """
    position, ref, event_type, schema_id, stamped_at, event_id, _, _, _, nonce, sealed, _, _ = row
    try:
        body = open_sealed(derive(event_id), nonce, sealed, _associated(row))
    except (StoreCorrupt, struct.error, TypeError, AttributeError) as error:
        # SQLite keeps a value of any type in any column, so that tampering can show as a wrong type.
        raise StoreCorrupt(
            f"the ledger's entry at position {position} was changed after it was stored; "
            "restore the store from a backup"
        ) from error
    return Entry(position, ref, event_type, schema_id, stamped_at, event_id, body)


def _associated(row: LedgerRow | tuple[Any, ...]) -> bytes:
    """Encode the columns stored in clear in one way only: numbers, then lengths, then texts and bytes."""
    position, ref, event_type, schema_id, stamped_at, event_id, topic, partition, offset, _, _, mac, committed = row
    name = event_type.encode()
    ref_bytes, id_bytes, mac_bytes, commitment_bytes = len(ref), len(event_id), len(mac), len(committed)
    numbers = _pack(
        position, schema_id, stamped_at, partition, offset, ref_bytes, id_bytes, mac_bytes, commitment_bytes, len(name)
    )
    return b"".join((numbers, ref, event_id, mac, committed, name, topic.encode()))

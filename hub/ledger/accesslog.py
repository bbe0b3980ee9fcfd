"""Appending to the access log: each reader's entries in a chain of MACs, their stated reasons sealed.

The chain proves that no entry was changed, added, or taken from between others by anyone without the key-encryption
key. Who can write to the database could take a reader's last entries away together with an old copy of the reader's
row; a digest of all chains kept elsewhere shows that too.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select, update

from hub.ledger.accessmonths import entry_id
from hub.ledger.accesstables import access_reader
from hub.ledger.accesswriting import Row, Rows
from hub.ledger.database import insert_ignoring
from hub.ledger.texts import storable
from hub.privacy.keys import MasterKey
from hub.privacy.sealing import NONCE_BYTES, open_sealed, seal

NO_MAC = bytes(32)
"""What comes before a reader's first entry."""
_encode = msgspec.msgpack.Encoder().encode
_reader = access_reader.c


class PersonRow(NamedTuple):
    """One case record of an entry; `sight` is how much was shown, `counted` how it counts toward the volume alarm."""

    subject_ref: bytes
    person: bytes
    sight: int
    ground: str | None
    counted: str | None


class Line(NamedTuple):
    """What an entry says; its roles are separated by commas, its people sorted."""

    reader_id: str
    roles: str
    network: str | None
    organisation: str | None
    through: str
    kind: str
    code: str | None
    outcome: str
    reason: str | None
    people: Sequence[PersonRow]


class Head(NamedTuple):
    """Where a reader's chain ends, and the alarm that stopped them."""

    reader_no: int
    reader_id: str
    number: int
    last_entry: int
    mac: bytes
    alarm_no: int | None


class AccessKeys:
    """Seals reasons and chains entries, under keys derived for "access-reason" and "access-mac"."""

    __slots__ = ("_mac", "_reason")

    def __init__(self, master: MasterKey) -> None:
        self._mac = master.derive("access-mac")
        self._reason = master.derive("access-reason")

    def mac(self, previous: bytes, clear: bytes, nonce: bytes | None, sealed: bytes | None) -> bytes:
        """Give the MAC of an entry, which stands for all entries up to it."""
        return hmac.digest(self._mac, _encode((previous, clear, nonce, sealed)), "sha256")

    def seal(self, nonce: bytes, reason: str, clear: bytes) -> bytes:
        """Seal a reason together with the entry's clear columns."""
        return seal(self._reason, nonce, reason.encode(), clear)

    def open(self, nonce: bytes, sealed: bytes, clear: bytes) -> str:
        """Open a reason.

        Raises:
            StoreCorrupt: it, or what stands beside it in clear, was changed.
        """
        return open_sealed(self._reason, nonce, sealed, clear).decode()

    def purged(self, reader_no: int, reader_id: str, number: int, mac: bytes) -> bytes:
        """Seal up to where a reader's entries were dropped."""
        return hmac.digest(self._mac, _encode(("purged", reader_no, reader_id, number, mac)), "sha256")

    def token(self, asked: str) -> bytes:
        """Give what stands for what was asked for and led to nobody: the same for the same, and telling nothing."""
        return hmac.digest(self._mac, _encode(("asked", asked)), "sha256")[:16]


def clear_columns(entry: int, reader_no: int, number: int, line: Line) -> bytes:
    """Encode what is stored in clear, in one way only."""
    people = [tuple(person) for person in line.people]
    return _encode((entry, reader_no, number, *line[:8], people))


class Chain:
    """One reader's entries, added in a transaction that has the reader to itself, to be written before it ends."""

    def __init__(self, head: Head, keys: AccessKeys, random_bytes: Callable[[int], bytes]) -> None:
        self.head = head
        self._keys = keys
        self._random_bytes = random_bytes
        self._entries: list[tuple[Any, ...]] = []
        self._people: list[tuple[Any, ...]] = []

    def next_id(self, moment: datetime, apart: int) -> int:
        """Give the id that an entry of a moment would have."""
        return entry_id(moment, apart, self.head.last_entry)

    def add(self, entry: int, line: Line) -> None:
        """Add an entry under an id that `next_id` gave."""
        head = self.head
        number = head.number + 1
        clear = clear_columns(entry, head.reader_no, number, line)
        nonce = sealed = None
        if line.reason is not None:
            nonce = self._random_bytes(NONCE_BYTES)
            sealed = self._keys.seal(nonce, storable(line.reason), clear)
        mac = self._keys.mac(head.mac, clear, nonce, sealed)
        self._entries.append((entry, head.reader_no, number, *line[:8], nonce, sealed, mac))
        self._people += [(entry, *person) for person in line.people]
        self.head = head._replace(number=number, last_entry=entry, mac=mac)

    def rows(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Give the rows added, of entries and of people."""
        return self._entries, self._people


def introduce(connection: Connection, reader_ids: Iterable[str], keys: AccessKeys) -> None:
    """Make the rows of readers seen for the first time, in a transaction of its own."""
    for reader_id in sorted(reader_ids):
        row = {"reader_id": reader_id, "number": 0, "last_entry": 0, "mac": NO_MAC}
        purged = {"purged_number": 0, "purged_mac": NO_MAC, "purged_seal": NO_MAC}
        connection.execute(insert_ignoring(connection, access_reader).values(**row, **purged))
        number = connection.execute(select(_reader.reader_no).where(_reader.reader_id == reader_id)).scalar_one()
        sealed = update(access_reader).where(_reader.reader_no == number, _reader.purged_seal == NO_MAC)
        connection.execute(sealed.values(purged_seal=keys.purged(number, reader_id, 0, NO_MAC)))


def take(connection: Connection, reader_ids: Collection[str]) -> dict[str, Head]:
    """Have readers to oneself until the transaction ends; those never introduced are absent."""
    columns = (_reader.reader_no, _reader.reader_id, _reader.number, _reader.last_entry, _reader.mac, _reader.alarm_no)
    query = select(*columns).where(_reader.reader_id.in_(sorted(reader_ids))).order_by(_reader.reader_id)
    return {row.reader_id: Head(*row) for row in connection.execute(query.with_for_update())}


def added(chains: Iterable[Chain], counts: list[Row]) -> Rows:
    """Give the rows that chains have, with those that count their readers' people."""
    found = Rows([], [], counts, [])
    for chain in chains:
        entries, people = chain.rows()
        found.entries.extend(entries)
        found.people.extend(people)
        head = chain.head
        found.heads.append((head.number, head.last_entry, head.mac, head.alarm_no, head.reader_no))
    return found

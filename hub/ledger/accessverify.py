"""Verifying the access log: every reader's chain from where it was purged to its end, and a digest of all of them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, exists, func, select

from hub.ledger.accesslog import AccessKeys, clear_columns
from hub.ledger.accessqueries import line_of, people_of
from hub.ledger.accesstables import access_entry, access_person, access_reader

_entry, _person, _reader = access_entry.c, access_person.c, access_reader.c
_AT_ONCE = 1_000


class Verified(NamedTuple):
    """What was verified.

    `digest` is of all entries up to the id `up_to`: kept elsewhere, it shows later that none of them was taken away.
    """

    entries: int
    readers: int
    defects: list[str]
    up_to: int
    digest: str


def verify(connection: Connection, keys: AccessKeys, up_to: int) -> Verified:
    """Compute every chain again, in one snapshot.

    Args:
        up_to: the last id that the digest covers; it stays the same while that id's month is there.
    """
    entries = 0
    defects = []
    digest = hashlib.sha256()
    readers = connection.execute(select(access_reader).order_by(_reader.reader_no)).all()
    for reader in readers:
        chain = _verify_chain(connection, keys, reader, up_to)
        entries += chain.entries
        defects += [f"reader {reader.reader_no}: {defect}" for defect in chain.defects]
        if chain.number:
            digest.update(reader.reader_no.to_bytes(8, "big") + chain.number.to_bytes(8, "big") + chain.mac)
    return Verified(entries, len(readers), [*defects, *_strays(connection)], up_to, digest.hexdigest())


class Latest(NamedTuple):
    """What was verified of the last entries: how many they are, of how many readers, since which id."""

    entries: int
    readers: int
    defects: list[str]
    since: int


def verify_latest(connection: Connection, keys: AccessKeys, most: int) -> Latest:
    """Compute the last entries of every reader's chain again, as many as `most` in all; those before are taken as told.

    It finds what was changed, added or taken away among them, in a time that does not grow with the log.
    """
    ids = connection.execute(select(_entry.entry_id).order_by(_entry.entry_id.desc()).limit(most)).scalars().all()
    since = ids[-1] if ids else 0
    lately = select(_entry.reader_no).where(_entry.entry_id >= since)
    query = select(access_reader).where(_reader.last_entry >= since)
    readers = connection.execute(query.union(select(access_reader).where(_reader.reader_no.in_(lately)))).all()
    chains = [_verify_end(connection, keys, reader, since) for reader in readers]
    return Latest(
        sum(entries for entries, _ in chains), len(readers), [each for _, found in chains for each in found], since
    )


def _verify_end(connection: Connection, keys: AccessKeys, reader: Row[Any], since: int) -> tuple[int, list[str]]:
    before = select(_entry.number, _entry.mac).where(_entry.reader_no == reader.reader_no, _entry.entry_id < since)
    row = connection.execute(before.order_by(_entry.entry_id.desc()).limit(1)).one_or_none()
    number, mac = (reader.purged_number, reader.purged_mac) if row is None else row
    chain = _followed(connection, keys, reader, (number, mac), since=since, up_to=since)
    return chain.entries, [f"reader {reader.reader_no}: {defect}" for defect in chain.defects]


class _Chain(NamedTuple):
    """A reader's chain: its entries, and where it was at the id that a digest goes up to."""

    entries: int
    defects: list[str]
    number: int
    mac: bytes


def _verify_chain(connection: Connection, keys: AccessKeys, reader: Row[Any], up_to: int) -> _Chain:
    start = number, mac = reader.purged_number, reader.purged_mac
    chain = _followed(connection, keys, reader, start, since=0, up_to=up_to)
    if hmac.compare_digest(reader.purged_seal, keys.purged(reader.reader_no, reader.reader_id, number, mac)):
        return chain
    return chain._replace(defects=["where its entries begin was changed", *chain.defects])


def _followed(
    connection: Connection, keys: AccessKeys, reader: Row[Any], start: tuple[int, bytes], *, since: int, up_to: int
) -> _Chain:
    """Follow a reader's chain from an entry, given by its number and MAC, to its end."""
    number, mac = noted = start
    defects = []
    seen = 0
    for row, expected in _computed(connection, keys, reader, mac, since):
        seen += 1
        if row.number != number + 1:
            defects.append(f"entries {number + 1} to {row.number - 1} are missing before entry {row.entry_id}")
        elif not hmac.compare_digest(row.mac, expected) or row.reader_id != reader.reader_id:
            defects.append(f"entry {row.entry_id}, its people, or the one before it were changed")
        number, mac = row.number, row.mac
        if row.entry_id <= up_to:
            noted = number, mac
    if number != reader.number or mac != reader.mac:
        defects.append(f"its last entries are missing: it has {reader.number}, the last one here is {number}")
    return _Chain(seen, defects, *noted)


def _computed(
    connection: Connection, keys: AccessKeys, reader: Row[Any], mac: bytes, since: int
) -> Iterator[tuple[Row[Any], bytes]]:
    """Give each entry of a reader from an id on with the MAC that it must have after one of this MAC."""
    query = select(access_entry).where(_entry.reader_no == reader.reader_no).order_by(_entry.entry_id)
    after = since - 1
    while rows := connection.execute(query.where(_entry.entry_id > after).limit(_AT_ONCE)).all():
        people = people_of(connection, [row.entry_id for row in rows])
        for row in rows:
            clear = clear_columns(row.entry_id, row.reader_no, row.number, line_of(row, people[row.entry_id]))
            yield row, keys.mac(mac, clear, row.nonce, row.reason)
            mac = row.mac
        after = rows[-1].entry_id


def _strays(connection: Connection) -> list[str]:
    """Find entries of readers, and people of entries, that are not there."""
    no_reader = ~exists().where(_reader.reader_no == _entry.reader_no)
    no_entry = ~exists().where(_entry.entry_id == _person.entry_id)
    entries = connection.execute(select(func.count()).select_from(access_entry).where(no_reader)).scalar_one()
    people = connection.execute(select(func.count()).select_from(access_person).where(no_entry)).scalar_one()
    found = [f"{entries} entries have a reader who is not there"] if entries else []
    return [*found, f"{people} case records stand in entries that are not there"] if people else found

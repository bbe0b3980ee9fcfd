"""What the networks were told: up to which position, of whom, and digests of what was said last."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Column, Connection, Table, delete, select, update

from hub.errors import OffsetConflict, StoreCorrupt
from hub.ledger import bulk
from hub.ledger.tables import outbound_case, outbound_position, outbound_sent

_AT_ONCE = 500
_DIGESTS = msgspec.msgpack.Decoder(dict[str, bytes])
_encode = msgspec.msgpack.Encoder(order="sorted").encode


class Recipient(NamedTuple):
    """A person, by the 16 bytes of their id, and the network that is told of them."""

    person_id: bytes
    network: str


class Sent(NamedTuple):
    """The last update that a network got of a person: the ledger's position then, and the digests of its parts."""

    position: int
    parts: Mapping[str, bytes]


class Looked(NamedTuple):
    """Under which person a case record was last looked at, and how far the ledger had come then."""

    person_id: bytes
    position: int


def position(connection: Connection) -> int:
    """Give the position up to which the networks have been told everything.

    Raises:
        StoreCorrupt: it is gone.
    """
    found: int | None = connection.scalar(select(outbound_position.c.position))
    if found is None:
        raise StoreCorrupt("the position of the outbound feed is gone; restore the store from its backup")
    return found


def advance(connection: Connection, expected: int, reached: int) -> None:
    """Move the position, as the first statement of the transaction in which the networks are told.

    Whoever else tells them waits here until this transaction ended, and then finds that the position is another one.

    Raises:
        OffsetConflict: it is not what was expected; roll back and look again.
    """
    moved = update(outbound_position).where(outbound_position.c.position == expected).values(position=reached)
    if connection.execute(moved).rowcount != 1:
        raise OffsetConflict(f"another feeder moved the outbound feed from position {expected}; look again")


def sent_to(connection: Connection, people: Iterable[bytes]) -> dict[Recipient, Sent]:
    """Give what was last sent of people, to any network."""
    rows = _select(connection, outbound_sent, outbound_sent.c.person_id, people)
    return {Recipient(row.person_id, row.network): Sent(row.position, _DIGESTS.decode(row.parts)) for row in rows}


def replace_sent(connection: Connection, sent: Mapping[Recipient, Sent | None]) -> None:
    """Note what was sent; None where the network was told to forget the person."""
    columns = outbound_sent.c
    for person_id, network in sorted(sent):
        of = (columns.person_id == person_id, columns.network == network)
        connection.execute(delete(outbound_sent).where(*of))
    rows = [(*of, new.position, _encode(new.parts)) for of, new in sorted(sent.items()) if new is not None]
    bulk.insert(connection, outbound_sent, rows)


def looked_at(connection: Connection, refs: Iterable[bytes]) -> dict[bytes, Looked]:
    """Give under whom case records were last looked at; those never looked at are absent."""
    rows = _select(connection, outbound_case, outbound_case.c.subject_ref, refs)
    return {row.subject_ref: Looked(row.person_id, row.looked_at) for row in rows}


def looked_at_as(connection: Connection, people: Iterable[bytes]) -> dict[bytes, Looked]:
    """Give the case records that were last looked at under these people."""
    rows = _select(connection, outbound_case, outbound_case.c.person_id, people)
    return {row.subject_ref: Looked(row.person_id, row.looked_at) for row in rows}


def replace_looked_at(connection: Connection, found: Mapping[bytes, Looked | None]) -> None:
    """Note under whom case records were looked at; None where there is nobody to tell of."""
    for some in _chunks(sorted(found)):
        among = bulk.among(connection, outbound_case.c.subject_ref, "wanted")
        connection.execute(delete(outbound_case).where(among), {"wanted": some})
    rows = [(ref, *looked) for ref, looked in found.items() if looked is not None]
    bulk.insert(connection, outbound_case, sorted(rows))


def _select(connection: Connection, table: Table, column: Column[Any], values: Iterable[bytes]) -> Iterator[Any]:
    statement = select(table).where(bulk.among(connection, column, "wanted"))
    for some in _chunks(sorted(set(values))):
        yield from connection.execute(statement, {"wanted": some})


def _chunks(values: Collection[bytes]) -> Iterator[list[bytes]]:
    rest = iter(values)
    while chunk := list(islice(rest, _AT_ONCE)):
        yield chunk

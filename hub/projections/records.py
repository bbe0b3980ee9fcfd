"""Case records of a generation: which ones there are, what each says about identity, which pathway each belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Column, Connection, Table, func, select

from hub.domain.events.base import Event
from hub.domain.events.correction import EventVoided
from hub.domain.identity.evidence import (
    IDENTITY_EVENTS,
    Evidence,
    KeyedHash,
    case_presence_key,
    gather,
    presence_keys,
    trait_key,
)
from hub.domain.identity.resolve import Decision
from hub.domain.identity.suggest import blocking_keys
from hub.domain.ids import CaseKey
from hub.domain.order import order_key
from hub.domain.pathway import correction
from hub.errors import KeyUnavailable
from hub.ledger import bulk
from hub.privacy.keystore import SubjectKey
from hub.projections import writer
from hub.projections.stored import decoded
from hub.projections.tables import Numbers, Tables

_CHUNK = 500
_ENCODER = msgspec.msgpack.Encoder()
_EVIDENCE = msgspec.msgpack.Decoder(Evidence)
_DECISION = msgspec.msgpack.Decoder(Decision)
_TELLING = (*IDENTITY_EVENTS, EventVoided)
GATHERED_FROM = tuple(event_type.__name__ for event_type in _TELLING)
"""The event types that a case's evidence depends on."""


class CaseRow(NamedTuple):
    """A case record of the generation; `pathway_no` is None until it belongs to a pathway."""

    case_no: int
    subject_ref: bytes
    case: CaseKey
    pathway_no: int | None
    trait_key: bytes | None
    evidence: Evidence


def case_of(key: SubjectKey) -> CaseKey:
    """Give the case record that a subject of kind `case` is."""
    _, network, scope, local_id = key.subject
    return CaseKey(network, scope, local_id)


def chunks(items: Iterable[Any], size: int = _CHUNK) -> Iterator[list[Any]]:
    """Cut into lists that fit one statement."""
    whole = list(items)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def select_in(
    connection: Connection, columns: Iterable[Any], column: Column[Any], values: Iterable[Any]
) -> Iterator[Any]:
    """Select rows whose column is among values, in statements of bounded size."""
    statement = select(*columns).where(bulk.among(connection, column, "wanted"))
    for chunk in chunks(values):
        yield from connection.execute(statement, {"wanted": chunk})


def by_reference(connection: Connection, tables: Tables, refs: Iterable[bytes]) -> dict[bytes, CaseRow]:
    """Load case records by their opaque references."""
    table = tables.case_record
    return {row[1]: case_row(row) for row in select_in(connection, table.c[:], table.c.subject_ref, refs)}


def references(connection: Connection, tables: Tables, cases: Iterable[CaseKey]) -> set[bytes]:
    """Give the opaque references of case records, of those that are there."""
    columns = tables.case_record.c
    wanted = set(cases)
    selected = (columns.network, columns.scope, columns.local_id, columns.subject_ref)
    rows = select_in(connection, selected, columns.local_id, {case.local_id for case in wanted})
    return {row.subject_ref for row in rows if CaseKey(*row[:3]) in wanted}


def by_number(connection: Connection, tables: Tables, numbers: Iterable[int]) -> dict[int, CaseRow]:
    """Load case records by their numbers."""
    table = tables.case_record
    return {row[0]: case_row(row) for row in select_in(connection, table.c[:], table.c.case_no, numbers)}


def named(connection: Connection, tables: Tables, cases: Collection[CaseKey]) -> dict[CaseKey, CaseRow]:
    """Load case records by their keys, those that are there."""
    table = tables.case_record
    columns = (table.c.case_no, table.c.network, table.c.scope, table.c.local_id)
    rows = select_in(connection, columns, table.c.local_id, {case.local_id for case in cases})
    numbers = [row.case_no for row in rows if CaseKey(row.network, row.scope, row.local_id) in cases]
    return {row.case: row for row in by_number(connection, tables, numbers).values()}


def of_pathways(connection: Connection, tables: Tables, pathway_nos: Iterable[int]) -> dict[int, list[CaseRow]]:
    """Load the case records of pathways."""
    table = tables.case_record
    found: dict[int, list[CaseRow]] = {}
    for row in select_in(connection, table.c[:], table.c.pathway_no, pathway_nos):
        found.setdefault(row.pathway_no, []).append(case_row(row))
    return found


def members_of(connection: Connection, tables: Tables, pathway_nos: Iterable[int]) -> set[int]:
    """Give the numbers of the case records of pathways."""
    table = tables.case_record
    return {row.case_no for row in select_in(connection, [table.c.case_no], table.c.pathway_no, pathway_nos)}


def case_row(row: Any) -> CaseRow:
    """Read a row of the table of case records."""
    case_no, ref, network, scope, local_id, pathway_no, key, evidence = row
    return CaseRow(
        case_no, ref, CaseKey(network, scope, local_id), pathway_no, key, decoded(_EVIDENCE.decode, evidence)
    )


def new_numbers(connection: Connection, numbers: Numbers, count: int) -> Sequence[int]:
    """Give numbers that nothing in the generation has, to no other transaction either; some may never be used."""
    if not connection.dialect.supports_sequences:
        first = (connection.scalar(select(func.max(numbers.column))) or 0) + 1
        return range(first, first + count)
    each = func.generate_series(1, count).table_valued("place")
    return connection.scalars(select(numbers.sequence.next_value()).select_from(each)).all() if count else ()


class Gathered(NamedTuple):
    """What a case's identity events say now, and the keys under which it can be found at any time."""

    evidence: Evidence
    trait_key: bytes | None
    presence: frozenset[bytes]
    blocking: tuple[bytes, ...]


def gathered(case: CaseKey, events: Iterable[Event], keyed_hash: KeyedHash) -> Gathered:
    """Read a case's evidence from its identity events and voids, in any order and among any others."""
    ordered = sorted((event for event in events if isinstance(event, _TELLING)), key=order_key)
    voids = correction.announce(correction.Corrections(), ordered)
    evidence = gather(case, [event for event in ordered if not correction.is_voided(voids, event)])
    presence = presence_keys(ordered, keyed_hash) | {case_presence_key(case, keyed_hash)}
    return Gathered(evidence, trait_key(evidence, keyed_hash), presence, blocking_keys(evidence, keyed_hash))


def says_who(event: Event) -> bool:
    """Tell whether an event can change who a case record is about."""
    if isinstance(event, IDENTITY_EVENTS):
        return event.traits is not None or event.other_case is not None
    return isinstance(event, EventVoided)


def refuse_second_reference(connection: Connection, tables: Tables, keys: Iterable[SubjectKey]) -> None:
    """Make sure that no case new by its reference is there under another one.

    Raises:
        KeyUnavailable: the key store gave a known case a new reference: it is older than the ledger.
    """
    table = tables.case_record
    cases = {case_of(key) for key in keys}
    columns = (table.c.network, table.c.scope, table.c.local_id)
    found = select_in(connection, columns, table.c.local_id, {case.local_id for case in cases})
    if any(CaseKey(*row) in cases for row in found):
        raise KeyUnavailable(
            "the key store does not know a case that the ledger knows: it is older than the ledger, or another "
            "installation's; restore its newest backup. Nothing was changed"
        )


def store_new(connection: Connection, tables: Tables, found: Mapping[SubjectKey, Gathered]) -> list[CaseRow]:
    """Insert case records that were not there, with their keys."""
    if not found:
        return []
    numbers = new_numbers(connection, tables.case_numbers, len(found))
    rows = [
        CaseRow(number, key.ref, case_of(key), None, what.trait_key, what.evidence)
        for number, (key, what) in zip(numbers, found.items(), strict=True)
    ]
    writer.insert(
        connection,
        tables.case_record,
        [(row.case_no, row.subject_ref, *row.case, None, row.trait_key, _ENCODER.encode(row.evidence)) for row in rows],
    )
    # A new case has no key yet that an insert could meet.
    said = list(zip(numbers, found.values(), strict=True))
    presence = [(key, number) for number, what in said for key in sorted(what.presence)]
    blocking = [(key, number) for number, what in said for key in sorted(set(what.blocking))]
    writer.insert(connection, tables.identity_key, presence)
    writer.insert(connection, tables.blocking_key, blocking)
    return rows


def store_again(connection: Connection, tables: Tables, row: CaseRow, what: Gathered) -> CaseRow:
    """Update what a case record says; keys under which it was ever present stay."""
    table = tables.case_record
    connection.execute(
        table.update().where(table.c.case_no == row.case_no),
        {"trait_key": what.trait_key, "evidence": _ENCODER.encode(what.evidence)},
    )
    connection.execute(tables.blocking_key.delete().where(tables.blocking_key.c.case_no == row.case_no))
    store_presence(connection, tables, {row.case_no: what})
    _store_keys(connection, tables.blocking_key, [(row.case_no, what.blocking)])
    return row._replace(trait_key=what.trait_key, evidence=what.evidence)


def store_presence(connection: Connection, tables: Tables, found: Mapping[int, Gathered]) -> None:
    """Insert the keys under which case records can be found at any time, unless they are there."""
    _store_keys(connection, tables.identity_key, [(case_no, what.presence) for case_no, what in found.items()])


def _store_keys(connection: Connection, table: Table, found: Iterable[tuple[int, Collection[bytes]]]) -> None:
    bulk.insert_new(connection, table, [(key, case_no) for case_no, keys in found for key in sorted(keys)])


def store_decisions(
    connection: Connection, tables: Tables, found: Sequence[tuple[int, Decision]], keyed_hash: KeyedHash
) -> None:
    """Insert people's decisions about pairs, each with the number of its first record; either record finds it."""
    writer.insert(
        connection,
        tables.pair_decision,
        [(decision.event_id, case_no, _ENCODER.encode(decision)) for case_no, decision in found],
    )
    sides = [(case_no, (decision.left, decision.right)) for case_no, decision in found]
    _store_keys(
        connection,
        tables.identity_key,
        [(case_no, [case_presence_key(side, keyed_hash) for side in both]) for case_no, both in sides],
    )


def decisions_about(connection: Connection, tables: Tables, case_nos: Iterable[int]) -> list[Decision]:
    """Load the decisions whose first record is among these cases."""
    table = tables.pair_decision
    return [
        decoded(_DECISION.decode, row.decision)
        for row in select_in(connection, [table.c.decision], table.c.case_no, case_nos)
    ]


def closure(
    connection: Connection, tables: Tables, case_nos: Iterable[int], with_keys: Iterable[bytes] = ()
) -> set[int]:
    """Find every case record that could ever have been one person with these: they share a key, or a chain of keys.

    `with_keys` are keys that these case records are about to get.
    """
    reached: set[int] = set()
    seen_keys: set[bytes] = set()
    frontier, keys = set(case_nos), set(with_keys)
    table = tables.identity_key
    while frontier or keys:
        reached |= frontier
        keys |= {row.key for row in select_in(connection, [table.c.key], table.c.case_no, frontier)}
        keys -= seen_keys
        seen_keys |= keys
        frontier = {row.case_no for row in select_in(connection, [table.c.case_no], table.c.key, keys)} - reached
        keys = set()
    return reached

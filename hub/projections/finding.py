"""Finding a pathway by any of its names: a case record, the person's id, or the id of any of its events."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, select

from hub.domain.ids import CaseKey
from hub.errors import NotFound, Usage
from hub.ledger import ledger
from hub.ledger import tables as ledger_tables
from hub.projections.records import CaseRow, by_reference, case_row, of_pathways
from hub.projections.tables import Tables


class Found(NamedTuple):
    """A case record asked for and all records of its pathway; `pathway_no` is None while it has no event of its own."""

    case: CaseRow
    members: tuple[CaseRow, ...]
    pathway_no: int | None


def find(connection: Connection, tables: Tables, name: str) -> Found:
    """Find a pathway by `network/scope/local_id`, by a local id that only one record has, or by any event id.

    Raises:
        NotFound: nothing has that name.
        Usage: several case records have that local id; give network and scope too.
    """
    event_id = _event_id(name)
    if event_id is not None and (found := _of_event(connection, tables, event_id)) is not None:
        return found
    case = _by_event(connection, tables, event_id) if event_id is not None else None
    case = case or _by_case(connection, tables, name)
    if case.pathway_no is None:
        return Found(case, (case,), None)
    members = sorted(of_pathways(connection, tables, [case.pathway_no])[case.pathway_no], key=lambda row: row.case)
    return Found(case, tuple(members), case.pathway_no)


def case_named(connection: Connection, tables: Tables, name: str) -> CaseKey:
    """Read the case key that a name stands for; a full `network/scope/local_id` need not be in the store."""
    parts = name.split("/")
    return CaseKey(*parts) if len(parts) == 3 else find(connection, tables, name).case.case


def _event_id(name: str) -> bytes | None:
    if len(name) != 36 or name.count("-") != 4:
        return None
    try:
        return UUID(name).bytes
    except ValueError:
        return None


def _of_event(connection: Connection, tables: Tables, event_id: bytes) -> Found | None:
    """Find the case record that an event is about and all of its pathway in one look-up; None if it has no pathway."""
    rows = connection.execute(_members(tables), {"wanted": event_id}).all()
    if not rows:
        return None
    members = sorted((case_row(row[:-1]) for row in rows), key=lambda member: member.case)
    case = next(member for member in members if member.case_no == rows[0].of_event)
    return Found(case, tuple(members), case.pathway_no)


@lru_cache(maxsize=8)
def _members(tables: Tables) -> Select[Any]:
    event, entry = ledger_tables.event_id.c, ledger_tables.ledger
    case, member = tables.case_record.alias("of_event").c, tables.case_record
    return (
        select(*member.c, case.case_no.label("of_event"))
        .join_from(ledger_tables.event_id, entry, entry.c.position == event.position)
        .join(case.case_no.table, case.subject_ref == entry.c.subject_ref)
        .join(member, member.c.pathway_no == case.pathway_no)
        .where(event.event_id == bindparam("wanted"))
    )


def _by_event(connection: Connection, tables: Tables, event_id: bytes) -> CaseRow | None:
    located = ledger.locate(connection, event_id)
    return by_reference(connection, tables, [located.subject_ref]).get(located.subject_ref) if located else None


def _by_case(connection: Connection, tables: Tables, name: str) -> CaseRow:
    table = tables.case_record
    parts = name.split("/")
    query = select(table.c.subject_ref).where(table.c.local_id == parts[-1])
    if len(parts) == 3:
        query = query.where(table.c.network == parts[0], table.c.scope == parts[1])
    refs = list(connection.execute(query).scalars())
    if not refs:
        raise NotFound("no case record and no event has that name; give network/scope/local_id, or an event's id")
    if len(refs) > 1:
        raise Usage(f"{len(refs)} case records have that local id; give network/scope/local_id")
    return by_reference(connection, tables, refs)[refs[0]]

"""Stated reasons: whoever must read a person they do not accompany says why, and the referent learns of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from hub.access.guard import Look
from hub.access.leading import is_named
from hub.access.recording import OWN, Person
from hub.domain.access import Reader, Reason
from hub.errors import Usage
from hub.ledger import bulk
from hub.ledger.accessmonths import lowest_id, moment_of_entry
from hub.ledger.accesstables import access_entry, access_person
from hub.projections.tables import Tables

LONGEST_TEXT = 1_000


class Grant(NamedTuple):
    """A person whom a reader may read until a moment, since they said why."""

    person: Person
    code: Reason
    until: datetime


class Notice(NamedTuple):
    """Someone stated a reason for reading a person, or for a search that found them: who, when, the reason's code.

    `case_records` are references of those records of the person that the reason was stated for.
    """

    entry_id: int
    at: datetime
    reader_id: str
    network: str | None
    organisation: str | None
    code: Reason
    pathway_no: int
    case_records: tuple[bytes, ...]


def state_reason(look: Look, name: str, code: Reason, text: str) -> Grant:
    """State why a person must be read; it counts once the look's entry is recorded, which may be refused.

    Raises:
        Denied: there is no such person. The attempt is recorded.
        Usage: the reason is not given in words, or in too many.
    """
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Usage(f"say why in a text of 1 to {LONGEST_TEXT} characters")
    person = Person.of(look.find(name))
    look.entry.break_glass(person, code, text)
    return Grant(person, code, look.recorder.reason_counts_until(look.now))


def notices(
    connection: Connection,
    tables: Tables,
    reader: Reader,
    *,
    day: date,
    since: datetime,
    after: int | None = None,
    limit: int = 100,
) -> list[Notice]:
    """Give the reasons that others stated for people whose referent the reader is, newest first.

    Args:
        day: on which they are the referent, or were the last one where nobody is.
        after: only those older than the entry of this id, where a page ended.
    """
    if not reader.network or not reader.adviser:
        return []
    entry, person, case = access_entry.c, access_person.c, tables.case_record.c
    whose = is_named(tables, case.pathway_no, reader.network, reader.adviser, day)
    query = _of_others(tables, reader, lowest_id(since), after).where(whose)
    newest = query.with_only_columns(entry.entry_id).distinct().order_by(entry.entry_id.desc()).limit(limit)
    ids = list(connection.scalars(newest))
    if not ids:
        return []  # as nearly always
    said = (entry.entry_id, entry.reader_id, entry.network, entry.organisation, entry.code)
    rows = connection.execute(
        query.with_only_columns(*said, case.pathway_no, person.subject_ref)
        .where(bulk.among(connection, entry.entry_id, "ids"), entry.entry_id.between(ids[-1], ids[0]))
        .order_by(entry.entry_id.desc(), case.pathway_no, person.subject_ref),
        {"ids": ids},
    )
    found: dict[tuple[int, int], Notice] = {}
    for entry_id, reader_id, network, organisation, code, pathway_no, ref in rows:
        known = found.get((entry_id, pathway_no))
        refs = (*known.case_records, ref) if known else (ref,)
        found[entry_id, pathway_no] = Notice(
            entry_id, moment_of_entry(entry_id), reader_id, network, organisation, code, pathway_no, refs
        )
    return list(found.values())


def _of_others(tables: Tables, reader: Reader, since: int, after: int | None) -> Select[Any]:
    """Select the stated reasons of others, each with the case records that it was stated for."""
    entry, person, case = access_entry.c, access_person.c, tables.case_record.c
    query = (
        select(entry.entry_id)
        .join(access_person, person.entry_id == entry.entry_id)
        .join(tables.case_record, case.subject_ref == person.subject_ref)
        .where(_is_for_reason(), entry.outcome == "shown", entry.reader_id != reader.reader_id)
        .where(entry.entry_id >= since, person.entry_id >= since)
    )
    return query if after is None else query.where(entry.entry_id < after)


def _is_for_reason() -> ColumnElement[bool]:
    """Say that a reason was stated for a person, or that a search for a reason found one who is not the reader's.

    The ground alone passes over nearly all: a reason that is stated, or another's person who is found, has none of OWN.
    """
    entry = access_entry.c
    is_stated = or_(entry.kind == "break_glass", and_(entry.kind == "search", entry.code.is_not(None)))
    return and_(access_person.c.ground.not_in(sorted(OWN)), is_stated)

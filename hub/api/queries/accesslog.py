"""Entries of the access log, with the people whom each is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from hub.access.guard import Look
from hub.access.recording import Kind, Person
from hub.domain.access import Sight
from hub.ledger import accessqueries
from hub.ledger.accessqueries import Logged
from hub.projections import records


class Wanted(NamedTuple):
    """Which entries: about a person, of a reader, of a kind, not before a moment, before another; None is any."""

    person: str | None = None
    reader_id: str | None = None
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None


class Entries(NamedTuple):
    """Entries, newest first, their people, and the entry after which the next page begins, None on the last one."""

    found: list[Logged]
    people: People
    following: int | None


def entries(look: Look, wanted: Wanted, *, after: int | None, limit: int) -> Entries:
    """Read a page of the log; that is itself an entry, with all people of the page.

    Raises:
        Denied: there is no such person. The attempt is recorded.
    """
    look.entry.kind = "access_log"
    person = Person.of(look.find(wanted.person.lower())) if wanted.person else None
    found = accessqueries.entries(
        look.connection,
        refs=person.refs if person else None,
        reader_id=wanted.reader_id,
        kind=wanted.kind,
        since=wanted.since,
        until=wanted.until,
        after=after,
        limit=limit + 1,
    )
    shown = found[:limit]
    people = _people(look, shown)
    look.entry.access_log([*people.by_no.values(), *([person] if person else [])])
    return Entries(shown, people, shown[-1].entry_id if len(found) > limit else None)


class People:
    """The people of entries: by case record reference their pathway, by pathway their id and who they are."""

    def __init__(self) -> None:
        self.no_of: dict[bytes, int] = {}
        self.by_no: dict[int, Person] = {}
        self.id_of: dict[int, str] = {}


def _people(look: Look, found: Sequence[Logged]) -> People:
    refs = {row.subject_ref for entry in found for row in entry.people}
    people = People()
    for ref, row in records.by_reference(look.connection, look.tables, refs).items():
        if row.pathway_no is not None:
            people.no_of[ref] = row.pathway_no
    members = records.of_pathways(look.connection, look.tables, set(people.no_of.values()))
    people.by_no = {number: Person.with_cases(rows) for number, rows in members.items()}
    pathway = look.tables.models["pathway"]
    columns = (pathway.c.pathway_no, pathway.c.person_id, pathway.c.erased)
    for row in records.select_in(look.connection, columns, pathway.c.pathway_no, people.by_no):
        if row.erased is None:
            people.id_of[row.pathway_no] = row.person_id
    return people


def said(entry: Logged, people: People) -> dict[str, Any]:
    """Give an entry as a document."""
    shown: dict[tuple[str | None, bytes], dict[str, Any]] = {}
    for row in entry.people:
        person_id = people.id_of.get(people.no_of.get(row.subject_ref, 0))
        # One person of several case records stands in an entry once for each.
        shown[person_id, b"" if person_id else row.person] = {
            "person_id": person_id,
            "sight": Sight(row.sight).name.lower(),
            "ground": row.ground,
            "counted": row.counted,
        }
    return {
        "entry_id": str(entry.entry_id),
        "at": entry.at,
        "reader_id": entry.reader_id,
        "roles": list(entry.roles),
        "network": entry.network,
        "organisation": entry.organisation,
        "through": entry.through,
        "kind": entry.kind,
        "code": entry.code,
        "outcome": entry.outcome,
        "people": list(shown.values()),
    }

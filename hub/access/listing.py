"""Several people at once: what the reader sees of each, with the row that stands for them in a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from hub.access.guard import Look
from hub.access.leading import leading_of
from hub.access.recording import Person
from hub.access.ties import ties_of
from hub.audit.moments import day_in_france
from hub.domain.access import Tie, Verdict, sees
from hub.domain.pathway.leading import Leading
from hub.projections import records
from hub.projections.records import CaseRow


class Listed(NamedTuple):
    """A person in a list: their row in the read model `pathway`, and who leads today in France."""

    pathway_no: int
    person: Person
    verdict: Verdict
    row: Any
    cases: tuple[CaseRow, ...]
    ties: tuple[Tie, ...]
    leading: Leading

    @property
    def networks(self) -> list[str]:
        """Give the networks that have a case record of the person."""
        return sorted({case.case.network for case in self.cases})


def listed(look: Look, pathway_nos: Iterable[int], *, has_reason: bool = False) -> dict[int, Listed]:
    """Decide what the reader sees of people who are there and not erased; nothing is recorded by this.

    `has_reason`: the reader states one for this request.
    """
    numbers = list(dict.fromkeys(pathway_nos))
    table = look.tables.models["pathway"]
    rows = {row.pathway_no: row for row in records.select_in(look.connection, table.c[:], table.c.pathway_no, numbers)}
    # Of all numbers: who is there must not be told by the statements that are made.
    members = records.of_pathways(look.connection, look.tables, numbers)
    ties = ties_of(look.connection, look.tables, numbers)
    leading = leading_of(look.connection, look.tables, numbers, day_in_france(look.now))
    found = {}
    for number in numbers:
        if number not in rows or rows[number].erased is not None:
            continue
        cases = tuple(sorted(members.get(number, ()), key=lambda each: each.case))
        verdict = sees(look.asked.reader, ties[number], day_in_france(look.now), has_reason=has_reason)
        person = Person.with_cases(cases)
        found[number] = Listed(number, person, verdict, rows[number], cases, tuple(ties[number]), leading[number])
    return found

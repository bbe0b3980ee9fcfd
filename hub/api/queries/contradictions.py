"""What the networks contradict each other about, of the people of a caseload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select, tuple_

from hub.access.guard import Look
from hub.access.listing import Listed
from hub.api.queries import caseload
from hub.api.queries.caseload import Listing
from hub.projections import labels


class OfPeople(NamedTuple):
    """Rows of some people, person by person, and how many rows and people there are, of those asked for or later."""

    rows: Sequence[Any]
    facts: int
    people: int


def contradictions(look: Look, after: Sequence[Any] | None, limit: int) -> Listing:
    """List the facts of which nobody has settled which claim stands, with both claims."""
    rows = _claims(look, after, limit + 1)
    shown = rows[:limit]
    people = caseload.recorded(look, [row.pathway_no for row in shown])
    items = [_contradiction(people[row.pathway_no], row) for row in shown if row.pathway_no in people]
    return Listing(items, [shown[-1].pathway_no, shown[-1].fact] if len(rows) > limit else None)


def _claims(look: Look, after: Sequence[Any] | None, limit: int) -> Sequence[Any]:
    table = look.tables.models["contradiction"]
    place = (table.c.pathway_no, table.c.fact)
    query = select(table).where(caseload.is_of(look, table.c.pathway_no))
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    return look.connection.execute(query.order_by(*place).limit(limit)).all()


def of_people(look: Look, after: int | None, limit: int) -> OfPeople:
    """Give all rows of up to `limit` people, those after `after` in the order of their numbers; nothing is recorded."""
    table = look.tables.models["contradiction"]
    number = table.c.pathway_no
    totals = (func.sum(func.count()).over().label("facts"), func.count().over().label("people"))
    query = select(number, *totals).where(caseload.is_of(look, number)).group_by(number).order_by(number).limit(limit)
    if after is not None:
        query = query.where(number > after)
    found = look.connection.execute(query).all()
    if not found:
        return OfPeople((), 0, 0)
    rows = select(table).where(number.in_([row.pathway_no for row in found])).order_by(number, table.c.fact)
    return OfPeople(look.connection.execute(rows).all(), int(found[0].facts), found[0].people)


def _contradiction(found: Listed, row: Any) -> dict[str, Any]:
    return {
        **caseload.who(found),
        "fact": row.fact,
        "label": labels.fact(row.fact),
        "france_travail": {"case_record": row.france_travail_case, "value": row.france_travail_value},
        "cap_emploi": {"case_record": row.cap_emploi_case, "value": row.cap_emploi_value},
    }

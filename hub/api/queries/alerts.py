"""What is expected by a day of the people of a caseload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, and_, or_, select, tuple_

from hub.access import fields
from hub.access.guard import Look
from hub.access.listing import Listed
from hub.api.duties import shows
from hub.api.queries import caseload
from hub.api.queries.caseload import Listing
from hub.audit.moments import day_in_france
from hub.ledger import bulk
from hub.projections import labels


class Wanted(NamedTuple):
    """Which alerts: of one rule, or of any; due before a day."""

    rule: str | None
    until: date


def alerts(look: Look, wanted: Wanted, after: Sequence[Any] | None, limit: int) -> Listing:
    """List what is expected, by the day each is due; `after` is the place at which the page before ended."""
    today = day_in_france(look.now)
    rows = _rows(look, wanted, after, limit + 1)
    shown = rows[:limit]
    people = caseload.recorded(look, [row.pathway_no for row in shown])
    items = [_due(people[row.pathway_no], row, today) for row in shown if _is_shown(people, row)]
    return Listing(items, _place(shown[-1]) if len(rows) > limit else None)


def _rows(look: Look, wanted: Wanted, after: Sequence[Any] | None, limit: int) -> Sequence[Any]:
    table = look.tables.models["alert"]
    place = (table.c.due_on, table.c.pathway_no, table.c.rule, table.c.about, table.c.raised_by)
    conditions = [table.c.kind == "alert", table.c.due_on < wanted.until, is_seen(look, table)]
    if wanted.rule is not None:
        conditions.append(table.c.rule == wanted.rule)
    if after is not None:
        conditions.append(tuple_(*place) > tuple_(date.fromisoformat(after[0]), *after[1:]))
    query = select(table).where(caseload.is_of(look, table.c.pathway_no), and_(*conditions))
    return look.connection.execute(query.order_by(*place).limit(limit)).all()


def is_seen(look: Look, table: Table) -> ColumnElement[bool]:
    """Say in SQL what `shows` says: neither a cursor nor the number of pages may tell of an alert that is hidden."""
    adviser = look.asked.reader._replace(roles=look.asked.reader.roles & {"adviser"})
    in_full = bulk.within(look.connection, table.c.pathway_no, look.accompanied(adviser))
    return or_(in_full, fields.tells_nothing(table.c.rule, table.c.about))


def _place(row: Any) -> list[Any]:
    return [row.due_on.isoformat(), row.pathway_no, row.rule, row.about, row.raised_by]


def _is_shown(people: Mapping[int, Listed], row: Any) -> bool:
    found = people.get(row.pathway_no)
    return found is not None and shows(found.verdict.sight, row)


def _due(found: Listed, row: Any, today: date) -> dict[str, Any]:
    return {
        **caseload.who(found),
        "rule": row.rule,
        "label": labels.rule(row.rule),
        "about": row.about,
        "due_on": row.due_on,
        "is_overdue": row.due_on < today,
        "event_id": row.raised_by,
    }

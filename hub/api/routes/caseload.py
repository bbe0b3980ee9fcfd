"""The caseload: the people whom the reader accompanies, or of the sites they lead, and what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import ColumnElement, Table, and_, or_, select, tuple_

from hub.access import fields, grants, ties
from hub.access.asking import Asked
from hub.access.guard import Look
from hub.access.listing import Listed, listed
from hub.api import problems
from hub.api.answers import opened_cursor, page
from hub.api.asking import Hub, allowed
from hub.api.documents.caseload import Alerts, Caseload, Contradictions, Notices
from hub.api.documents.forms import Day, Time
from hub.api.duties import duties, shows
from hub.domain import access
from hub.domain.access import REASONS, Reader, Sight
from hub.projections import labels

router = APIRouter(tags=["caseload"])

NOTICES_KEPT = timedelta(days=90)
"""How far back notices go where no other moment is asked for."""

_Asked = Annotated[Asked, Depends(allowed(access.CASELOAD))]
Limit = Annotated[int, Query(ge=1, le=100, description="At most so many items on a page.")]
Cursor = Annotated[
    str | None, Query(max_length=1_000, description="Where the page begins: `next` of the one before, or its `Link`.")
]
Role = Annotated[
    Literal["adviser", "site_lead"] | None,
    Query(description="As what, for a reader who is both: without it, the people of both."),
]
_FAILURES = problems.answers(
    "token_invalid", "denied", "reading_stopped", "reading_slowed", "usage", "store_unavailable"
)


@router.get(
    "/caseload",
    operation_id="list_caseload",
    summary="List the people whom you accompany",
    response_model=None,
    responses={200: {"model": Caseload}, **_FAILURES},
)
def caseload(
    request: Request, services: Hub, asked: _Asked, limit: Limit = 50, cursor: Cursor = None, role: Role = None
) -> Response:
    """List people with their referent, on which ground the reader accompanies them, and what is open and due.

    The list is recorded, and its people do not count toward the volume alarm: to read one of them does.
    """
    after = opened_cursor(request, cursor)
    with services.guard.reading(_as(asked, role)) as look:
        reader, today = look.asked.reader, look.now.date()
        numbers = ties.caseload(
            look.connection, look.tables, reader, today, after=after[0] if after else None, limit=limit + 1
        )
        shown, following = numbers[:limit], numbers[limit - 1 :][1:]
        people = _listed(look, shown)
        to_do = duties(look.connection, look.tables, people.values(), today)
        items = [_accompanied(each, reader, today) | to_do[each.pathway_no] for each in people.values()]
    return page(request, items, [shown[-1]] if following else None)


def _as(asked: Asked, role: access.Role | None) -> Asked:
    if role is None:
        return asked
    reader = asked.reader._replace(roles=asked.reader.roles & {role})
    return asked._replace(reader=reader)


def _listed(look: Look, pathway_nos: Sequence[int]) -> dict[int, Listed]:
    """Give the people of a list that the reader sees, recorded."""
    found = listed(look, pathway_nos)
    people = {number: each for number, each in found.items() if each.verdict.sight is not Sight.NOTHING}
    look.entry.list([(each.person, each.verdict) for each in people.values()])
    return people


def _accompanied(found: Listed, reader: Reader, today: date) -> dict[str, Any]:
    row = found.row
    mine = [
        tie
        for tie in found.ties
        if access.holds(tie, today) and (access.is_own(reader, tie) or access.is_led(reader, tie))
    ]
    leads = {"network": row.referent_network, "adviser": row.referent_adviser, "site": row.referent_site}
    return {
        **_who(found),
        "phase": row.phase,
        "referent": leads if row.referent_adviser else None,
        "networks": found.networks,
        "ground": found.verdict.ground,
        "ties": [
            {"ground": tie.ground, "from_date": tie.from_date, "until_date": tie.until_date}
            for tie in sorted(mine, key=lambda tie: (tie.from_date, tie.ground))
        ],
    }


def _who(found: Listed) -> dict[str, Any]:
    row = found.row
    return {"person_id": row.person_id, "family_name": row.family_name, "given_name": row.given_name}


@router.get(
    "/caseload/alerts",
    operation_id="list_alerts",
    summary="List what is expected by a day",
    response_model=None,
    responses={200: {"model": Alerts}, **_FAILURES},
)
def alerts(
    request: Request,
    services: Hub,
    asked: _Asked,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    role: Role = None,
    rule: Annotated[
        str | None, Query(pattern=r"^[a-z_]{1,40}$", examples=["follow_up_due"], description="Only of this rule.")
    ] = None,
    due_before: Annotated[Day | None, Query(description="Due before this day.")] = None,
    overdue: Annotated[bool, Query(description="Only what is overdue: its day is over.")] = False,
) -> Response:
    """List answers, follow-ups, ends of periods and transitions that are expected, by the day each is due.

    Points of lasting follow-up are `follow_up_due`. What tells of health is left out for the lead of a site.
    """
    after = opened_cursor(request, cursor)
    with services.guard.reading(_as(asked, role)) as look:
        today = look.now.date()
        until = min(day for day in (due_before, today if overdue else None, date.max) if day is not None)
        rows = _rows_of_alerts(look, rule, until, after, limit + 1)
        shown = rows[:limit]
        people = _listed(look, [row.pathway_no for row in shown])
        items = [_due(people[row.pathway_no], row, today) for row in shown if _is_shown(people, row)]
    return page(request, items, _place_of_alert(shown[-1]) if len(rows) > limit else None)


def _rows_of_alerts(look: Look, rule: str | None, until: date, after: list[Any] | None, limit: int) -> Sequence[Any]:
    table = look.tables.models["alert"]
    place = (table.c.due_on, table.c.pathway_no, table.c.rule, table.c.about, table.c.raised_by)
    wanted = [table.c.kind == "alert", table.c.due_on < until, _is_seen(look, table)]
    if rule is not None:
        wanted.append(table.c.rule == rule)
    if after is not None:
        wanted.append(tuple_(*place) > tuple_(date.fromisoformat(after[0]), *after[1:]))
    query = select(table).where(_of_caseload(look, table.c.pathway_no), and_(*wanted))
    return look.connection.execute(query.order_by(*place).limit(limit)).all()


def _is_seen(look: Look, table: Table) -> ColumnElement[bool]:
    """Say in SQL what `shows` says: neither a cursor nor the number of pages may tell of an alert that is hidden."""
    adviser = look.asked.reader._replace(roles=look.asked.reader.roles & {"adviser"})
    in_full = table.c.pathway_no.in_(ties.accompanied(look.tables, adviser, look.now.date()))
    return or_(in_full, fields.tells_nothing(table.c.rule, table.c.about))


def _place_of_alert(row: Any) -> list[Any]:
    return [row.due_on.isoformat(), row.pathway_no, row.rule, row.about, row.raised_by]


def _of_caseload(look: Look, pathway_no: ColumnElement[int]) -> ColumnElement[bool]:
    return pathway_no.in_(ties.accompanied(look.tables, look.asked.reader, look.now.date()))


def _is_shown(people: dict[int, Listed], row: Any) -> bool:
    found = people.get(row.pathway_no)
    return found is not None and shows(found.verdict.sight, row)


def _due(found: Listed, row: Any, today: date) -> dict[str, Any]:
    return {
        **_who(found),
        "rule": row.rule,
        "label": labels.rule(row.rule),
        "about": row.about,
        "due_on": row.due_on,
        "is_overdue": row.due_on < today,
        "event_id": row.raised_by,
    }


@router.get(
    "/caseload/contradictions",
    operation_id="list_contradictions",
    summary="List what the networks contradict each other about",
    response_model=None,
    responses={200: {"model": Contradictions}, **_FAILURES},
)
def contradictions(
    request: Request, services: Hub, asked: _Asked, limit: Limit = 50, cursor: Cursor = None, role: Role = None
) -> Response:
    """List facts of which the networks' claims differ and nobody has settled which one stands, with both claims."""
    after = opened_cursor(request, cursor)
    with services.guard.reading(_as(asked, role)) as look:
        table = look.tables.models["contradiction"]
        place = (table.c.pathway_no, table.c.fact)
        query = select(table).where(_of_caseload(look, table.c.pathway_no))
        if after is not None:
            query = query.where(tuple_(*place) > tuple_(*after))
        rows = look.connection.execute(query.order_by(*place).limit(limit + 1)).all()
        shown = rows[:limit]
        people = _listed(look, [row.pathway_no for row in shown])
        items = [_contradiction(people[row.pathway_no], row) for row in shown if row.pathway_no in people]
    return page(request, items, [shown[-1].pathway_no, shown[-1].fact] if len(rows) > limit else None)


def _contradiction(found: Listed, row: Any) -> dict[str, Any]:
    return {
        **_who(found),
        "fact": row.fact,
        "label": labels.fact(row.fact),
        "france_travail": {"case_record": row.france_travail_case, "value": row.france_travail_value},
        "cap_emploi": {"case_record": row.cap_emploi_case, "value": row.cap_emploi_value},
    }


@router.get(
    "/caseload/notices",
    operation_id="list_notices",
    summary="List who read a person of yours for a reason",
    response_model=None,
    responses={200: {"model": Notices}, **_FAILURES},
)
def notices(
    request: Request,
    services: Hub,
    asked: _Asked,
    limit: Limit = 50,
    cursor: Cursor = None,
    since: Annotated[Time | None, Query(description="Not before; without it, 90 days ago.")] = None,
) -> Response:
    """List the reasons that others stated for reading people whose referent the reader is now, newest first."""
    after = opened_cursor(request, cursor)
    with services.guard.reading(asked) as look:
        found = grants.notices(
            look.connection,
            look.tables,
            asked.reader,
            since=since or look.now - NOTICES_KEPT,
            after=after[0] if after else None,
            limit=limit,
        )
        people = _listed(look, [each.pathway_no for each in found])
        items = [_notice(people[each.pathway_no], each) for each in found if each.pathway_no in people]
        entries = list(dict.fromkeys(each.entry_id for each in found))
    return page(request, items, [entries[-1]] if len(entries) == limit else None)


def _notice(found: Listed, notice: grants.Notice) -> dict[str, Any]:
    return {
        **_who(found),
        "at": notice.at,
        "reader_id": notice.reader_id,
        "network": notice.network,
        "organisation": notice.organisation,
        "reason": notice.code,
        "label": REASONS[notice.code],
    }

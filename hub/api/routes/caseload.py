"""The caseload: the people whom the reader accompanies, or of the sites they lead, and what is to be done."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.answers import opened_cursor, page
from hub.api.asking import Hub, allowed
from hub.api.documents.caseload import Alerts, Caseload, Contradictions, Notices
from hub.api.documents.forms import Day, Time
from hub.api.queries import alerts as queries_alerts
from hub.api.queries import caseload as queries
from hub.api.queries import contradictions as queries_contradictions
from hub.api.queries import notices as queries_notices
from hub.api.queries.alerts import Wanted
from hub.audit.moments import day_in_france
from hub.domain import access

router = APIRouter(tags=["caseload"])

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
    with services.guard.reading(queries.as_role(asked, role)) as look:
        found = queries.accompanied(look, after[0] if after else None, limit)
    return page(request, found.items, found.following)


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
    with services.guard.reading(queries.as_role(asked, role)) as look:
        today = day_in_france(look.now)
        until = min(day for day in (due_before, today if overdue else None, date.max) if day is not None)
        found = queries_alerts.alerts(look, Wanted(rule, until), after, limit)
    return page(request, found.items, found.following)


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
    with services.guard.reading(queries.as_role(asked, role)) as look:
        found = queries_contradictions.contradictions(look, after, limit)
    return page(request, found.items, found.following)


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
        found = queries_notices.notices(look, since, after[0] if after else None, limit)
    return page(request, found.items, found.following)

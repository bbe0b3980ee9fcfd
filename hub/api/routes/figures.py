"""Figures for whoever steers: aggregates alone, small counts left out, never a person."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents.figures import DelegationReport
from hub.api.queries.figures import COUNTS, DEPARTMENT, QUARTER, SITE, Scope, delegations, last_quarter, quarter_of
from hub.audit.moments import day_in_france
from hub.domain import access
from hub.ledger.database import reading
from hub.projections import generations

router = APIRouter(tags=["figures"])

_COLUMNS = ("level", "department", "site", *COUNTS, "median_days")
_CSV_EXAMPLE = ",".join(_COLUMNS) + "\r\n"

Quarter = Annotated[
    str | None,
    Query(
        pattern=QUARTER,
        examples=["2021-Q2"],
        description="The calendar quarter, in France, in which answers were given; without it, the last that is over. "
        "There is no other period: of two that overlap, the difference would tell a small count.",
    ),
]
Site = Annotated[str | None, Query(pattern=SITE, examples=["69123"], description="One site alone.")]
Department = Annotated[
    str | None,
    Query(pattern=DEPARTMENT, examples=["69"], description="One département's sites alone; Corse is one."),
]


@router.get(
    "/figures/delegations",
    summary="Delegations by site and département",
    response_model=None,
    responses={
        200: {
            "model": DelegationReport,
            "content": {"text/csv": {"schema": {"type": "string"}, "example": _CSV_EXAMPLE}},
        },
        304: {"description": "The same as the reader has"},
        **problems.answers("token_invalid", "denied", "invalid_request", "usage"),
    },
)
def delegation_figures(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.FIGURES))],
    quarter: Quarter = None,
    site: Site = None,
    department: Department = None,
) -> Response:
    """Count what is open, unanswered and overdue now, and what was answered in a quarter, with the median delay.

    JSON, or CSV with a line each where `Accept` asks for `text/csv`.
    """
    scope = Scope.of(asked.reader, site, department)
    now = services.now()
    name, since, until = quarter_of(quarter or last_quarter(day_in_france(now)))
    with reading(services.store) as connection:
        rows = delegations(connection, generations.live(connection), day_in_france(now), since, until)
    document = {
        "quarter": name,
        "since": since,
        "until": until,
        "as_of": day_in_france(now),
        "sites": [row for row in rows.sites if scope.has_site(row["site"])],
        "departments": [row for row in rows.departments if scope.has_department(row["department"])],
        "total": rows.total if scope.has_all else None,
    }
    if "text/csv" in request.headers.get("Accept", "").lower():
        return Response(_csv(document), media_type="text/csv", headers={"Cache-Control": "private, no-cache"})
    return answer(request, document)


def _csv(document: dict[str, Any]) -> str:
    written = io.StringIO()
    lines = csv.DictWriter(written, _COLUMNS, restval="", lineterminator="\r\n")
    lines.writeheader()
    lines.writerows(_lines(document))
    return written.getvalue()


def _lines(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for row in document["sites"]:
        yield {"level": "site", **row}
    for row in document["departments"]:
        yield {"level": "department", **row}
    if document["total"] is not None:
        yield {"level": "all", **document["total"]}

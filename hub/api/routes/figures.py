"""Figures for whoever steers: aggregates alone, small counts left out, never a person."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents.figures import DelegationReport
from hub.audit.moments import paris
from hub.domain import access, disclosure
from hub.domain.access import Reader
from hub.errors import Denied, Usage
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.delegation_figures import Delay, SiteCounts, counts, delays, department_of

router = APIRouter(tags=["figures"])

CORSE = "20"
"""Both départements of Corse: the SAFIR codes of their sites do not tell them apart."""
QUARTER = r"^(?:19|20|21)[0-9]{2}-Q[1-4]$"
_COUNTS = {"open": None, "unanswered": "open", "overdue": "unanswered", "accepted": None, "declined": None}
"""The measures, each with the one that holds it."""
_COLUMNS = ("level", "department", "site", *_COUNTS, "median_days")
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
Site = Annotated[str | None, Query(pattern=r"^[0-9]{5}$", examples=["69123"], description="One site alone.")]
Department = Annotated[
    str | None,
    Query(
        pattern=r"^(?:[0-9]{2,3}|2[AB])$", examples=["69"], description="One département's sites alone; Corse is one."
    ),
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
    name, since, until = quarter_of(quarter or _last_quarter(now.astimezone(paris()).date()))
    with reading(services.store) as connection:
        tables = generations.live(connection)
        counted = counts(connection, tables, now.date(), since, until)
        delayed = delays(connection, tables, since, until)
    rows = _rows(counted, delayed.sites, delayed.departments, delayed.total)
    document = {
        "quarter": name,
        "since": since,
        "until": until,
        "as_of": now.date(),
        "sites": [row for row in rows.sites if scope.has_site(row["site"])],
        "departments": [row for row in rows.departments if scope.has_department(row["department"])],
        "total": rows.total if scope.has_all else None,
    }
    if "text/csv" in request.headers.get("Accept", "").lower():
        return Response(_csv(document), media_type="text/csv", headers={"Cache-Control": "private, no-cache"})
    return answer(request, document)


class Scope(NamedTuple):
    """The sites and départements whose figures a request may have and asks for."""

    sites: frozenset[str]
    departments: frozenset[str]
    site: str | None
    department: str | None

    @classmethod
    def of(cls, reader: Reader, site: str | None, department: str | None) -> Scope:
        """Give the scope of a reader, narrowed to what is asked for.

        Raises:
            Denied: the reader has none, or what is asked for is outside of it.
        """
        managed = reader.departments if "manager" in access.roles_of(reader) else frozenset[str]()
        scope = cls(reader.sites, frozenset(map(_safir_prefix, managed)), None, None)
        department = department and _safir_prefix(department)
        if not scope.sites and not scope.departments:
            raise Denied("your token names no site and no département whose figures you may read")
        if site is not None and not scope.has_site(site):
            raise Denied("the site is not in your scope")
        if department is not None and not scope.has_department(department) and not scope.has_site_in(department):
            raise Denied("the département is not in your scope")
        return scope._replace(site=site, department=department)

    @property
    def has_all(self) -> bool:
        """It is everywhere, and nothing narrower was asked for."""
        return access.EVERYWHERE in self.departments and self.site is None and self.department is None

    def has_site(self, site: str) -> bool:
        """Tell whether the figures of a site are in the scope; those of no site are everyone's who has all."""
        if self.site not in {None, site} or self.department not in {None, department_of(site)}:
            return False
        return site in self.sites or not self.departments.isdisjoint({access.EVERYWHERE, department_of(site)})

    def has_department(self, department: str) -> bool:
        """Tell whether a whole département is in the scope."""
        if self.site is not None or self.department not in {None, department}:
            return False
        return not self.departments.isdisjoint({access.EVERYWHERE, department})

    def has_site_in(self, department: str) -> bool:
        """Tell whether a site of a département is in the scope."""
        return any(department_of(site) == department for site in self.sites)


def _safir_prefix(department: str) -> str:
    return CORSE if department in {"2A", "2B"} else department


def quarter_of(name: str) -> tuple[str, datetime, datetime]:
    """Read a quarter as its first moment and the first after it, in UTC; its days are those of France.

    Raises:
        Usage: it is not written as in 2021-Q2.
    """
    if not re.fullmatch(QUARTER, name):
        raise Usage("`quarter` is not a calendar quarter; expected its form to be 2021-Q2")
    year, month = int(name[:4]), int(name[-1]) * 3 - 2
    following = (year + 1, 1) if month == 10 else (year, month + 3)
    since, until = (
        datetime.combine(date(*each, 1), time(), paris()).astimezone(UTC) for each in ((year, month), following)
    )
    return name, since, until


def _last_quarter(today: date) -> str:
    number = (today.month - 1) // 3
    return f"{today.year}-Q{number}" if number else f"{today.year - 1}-Q4"


class _Rows(NamedTuple):
    sites: list[dict[str, Any]]
    departments: list[dict[str, Any]]
    total: dict[str, Any]


def _rows(
    counted: list[SiteCounts], of_sites: dict[str, Delay], of_departments: dict[str, Delay], of_all: Delay | None
) -> _Rows:
    """Lay out all figures, whoever asks, with what may not be shown left out."""
    by_measure: dict[str, dict[str, dict[str, int]]] = {measure: {} for measure in _COUNTS}
    for row in counted:
        for measure in _COUNTS:
            by_measure[measure].setdefault(department_of(row.site), {})[row.site] = getattr(row, measure)
    shown = {
        measure: disclosure.shown(by_measure[measure], by_measure[whole] if whole else None)
        for measure, whole in _COUNTS.items()
    }
    sites = [
        {
            "site": row.site,
            "department": department_of(row.site),
            **{measure: shown[measure].sites[row.site] for measure in _COUNTS},
            "median_days": _median(of_sites.get(row.site)),
        }
        for row in counted
    ]
    departments = [
        {
            "department": name,
            **{measure: shown[measure].departments[name] for measure in _COUNTS},
            "median_days": _median(of_departments.get(name)),
        }
        for name in sorted({department_of(row.site) for row in counted})
    ]
    total = {**{measure: shown[measure].total for measure in _COUNTS}, "median_days": _median(of_all)}
    return _Rows(sites, departments, total)


def _median(delay: Delay | None) -> float | None:
    return delay.median_days if delay is not None and delay.answers >= access.SMALLEST_SHOWN else None


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

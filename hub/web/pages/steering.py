"""Steering: the delegation figures of a manager's départements or a lead's sites, as a page and as CSV."""

from __future__ import annotations

from datetime import date
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access.asking import Asked
from hub.api.queries.figures import DEPARTMENT, SITE, Scope, safir_prefix
from hub.api.services import Services
from hub.audit.moments import day_in_france
from hub.domain import access
from hub.errors import NotFound
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.delegation_figures import department_of, first_and_last
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.steering import choices, columns, delegations, french_csv
from hub.web.steering.figures import Found, find, narrowed
from hub.web.steering.filters import BY_NAME, NAME, PATH, Filters
from hub.web.steering.quarters import CODE, OLDEST, Quarter, ending_with, first_shown, known

router = APIRouter()

_Manager = Annotated[Visit, Depends(allowed(access.FIGURES))]
_SORTS = "|".join((NAME, *columns.BY_CODE))


class Wanted(NamedTuple):
    """What an address asks for, as it stands there."""

    quarter: str
    department: str
    site: str
    sort: str
    page: int


def wanted(
    trimestre: Annotated[str, Query(pattern=rf"^$|{CODE}")] = "",
    departement: Annotated[str, Query(pattern=rf"^$|{DEPARTMENT}")] = "",
    site: Annotated[str, Query(pattern=rf"^$|{SITE}")] = "",
    tri: Annotated[str, Query(pattern=rf"^(?:-?(?:{_SORTS}))?$")] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Wanted:
    """Read the filters of an address; what is empty is not asked for, nor a site of another département than chosen."""
    is_elsewhere = departement and site and department_of(site) != safir_prefix(departement)
    return Wanted(trimestre, departement, "" if is_elsewhere else site, tri, page)


_Wanted = Annotated[Wanted, Depends(wanted)]


class _Read(NamedTuple):
    filters: Filters
    found: Found
    quarters: list[Quarter]
    today: date


@router.get(PATH)
def delegation_figures(request: Request, services: Hub, web: Site, visit: _Manager, asked_for: _Wanted) -> Response:
    """Show the figures of a quarter, what they compare to, and what each site has."""
    read, names = _read(services, visit.asked, asked_for), web.names()
    scope = Scope.of(visit.asked.reader, None, None)
    answered, delay, rows = delegations.evolution(read.found)
    return web.renderer.page(
        request,
        "steering/delegations.html",
        filters=read.filters,
        fields=choices.fields(read.filters, read.quarters, read.found.every, scope, names),
        said=choices.said(read.filters, read.found, read.today, names),
        is_empty=not read.found.sites,
        headlines=delegations.headlines(read.found, read.filters),
        answered=answered,
        delay=delay,
        evolution=rows,
        evolution_columns=delegations.evolution_columns(read.found),
        lines=delegations.lines_of(read.found, read.filters, names),
        columns=columns,
        smallest=access.SMALLEST_SHOWN,
    )


@router.get(f"{PATH}.csv")
def delegation_figures_as_csv(services: Hub, web: Site, visit: _Manager, asked_for: _Wanted) -> Response:
    """Send every line of the figures for a spreadsheet."""
    read = _read(services, visit.asked, asked_for)
    name = f"delegations-{read.filters.quarter.code}-au-{read.today.isoformat()}.csv"
    return french_csv.answer(name, french_csv.written(*delegations.table_of(read.found, read.filters, web.names())))


def _read(services: Services, asked: Asked, given: Wanted) -> _Read:
    scope = narrowed(Scope.of(asked.reader, given.site or None, given.department or None))
    now = services.now()
    today = day_in_france(now)
    with reading(services.store) as connection:
        tables = generations.live(connection)
        between = first_and_last(connection, tables)
        quarter = Quarter.of_code(given.quarter) if given.quarter else first_shown(between, today)
        if not OLDEST <= quarter <= Quarter.of_day(today):
            raise NotFound("there are no figures of this quarter")
        found = find(connection, tables, today, ending_with(quarter, delegations.EVOLUTION), scope)
    return _Read(_filters(given, quarter), found, known(between, today), today)


def _filters(given: Wanted, quarter: Quarter) -> Filters:
    is_descending = given.sort.startswith("-")
    sort = given.sort.removeprefix("-")
    is_default = sort == NAME and not is_descending
    return Filters(
        quarter,
        given.department or None,
        given.site or None,
        BY_NAME if is_default else sort,
        is_descending,
        given.page,
    )

"""The delegation figures that a reader may have: counted of all, hidden where they are small, then cut to the scope."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection

from hub.api.queries.figures import Scope, departments_of, median_shown, shown_of
from hub.domain import access
from hub.domain.disclosure import Shown
from hub.projections.delegation_figures import (
    Flows,
    counts,
    delays,
    delays_by_period,
    department_of,
    flows,
)
from hub.projections.tables import Tables
from hub.web.steering.quarters import Quarter

NOW = ("open", "unanswered", "overdue")
FLOWS = ("proposed", "accepted", "declined", "reviewed", "ended")
_OF_ANSWERS = ("accepted", "declined", "in_time")
_HOLDERS: Mapping[str, str | None] = {
    "open": None,
    "unanswered": "open",
    "overdue": "unanswered",
    **dict.fromkeys(FLOWS),
    "in_time": "answered",
}
"""The measures, each with the one that holds it."""

Figures = Mapping[str, float | None]
"""Counts by measure, `median_days`, and `in_time_share` in percent; None is hidden or not known."""


class Line(NamedTuple):
    """The figures of a site or a département, by its code."""

    code: str
    figures: Figures


class Found(NamedTuple):
    """What a scope has: its sites, the départements wholly in it, all of it together, and that quarter by quarter.

    `quarters` end with the one that was asked for. `has_median` tells whether the scope is one that a median can be
    given of: one site, one département, or everything. `every` are the codes of all sites that have delegations, of
    which a page names those that its reader may have.
    """

    sites: list[Line]
    departments: list[Line]
    whole: Figures
    quarters: list[tuple[Quarter, Figures]]
    has_median: bool
    every: list[str]


_Choice = Callable[[Shown], int | None]
"""Picks a count of what may be shown."""


class _Counted(NamedTuple):
    """Measures as they were counted, by site, and as they may be shown."""

    raw: Mapping[str, Mapping[str, int]]
    shown: Mapping[str, Shown]


def find(connection: Connection, tables: Tables, today: date, quarters: Sequence[Quarter], scope: Scope) -> Found:
    """Count delegations as of a day, and what happened to them in quarters that follow each other."""
    moments = [*(each.since for each in quarters), quarters[-1].moved(1).since]
    current = counts(connection, tables, today, moments[-2], moments[-1])
    every = [row.site for row in current]
    now = {measure: {row.site: int(getattr(row, measure)) for row in current} for measure in NOW}
    flowed = flows(connection, tables, moments)
    counted = [_counted(_whole(each, every), last={}) for each in flowed[:-1]]
    counted.append(_counted(_whole(flowed[-1], every), last=now))
    parts = _parts(every, scope)
    medians = _medians(connection, tables, moments, scope, parts)
    by_quarter = [
        (quarter, _together(each, parts, median))
        for quarter, each, median in zip(quarters, counted, medians or [None] * len(quarters), strict=True)
    ]
    delayed = delays(connection, tables, moments[-2], moments[-1])
    here = counted[-1]
    sites = [
        Line(site, _figures(here, _site(site), [site], median_shown(delayed.sites.get(site))))
        for site in every
        if scope.has_site(site)
    ]
    departments = [
        Line(name, _figures(here, _department(name), inside, median_shown(delayed.departments.get(name))))
        for name, inside in _by_department(every).items()
        if scope.has_department(name)
    ]
    return Found(sites, departments, by_quarter[-1][1], by_quarter, medians is not None, every)


def narrowed(scope: Scope) -> Scope:
    """Ask for the one site or département that a scope is made of, where it is made of one."""
    if scope.site is None and scope.department is None:
        if not scope.departments and len(scope.sites) == 1:
            return scope._replace(site=next(iter(scope.sites)))
        is_one = len(scope.departments) == 1 and access.EVERYWHERE not in scope.departments
        if is_one and all(department_of(site) in scope.departments for site in scope.sites):
            return scope._replace(department=next(iter(scope.departments)))
    return scope


def _whole(found: Flows, sites: Sequence[str]) -> dict[str, dict[str, int]]:
    return {measure: {site: by_site.get(site, 0) for site in sites} for measure, by_site in found._asdict().items()}


def _counted(raw: dict[str, dict[str, int]], *, last: Mapping[str, Mapping[str, int]]) -> _Counted:
    """Hide what is small; of the last quarter everything is shown, of those before it what the evolution needs."""
    every = {**raw, **last}
    measures = _HOLDERS if last else ("proposed", *_OF_ANSWERS)
    return _Counted(every, shown_of(every, {measure: _HOLDERS[measure] for measure in measures}))


def _site(site: str) -> _Choice:
    return lambda shown: shown.sites[site]


def _department(name: str) -> _Choice:
    return lambda shown: shown.departments[name]


def _by_department(sites: Iterable[str]) -> dict[str, list[str]]:
    return {name: list(inside) for name, inside in groupby(sorted(sites), key=department_of)}


class _Parts(NamedTuple):
    """What the scope is made of: all of it, or départements and sites that do not overlap, and every site of these."""

    is_all: bool
    departments: list[str]
    sites: list[str]
    every: list[str]


def _parts(every: Sequence[str], scope: Scope) -> _Parts:
    inside = [site for site in every if scope.has_site(site)]
    departments = [name for name in departments_of(every) if scope.has_department(name)]
    alone = [site for site in inside if department_of(site) not in departments]
    return _Parts(scope.has_all, departments, alone, inside)


def _together(counted: _Counted, parts: _Parts, median: float | None) -> Figures:
    def of(shown: Shown) -> int | None:
        if parts.is_all:
            return shown.total
        found = [shown.departments[name] for name in parts.departments] + [shown.sites[site] for site in parts.sites]
        known = [each for each in found if each is not None]
        return sum(known) if known and len(known) == len(found) else None

    return _figures(counted, of, parts.every, median)


def _figures(counted: _Counted, of: _Choice, sites: Sequence[str], median: float | None) -> Figures:
    found: dict[str, float | None] = {measure: of(shown) for measure, shown in counted.shown.items()}
    in_time = found.pop("in_time")
    # Beside a hidden count of answers, their share in time could tell it.
    is_told = in_time is not None and found["accepted"] is not None and found["declined"] is not None
    answered = sum(counted.raw["answered"][site] for site in sites)
    found["in_time_share"] = round(100 * in_time / answered) if is_told and in_time and answered else None
    found["median_days"] = median
    return found


def _medians(
    connection: Connection, tables: Tables, moments: Sequence[datetime], scope: Scope, parts: _Parts
) -> list[float | None] | None:
    """Give the medians of the whole scope by quarter; None where it is of several parts."""
    if parts.is_all:
        found = delays_by_period(connection, tables, moments)
    elif scope.site is not None or (len(parts.sites) == 1 and not parts.departments):
        found = delays_by_period(connection, tables, moments, site=scope.site or parts.sites[0])
    elif len(parts.departments) == 1 and not parts.sites:
        found = delays_by_period(connection, tables, moments, department=parts.departments[0])
    else:
        return None
    return [median_shown(each) for each in found]

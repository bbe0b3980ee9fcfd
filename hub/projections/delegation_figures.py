"""Steering of delegations (M4): how many each site has open, unanswered, overdue, answered, and how long answers take.

A delegation belongs to the site that proposed it; one whose proposal is not known belongs to none (the empty text).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    Table,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    true,
)

from hub.domain.pathway.delegation import ANSWER_WITHIN
from hub.projections.tables import Tables

OVERSEAS = "97"


class SiteCounts(NamedTuple):
    """What one site has: `open` (proposed or active), `unanswered`, `overdue` now; `accepted`, `declined` in a period.

    Overdue is a proposal without an answer once the day by which it was due is over, as its alert says. `declined` are
    those whose last answer declines, `accepted` all others that were accepted, each in the period of that answer.
    """

    site: str
    open: int
    unanswered: int
    overdue: int
    accepted: int
    declined: int


class Flows(NamedTuple):
    """What happened to delegations in one period, of each measure by site; a site without any is left out.

    `reviewed` are those whose last review was in the period. `answered` are answers of which the proposal is known and
    not later, `in_time` those of them given by the day by which they were due.
    """

    proposed: Mapping[str, int]
    accepted: Mapping[str, int]
    declined: Mapping[str, int]
    reviewed: Mapping[str, int]
    ended: Mapping[str, int]
    answered: Mapping[str, int]
    in_time: Mapping[str, int]


class Delay(NamedTuple):
    """The median delay of answers in days, and of how many."""

    median_days: float
    answers: int


class Delays(NamedTuple):
    """Delays by site, by département, and of all."""

    sites: dict[str, Delay]
    departments: dict[str, Delay]
    total: Delay | None


def department_of(site: str) -> str:
    """Give the département in a SAFIR code: its first two digits, overseas three; the code of no site has none."""
    return site[: 3 if site.startswith(OVERSEAS) else 2]


def counts(connection: Connection, tables: Tables, today: date, since: datetime, until: datetime) -> list[SiteCounts]:
    """Count by site, as of the end of yesterday for what is overdue; answers from `since` on and before `until`."""
    table = tables.models["delegation"]
    status = table.c.status
    site = func.coalesce(table.c.site, "")
    accepted_at, declined_at = _accepted_at(table), _declined_at(table)
    due_before = datetime.combine(today, time(), UTC) - ANSWER_WITHIN
    query = select(
        site,
        _count(status.in_(("proposed", "active"))),
        _count(status == "proposed"),
        _count(and_(status == "proposed", table.c.proposed_at < due_before)),
        _count(and_(accepted_at >= since, accepted_at < until)),
        _count(and_(declined_at >= since, declined_at < until)),
    )
    rows = connection.execute(query.group_by(site).order_by(site))
    return [SiteCounts(name, *map(int, numbers)) for name, *numbers in rows]


def flows(connection: Connection, tables: Tables, moments: Sequence[datetime]) -> list[Flows]:
    """Count by site what happened in the periods between moments, the first of each counted in, the next not."""
    table = tables.models["delegation"]
    columns = table.c
    accepted_at, declined_at, answered_at = _accepted_at(table), _declined_at(table), _answered_at(table)
    is_after = answered_at >= columns.proposed_at
    days = _day(connection, answered_at) - _day(connection, columns.proposed_at)
    measured = {
        "proposed": (columns.proposed_at, true()),
        "accepted": (accepted_at, true()),
        "declined": (declined_at, true()),
        "reviewed": (columns.reviewed_at, true()),
        "ended": (columns.ended_at, true()),
        "answered": (answered_at, is_after),
        "in_time": (answered_at, and_(is_after, days <= ANSWER_WITHIN.days)),
    }
    found: list[dict[str, dict[str, int]]] = [{name: {} for name in measured} for _ in moments[1:]]
    site = func.coalesce(columns.site, "")
    for name, (at, condition) in measured.items():
        period = _period(at, moments)
        query = select(period, site, func.count()).where(at >= moments[0], at < moments[-1], condition)
        for number, of, count in connection.execute(query.group_by(period, site)):
            found[number][name][of] = count
    return [Flows(**each) for each in found]


def delays_by_period(
    connection: Connection,
    tables: Tables,
    moments: Sequence[datetime],
    *,
    site: str | None = None,
    department: str | None = None,
) -> list[Delay | None]:
    """Give the median delays of the periods between moments: of a site, of a département, or of all."""
    table = tables.models["delegation"]
    within = true() if site is None else table.c.site == site
    if department is not None:
        within = and_(within, _department(func.coalesce(table.c.site, "")) == department)
    period = _period(_answered_at(table), moments)
    query = _medians(connection, table, period, moments[0], moments[-1], within)
    found = {row.name: Delay(round(float(row.days), 1), int(row.answers)) for row in connection.execute(query)}
    return [found.get(number) for number in range(len(moments) - 1)]


def first_and_last(connection: Connection, tables: Tables) -> tuple[datetime, datetime] | None:
    """Give the first and the last time at which anything is known to have happened to a delegation."""
    columns = tables.models["delegation"].c
    at = (columns.proposed_at, columns.accepted_at, columns.declined_at, columns.ended_at)
    row = connection.execute(select(*(func.min(each) for each in at), *(func.max(each) for each in at))).one()
    known = [each for each in row if each is not None]
    return (min(known), max(known)) if known else None


def delays(connection: Connection, tables: Tables, since: datetime, until: datetime) -> Delays:
    """Give the median delays of the answers given in a period; an answer dated before its proposal has none."""
    table = tables.models["delegation"]
    site = func.coalesce(table.c.site, "")
    names = (site, _department(site), literal("all"))
    by_site, by_department, of_all = (
        {row.name: Delay(round(float(row.days), 1), int(row.answers)) for row in connection.execute(query)}
        for query in (_medians(connection, table, name, since, until, true()) for name in names)
    )
    return Delays(by_site, by_department, of_all.get("all"))


def _accepted_at(table: Table) -> ColumnElement[Any]:
    return case((table.c.status != "declined", table.c.accepted_at))


def _declined_at(table: Table) -> ColumnElement[Any]:
    """Give when a delegation was declined, unless it was accepted after all."""
    return case((or_(table.c.status == "declined", table.c.accepted_at.is_(None)), table.c.declined_at))


def _answered_at(table: Table) -> ColumnElement[Any]:
    return func.coalesce(_accepted_at(table), _declined_at(table), type_=table.c.accepted_at.type)


def _department(site: ColumnElement[str]) -> ColumnElement[str]:
    return case((site.startswith(OVERSEAS), func.substr(site, 1, 3)), else_=func.substr(site, 1, 2))


def _period(at: ColumnElement[Any], moments: Sequence[datetime]) -> ColumnElement[int]:
    """Number the periods between moments, from 0."""
    return case(*((at < until, number) for number, until in enumerate(moments[1:])), else_=len(moments))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _medians(
    connection: Connection,
    table: Table,
    name: ColumnElement[Any],
    since: datetime,
    until: datetime,
    within: ColumnElement[bool],
) -> Select[Any]:
    answered_at = _answered_at(table)
    days = _days(connection, table.c.proposed_at, answered_at)
    answered = (
        select(name.label("name"), days.label("days"))
        .where(answered_at >= since, answered_at < until, answered_at >= table.c.proposed_at, within)
        .subquery()
    )
    ranked = select(
        answered.c.name,
        answered.c.days,
        func.row_number().over(partition_by=answered.c.name, order_by=answered.c.days).label("place"),
        func.count().over(partition_by=answered.c.name).label("answers"),
    ).subquery()
    # The middle one, or the middle two of an even number.
    middle = or_(ranked.c.place == (ranked.c.answers + 1) // 2, ranked.c.place == (ranked.c.answers + 2) // 2)
    return (
        select(ranked.c.name, func.avg(ranked.c.days).label("days"), func.max(ranked.c.answers).label("answers"))
        .where(middle)
        .group_by(ranked.c.name)
    )


def _days(connection: Connection, start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[Any]:
    if connection.dialect.name == "postgresql":
        return (extract("epoch", end) - extract("epoch", start)) / 86_400
    return func.julianday(end) - func.julianday(start)


def _day(connection: Connection, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Give the day of a moment in UTC, as what can be subtracted to a number of days."""
    if connection.dialect.name == "postgresql":
        return cast(func.timezone("UTC", moment), Date)
    return func.julianday(func.date(moment))

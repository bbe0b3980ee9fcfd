"""Steering of delegations (M4): how many each site has open, unanswered, overdue, answered, and how long answers take.

A delegation belongs to the site that proposed it; one whose proposal is not known belongs to none (the empty text).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, case, extract, func, literal, or_, select

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


def delays(connection: Connection, tables: Tables, since: datetime, until: datetime) -> Delays:
    """Give the median delays of the answers given in a period; an answer dated before its proposal has none."""
    table = tables.models["delegation"]
    site = func.coalesce(table.c.site, "")
    department = case(
        (site.startswith(OVERSEAS), func.substr(site, 1, 3)),
        else_=func.substr(site, 1, 2),
    )
    by_site, by_department, of_all = (
        {row.name: Delay(round(float(row.days), 1), int(row.answers)) for row in connection.execute(query)}
        for query in (_medians(connection, table, name, since, until) for name in (site, department, literal("all")))
    )
    return Delays(by_site, by_department, of_all.get("all"))


def _accepted_at(table: Table) -> ColumnElement[Any]:
    return case((table.c.status != "declined", table.c.accepted_at))


def _declined_at(table: Table) -> ColumnElement[Any]:
    """Give when a delegation was declined, unless it was accepted after all."""
    return case((or_(table.c.status == "declined", table.c.accepted_at.is_(None)), table.c.declined_at))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _medians(
    connection: Connection, table: Table, name: ColumnElement[str], since: datetime, until: datetime
) -> Select[Any]:
    answered_at = func.coalesce(_accepted_at(table), _declined_at(table), type_=table.c.accepted_at.type)
    days = _days(connection, table.c.proposed_at, answered_at)
    answered = (
        select(name.label("name"), days.label("days"))
        .where(answered_at >= since, answered_at < until, answered_at >= table.c.proposed_at)
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

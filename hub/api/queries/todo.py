"""What there is to do for the people of a caseload, in groups: how much of each, and the first of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import CTE, ColumnElement, Subquery, and_, case, func, literal, or_, select, tuple_, union_all

from hub.access.guard import Look
from hub.api.queries import caseload
from hub.api.queries.alerts import is_seen
from hub.audit.moments import day_in_france
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL

Group = Literal["overdue", "to_answer", "week", "month", "awaited"]
"""Expected before today; from today within 7 days, within 30; answers that one's own network owes, or waits for.

An answer is in its group, and once it is late among all that is overdue too.
"""
ANSWERS = frozenset({"delegation_awaits_answer", "expertise_awaits_answer", "partner_awaits_answer"})
"""The rules by which a network waits for the other one's answer."""
WEEK, MONTH = timedelta(days=7), timedelta(days=30)
_PLACE = ("due_on", "pathway_no", "rule", "about", "raised_by")


class Expected(NamedTuple):
    """Something that is expected of a pathway by a day; `asked` is the network whose answer it is, if it is one."""

    pathway_no: int
    rule: str
    about: str
    raised_by: str
    due_on: date
    asked: str | None

    @property
    def place(self) -> list[Any]:
        """Give the key after which the next page begins."""
        return [self.due_on.isoformat(), self.pathway_no, self.rule, self.about, self.raised_by]


class Some(NamedTuple):
    """The first of a group, how many there are of it in all, and of how many people."""

    first: list[Expected]
    total: int
    people: int


def first_of_each(look: Look, most: int) -> Mapping[Group, Some]:
    """Give up to `most` of each group, by the day each is due, in one query."""
    inner = _grouped(_expected(look))
    place = [inner.c[name] for name in _PLACE]
    ranked = select(
        inner,
        func.row_number().over(partition_by=inner.c.group, order_by=place).label("rank"),
        func.count().over(partition_by=inner.c.group).label("total"),
        # How many differ: no database counts them in a window, but ranks from both ends tell.
        (_rank(inner, inner.c.pathway_no) + _rank(inner, inner.c.pathway_no.desc()) - 1).label("people"),
    ).subquery()
    rows = look.connection.execute(select(ranked).where(ranked.c.rank <= most).order_by(ranked.c.group, ranked.c.rank))
    found: dict[Group, Some] = {}
    for row in rows:
        found.setdefault(row.group, Some([], row.total, row.people)).first.append(_item(row))
    return found


def _rank(inner: Subquery, order: ColumnElement[Any]) -> ColumnElement[int]:
    return func.dense_rank().over(partition_by=inner.c.group, order_by=order)


def of_group(look: Look, group: Group, after: Sequence[Any] | None, limit: int) -> list[Expected]:
    """Give up to `limit` of one group, by the day each is due, after the place at which the page before ended."""
    inner = _grouped(_expected(look))
    place = [inner.c[name] for name in _PLACE]
    query = select(inner).where(inner.c.group == group)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(date.fromisoformat(after[0]), *after[1:]))
    return [_item(row) for row in look.connection.execute(query.order_by(*place).limit(limit))]


def _item(row: Any) -> Expected:
    return Expected(row.pathway_no, row.rule, row.about, row.raised_by, row.due_on, row.asked)


def _grouped(expected: CTE) -> Subquery:
    """Give each thing that is expected once for each group that it is in."""
    columns = [expected.c[name] for name in (*_PLACE, "asked")]
    late = select(*columns, literal("overdue").label("group")).where(expected.c.is_late)
    others = select(*columns, expected.c.group).where(expected.c.group.is_not(None))
    return union_all(late, others).subquery()


def _expected(look: Look) -> CTE:
    """Select what is expected of the caseload and seen by the reader: whether it is late, and its group beside that."""
    alert, expertise = look.tables.models["alert"], look.tables.models["expertise"]
    own, today = look.asked.reader.network or "", day_in_france(look.now)
    answer, late = alert.c.rule.in_(sorted(ANSWERS)), alert.c.due_on < today
    of_request = and_(
        expertise.c.pathway_no == alert.c.pathway_no, alert.c.about == literal("expertise:") + expertise.c.request_id
    )
    asked = case(
        (alert.c.rule == "delegation_awaits_answer", CAP_EMPLOI),
        (expertise.c.direction == f"to_{FRANCE_TRAVAIL}", FRANCE_TRAVAIL),
        (expertise.c.direction == f"to_{CAP_EMPLOI}", CAP_EMPLOI),
    )
    group = case(
        (and_(answer, asked == own), "to_answer"),
        (answer, "awaited"),
        (late, None),
        (alert.c.due_on <= today + WEEK, "week"),
        else_="month",
    )
    return (
        select(*(alert.c[name] for name in _PLACE), asked.label("asked"), late.label("is_late"), group.label("group"))
        .join_from(alert, expertise, of_request, isouter=True)
        .where(caseload.is_of(look, alert.c.pathway_no), alert.c.kind == "alert", is_seen(look, alert))
        .where(or_(answer, alert.c.due_on <= today + MONTH))
        .cte("expected")
    )

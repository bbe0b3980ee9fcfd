"""A whole caseload in a few columns, to sort and choose from: who, where they are, what is due first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Subquery, and_, func, or_, select

from hub.access import ties
from hub.access.guard import Look
from hub.api.queries import caseload
from hub.api.queries.alerts import is_seen
from hub.audit.moments import day_in_france
from hub.domain import access
from hub.domain.access import Tie
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL

MOST = 5_000
"""People of one caseload that are listed; an adviser has some hundred, a site some thousand."""
_ASCII = tuple(map(chr, range(1, 128)))
Order = Literal["name", "due", "last_event"]


class Outline(NamedTuple):
    """A person of the caseload; nothing of them is recorded as shown by this alone."""

    pathway_no: int
    family_name: str | None
    given_name: str | None
    phase: str | None
    last_event_at: datetime
    next_due_on: date | None


class Wanted(NamedTuple):
    """Whom of the caseload to list; what is empty is not asked for.

    `networks` are all that have a case record of the person; `late` wants something due before that day. `initials`
    are the ASCII letters with which the family or given name may begin; a name that begins with any other character is
    let through, for the caller to compare. Whoever comes first by `order` is listed where not all can be.
    """

    phase: str | None = None
    networks: frozenset[str] | None = None
    late: date | None = None
    initials: frozenset[str] | None = None
    order: Order = "name"


class Outlines(NamedTuple):
    """People in no order, at most `MOST`; whether more are wanted; and how many the whole caseload has."""

    rows: list[Outline]
    is_cut: bool
    everyone: int


def outlines(look: Look, wanted: Wanted) -> Outlines:
    """Give those of the caseload who are wanted and not erased."""
    pathway, due = look.tables.models["pathway"].c, _due(look)
    columns = (pathway.pathway_no, pathway.family_name, pathway.given_name, pathway.phase, pathway.last_event_at)
    joined = look.tables.models["pathway"].outerjoin(due, due.c.pathway_no == pathway.pathway_no)
    mine = and_(caseload.is_of(look, pathway.pathway_no), pathway.erased.is_(None))
    query = select(*columns, due.c.next_due_on).select_from(joined).where(mine, *_conditions(look, wanted, due))
    query = query.order_by(*_order(look, wanted, due), pathway.pathway_no).limit(MOST + 1)
    rows = [Outline(*row) for row in look.connection.execute(query)]
    is_all = wanted._replace(order="name") == Wanted() and len(rows) <= MOST
    everyone = len(rows) if is_all else look.connection.scalar(select(func.count(pathway.pathway_no)).where(mine))
    return Outlines(rows[:MOST], len(rows) > MOST, everyone or 0)


def _due(look: Look) -> Subquery:
    alert = look.tables.models["alert"]
    return (
        select(alert.c.pathway_no, func.min(alert.c.due_on).label("next_due_on"))
        .where(caseload.is_of(look, alert.c.pathway_no), alert.c.kind == "alert", is_seen(look, alert))
        .group_by(alert.c.pathway_no)
        .subquery()
    )


def _conditions(look: Look, wanted: Wanted, due: FromClause) -> list[ColumnElement[bool]]:
    pathway, record = look.tables.models["pathway"].c, look.tables.case_record.c
    found: list[ColumnElement[bool]] = []
    if wanted.phase is not None:
        found.append(pathway.phase == wanted.phase)
    if wanted.networks is not None:
        for network in (FRANCE_TRAVAIL, CAP_EMPLOI):
            has = select(record.case_no).where(record.pathway_no == pathway.pathway_no, record.network == network)
            found.append(has.exists() if network in wanted.networks else ~has.exists())
    if wanted.late is not None:
        found.append(due.c.next_due_on < wanted.late)
    if wanted.initials is not None:
        others = [each for each in _ASCII if each not in wanted.initials]
        names = (pathway.family_name, pathway.given_name)
        found.append(or_(*(func.substr(name, 1, 1).not_in(others) for name in names)))
    return found


def _order(look: Look, wanted: Wanted, due: FromClause) -> list[ColumnElement[Any]]:
    pathway = look.tables.models["pathway"].c
    if wanted.order == "due":
        return [due.c.next_due_on.asc().nulls_last()]
    if wanted.order == "last_event":
        return [pathway.last_event_at.desc()]
    return [func.lower(pathway.family_name), func.lower(pathway.given_name)]


def advisers(look: Look, pathway_nos: Iterable[int]) -> dict[int, str]:
    """Give the adviser of the reader's sites who accompanies each person, where one does."""
    reader, today = look.asked.reader, day_in_france(look.now)
    found = {}
    for number, held in ties.ties_of(look.connection, look.tables, pathway_nos).items():
        led = [tie for tie in held if tie.adviser and access.holds(tie, today) and access.is_led(reader, tie)]
        if led:
            found[number] = min(led, key=_standing).adviser
    return found


def _standing(tie: Tie) -> tuple[Any, ...]:
    """Put whoever accompanies now before whoever did, and the referent before others."""
    return tie.until_date is not None, tie.ground != "referent", -tie.from_date.toordinal(), tie.adviser

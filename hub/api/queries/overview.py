"""A whole caseload in a few columns, to sort and choose from: who, where they are, what is due first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from hub.access import ties
from hub.access.guard import Look
from hub.api.queries import caseload
from hub.api.queries.alerts import is_seen
from hub.domain import access
from hub.domain.access import Tie

MOST = 5_000
"""People of one caseload that are sorted and chosen from; an adviser has some hundred, a site some thousand."""


class Outline(NamedTuple):
    """A person of the caseload; nothing of them is recorded as shown by this alone."""

    pathway_no: int
    family_name: str | None
    given_name: str | None
    phase: str | None
    last_event_at: datetime
    next_due_on: date | None


def outlines(look: Look) -> list[Outline]:
    """Give everyone of the caseload who is not erased, at most `MOST`, in no order."""
    alert, pathway = look.tables.models["alert"], look.tables.models["pathway"].c
    due = (
        select(alert.c.pathway_no, func.min(alert.c.due_on).label("next_due_on"))
        .where(caseload.is_of(look, alert.c.pathway_no), alert.c.kind == "alert", is_seen(look, alert))
        .group_by(alert.c.pathway_no)
    )
    first = {row.pathway_no: row.next_due_on for row in look.connection.execute(due)}
    columns = (pathway.pathway_no, pathway.family_name, pathway.given_name, pathway.phase, pathway.last_event_at)
    query = select(*columns).where(caseload.is_of(look, pathway.pathway_no), pathway.erased.is_(None)).limit(MOST)
    return [Outline(*row, first.get(row.pathway_no)) for row in look.connection.execute(query)]


def networks(look: Look) -> dict[int, frozenset[str]]:
    """Give the networks that have a case record of each person of the caseload."""
    record = look.tables.case_record.c
    query = select(record.pathway_no, record.network).where(caseload.is_of(look, record.pathway_no)).distinct()
    found: defaultdict[int, set[str]] = defaultdict(set)
    for number, network in look.connection.execute(query):
        found[number].add(network)
    return {number: frozenset(each) for number, each in found.items()}


def advisers(look: Look, pathway_nos: Iterable[int]) -> dict[int, str]:
    """Give the adviser of the reader's sites who accompanies each person, where one does."""
    reader, today = look.asked.reader, look.now.date()
    found = {}
    for number, held in ties.ties_of(look.connection, look.tables, pathway_nos).items():
        led = [tie for tie in held if tie.adviser and access.holds(tie, today) and access.is_led(reader, tie)]
        if led:
            found[number] = min(led, key=_standing).adviser
    return found


def _standing(tie: Tie) -> tuple[Any, ...]:
    """Put whoever accompanies now before whoever did, and the referent before others."""
    return tie.until_date is not None, tie.ground != "referent", -tie.from_date.toordinal(), tie.adviser

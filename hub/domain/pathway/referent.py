"""Referents over time: one adviser at any date, the past never overwritten."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from datetime import date, datetime

from hub.domain.events.referent import ReferentAssigned
from hub.domain.pathway.fact import Anomaly, State

Handled = ReferentAssigned


class Assignment(State, frozen=True, order=True):
    """An adviser from a day on; `place` keeps the canonical order among assignments of one day."""

    from_date: date
    place: int
    event_id: str
    network: str
    adviser: str
    role: str
    site: str | None
    assigned_at: datetime


class Referents(State, frozen=True):
    """All assignments by role, in order of their day."""

    assignments: tuple[Assignment, ...] = ()


def evolve(state: Referents, event: Handled) -> Referents:
    """Take one more event into account."""
    match event:
        case ReferentAssigned():
            added = Assignment(
                event.from_date,
                len(state.assignments),
                event.meta.event_id,
                event.meta.network,
                event.adviser,
                event.role,
                event.meta.site,
                event.meta.occurred_at,
            )
            ordered = list(state.assignments)
            insort(ordered, added)
            return Referents(tuple(ordered))


def of_role(state: Referents, role: str) -> list[tuple[Assignment, Assignment | None]]:
    """Give each assignment of a role with the one that ended it, if any."""
    chosen = [assignment for assignment in state.assignments if assignment.role == role]
    return list(zip(chosen, [*chosen[1:], None], strict=False))


def current(state: Referents) -> Assignment | None:
    """Give the latest referent assigned."""
    return next((assignment for assignment in reversed(state.assignments) if assignment.role == "referent"), None)


def anomalies(state: Referents) -> Iterator[Anomaly]:
    """Name two different referents assigned for the same day: only the later one has a period."""
    for assignment, following in of_role(state, "referent"):
        if following and following.from_date == assignment.from_date and following.adviser != assignment.adviser:
            yield Anomaly("two_referents_same_day", f"referent:{assignment.adviser}", assignment.event_id)

"""Sites: their mode at any date, and the roll-out as planned, told apart from what happened."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from datetime import date

from hub.domain.events.site import SiteModeChanged
from hub.domain.pathway.fact import Anomaly, State

Handled = SiteModeChanged

PLANNED, ACTUAL = "planned", "actual"
BEFORE_ROLL_OUT = "separate"
"""The mode of a site of which nothing happened yet."""


class ModeChange(State, frozen=True, order=True):
    """A mode from a day on, planned or actual; `place` keeps the canonical order among changes of one day."""

    from_date: date
    place: int
    event_id: str
    mode: str
    wave: str
    date_kind: str


class Site(State, frozen=True):
    """All changes, planned and actual, in order of their day."""

    changes: tuple[ModeChange, ...] = ()


def evolve(state: Site, event: Handled) -> Site:
    """Take one more event into account."""
    match event:
        case SiteModeChanged():
            changes = list(state.changes)
            place = len(changes)
            insort(
                changes,
                ModeChange(event.from_date, place, event.meta.event_id, event.mode, event.wave, event.date_kind),
            )
            return Site(tuple(changes))


def of_kind(state: Site, date_kind: str) -> list[tuple[ModeChange, ModeChange | None]]:
    """Give each planned (or actual) change with the one that ended it, if any."""
    chosen = [change for change in state.changes if change.date_kind == date_kind]
    return list(zip(chosen, [*chosen[1:], None], strict=False))


def mode_on(state: Site, day: date) -> str:
    """Give the mode of the site on a day, from what happened, never from a plan (M23)."""
    mode = BEFORE_ROLL_OUT
    for change in state.changes:
        if change.date_kind == ACTUAL and change.from_date <= day:
            mode = change.mode
    return mode


def anomalies(state: Site) -> Iterator[Anomaly]:
    """Name two modes that a site took on one day: only the later one has a period."""
    for change, following in of_kind(state, ACTUAL):
        if following and following.from_date == change.from_date and following.mode != change.mode:
            yield Anomaly("two_site_modes_same_day", f"site_mode:{change.from_date}", change.event_id)

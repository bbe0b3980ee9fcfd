"""Legs: each case record's part of the pathway, open or closed, whatever becomes of the other network's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from hub.domain.events.base import Metadata
from hub.domain.events.case import CaseClosed, CaseRegistered, CaseReopened, CaseUpdated
from hub.domain.ids import CaseKey
from hub.domain.pathway.fact import Anomaly, Fact, State

Handled = CaseRegistered | CaseUpdated | CaseClosed | CaseReopened


def case_text(case: CaseKey) -> str:
    """Write a case key as one text, as in `france_travail//12345678901`; no part holds a slash."""
    return "/".join(case)


def recording_case(meta: Metadata) -> str:
    """Write the key of the case record that an event is about, as `case_text` does, without making the key."""
    return f"{meta.network}/{meta.scope}/{meta.local_id}"


class Registration(State, frozen=True):
    """One registration of the case record, and the other network's case that it names."""

    at: datetime
    event_id: str
    site: str | None
    names: CaseKey | None


class Period(State, frozen=True):
    """A time during which the leg was open; `opened_at` is None when only its end is known."""

    opened_at: Fact[datetime] | None
    closed_at: Fact[datetime] | None = None
    closing_motive: Fact[str] | None = None
    reopening_motive: Fact[str] | None = None

    def covers(self, moment: datetime) -> bool:
        """Tell whether the leg was open before this moment and still is at it."""
        return (self.opened_at is None or self.opened_at.value < moment) and (
            self.closed_at is None or self.closed_at.value > moment
        )


class Leg(State, frozen=True):
    """What one network's case record says about itself; `misfits` are the rule and event of what does not fit."""

    case: CaseKey
    first_event_id: str
    updated_at: Fact[datetime]
    registrations: tuple[Registration, ...] = ()
    public: Fact[str] | None = None
    category: Fact[str] | None = None
    site: Fact[str] | None = None
    other_case: Fact[CaseKey] | None = None
    periods: tuple[Period, ...] = ()
    misfits: tuple[tuple[str, str], ...] = ()

    @property
    def registered_at(self) -> Fact[datetime] | None:
        """When the case record was first registered."""
        return Fact(self.registrations[0].at, self.registrations[0].event_id) if self.registrations else None

    @property
    def is_open(self) -> bool:
        """Open until closed; a record that is only updated is open too."""
        return bool(self.periods) and self.periods[-1].closed_at is None

    @property
    def status(self) -> Fact[str]:
        """Open or closed, and the event that made it so."""
        last = self.periods[-1]
        ended = last.closed_at
        if ended is not None:
            return Fact("closed", ended.event_id)
        return Fact("open", last.opened_at.event_id if last.opened_at else self.first_event_id)


class Legs(State, frozen=True):
    """The legs of a pathway by the text of their case key, in order of their first event."""

    by_case: dict[str, Leg] = {}


def evolve(state: Legs, event: Handled) -> Legs:
    """Take one more event into account."""
    meta = event.meta
    name, at = recording_case(meta), Fact(meta.occurred_at, meta.event_id)
    leg = state.by_case.get(name) or Leg(event.case, at.event_id, at)
    return Legs({**state.by_case, name: _step(leg, event, at)})


def _step(leg: Leg, event: Handled, at: Fact[datetime]) -> Leg:
    site = Fact(event.meta.site, at.event_id) if event.meta.site else leg.site
    match event:
        case CaseRegistered():
            names = event.other_case.key if event.other_case else None
            return replace(
                leg if leg.is_open else _opened(leg, Period(at)),
                updated_at=at,
                site=site,
                registrations=(*leg.registrations, Registration(at.value, at.event_id, event.meta.site, names)),
                public=Fact(event.public, at.event_id),
                category=Fact(event.category, at.event_id) if event.category else leg.category,
                other_case=Fact(names, at.event_id) if names else leg.other_case,
            )
        case CaseUpdated():
            return replace(
                leg if leg.periods else _opened(leg, Period(at)),
                updated_at=at,
                site=site,
                category=Fact(event.category, at.event_id) if event.category else leg.category,
                other_case=Fact(event.other_case.key, at.event_id) if event.other_case else leg.other_case,
            )
        case CaseClosed():
            return replace(_closed(leg, at, Fact(event.motive, at.event_id)), updated_at=at, site=site)
        case CaseReopened():
            motive = Fact(event.motive, at.event_id) if event.motive else None
            if leg.is_open:
                return replace(_misfit(leg, "case_reopened_while_open", at), updated_at=at, site=site)
            return replace(_opened(leg, Period(at, reopening_motive=motive)), updated_at=at, site=site)


def _opened(leg: Leg, period: Period) -> Leg:
    return replace(leg, periods=(*leg.periods, period))


def _closed(leg: Leg, at: Fact[datetime], motive: Fact[str]) -> Leg:
    if not leg.periods:
        return _opened(leg, Period(None, at, motive))
    if not leg.is_open:
        return _misfit(leg, "case_closed_twice", at)
    ended = replace(leg.periods[-1], closed_at=at, closing_motive=motive)
    return replace(leg, periods=(*leg.periods[:-1], ended))


def _misfit(leg: Leg, rule: str, at: Fact[datetime]) -> Leg:
    return replace(leg, misfits=(*leg.misfits, (rule, at.event_id)))


def anomalies(state: Legs) -> Iterator[Anomaly]:
    """Name cases without registration or with more than one, and closings and reopenings that meet nothing."""
    for name, leg in state.by_case.items():
        about = f"case:{name}"
        if not leg.registrations:
            yield Anomaly("case_without_registration", about, leg.first_event_id)
        for again in leg.registrations[1:]:
            yield Anomaly("case_registered_twice", about, again.event_id)
        for rule, event_id in leg.misfits:
            yield Anomaly(rule, about, event_id)

"""Delegations: proposed, accepted or declined, reviewed, ended or cancelled; one open per person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from operator import itemgetter

from msgspec.structs import replace

from hub.domain.events.delegation import (
    DelegationAccepted,
    DelegationCancelled,
    DelegationDeclined,
    DelegationEnded,
    DelegationProposed,
    DelegationReviewed,
)
from hub.domain.pathway.fact import Alert, Anomaly, Doing, Fact, State, doing

Handled = (
    DelegationProposed
    | DelegationAccepted
    | DelegationDeclined
    | DelegationReviewed
    | DelegationEnded
    | DelegationCancelled
)

ANSWER_WITHIN = timedelta(days=15)
"""How long the other network may take to accept or decline: the deadline of requests for expertise (M4)."""


class Delegation(State, frozen=True):
    """What all events of one delegation say together, whichever came first; `answer` is the last of several answers.

    `advisers` are those who proposed, accepted or reviewed it, each with the first time they did.
    """

    delegation_id: str
    proposed_at: Fact[datetime] | None = None
    site: Fact[str] | None = None
    ground: Fact[str] | None = None
    planned_end: Fact[date] | None = None
    accepted_at: Fact[datetime] | None = None
    declined_at: Fact[datetime] | None = None
    answer_motive: Fact[str] | None = None
    reviewed_at: Fact[datetime] | None = None
    review_outcome: Fact[str] | None = None
    reviews: int = 0
    ended_at: Fact[datetime] | None = None
    cancelled_at: Fact[datetime] | None = None
    end_motive: Fact[str] | None = None
    answer: Fact[str] | None = None
    advisers: tuple[Doing, ...] = ()

    @property
    def status(self) -> Fact[str]:
        """The furthest step stated, and the event that states it."""
        if self.cancelled_at is not None:
            return Fact("cancelled", self.cancelled_at.event_id)
        if self.ended_at is not None:
            return Fact("ended", self.ended_at.event_id)
        if self.answer is not None:
            return self.answer
        if self.proposed_at is not None:
            return Fact("proposed", self.proposed_at.event_id)
        if self.reviewed_at is not None:
            return Fact("active", self.reviewed_at.event_id)
        raise AssertionError("a delegation has at least one event")

    @property
    def stopped_at(self) -> Fact[datetime] | None:
        """When it was cancelled, ended or declined."""
        return self.cancelled_at or self.ended_at or (None if self.is_accepted else self.declined_at)

    @property
    def answered_at(self) -> Fact[datetime] | None:
        """When the proposal first stopped to await an answer."""
        stated = (self.accepted_at, self.declined_at, self.ended_at, self.cancelled_at)
        return min((at for at in stated if at is not None), default=None)

    @property
    def is_accepted(self) -> bool:
        """The last answer accepts it."""
        return self.answer is not None and self.answer.value == "active"

    @property
    def is_open(self) -> bool:
        """Proposed or active."""
        return self.status.value in {"proposed", "active"}


class Delegations(State, frozen=True):
    """The delegations of a person by id."""

    by_id: dict[str, Delegation] = {}


def evolve(state: Delegations, event: Handled) -> Delegations:
    """Take one more event into account."""
    delegation = state.by_id.get(event.delegation_id) or Delegation(event.delegation_id)
    return Delegations({**state.by_id, event.delegation_id: _step(delegation, event)})


def _step(delegation: Delegation, event: Handled) -> Delegation:
    event_id = event.meta.event_id
    at = Fact(event.meta.occurred_at, event_id)
    match event:
        case DelegationProposed():
            return replace(
                delegation,
                proposed_at=at,
                site=Fact(event.meta.site, event_id) if event.meta.site else delegation.site,
                ground=Fact(event.ground, event_id) if event.ground else delegation.ground,
                planned_end=Fact(event.planned_end, event_id) if event.planned_end else delegation.planned_end,
                advisers=_joined(delegation, event),
            )
        case DelegationAccepted():
            return replace(
                delegation,
                accepted_at=at,
                answer_motive=Fact(event.motive, event_id) if event.motive else None,
                answer=Fact("active", event_id),
                advisers=_joined(delegation, event),
            )
        case DelegationDeclined():
            motive = Fact(event.motive, event_id) if event.motive else None
            return replace(delegation, declined_at=at, answer_motive=motive, answer=Fact("declined", event_id))
        case DelegationReviewed():
            return replace(
                delegation,
                reviewed_at=at,
                review_outcome=Fact(event.outcome, event_id),
                reviews=delegation.reviews + 1,
                planned_end=Fact(event.planned_end, event_id) if event.planned_end else delegation.planned_end,
                advisers=_joined(delegation, event),
            )
        case DelegationEnded():
            return replace(delegation, ended_at=at, end_motive=Fact(event.motive, event_id))
        case DelegationCancelled():
            return replace(delegation, cancelled_at=at, end_motive=Fact(event.motive, event_id))


def _joined(delegation: Delegation, event: Handled) -> tuple[Doing, ...]:
    """Take the adviser who states an event among those of the delegation, once."""
    added, known = doing(event.meta), delegation.advisers
    if any((one.network, one.adviser) == (added.network, added.adviser) for one in known):
        return known
    return (*known, added)


def anomalies(state: Delegations) -> Iterator[Anomaly]:
    """Name what does not fit in these delegations."""
    for delegation in state.by_id.values():
        yield from _anomalies_of(delegation)
    yield from _overlaps(state)


def _anomalies_of(delegation: Delegation) -> Iterator[Anomaly]:
    about = f"delegation:{delegation.delegation_id}"
    if delegation.proposed_at is None:
        yield Anomaly("delegation_without_proposal", about, delegation.status.event_id)
    elif delegation.ground is None:
        yield Anomaly("delegation_without_ground", about, delegation.proposed_at.event_id)
    if delegation.ended_at and delegation.accepted_at is None:
        yield Anomaly("delegation_ended_without_acceptance", about, delegation.ended_at.event_id)
    if delegation.reviewed_at and delegation.accepted_at is None:
        yield Anomaly("delegation_reviewed_without_acceptance", about, delegation.reviewed_at.event_id)
    if delegation.answer and delegation.accepted_at and delegation.declined_at:
        yield Anomaly("delegation_accepted_and_declined", about, delegation.answer.event_id)
    if delegation.cancelled_at and delegation.answer:
        yield Anomaly("delegation_cancelled_after_answer", about, delegation.cancelled_at.event_id)


def alerts(state: Delegations) -> Iterator[Alert]:
    """Name the proposals that await an answer, and the delegations in force by their planned end."""
    for delegation in state.by_id.values():
        about, status, proposed_at = f"delegation:{delegation.delegation_id}", delegation.status, delegation.proposed_at
        if status.value == "proposed" and proposed_at is not None:
            due_on = (proposed_at.value + ANSWER_WITHIN).date()
            yield Alert("delegation_awaits_answer", about, proposed_at.event_id, due_on)
        elif status.value == "active" and delegation.planned_end is not None:
            end = delegation.planned_end
            yield Alert("delegation_past_end", about, end.event_id, end.value)


def _overlaps(state: Delegations) -> Iterator[Anomaly]:
    proposed = sorted(
        ((d.proposed_at, d.delegation_id, d.stopped_at) for d in state.by_id.values() if d.proposed_at is not None),
        key=itemgetter(0, 1),
    )
    until: datetime | None = None
    open_before = False
    for start, delegation_id, stop in proposed:
        if open_before or (until is not None and start.value < until):
            yield Anomaly("second_open_delegation", f"delegation:{delegation_id}", start.event_id)
        if stop is None:
            open_before = True
        elif until is None or stop.value > until:
            until = stop.value

"""Expertise asked for and given without delegation: both directions, at key moments, the referent unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from hub.domain.events.expertise import ExpertiseDeclined, ExpertiseDelivered, ExpertiseRequested
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.pathway.fact import Alert, Anomaly, Doing, Fact, State, doing

Handled = ExpertiseRequested | ExpertiseDelivered | ExpertiseDeclined

ANSWER_DAYS = 15
"""Days that the other network has to answer a request."""
PARTNER_ANSWER_DAYS = 30
"""Days in which an outside partner gets a dated answer."""


class ExpertiseRequest(State, frozen=True):
    """What all events of one request say together, whichever came first; `expert` is the adviser who delivered."""

    request_id: str
    requested_at: Fact[datetime] | None = None
    from_network: Fact[str] | None = None
    site: Fact[str] | None = None
    topic: Fact[str] | None = None
    key_moment: Fact[str] | None = None
    ground: Fact[str] | None = None
    partner: Fact[str] | None = None
    delivered_at: Fact[datetime] | None = None
    delivered_by: Fact[str] | None = None
    summary: Fact[str] | None = None
    declined_at: Fact[datetime] | None = None
    declined_by: Fact[str] | None = None
    decline_motive: Fact[str] | None = None
    requester: Doing | None = None
    expert: Doing | None = None

    @property
    def status(self) -> Fact[str]:
        """`delivered` or `declined`, the later one if both are stated, else `requested`; with its event."""
        answer = self.answered_at
        if answer is not None:
            return Fact("delivered" if answer is self.delivered_at else "declined", answer.event_id)
        if self.requested_at is not None:
            return Fact("requested", self.requested_at.event_id)
        raise AssertionError("a request has at least one event")

    @property
    def answered_at(self) -> Fact[datetime] | None:
        """When the answer that stands was given."""
        if self.delivered_at is None or self.declined_at is None:
            return self.delivered_at or self.declined_at
        return max(self.delivered_at, self.declined_at)

    @property
    def answered_by(self) -> Fact[str] | None:
        """The network whose answer stands."""
        answer = self.answered_at
        if answer is None:
            return None
        return self.delivered_by if answer is self.delivered_at else self.declined_by

    @property
    def is_open(self) -> bool:
        """Asked for and not answered."""
        return self.answered_at is None

    @property
    def direction(self) -> Fact[str] | None:
        """`to_cap_emploi` or `to_france_travail`: a request goes to the network that did not state it."""
        if self.from_network is None:
            return None
        asked = CAP_EMPLOI if self.from_network.value == FRANCE_TRAVAIL else FRANCE_TRAVAIL
        return Fact(f"to_{asked}", self.from_network.event_id)

    @property
    def due_on(self) -> Fact[date] | None:
        """The day by which an answer is expected: sooner between networks than for an outside partner."""
        if self.requested_at is None:
            return None
        days = ANSWER_DAYS if self.partner is None else PARTNER_ANSWER_DAYS
        return Fact(self.requested_at.value.date() + timedelta(days), self.requested_at.event_id)


class Expertise(State, frozen=True):
    """The requests for expertise about a person by id."""

    by_id: dict[str, ExpertiseRequest] = {}


def evolve(state: Expertise, event: Handled) -> Expertise:
    """Take one more event into account."""
    request = state.by_id.get(event.request_id) or ExpertiseRequest(event.request_id)
    return Expertise({**state.by_id, event.request_id: _step(request, event)})


def _step(request: ExpertiseRequest, event: Handled) -> ExpertiseRequest:
    meta = event.meta
    event_id = meta.event_id
    at = Fact(meta.occurred_at, event_id)
    by: Fact[str] = Fact(meta.network, event_id)
    match event:
        case ExpertiseRequested():
            return replace(
                request,
                requested_at=at,
                from_network=by,
                site=Fact(meta.site, event_id) if meta.site else request.site,
                topic=Fact(event.topic, event_id),
                key_moment=Fact(event.key_moment, event_id) if event.key_moment else request.key_moment,
                ground=Fact(event.ground, event_id) if event.ground else request.ground,
                partner=Fact(event.partner, event_id) if event.partner else request.partner,
                requester=doing(meta),
            )
        case ExpertiseDelivered():
            summary = Fact(event.summary, event_id)
            return replace(request, delivered_at=at, delivered_by=by, summary=summary, expert=doing(meta))
        case ExpertiseDeclined():
            return replace(request, declined_at=at, declined_by=by, decline_motive=Fact(event.motive, event_id))


def anomalies(state: Expertise) -> Iterator[Anomaly]:
    """Name what does not fit in these requests."""
    for request in state.by_id.values():
        about = f"expertise:{request.request_id}"
        asked_by = request.from_network
        if asked_by is None:
            yield Anomaly("expertise_without_request", about, request.status.event_id)
        elif asked_by.value == FRANCE_TRAVAIL and request.ground is None:
            yield Anomaly("expertise_without_ground", about, asked_by.event_id)
        if asked_by is not None and request.partner is None:
            # A partner asks through a host network, which may be the expert itself: only then does it answer itself.
            for answered_by in (request.delivered_by, request.declined_by):
                if answered_by is not None and answered_by.value == asked_by.value:
                    yield Anomaly("expertise_answered_by_requester", about, answered_by.event_id)
        if request.delivered_at is not None and request.declined_at is not None:
            yield Anomaly("expertise_delivered_and_declined", about, request.status.event_id)


def alerts(state: Expertise) -> Iterator[Alert]:
    """Name the requests that await an answer."""
    for request in state.by_id.values():
        due = request.due_on
        if due is not None and request.is_open:
            rule = "expertise_awaits_answer" if request.partner is None else "partner_awaits_answer"
            yield Alert(rule, f"expertise:{request.request_id}", due.event_id, due.value)

"""The lifecycle of a pathway: its phase, when it was left and taken up again, and its erasure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import get_args

from msgspec.structs import replace

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import CaseEvent, Event
from hub.domain.events.candidacy import CandidacyAnswered, CandidacyProposed
from hub.domain.events.case import CaseClosed, CaseRegistered, CaseReopened, CaseUpdated
from hub.domain.events.cep import CepConcluded, CepOpened
from hub.domain.events.compensation import (
    CompensationMeasureImplemented,
    CompensationNeedIdentified,
    CompensationNeedRefined,
)
from hub.domain.events.delegation import (
    DelegationAccepted,
    DelegationCancelled,
    DelegationDeclined,
    DelegationEnded,
    DelegationProposed,
    DelegationReviewed,
)
from hub.domain.events.diagnosis import (
    CrossedDiagnosisConcluded,
    CrossedDiagnosisContributed,
    CrossedDiagnosisOpened,
    DiagnosisCompleted,
)
from hub.domain.events.erasure import PersonErased
from hub.domain.events.expertise import ExpertiseDeclined, ExpertiseDelivered, ExpertiseRequested
from hub.domain.events.pathway import PathwayClosed, PathwayReopened
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted, Placed
from hub.domain.events.plan import ActionPlanAgreed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.retention import RetentionConcluded, RetentionOpened, TransitionStarted, WorkplaceAdapted
from hub.domain.events.service import ServiceAbandoned, ServiceCompleted, ServicePrescribed
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.pathway.fact import Anomaly, Fact, State

Act = (
    AppointmentRecorded
    | CandidacyAnswered
    | CandidacyProposed
    | CaseRegistered
    | CaseReopened
    | CepConcluded
    | CepOpened
    | CompensationMeasureImplemented
    | CompensationNeedIdentified
    | CompensationNeedRefined
    | DelegationAccepted
    | DelegationCancelled
    | DelegationDeclined
    | DelegationEnded
    | DelegationProposed
    | DelegationReviewed
    | CrossedDiagnosisConcluded
    | CrossedDiagnosisContributed
    | CrossedDiagnosisOpened
    | DiagnosisCompleted
    | ExpertiseDeclined
    | ExpertiseDelivered
    | ExpertiseRequested
    | FollowUpRecorded
    | FollowUpStarted
    | Placed
    | ActionPlanAgreed
    | ReferentAssigned
    | RetentionConcluded
    | RetentionOpened
    | TransitionStarted
    | WorkplaceAdapted
    | ServiceAbandoned
    | ServiceCompleted
    | ServicePrescribed
)
Record = CaseUpdated | CaseClosed | DisabilityTitleRecorded
"""What a network may still write down about a person whose pathway is closed."""
Handled = Act | Record | PathwayClosed | PathwayReopened | PersonErased

INTAKE = "intake"
DIAGNOSIS = "diagnosis"
ACCOMPANIMENT = "accompaniment"
JOB_SEARCH = "job_search"
EMPLOYMENT = "employment"
FOLLOW_UP = "follow_up"
RETENTION = "retention"
TRANSITION = "transition"
CLOSED = "closed"

_EARLY = frozenset({INTAKE, DIAGNOSIS})
_SEEKING = _EARLY | {ACCOMPANIMENT, TRANSITION}
_OPEN = _SEEKING | {JOB_SEARCH, EMPLOYMENT, FOLLOW_UP, RETENTION}

MOVES: Mapping[type[CaseEvent], tuple[str, frozenset[str]]] = {
    DiagnosisCompleted: (DIAGNOSIS, frozenset({INTAKE})),
    CrossedDiagnosisOpened: (DIAGNOSIS, frozenset({INTAKE})),
    CrossedDiagnosisContributed: (DIAGNOSIS, frozenset({INTAKE})),
    CrossedDiagnosisConcluded: (ACCOMPANIMENT, _EARLY),
    ActionPlanAgreed: (ACCOMPANIMENT, _EARLY),
    DelegationAccepted: (ACCOMPANIMENT, _EARLY),
    ServicePrescribed: (ACCOMPANIMENT, _EARLY),
    CompensationMeasureImplemented: (ACCOMPANIMENT, _EARLY),
    CepOpened: (ACCOMPANIMENT, _EARLY),
    CandidacyProposed: (JOB_SEARCH, _SEEKING),
    Placed: (EMPLOYMENT, _OPEN),
    FollowUpStarted: (FOLLOW_UP, _SEEKING | {JOB_SEARCH, EMPLOYMENT}),
    FollowUpRecorded: (FOLLOW_UP, frozenset({EMPLOYMENT})),
    RetentionOpened: (RETENTION, _OPEN),
    RetentionConcluded: (EMPLOYMENT, frozenset({RETENTION})),
    TransitionStarted: (TRANSITION, _OPEN),
}
"""The phase that an event leads to, and the phases from which it does.

Support only ever moves a person forward: a new diagnosis, plan or service does not throw back someone who is looking
for work or employed. What happens to the person's employment (placed, at risk, lost) moves from any open phase. Three
events look at their content as well: a placement that the other network reports again moves nothing, a follow-up that
finds the contract broken leads back to the search for work, and someone not retained is accompanied until a transition
starts. Only reopening leaves `closed`, and it leads to accompaniment: nobody starts again at intake.
"""

_QUIET = frozenset[type[CaseEvent]](get_args(Act | Record)) - MOVES.keys()
"""The events that change nothing in an open pathway: asked first, since most events are of these."""


class Exit(State, frozen=True):
    """The pathway left, and taken up again since; `act_after` is the first act stated in between."""

    closed_at: Fact[datetime]
    motive: Fact[str]
    reopened_at: Fact[datetime] | None = None
    trigger: Fact[str] | None = None
    act_after: str | None = None


class Lifecycle(State, frozen=True):
    """The phase and every exit; `reopened_open` are the events that reopened a pathway which was open."""

    erased: Fact[str] | None = None
    opened: Fact[datetime] | None = None
    phase: Fact[str] | None = None
    exits: tuple[Exit, ...] = ()
    placements: tuple[str, ...] = ()
    reopened_open: tuple[str, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Left and not taken up again."""
        return bool(self.exits) and self.exits[-1].reopened_at is None


def evolve(state: Lifecycle, event: Handled) -> Lifecycle:
    """Take one more event into account; the first one of all opens the pathway."""
    if type(event) in _QUIET and state.opened is not None and not state.is_closed:
        return state
    match event:
        case PersonErased():
            return Lifecycle(erased=Fact(event.reason, event.meta.event_id))
        case PathwayClosed():
            return _close(_opened(state, event), event)
        case PathwayReopened():
            return _reopen(_opened(state, event), event)
        case CaseUpdated() | CaseClosed() | DisabilityTitleRecorded():
            return _opened(state, event)
        case CaseEvent():
            return _act(_opened(state, event), event)


def telling(events: Sequence[Event]) -> Sequence[Event]:
    """Leave out of all events those that change nothing: the quiet ones of a pathway that was never left.

    The first one opens it, whatever it is.
    """
    if any(type(event) is PathwayClosed for event in events):
        return events
    return [event for place, event in enumerate(events) if place == 0 or type(event) not in _QUIET]


def _opened(state: Lifecycle, event: CaseEvent) -> Lifecycle:
    if state.opened is not None:
        return state
    event_id = event.meta.event_id
    return replace(state, opened=Fact(event.meta.occurred_at, event_id), phase=Fact(INTAKE, event_id))


def _close(state: Lifecycle, event: PathwayClosed) -> Lifecycle:
    if state.is_closed:
        return state
    event_id = event.meta.event_id
    left = Exit(Fact(event.meta.occurred_at, event_id), Fact(event.motive, event_id))
    return replace(state, phase=Fact(CLOSED, event_id), exits=(*state.exits, left))


def _reopen(state: Lifecycle, event: PathwayReopened) -> Lifecycle:
    event_id = event.meta.event_id
    if not state.is_closed:
        return replace(state, reopened_open=(*state.reopened_open, event_id))
    taken_up = replace(
        state.exits[-1],
        reopened_at=Fact(event.meta.occurred_at, event_id),
        trigger=Fact(event.trigger, event_id),
    )
    return replace(state, phase=Fact(ACCOMPANIMENT, event_id), exits=(*state.exits[:-1], taken_up))


def _act(state: Lifecycle, event: Act) -> Lifecycle:
    event_id = event.meta.event_id
    if state.is_closed:
        if state.exits[-1].act_after is not None:
            return state
        return replace(state, exits=(*state.exits[:-1], replace(state.exits[-1], act_after=event_id)))
    move, current = MOVES.get(type(event)), state.phase
    if move is None or current is None:
        return state
    phase, moves_from = move
    if isinstance(event, Placed):
        placement = f"{event.siret}/{event.starts_on}"
        if placement in state.placements:
            return state
        state = replace(state, placements=(*state.placements, placement))
    elif isinstance(event, FollowUpRecorded) and event.state == "ended":
        phase, moves_from = JOB_SEARCH, frozenset({EMPLOYMENT, FOLLOW_UP})
    elif isinstance(event, RetentionConcluded) and event.outcome == "not_retained":
        phase = ACCOMPANIMENT
    if current.value == phase or current.value not in moves_from:
        return state
    return replace(state, phase=Fact(phase, event_id))


def anomalies(state: Lifecycle) -> Iterator[Anomaly]:
    """Name acts stated while the pathway was closed, the first of each time, and reopenings of an open pathway.

    Both networks may state the same exit, so a second closing is none.
    """
    for left in state.exits:
        if left.act_after is not None:
            yield Anomaly("act_after_closing", "pathway", left.act_after)
    for event_id in state.reopened_open:
        yield Anomaly("pathway_reopened_while_open", "pathway", event_id)

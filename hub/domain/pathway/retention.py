"""Retention in employment, the workplace adaptations, and the transition that follows when retention fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from hub.domain.events.retention import RetentionConcluded, RetentionOpened, TransitionStarted, WorkplaceAdapted
from hub.domain.pathway.fact import Alert, Anomaly, Fact, State

Handled = RetentionOpened | WorkplaceAdapted | RetentionConcluded | TransitionStarted

TRANSITION_WITHIN = timedelta(days=30)
"""How long a transition may take to start after a retention that failed."""


class Retention(State, frozen=True):
    """What all events of one retention say together, whichever came first."""

    retention_id: str
    opened_at: Fact[datetime] | None = None
    site: Fact[str] | None = None
    siret: Fact[str] | None = None
    origin: Fact[str] | None = None
    risk: Fact[str] | None = None
    concluded_at: Fact[datetime] | None = None
    outcome: Fact[str] | None = None

    @property
    def failed_at(self) -> Fact[datetime] | None:
        """When it was concluded that the person is not retained."""
        return self.concluded_at if self.outcome is not None and self.outcome.value == "not_retained" else None


class Adaptation(State, frozen=True):
    """A workplace adapted, for a retention or a placement, and the need that it answers."""

    event_id: str
    retention_id: str | None
    placement_id: str | None
    need_id: str | None
    adaptation: str
    adapted_on: date


class Transition(State, frozen=True):
    """A transition started, after the retention that it names if any."""

    event_id: str
    network: str
    retention_id: str | None
    project_rome: str | None
    started_at: datetime


class Retentions(State, frozen=True):
    """The retentions of a person by id, with adaptations and transitions in canonical order."""

    by_id: dict[str, Retention] = {}
    adaptations: tuple[Adaptation, ...] = ()
    transitions: tuple[Transition, ...] = ()


def evolve(state: Retentions, event: Handled) -> Retentions:
    """Take one more event into account."""
    event_id = event.meta.event_id
    match event:
        case RetentionOpened():
            retention = replace(
                state.by_id.get(event.retention_id) or Retention(event.retention_id),
                opened_at=Fact(event.meta.occurred_at, event_id),
                site=Fact(event.meta.site, event_id) if event.meta.site else None,
                siret=Fact(event.siret, event_id),
                origin=Fact(event.origin, event_id),
                risk=Fact(event.risk, event_id) if event.risk else None,
            )
            return replace(state, by_id={**state.by_id, event.retention_id: retention})
        case RetentionConcluded():
            retention = replace(
                state.by_id.get(event.retention_id) or Retention(event.retention_id),
                concluded_at=Fact(event.meta.occurred_at, event_id),
                outcome=Fact(event.outcome, event_id),
            )
            return replace(state, by_id={**state.by_id, event.retention_id: retention})
        case WorkplaceAdapted():
            adaptation = Adaptation(
                event_id, event.retention_id, event.placement_id, event.need_id, event.adaptation, event.adapted_on
            )
            return replace(state, adaptations=(*state.adaptations, adaptation))
        case TransitionStarted():
            transition = Transition(
                event_id, event.meta.network, event.retention_id, event.project_rome, event.meta.occurred_at
            )
            return replace(state, transitions=(*state.transitions, transition))


def transition_after(state: Retentions, retention: Retention) -> Transition | None:
    """Give the first transition that follows a failed retention: it names it, or names none and started after it."""
    failed_at = retention.failed_at
    if failed_at is None:
        return None
    for transition in state.transitions:
        if transition.retention_id == retention.retention_id or (
            transition.retention_id is None and transition.started_at >= failed_at.value
        ):
            return transition
    return None


def transition_due_on(retention: Retention) -> Fact[date] | None:
    """Give the (UTC) day by which a transition is expected after a failed retention."""
    failed_at = retention.failed_at
    if failed_at is None:
        return None
    return Fact((failed_at.value + TRANSITION_WITHIN).date(), failed_at.event_id)


def anomalies(state: Retentions) -> Iterator[Anomaly]:
    """Name conclusions, adaptations and transitions whose retention is not known."""
    for retention in state.by_id.values():
        if retention.opened_at is None and retention.concluded_at is not None:
            about = f"retention:{retention.retention_id}"
            yield Anomaly("retention_concluded_without_opening", about, retention.concluded_at.event_id)
    for adaptation in state.adaptations:
        if adaptation.retention_id is not None and adaptation.retention_id not in state.by_id:
            about = f"retention:{adaptation.retention_id}"
            yield Anomaly("adaptation_without_retention", about, adaptation.event_id)
        elif adaptation.retention_id is None and adaptation.placement_id is None:
            yield Anomaly("adaptation_for_nothing_named", f"adaptation:{adaptation.event_id}", adaptation.event_id)
    for transition in state.transitions:
        if transition.retention_id is not None and transition.retention_id not in state.by_id:
            yield Anomaly("transition_without_retention", f"retention:{transition.retention_id}", transition.event_id)


def alerts(state: Retentions) -> Iterator[Alert]:
    """Name the failed retentions that no transition follows yet (interview of 2018: fast transition when it fails)."""
    for retention in state.by_id.values():
        due_on = transition_due_on(retention)
        if due_on is not None and transition_after(state, retention) is None:
            yield Alert("transition_expected", f"retention:{retention.retention_id}", due_on.event_id, due_on.value)

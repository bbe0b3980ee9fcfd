"""Events voided by their emitter: which ones, by which event, and voids that reach nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hub.domain.events.base import CaseEvent, Event
from hub.domain.events.correction import EventVoided
from hub.domain.ids import Subject
from hub.domain.pathway.fact import Anomaly, State

Handled = EventVoided


class Void(State, frozen=True):
    """A void, and the case that it may reach: its own."""

    event_id: str
    subject: Subject


class Corrections(State, frozen=True):
    """The voids by the event that they name, and which of these were met."""

    voids: dict[str, Void] = {}
    met: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def announce(state: Corrections, events: Iterable[Event]) -> Corrections:
    """Learn of the voids among events before any of them is folded: a void works whenever it was written.

    The canonically first void of an event stands.
    """
    found = dict(state.voids)
    for event in events:
        if isinstance(event, EventVoided):
            found.setdefault(event.voided_event_id, Void(event.meta.event_id, event.subject))
    return state if len(found) == len(state.voids) else Corrections(found, state.met, state.refused)


def is_voided(state: Corrections, event: Event) -> bool:
    """Tell whether an event counts as if it had not been: voided by its own network, in its own case, and no void itself.

    A decision names a case but is not of that case's network: a later decision supersedes it, no void does.
    """
    void = state.voids.get(event.meta.event_id)
    return (
        void is not None
        and void.subject == event.subject
        and isinstance(event, CaseEvent)
        and not isinstance(event, EventVoided)
    )


def meet(state: Corrections, event: Event) -> Corrections:
    """Remember that an event named by a void was seen, and whether the void reached it."""
    void = state.voids.get(event.meta.event_id)
    if void is None:
        return state
    if is_voided(state, event):
        return Corrections(state.voids, (*state.met, event.meta.event_id), state.refused)
    rule = "void_of_another_case"
    if isinstance(event, EventVoided):
        rule = "void_of_a_void"
    elif not isinstance(event, CaseEvent):
        rule = "void_of_a_decision"
    refused = (*state.refused, (rule, event.meta.event_id))
    return Corrections(state.voids, (*state.met, event.meta.event_id), refused)


def effective(state: Corrections) -> dict[str, str]:
    """Give the voided events met, each with the void that counts."""
    refused = {target for _, target in state.refused}
    return {target: state.voids[target].event_id for target in state.met if target not in refused}


def evolve(state: Corrections, event: Handled) -> Corrections:
    """A void was taken into account before the fold; on its own it changes nothing more."""
    match event:
        case EventVoided():
            return state


def anomalies(state: Corrections) -> Iterator[Anomaly]:
    """Name voids of events not seen (yet), and voids that may not reach their event."""
    for target, void in state.voids.items():
        if target not in state.met:
            yield Anomaly("void_without_event", f"event:{target}", void.event_id)
    for rule, target in state.refused:
        yield Anomaly(rule, f"event:{target}", state.voids[target].event_id)

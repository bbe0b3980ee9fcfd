"""Events voided by their emitter: which ones, by which event, and voids that reach nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from hub.domain.events.base import CaseEvent, Event
from hub.domain.events.correction import EventVoided
from hub.domain.events.delegation import DelegationAccepted, DelegationDeclined
from hub.domain.events.expertise import ExpertiseDeclined, ExpertiseDelivered
from hub.domain.events.placement import FollowUpRecorded
from hub.domain.ids import Subject
from hub.domain.pathway.fact import Anomaly, State

Handled = EventVoided


class Void(State, frozen=True):
    """A void, and the case that it may reach: its own."""

    event_id: str
    subject: Subject


class Refusal(State, frozen=True):
    """A void that may not reach the event that it names."""

    rule: str
    target: str
    void_id: str


class Undone(State, frozen=True):
    """An answer that was voided, so that what it answered is expected again; `about` as an alert names it."""

    about: str
    event_id: str
    void_id: str


class Corrections(State, frozen=True):
    """The voids by the event that they name, which of these events were met, and by which void they are voided."""

    voids: dict[str, tuple[Void, ...]] = {}
    met: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    voided: dict[str, str] = {}
    undone: tuple[Undone, ...] = ()


def announce(state: Corrections, events: Iterable[Event]) -> Corrections:
    """Learn of the voids among events before any of them is folded: a void works whenever it was written.

    The canonically first void of an event from each case stands; one from another case does not stop the right one.
    """
    found = dict(state.voids)
    for event in events:
        if type(event) is EventVoided:  # an exact type, since every event is asked
            known = found.get(event.voided_event_id, ())
            if all(void.subject != event.subject for void in known):
                found[event.voided_event_id] = (*known, Void(event.meta.event_id, event.subject))
    return state if found == state.voids else replace(state, voids=found)


def meet_all(state: Corrections, events: Sequence[Event]) -> tuple[Corrections, Sequence[Event]]:
    """Meet those events that voids name: remember that each was seen, and whether its voids reach it.

    Give also the events that count.
    """
    if not state.voids:
        return state, events
    met, refused, voided = list(state.met), list(state.refused), dict(state.voided)
    undone = list(state.undone)
    counted = []
    for event in events:
        target, reached = event.meta.event_id, False
        for void in state.voids.get(target, ()):
            rule = _refusal(void, event)
            if rule is None:
                voided[target], reached = void.event_id, True
            else:
                refused.append(Refusal(rule, target, void.event_id))
        if target in state.voids:
            met.append(target)
        if not reached:
            counted.append(event)
        elif about := _answered(event):
            undone.append(Undone(about, target, voided[target]))
    return Corrections(state.voids, tuple(met), tuple(refused), voided, tuple(undone)), counted


def _answered(event: Event) -> str | None:
    """Name what an event answers, as alerts name what they are about; None of one that answers nothing."""
    match event:
        case FollowUpRecorded():
            return f"follow_up:{event.placement_id}:{event.due_on}"
        case DelegationAccepted() | DelegationDeclined():
            return f"delegation:{event.delegation_id}"
        case ExpertiseDelivered() | ExpertiseDeclined():
            return f"expertise:{event.request_id}"
        case _:
            return None


def undone(state: Corrections, about: str) -> list[Undone]:
    """Give the voided answers to what an alert is about, in their order."""
    return [each for each in state.undone if each.about == about]


def is_voided(state: Corrections, event: Event) -> bool:
    """Tell whether an event counts as if it had not been: voided in its own case, hence by its own network.

    A void and a decision are never voided: a later one supersedes them.
    """
    voids = state.voids.get(event.meta.event_id)
    return voids is not None and any(_refusal(void, event) is None for void in voids)


def _refusal(void: Void, event: Event) -> str | None:
    if isinstance(event, EventVoided):
        return "void_of_a_void"
    if not isinstance(event, CaseEvent):
        return "void_of_a_decision"
    return None if void.subject == event.subject else "void_of_another_case"


def effective(state: Corrections) -> dict[str, str]:
    """Give the voided events met, each with the void that counts."""
    return state.voided


def evolve(state: Corrections, event: Handled) -> Corrections:
    """A void was taken into account before the fold; on its own it changes nothing more."""
    match event:
        case EventVoided():
            return state


def anomalies(state: Corrections) -> Iterator[Anomaly]:
    """Name voids of events not seen (yet), and voids that may not reach their event."""
    met = set(state.met)
    for target, voids in state.voids.items():
        if target not in met:
            for void in voids:
                yield Anomaly("void_without_event", f"event:{target}", void.event_id)
    for refusal in state.refused:
        yield Anomaly(refusal.rule, f"event:{refusal.target}", refusal.void_id)

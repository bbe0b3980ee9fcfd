"""The pathway: the product of its subjects' small states, folded from a person's events in canonical order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType, UnionType
from typing import Any, get_args

from msgspec.structs import replace

from hub.domain.events.base import Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.events.correction import EventVoided
from hub.domain.events.erasure import PersonErased
from hub.domain.ids import Subject
from hub.domain.order import OrderKey, order_key
from hub.domain.pathway import (
    appointment,
    candidacy,
    cep,
    claim,
    compensation,
    correction,
    delegation,
    diagnosis,
    ending,
    expertise,
    leg,
    lifecycle,
    placement,
    plan,
    referent,
    retention,
    service,
    source,
    title,
)
from hub.domain.pathway.fact import Alert, Anomaly, Fact, State

FOLD_VERSION = 3
"""Raised by any change of the fold that gives other states for the same events; a rebuild then brings the rows."""


class Pathway(State, frozen=True):
    """Everything that the events of one person say, each fact with its event."""

    first: OrderKey | None = None
    last: OrderKey | None = None
    events: int = 0
    source: source.Source = source.Source()
    corrections: correction.Corrections = correction.Corrections()
    lifecycle: lifecycle.Lifecycle = lifecycle.Lifecycle()
    legs: leg.Legs = leg.Legs()
    claims: claim.Claims = claim.Claims()
    titles: title.Titles = title.Titles()
    referents: referent.Referents = referent.Referents()
    delegations: delegation.Delegations = delegation.Delegations()
    expertise: expertise.Expertise = expertise.Expertise()
    diagnoses: diagnosis.Diagnoses = diagnosis.Diagnoses()
    needs: compensation.Needs = compensation.Needs()
    plans: plan.Plans = plan.Plans()
    services: service.Services = service.Services()
    appointments: appointment.Appointments = appointment.Appointments()
    candidacies: candidacy.Candidacies = candidacy.Candidacies()
    placements: placement.Placements = placement.Placements()
    retentions: retention.Retentions = retention.Retentions()
    ceps: cep.Ceps = cep.Ceps()
    erasures: tuple[str, ...] = ()

    @property
    def person_id(self) -> str:
        """The event id of the canonically first event."""
        if self.first is None:
            raise ValueError("a pathway without events has no id")
        return self.first[4]


EMPTY = Pathway()
SUBJECTS: Mapping[str, ModuleType] = {
    "lifecycle": lifecycle,
    "legs": leg,
    "claims": claim,
    "titles": title,
    "referents": referent,
    "delegations": delegation,
    "expertise": expertise,
    "diagnoses": diagnosis,
    "needs": compensation,
    "plans": plan,
    "services": service,
    "appointments": appointment,
    "candidacies": candidacy,
    "placements": placement,
    "retentions": retention,
    "ceps": cep,
    "corrections": correction,
}
"""The parts of a pathway and the modules that evolve them; a module's `Handled` names the events it takes."""

NAMED_BY: Mapping[str, str] = {
    "delegations": "delegation_id",
    "expertise": "request_id",
    "needs": "need_id",
    "services": "service_id",
    "appointments": "appointment_id",
    "candidacies": "candidacy_id",
    "ceps": "cep_id",
}
"""The parts that hold nothing but entries by id, of which an event evolves one, and the event's field that names it."""

Step = Callable[[Any, Any], Any]


def _handled(module: ModuleType) -> tuple[type, ...]:
    union = module.Handled
    return get_args(union) if isinstance(union, UnionType) else (union,)


def _steps() -> dict[type, tuple[tuple[str, Step], ...]]:
    steps: dict[type, list[tuple[str, Step]]] = {event_type: [] for event_type in EVENT_TYPES.values()}
    for part, module in SUBJECTS.items():
        for event_type in _handled(module):
            steps[event_type].append((part, module.evolve))
    return {event_type: tuple(of_type) for event_type, of_type in steps.items()}


STEPS = _steps()


def evolve(pathway: Pathway, event: Event) -> Pathway:
    """Take one event into account that is canonically after all others and voids none of them."""
    return fold([event], pathway)


def fold(ordered: Sequence[Event], start: Pathway = EMPTY) -> Pathway:
    """Fold events, given in canonical order, onto a pathway that holds none of them and none after the first.

    Voided events change nothing but their source's sequence. An erasure takes away all of every case that had an event
    before it; a case that is heard of only afterwards is a new life. A history with an erasure is folded as a whole.
    """
    if not ordered:
        return start
    if start.erasures or any(isinstance(event, PersonErased) for event in ordered):
        return _around_erasures(ordered, start)
    corrections, counted = correction.meet_all(correction.announce(start.corrections, ordered), ordered)
    parts: dict[str, Any] = {}
    entries: dict[str, dict[str, Any]] = {}
    for event in counted:
        for part, step in STEPS[type(event)]:
            name = NAMED_BY.get(part)
            if name is not None:
                if part not in entries:
                    entries[part] = dict(getattr(start, part).by_id)
                take(entries[part], step, type(getattr(start, part)), getattr(event, name), event)
                continue
            before = parts[part] if part in parts else getattr(start, part)
            parts[part] = step(before, event)
    parts |= {part: type(getattr(start, part))(by_id) for part, by_id in entries.items()}
    parts["corrections"] = corrections
    return replace(
        start,
        first=start.first or order_key(ordered[0]),
        last=order_key(ordered[-1]),
        events=start.events + len(ordered),
        source=source.check(source.follow(start.source, ordered), counted),
        **parts,
    )


def take(by_id: dict[str, Any], step: Step, part: type[Any], name: str, event: Event) -> None:
    """Let an event evolve the entry that it names, in place: copying all entries for each event would be quadratic."""
    by_id.update(step(part({name: by_id[name]} if name in by_id else {}), event).by_id)


def _around_erasures(ordered: Sequence[Event], start: Pathway) -> Pathway:
    if start.events:
        raise ValueError("a history with an erasure is folded as a whole, see must_refold")
    seen: set[Subject] = set()
    gone: set[Subject] = set()
    erasures = []
    for event in ordered:
        if isinstance(event, PersonErased):
            erasures.append(event)
            gone |= seen
        else:
            seen.add(event.subject)
    kept = [event for event in ordered if not isinstance(event, PersonErased) and event.subject not in gone]
    left = fold(kept, start)
    corrections, _ = correction.meet_all(correction.announce(left.corrections, ordered), ordered)
    last = erasures[-1]
    told = left.lifecycle if left.events else lifecycle.Lifecycle(erased=Fact(last.reason, last.meta.event_id))
    return replace(
        left,
        first=order_key(ordered[0]),
        last=order_key(ordered[-1]),
        events=len(ordered),
        corrections=corrections,
        lifecycle=told,
        erasures=tuple(event.meta.event_id for event in erasures),
    )


def must_refold(pathway: Pathway, ordered: Sequence[Event]) -> bool:
    """Tell whether new events cannot simply be folded on: one is late, voids another, or erases the person."""
    if pathway.erasures or (pathway.last is not None and order_key(ordered[0]) < pathway.last):
        return True
    return any(isinstance(event, EventVoided | PersonErased) for event in ordered)


_ANOMALIES: tuple[tuple[str, State, Callable[[Any], Iterable[Anomaly]]], ...] = tuple(
    (part, getattr(EMPTY, part), module.anomalies) for part, module in SUBJECTS.items()
)
_ALERTS: tuple[tuple[str, State, Callable[[Any], Iterable[Alert]]], ...] = tuple(
    (part, getattr(EMPTY, part), module.alerts) for part, module in SUBJECTS.items() if hasattr(module, "alerts")
)
"""What is asked of each part, beside its empty state: most parts of most pathways are empty, and then say nothing."""

_WHILE_OPEN = frozenset({"title_expires", "placement_ends"})
"""Alerts that ask someone to prepare what comes next."""
_STILL = frozenset({"follow_up_due", "transition_expected", "partner_awaits_answer"})
"""Alerts that outlive the accompaniment: a follow-up was announced to the person (promise M9), a retention that failed
without a transition shows until one starts (M11), and a partner gets a dated answer (M14)."""


def anomalies(pathway: Pathway) -> Iterator[Anomaly]:
    """Name everything in the pathway that does not fit together; of an erased person nothing is said."""
    if pathway.lifecycle.erased is not None:
        return
    yield from source.anomalies(pathway.source)
    for part, nothing, of_part in _ANOMALIES:
        state = getattr(pathway, part)
        if state != nothing:
            yield from of_part(state)


def alerts(pathway: Pathway) -> Iterator[Alert]:
    """Name everything that is expected by a day; once nobody accompanies the person, only what outlives that."""
    is_closed, has_ended = pathway.lifecycle.is_closed, ending.ended(pathway) is not None
    for part, nothing, of_part in _ALERTS:
        state = getattr(pathway, part)
        if state != nothing:
            for alert in of_part(state):
                if not (is_closed and alert.rule in _WHILE_OPEN) and (not has_ended or alert.rule in _STILL):
                    yield alert

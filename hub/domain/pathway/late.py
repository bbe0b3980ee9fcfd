"""A late event taken into a pathway: what it cannot concern is kept, what it does is folded anew.

A fold of all events for each of them would be quadratic, and a history in the order of acceptance is full of late ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from msgspec.structs import replace

from hub.domain.events.base import Event
from hub.domain.events.correction import EventVoided
from hub.domain.events.erasure import PersonErased
from hub.domain.order import order_key
from hub.domain.pathway import correction, lifecycle, source
from hub.domain.pathway.correction import Corrections
from hub.domain.pathway.leg import recording_case
from hub.domain.pathway.pathway import EMPTY, NAMED_BY, STEPS, Pathway, Step, fold, must_refold, take
from hub.domain.pathway.source import Source

_HANDLED: Mapping[str, frozenset[type]] = {
    part: frozenset(kind for kind, steps in STEPS.items() if part in dict(steps))
    for part in {part for steps in STEPS.values() for part, _ in steps}
}


def taken(state: Pathway, known: Sequence[Event], event: Event) -> Pathway:
    """Take one more event into account, wherever it stands among those before: the same as folding all of `known`.

    Args:
        state: what all of `known` but this event come to.
        known: all events with this one among them, in canonical order.
    """
    if not must_refold(state, [event]):
        return fold([event], state)
    if state.erasures or isinstance(event, PersonErased):
        return fold(known)
    corrections, counted, concerned = state.corrections, known, [event]
    if corrections.voids or isinstance(event, EventVoided):
        corrections, counted = correction.meet_all(correction.announce(Corrections(), known), known)
    if isinstance(event, EventVoided):
        concerned += [each for each in known if each.meta.event_id == event.voided_event_id]
    steps = {part: step for each in concerned for part, step in STEPS[type(each)]}
    parts = {part: _part(getattr(state, part), part, step, counted, concerned) for part, step in steps.items()}
    parts["corrections"] = corrections
    return replace(
        state,
        first=order_key(known[0]),
        last=order_key(known[-1]),
        events=state.events + 1,
        source=_source(state.source, known, counted, concerned),
        **parts,
    )


def _part(state: Any, part: str, step: Step, counted: Sequence[Event], concerned: Sequence[Event]) -> Any:
    """Fold anew what events concern of a part: of entries by id, those that they name."""
    handled = _HANDLED[part]
    told: Iterable[Event] = (each for each in counted if type(each) in handled)
    if part == "lifecycle":
        told = lifecycle.telling(list(told))
    if part not in NAMED_BY:
        return reduce(step, told, getattr(EMPTY, part))
    named_by = NAMED_BY[part]
    named = {getattr(each, named_by) for each in concerned if type(each) in handled}
    own: dict[str, Any] = {}
    order: dict[str, None] = {}
    for each in told:
        name = getattr(each, named_by)
        order[name] = None
        if name in named:
            take(own, step, type(state), name, each)
    by_id = {**state.by_id, **own}
    return type(state)({name: by_id[name] for name in order})


def _source(state: Source, known: Sequence[Event], counted: Sequence[Event], concerned: Sequence[Event]) -> Source:
    """Follow the sources: runs of numbers come out the same in any order, what is noted of single events does not."""
    event = concerned[0]
    followed = source.follow(state, [event])
    if followed.reused or (followed != state and _begins_its_case(known, event)):
        followed = replace(source.follow(Source(), known), ahead=state.ahead, unknown=state.unknown)
    if source.check(Source(), concerned) == Source():
        return followed
    return source.check(replace(followed, ahead=(), unknown=()), counted)


def _begins_its_case(known: Sequence[Event], event: Event) -> bool:
    """Tell whether an event is the first of its case record: cases are kept in that order."""
    case = recording_case(event.meta)
    return next(each for each in known if recording_case(each.meta) == case) is event

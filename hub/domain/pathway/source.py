"""What the sources' bookkeeping shows: numbers missing or used twice, clocks in the future, unknown codes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import Annotated, get_args, get_origin

from pydantic import BaseModel

from hub.domain import codes
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import UNNUMBERED_FROM, CaseEvent, CodeList, Event
from hub.domain.pathway.fact import Anomaly, State
from hub.domain.pathway.leg import recording_case

FUTURE_TOLERANCE = timedelta(days=1)
"""How far a fact may lie ahead of its recording: systems that keep local days write them as midnight UTC."""
PLANS = frozenset[type[Event]]({AppointmentRecorded})
"""The events whose source may date them by the day that is planned."""


class Run(State, frozen=True):
    """Sequence numbers seen without a gap, both ends included, and the event of the lowest."""

    low: int
    high: int
    event_id: str


class Source(State, frozen=True):
    """The runs seen by case, lowest first; numbers used again, as case, number and event; what the events show."""

    runs: dict[str, tuple[Run, ...]] = {}
    reused: tuple[tuple[str, int, str], ...] = ()
    ahead: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str, str], ...] = ()


def follow(state: Source, events: Iterable[Event]) -> Source:
    """Follow the sequences of the events' cases; a voided event counts too, and a decision has no place in one."""
    runs, reused = dict(state.runs), list(state.reused)
    for event in events:
        meta = event.meta
        sequence = meta.sequence
        if sequence >= UNNUMBERED_FROM or not isinstance(event, CaseEvent):
            continue
        case = recording_case(meta)
        known = runs.get(case)
        if known is None:
            runs[case] = (Run(sequence, sequence, meta.event_id),)
        elif sequence == known[-1].high + 1:
            *before, last = known
            runs[case] = (*before, Run(last.low, sequence, last.event_id))
        else:
            position = bisect_right(known, sequence, key=_low)
            if position and sequence <= known[position - 1].high:
                reused.append((case, sequence, meta.event_id))
            else:
                runs[case] = _inserted(known, position, Run(sequence, sequence, meta.event_id))
    return Source(runs, tuple(reused), state.ahead, state.unknown)


def _low(run: Run) -> int:
    return run.low


def _inserted(runs: tuple[Run, ...], position: int, added: Run) -> tuple[Run, ...]:
    before, after = runs[:position], runs[position:]
    if before and before[-1].high + 1 == added.low:
        added = Run(before[-1].low, added.high, before[-1].event_id)
        before = before[:-1]
    if after and after[0].low == added.high + 1:
        added = Run(added.low, after[0].high, added.event_id)
        after = after[1:]
    return (*before, added, *after)


def check(state: Source, events: Iterable[Event]) -> Source:
    """Note clocks in the future and codes outside their lists, for events that count."""
    ahead: list[str] = []
    unknown: list[tuple[str, str, str]] = []
    for event in events:
        meta = event.meta
        if meta.occurred_at > meta.recorded_at and _is_ahead(event):
            ahead.append(meta.event_id)
        plain, listed = coded_fields(type(event))
        for field, name, known in plain:
            value = getattr(event, field)
            if value is not None and value not in known:
                unknown.append((name, value, meta.event_id))
        for field, inner, name, known in listed:
            for item in getattr(event, field):
                value = getattr(item, inner) if inner else item
                if value not in known:
                    unknown.append((name, value, meta.event_id))
    if not ahead and not unknown:
        return state
    return Source(state.runs, state.reused, (*state.ahead, *ahead), (*state.unknown, *unknown))


def _is_ahead(event: Event) -> bool:
    return event.meta.occurred_at > event.meta.recorded_at + FUTURE_TOLERANCE and type(event) not in PLANS


Known = Mapping[str, str]
Plain = tuple[str, str, Known]
Listed = tuple[str, str, str, Known]


@cache
def coded_fields(event_type: type[Event]) -> tuple[tuple[Plain, ...], tuple[Listed, ...]]:
    """Find the fields of an event type that carry codes, alone, in a list, or in a field of a list's records."""
    plain = tuple((field, name, codes.LISTS[name]) for field, name in _marked(event_type))
    listed: list[Listed] = []
    for field, declared in event_type.model_fields.items():
        if get_origin(declared.annotation) is not list:
            continue
        (item,) = get_args(declared.annotation)
        if get_origin(item) is Annotated:
            marks = [("", mark.name) for mark in get_args(item)[1:] if isinstance(mark, CodeList)]
        else:
            marks = list(_marked(item)) if isinstance(item, type) and issubclass(item, BaseModel) else []
        listed += [(field, inner, name, codes.LISTS[name]) for inner, name in marks]
    return plain, tuple(listed)


def _marked(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for field, declared in model.model_fields.items():
        for mark in declared.metadata:
            if isinstance(mark, CodeList):
                yield field, mark.name


def anomalies(state: Source) -> Iterator[Anomaly]:
    """Name the gaps within what was seen, numbers used again, clocks in the future, and codes still unknown.

    A source may begin before the hub, so numbers missing before the lowest one are no gap.
    """
    for case, runs in state.runs.items():
        for before, after in pairwise(runs):
            yield Anomaly("sequence_gap", f"case:{case}#{before.high + 1}-{after.low - 1}", after.event_id)
    for case, sequence, event_id in state.reused:
        yield Anomaly("sequence_reused", f"case:{case}#{sequence}", event_id)
    for event_id in state.ahead:
        yield Anomaly("clock_in_future", f"event:{event_id}", event_id)
    for name, value, event_id in state.unknown:
        if not codes.knows(name, value):
            yield Anomaly("unknown_code", f"code:{name}={value}", event_id)

"""A pathway's history, event by event: what each one changed in the read models.

`effect` goes through the events in canonical order: an event counts at its turn as it counts now, so that one which was
voided since changes nothing. `acceptance` goes through them as the hub took them in: a late event changes what was
known before, a void takes back what its event had set. Both are about the case records that make up the pathway today,
also before they were linked, and both end at the pathway as it is.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from hub.domain.events.base import Event
from hub.domain.events.correction import EventVoided
from hub.domain.events.erasure import PersonErased
from hub.domain.events.link import PairDecision
from hub.domain.order import order_key
from hub.domain.pathway import correction, pathway
from hub.domain.pathway.pathway import EMPTY, Pathway
from hub.projections.facts import row_name
from hub.projections.models import PERSON_MODELS
from hub.projections.readmodel import ReadModel
from hub.projections.view import TableRow, as_dict

Order = Literal["effect", "acceptance"]
_ALERT = "alert"
_BESIDE = frozenset({"event_id", "events"})
"""What rows hold beside their columns: the events that set them."""


class Accepted(NamedTuple):
    """An event of the ledger, when the hub took it in, and its position there."""

    event: Event
    accepted_at: datetime
    position: int


class ColumnChange(NamedTuple):
    """A column's value before and after."""

    column: str
    before: Any
    after: Any


class RowChange(NamedTuple):
    """A row before and after an event; `before` is None for one that it brings, `after` for one that it takes away."""

    model: str
    before: TableRow | None
    after: TableRow | None

    @property
    def name(self) -> str:
        """The row's name, as facts are named; empty for the pathway's own."""
        return row_name(self.model, self.after or self.before or {})

    @property
    def kind(self) -> Literal["added", "changed", "removed"]:
        """Whether the row is new, other than it was, or gone."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    def columns(self) -> list[ColumnChange]:
        """Give the columns that say something else; none where another event says the same again."""
        before, after = self.before or {}, self.after or {}
        return [
            ColumnChange(str(name), before.get(name), after.get(name))
            for name in (after or before)
            if name not in _BESIDE and before.get(name) != after.get(name)
        ]


class Step(NamedTuple):
    """One event and what it changed; `number` counts from 1, `pathway` is the pathway's own row then.

    `changes` are those of all read models but the anomalies and alerts, of which `raised` came, or got another day, and
    `cleared` went.
    """

    number: int
    accepted: Accepted
    changes: list[RowChange]
    raised: list[TableRow]
    cleared: list[TableRow]
    pathway: TableRow | None


def arranged(accepted: Iterable[Accepted], order: Order) -> list[Accepted]:
    """Put events in the order in which a history goes through them."""
    if order == "effect":
        return sorted(accepted, key=lambda each: order_key(each.event))
    return sorted(accepted, key=lambda each: each.position)


def steps(
    ordered: Sequence[Accepted],
    order: Order,
    *,
    start: int = 0,
    stop: int | None = None,
    links: Iterable[TableRow] = (),
    end: Mapping[str, Sequence[TableRow]] | None = None,
) -> Iterator[Step]:
    """Give the steps from one place in the order to another.

    One costs as much as its event changes, and a late event a fold of all before it: ask for a page, not for thousands.

    Args:
        ordered: the whole history, as `arranged` gives it.
        links: the pathway's links as they are: people's decisions about case records set them.
        end: the rows as they are, for the last step: after an erasure, events alone do not tell them.
    """
    decided: defaultdict[str, list[RowChange]] = defaultdict(list)
    for row in links:
        decided[row["event_id"]].append(RowChange("link", None, row))
    states = _states([each.event for each in ordered], order, start)
    was = next(states)
    before = _tables(was, EMPTY, {model.name: {} for model in PERSON_MODELS})
    for place, accepted in enumerate(ordered[start:stop], start):
        state = next(states)
        after = _tables(state, was, before)
        if end is not None and place == len(ordered) - 1:
            after = {model.name: {_key(model, row): row for row in end[model.name]} for model in PERSON_MODELS}
        changes = [*_changes(before, after), *decided[accepted.event.meta.event_id]]
        yield _step(place + 1, accepted, changes, next(iter(after["pathway"].values()), None))
        before, was = after, state


def _step(number: int, accepted: Accepted, changes: Sequence[RowChange], head: TableRow | None) -> Step:
    alerts = [each for each in changes if each.model == _ALERT]
    return Step(
        number,
        accepted,
        [each for each in changes if each.model != _ALERT],
        [each.after for each in alerts if each.after is not None],
        [each.before for each in alerts if each.before is not None and each.after is None],
        head,
    )


_Table = Mapping[tuple[Any, ...], TableRow]
_Tables = Mapping[str, _Table]


def _tables(state: Pathway, was: Pathway, before: _Tables) -> _Tables:
    """Lay out a state by read model and key; those of which no part changed are as before."""
    changed = {
        part
        for part in state.__struct_fields__
        if (old := getattr(was, part)) is not (new := getattr(state, part)) and old != new
    }
    return {
        model.name: before[model.name] if changed.isdisjoint(model.parts) else _table(model, state)
        for model in PERSON_MODELS
    }


def _table(model: ReadModel[Pathway], state: Pathway) -> _Table:
    return {row[: len(model.key)]: as_dict(model, row) for row in model.rows(state)}


def _key(model: ReadModel[Pathway], row: TableRow) -> tuple[Any, ...]:
    return tuple(row[name] for name, _ in model.key)


def _changes(before: _Tables, after: _Tables) -> Iterator[RowChange]:
    for model in PERSON_MODELS:
        old, new = before[model.name], after[model.name]
        if old is new:
            continue
        for key, row in new.items():
            if old.get(key) != row:
                yield RowChange(model.name, old.get(key), row)
        for key, row in old.items():
            if key not in new:
                yield RowChange(model.name, row, None)


def _states(events: Sequence[Event], order: Order, start: int) -> Iterator[Pathway]:
    """Give the state before the event at a place, then the one after each event from there on."""
    if any(isinstance(event, PersonErased) for event in events):
        return _around_erasures(events, start)
    return _by_effect(events, start) if order == "effect" else _by_acceptance(events, start)


def _by_effect(events: Sequence[Event], start: int) -> Iterator[Pathway]:
    voids: defaultdict[str, list[EventVoided]] = defaultdict(list)
    for event in events:
        if isinstance(event, EventVoided):
            voids[event.voided_event_id].append(event)

    def folded(onto: Pathway, following: Sequence[Event]) -> Pathway:
        """Fold events, each of which knows by which others it was ever voided."""
        known = [void for event in following for void in voids.get(event.meta.event_id, ())]
        told = replace(onto, corrections=correction.announce(onto.corrections, known)) if known else onto
        return pathway.fold(following, told)

    state = folded(EMPTY, _told(events[:start]))
    yield state
    for event in events[start:]:
        state = folded(state, _told([event]))
        yield state


def _by_acceptance(events: Sequence[Event], start: int) -> Iterator[Pathway]:
    known = sorted(_told(events[:start]), key=order_key)
    state = pathway.fold(known)
    yield state
    for event in events[start:]:
        if not isinstance(event, PairDecision):
            insort(known, event, key=order_key)
            state = pathway.fold(known) if pathway.must_refold(state, [event]) else pathway.fold([event], state)
        yield state


def _around_erasures(events: Sequence[Event], start: int) -> Iterator[Pathway]:
    """Fold each time anew, as a history with an erasure must be: few events are left of it."""
    for stop in range(start, len(events) + 1):
        yield pathway.fold(sorted(_told(events[:stop]), key=order_key))


def _told(events: Iterable[Event]) -> list[Event]:
    """Give the events that a pathway is folded from: decisions about pairs of case records say which these are."""
    return [event for event in events if not isinstance(event, PairDecision)]

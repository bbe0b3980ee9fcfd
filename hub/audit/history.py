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
from hub.domain.pathway import correction, late, pathway
from hub.domain.pathway.pathway import EMPTY, NAMED_BY, Pathway
from hub.projections.facts import row_name
from hub.projections.models import PERSON_MODELS
from hub.projections.readmodel import ReadModel, Row, names
from hub.projections.view import TableRow, as_dict

Order = Literal["effect", "acceptance"]
_ALERT = "alert"
_PATHWAY = next(model for model in PERSON_MODELS if model.name == "pathway")
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

    One costs as much as its event changes, and a look at all before it: ask for a page, not for thousands.

    Args:
        ordered: the whole history, as `arranged` gives it.
        links: the pathway's links as they are: people's decisions about case records set them.
        end: the rows as they are, for the last step: after an erasure, events alone do not tell them.
    """
    decided: defaultdict[str, list[RowChange]] = defaultdict(list)
    for row in links:
        decided[row["event_id"]].append(RowChange("link", None, row))
    states = _states([each.event for each in ordered], order, start)
    was, rows = next(states), _Rows()
    for place, accepted in enumerate(ordered[start:stop], start):
        state = next(states)
        if end is not None and place == len(ordered) - 1:
            changes, head = list(_changes_to(end, was)), end["pathway"]
        else:
            changes, head = list(rows.changes(was, state)), _dicts(_PATHWAY, _PATHWAY.rows(state))
        changes += decided[accepted.event.meta.event_id]
        yield _step(place + 1, accepted, changes, next(iter(head), None))
        was = state


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


_Table = dict[tuple[Any, ...], Row]


class _Rows:
    """The rows of the state before, by read model; a model of which no part changed is not laid out again."""

    def __init__(self) -> None:
        self._before: dict[str, _Table] = {}

    def changes(self, was: Pathway, state: Pathway) -> Iterator[RowChange]:
        """Tell what differs from one state to the next."""
        changed = {
            part
            for part in state.__struct_fields__
            if (old := getattr(was, part)) is not (new := getattr(state, part)) and old != new
        }
        for model in PERSON_MODELS:
            if changed.isdisjoint(model.parts):
                continue
            yield from _differences(model, *self._tables(model, was, state))

    def _tables(self, model: ReadModel[Pathway], was: Pathway, state: Pathway) -> tuple[_Table, _Table]:
        if len(model.parts) == 1 and model.parts[0] in NAMED_BY:
            one, other = _narrowed(model.parts[0], was, state)
            return _table(model, one), _table(model, other)
        before = self._before[model.name] if model.name in self._before else _table(model, was)
        after = self._before[model.name] = _table(model, state)
        return before, after


def _narrowed(part: str, was: Pathway, state: Pathway) -> tuple[Pathway, Pathway]:
    """Leave of two states but those entries of a part that differ: each has rows of its own."""
    held = getattr(state, part)
    old, new = getattr(was, part).by_id, held.by_id
    names = [name for name in new if (before := old.get(name)) is not new[name] and before != new[name]]
    names += [name for name in old if name not in new]
    one, other = ({name: by_id[name] for name in names if name in by_id} for by_id in (old, new))
    return replace(EMPTY, **{part: type(held)(one)}), replace(EMPTY, **{part: type(held)(other)})


def _table(model: ReadModel[Pathway], state: Pathway) -> _Table:
    return {row[: len(model.key)]: row for row in model.rows(state)}


def _differences(model: ReadModel[Pathway], old: _Table, new: _Table) -> Iterator[RowChange]:
    for key, row in new.items():
        before = old.get(key)
        if before != row:
            yield RowChange(model.name, None if before is None else as_dict(model, before), as_dict(model, row))
    for key, row in old.items():
        if key not in new:
            yield RowChange(model.name, as_dict(model, row), None)


def _changes_to(end: Mapping[str, Sequence[TableRow]], was: Pathway) -> Iterator[RowChange]:
    """Tell what differs from a state to rows that it does not come to by events alone."""
    for model in PERSON_MODELS:
        keys = names(model.key)
        old = {tuple(row[key] for key in keys): row for row in _dicts(model, model.rows(was))}
        new = {tuple(row[key] for key in keys): row for row in end[model.name]}
        yield from (RowChange(model.name, old.get(key), row) for key, row in new.items() if old.get(key) != row)
        yield from (RowChange(model.name, row, None) for key, row in old.items() if key not in new)


def _dicts(model: ReadModel[Pathway], rows: Iterable[Row]) -> list[TableRow]:
    return [as_dict(model, row) for row in rows]


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
            state = late.taken(state, known, event)
        yield state


def _around_erasures(events: Sequence[Event], start: int) -> Iterator[Pathway]:
    """Fold each time anew, as a history with an erasure must be: few events are left of it."""
    for stop in range(start, len(events) + 1):
        yield pathway.fold(sorted(_told(events[:stop]), key=order_key))


def _told(events: Iterable[Event]) -> list[Event]:
    """Give the events that a pathway is folded from: decisions about pairs of case records say which these are."""
    return [event for event in events if not isinstance(event, PairDecision)]

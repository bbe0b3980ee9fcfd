"""The rails beside the list: delegations and requests as lines from row to row, as the overview draws them across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from hub.web.frieze.spans import Span

MOST_SLOTS: Final = 3
"""Lines beside each other; what goes beyond is told in words alone."""


class Rail(NamedTuple):
    """A line as it passes a row: 0 nothing, 1 awaited, 2 in force, above and below the row's first line.

    `is_step`: the row's event made a step of it, and a line leads there.
    """

    slot: int
    kind: str
    above: int
    below: int
    is_step: bool


class _Laid(NamedTuple):
    slot: int
    kind: str
    first: int
    last: int
    firm_from: int
    steps: frozenset[int]

    def after(self, place: int) -> int:
        """Tell how the line leaves an event, towards the next in time."""
        if not self.first <= place < self.last:
            return 0
        return 2 if place >= self.firm_from else 1


class Rails:
    """The lines laid out by the places of events in the pathway, whatever part of it the list shows."""

    def __init__(self, spans: Sequence[Span], places: Mapping[str, int]) -> None:
        end = len(places)
        laid = [each for span in spans if (each := _laid(span, places, end)) is not None]
        self._laid: list[_Laid] = []
        free_from: list[int] = []
        for each in sorted(laid, key=lambda one: (one.first, one.last)):
            slot = next((n for n, free in enumerate(free_from) if free < each.first), len(free_from))
            if slot < MOST_SLOTS:
                free_from[slot : slot + 1] = [each.last]
                self._laid.append(each._replace(slot=slot))
        self.slots = len(free_from)

    def at(self, first: int, last: int, *, is_newest_first: bool) -> tuple[Rail, ...]:
        """Give the lines at a row that tells the events from `first` to `last`, by place."""
        found = []
        for each in self._laid:
            before, after = each.after(first - 1), each.after(last)
            if before or after or each.steps & set(range(first, last + 1)):
                above, below = (after, before) if is_newest_first else (before, after)
                found.append(Rail(each.slot, each.kind, above, below, bool(each.steps & set(range(first, last + 1)))))
        return tuple(found)


def _laid(span: Span, places: Mapping[str, int], end: int) -> _Laid | None:
    steps = {places[event_id] for event_id in span.steps if event_id in places}
    if not steps:
        return None
    firm_from = places.get(span.firm_from or "", end + 1)
    return _Laid(0, span.kind, min(steps), end if span.is_open else max(steps), firm_from, frozenset(steps))

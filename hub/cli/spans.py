"""What spans both lanes of the frieze: delegations and requests for expertise, drawn as lines between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from hub.projections.facts import event_of
from hub.projections.view import View

Row = Mapping[str, Any]

_DELEGATION = ("proposed_at", "accepted_at", "declined_at", "reviewed_at", "ended_at", "cancelled_at")
_EXPERTISE = ("requested_at", "delivered_at", "declined_at")
_STOPS = frozenset({"declined", "ended", "cancelled", "delivered"})
MOST_SLOTS = 4
"""Lines drawn beside each other; what goes beyond is told in words alone."""

# By what goes up and what goes down: nothing, a light line (awaited), a heavy one (in force).
_FROM_LEFT = {" │": "╮", " ┃": "┒", "│ ": "╯", "┃ ": "┚", "││": "┤", "│┃": "┧", "┃│": "┦", "┃┃": "┨", "  ": "╴"}
_FROM_RIGHT = {" │": "╭", " ┃": "┎", "│ ": "╰", "┃ ": "┖", "││": "├", "│┃": "┟", "┃│": "┞", "┃┃": "┠", "  ": "╶"}


@dataclass(frozen=True, slots=True)
class Span:
    """A line from the first to the last of its steps, given as places in the frieze; heavy from `in_force` on."""

    slot: int
    style: str
    first: int
    last: int
    in_force: int
    steps: frozenset[int]

    def below(self, place: int) -> str:
        """Give the line that leaves a place downward."""
        if not self.first <= place < self.last:
            return " "
        return "┃" if place >= self.in_force else "│"


def spans(view: View, places: Mapping[str, int]) -> list[Span]:
    """Lay out the delegations and requests of a view; `places` are the places of events in the frieze.

    One that is still open goes on to the end. The first to start has the left line; a line free again is used again.
    """
    end = len(places) and max(places.values()) + 1
    drawn = [_drawn(row, _DELEGATION, "cyan", places, end) for row in view.tables["delegation"]]
    drawn += [_drawn(row, _EXPERTISE, "yellow", places, end) for row in view.tables["expertise"]]
    placed: list[Span] = []
    free_from: list[int] = []
    for span in sorted((span for span in drawn if span is not None), key=lambda span: (span.first, span.last)):
        slot = next((slot for slot, free in enumerate(free_from) if free < span.first), len(free_from))
        if slot == MOST_SLOTS:
            continue
        free_from[slot : slot + 1] = [span.last]
        placed.append(Span(slot, span.style, span.first, span.last, span.in_force, span.steps))
    return placed


def _drawn(row: Row, columns: Sequence[str], style: str, places: Mapping[str, int], end: int) -> Span | None:
    steps = {column: places.get(event_of(dict(row), column)) for column in columns if row[column] is not None}
    known = {column: place for column, place in steps.items() if place is not None}
    if not known:
        return None
    in_force = known.get("accepted_at", known.get("reviewed_at", end + 1)) if columns is _DELEGATION else end + 1
    last = max(known.values()) if row["status"] in _STOPS else end
    return Span(0, style, min(known.values()), last, in_force, frozenset(known.values()))


class Gutter:
    """The space between the lanes: one column per line, with a space on each side."""

    def __init__(self, drawn: Sequence[Span]) -> None:
        self._spans = drawn
        self.has_lines = bool(drawn)
        self.width = 2 * (1 + max((span.slot for span in drawn), default=0)) + 1

    def at(self, place: int, lane: str) -> tuple[Text, bool]:
        """Draw the line of an event, and tell whether the event is a step of a span."""
        cells = self._lines(place - 1, place)
        reached = [span for span in self._spans if place in span.steps and lane != "both"]
        for span in reached:
            glyphs = _FROM_LEFT if lane == "left" else _FROM_RIGHT
            column = 2 * span.slot + 1
            cells[column] = (glyphs[span.below(place - 1) + span.below(place)], span.style)
            beside = range(column) if lane == "left" else range(column + 1, self.width)
            for other in beside:
                if cells[other][0] == " ":
                    cells[other] = ("─", span.style)
        return Text.assemble(*cells), bool(reached)

    def below(self, place: int) -> Text:
        """Draw a line of text that follows an event."""
        return Text.assemble(*self._lines(place, place))

    def _lines(self, above: int, below: int) -> list[tuple[str, str]]:
        cells = [(" ", "")] * self.width
        for span in self._spans:
            line = span.below(above) if span.below(above) != " " else " "
            if line != " " and span.below(below) != " ":
                cells[2 * span.slot + 1] = ({"│": "┊"}.get(line, line), span.style)
        return cells

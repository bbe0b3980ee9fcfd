"""What the overview is made of: bands and bars at their places, in the units of the drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from hub.web.frieze.bars import Bar
from hub.web.frieze.entries import Entry
from hub.web.frieze.marks import width_of
from hub.web.frieze.phases import Period
from hub.web.frieze.scale import Scale
from hub.web.frieze.spans import Span

MOST_SLOTS: Final = 4
"""Bars drawn below each other; what goes beyond is counted."""
_MOST_TOLD: Final = 8
"""Of more bars than that, those too short for their name have none, and what each is is left to the list."""
_MOST_BANDS: Final = 40
_LEAST_WIDTH: Final = 6
_POINT: Final = 7
_ARROW: Final = 18


class Band(NamedTuple):
    """A period as a band; without a text where there is no room for one."""

    x: int
    width: int
    kind: str
    text: str
    said: str


class Drawn(NamedTuple):
    """A bar in a slot from 0: hatched over `awaited`, then firm; its text within it or, with `is_beside`, after it.

    `towards` is the lane of the network that was asked, empty if none was. `points` are places and states, `links`
    places and lanes: a line goes there to the event that made the step.
    """

    x: int
    awaited: int
    firm: int
    slot: int
    kind: str
    towards: str
    text: str
    text_x: int
    is_beside: bool
    said: str
    points: tuple[tuple[int, str], ...] = ()
    links: tuple[tuple[int, str], ...] = ()

    @property
    def end(self) -> int:
        """Where it ends, without its text."""
        return self.x + self.awaited + self.firm

    @property
    def reach(self) -> int:
        """Where all of it ends."""
        last = max([self.end, *(x + _POINT for x, _ in self.points)])
        return max(last, self.text_x + width_of(self.text)) if self.is_beside and self.text else last


class Row(NamedTuple):
    """Bars in so many slots, and how many more there were no room for."""

    name: str
    bars: tuple[Drawn, ...]
    slots: int
    left_out: int

    @property
    def is_dense(self) -> bool:
        """Tell whether there are too many to tell what each is."""
        return len(self.bars) + self.left_out > _MOST_TOLD


def bands(periods: Sequence[Period], scale: Scale, now: datetime) -> list[Band]:
    """Draw periods beside each other."""
    found = []
    for period in periods[-_MOST_BANDS:]:
        x = scale.x(period.start)
        width = scale.x(period.end or max(now, period.start)) - x
        if width > 0:
            text = next((text for text in period.labels if width_of(text) <= width - 6), "")
            said = period.said if len(periods) <= _MOST_TOLD else ""
            found.append(Band(x, width, period.lane, text, said))
    return found


def bar_row(name: str, bars: Iterable[Bar], scale: Scale, now: datetime) -> Row:
    """Draw the bars of one kind."""
    return _slotted(name, [_bar(bar, scale, now) for bar in bars], scale.right)


def span_row(spans: Iterable[Span], scale: Scale, now: datetime, entries: Mapping[str, Entry]) -> Row:
    """Draw what is between the lanes; `entries` are those of the pathway by their event's id."""
    return _slotted("", [_span(span, scale, now, entries) for span in spans], scale.right)


def _bar(bar: Bar, scale: Scale, now: datetime) -> Drawn:
    last = bar.end or max([now, bar.start, *(point.moment for point in bar.points)])
    x = scale.x(bar.start)
    width = max(_LEAST_WIDTH, scale.x(last) - x)
    points = tuple((scale.x(point.moment), point.state) for point in bar.points if scale.holds(point.moment))
    text_x, is_beside = _text_place(x, width, bar.label, [place for place, _ in points])
    return Drawn(x, 0, width, 0, "", "", bar.label, text_x, is_beside, bar.said, points)


def _text_place(x: int, width: int, text: str, points: Sequence[int]) -> tuple[int, bool]:
    """Put a text within its bar where it fits before the first point, else after the bar."""
    begin = x + (_POINT if any(abs(point - x) <= _POINT for point in points) else 0)
    room = min([x + width, *(point - _POINT for point in points if point > begin)]) - begin
    if width_of(text) + 6 <= room:
        return begin + 5, False
    return max([x + width, *(point + _POINT for point in points)]) + 4, True


def _span(span: Span, scale: Scale, now: datetime, entries: Mapping[str, Entry]) -> Drawn:
    x = scale.x(span.start)
    end = max(scale.x(span.end or max(now, span.start)), x + _LEAST_WIDTH)
    firm_from = end if span.in_force is None else min(max(scale.x(span.in_force), x), end)
    made = [entries[event_id] for event_id in span.steps if event_id in entries]
    links = tuple(dict.fromkeys((min(max(scale.x(entry.moment), x), end), entry.lane) for entry in made))
    room_x = firm_from if firm_from < end else x  # never across both: what is read on one is not read on the other
    is_beside = width_of(span.label) + _ARROW + 3 > end - room_x
    return Drawn(
        x,
        firm_from - x,
        end - firm_from,
        0,
        span.kind,
        span.towards,
        span.label,
        end + 4 if is_beside else room_x + 5,
        is_beside,
        span.said,
        (),
        links,
    )


def _slotted(name: str, drawn: Sequence[Drawn], right: int) -> Row:
    """Put each bar where it covers nothing, with its text; one without room for its text goes without."""
    free_from: list[int] = []
    placed: list[Drawn] = []
    for each in sorted(drawn, key=lambda bar: bar.x):
        fits = not each.is_beside or (each.reach <= right and len(drawn) <= _MOST_TOLD)
        shown = each if len(drawn) <= _MOST_TOLD else each._replace(said="", links=())
        shown = shown if fits else shown._replace(text="")
        slot = next((n for n, free in enumerate(free_from) if free + 3 <= shown.x), len(free_from))
        if slot < MOST_SLOTS:
            free_from[slot : slot + 1] = [shown.reach]
            placed.append(shown._replace(slot=slot))
    return Row(name, tuple(placed), len(free_from), len(drawn) - len(placed))

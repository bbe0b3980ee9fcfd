"""The overview: the whole pathway at a glance, as places and texts of one drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.frieze.bars import groups_of
from hub.web.frieze.drawing import Band, Drawn, Row, bands, bar_row, span_row
from hub.web.frieze.entries import Entry, Lane
from hub.web.frieze.marks import Mark, marks_of, width_of
from hub.web.frieze.phases import phases_of, referents_of
from hub.web.frieze.scale import Break, Scale, Tick
from hub.web.frieze.spans import spans_of
from hub.web.naming.names import Names
from hub.web.words import NBSP, length

WIDTH: Final = 1200
LEFT: Final = 120
RIGHT: Final = 1180
_LAST: Final = 1120
"""Past it there is no room for half of today's text beyond its line."""
_AXIS, _BAND, _LABEL, _LANE, _SLOT, _GAP = 28, 22, 15, 24, 20, 8
_ROUNDED_DAYS: Final = 700
_AHEAD: Final = timedelta(days=400)
"""How far ahead of today something that is due stretches the line."""

Link = Callable[[Entry], str]


class LaneDrawn(NamedTuple):
    """The marks of a lane; `y` is its line, `side` is -1 where names stand above it and 1 where below."""

    lane: Lane
    y: int
    side: int
    marks: tuple[Mark, ...]


class RowDrawn(NamedTuple):
    """A row of bars from `y` on."""

    y: int
    row: Row


class BreakDrawn(NamedTuple):
    """A quiet time made short: its length in words, line by line, none where there is no room.

    `is_crossed` says that a span goes on through it, so that the words need a ground of their own.
    """

    x: int
    width: int
    lines: tuple[str, ...]
    is_crossed: bool


class Hit(NamedTuple):
    """A square of 24 where a click leads on, and what a pointer that rests there is told."""

    x: int
    y: int
    href: str
    said: str


class Overview(NamedTuple):
    """The drawing: its height, what is at which place, and the same in words."""

    height: int
    ticks: tuple[Tick, ...]
    breaks: tuple[BreakDrawn, ...]
    phases: tuple[Band, ...]
    referents: tuple[Band, ...]
    referents_y: int
    lanes: tuple[LaneDrawn, ...]
    spans: RowDrawn
    rows: tuple[RowDrawn, ...]
    now_x: int
    now_text: str
    now_is_last: bool
    hits: tuple[Hit, ...]
    phases_y: int = _AXIS

    @property
    def point_states(self) -> frozenset[str]:
        """Give the states in which points of the rows are drawn."""
        return frozenset(state for each in self.rows for bar in each.row.bars for _, state in bar.points)


def overview_of(
    view: View,
    lines: Sequence[TableRow],
    entries: Sequence[Entry],
    now: datetime,
    link: Link,
    shown: frozenset[str] | None,
    names: Names,
    *,
    is_past: bool,
) -> Overview | None:
    """Draw a pathway; nothing of one without events.

    `shown` are the ids of the events that a filter leaves, None where there is no filter; the others are drawn faint.
    """
    if not entries:
        return None
    scale = Scale(_anchors(view, entries, now), LEFT, RIGHT)
    phases, referents = bands(phases_of(view, lines), scale, now), bands(referents_of(view, names), scale, now)
    referents_y = _AXIS + (_BAND + 4 if phases else 0)
    spans = span_row(spans_of(view), scale, now, {entry.event_id: entry for entry in entries})
    below = referents_y + (_BAND if referents else 0) + _GAP
    lanes, spans_y, y = _lanes(marks_of(entries, scale, shown), spans.slots, below)
    rows, height = _rows(view, scale, now, y)
    now_x, now_text, is_last = _now(scale, now, is_past=is_past)
    return Overview(
        height,
        tuple(_legible(scale.ticks(), _taken(now_x, now_text, is_last=is_last))),
        tuple(_break(place, spans.bars, is_ahead=place.x >= now_x) for place in scale.breaks()),
        tuple(phases),
        tuple(referents),
        referents_y,
        lanes,
        RowDrawn(spans_y, spans),
        rows,
        now_x,
        now_text,
        is_last,
        tuple(_hits(lanes, link)),
    )


def _now(scale: Scale, now: datetime, *, is_past: bool) -> tuple[int, str, bool]:
    """Give where the line of now stands, what is said of it, and whether that stands left of the line."""
    x = scale.x(now)
    return x, f"vu au {words.short_day(now)}" if is_past else "aujourd’hui", x > _LAST


def _lanes(marks: Mapping[Lane, Sequence[Mark]], slots: int, y: int) -> tuple[tuple[LaneDrawn, ...], int, int]:
    """Put the lanes below each other from `y` on, with room for spans; give these, the spans' place and the end."""
    above, joint, below = (tuple(marks[lane]) for lane in ("ft", "both", "ce"))
    ft_y = y + _LABEL * _names(above) + _LANE // 2
    joint_y = ft_y + _LANE + _GAP + _LABEL * _names(joint) if joint else ft_y
    spans_y = joint_y + _LANE // 2 + _GAP // 2
    ce_y = spans_y + _GAP // 2 + _SLOT * max(slots, 1) + _LANE // 2
    lanes = (LaneDrawn("ft", ft_y, -1, above), LaneDrawn("both", joint_y, -1, joint), LaneDrawn("ce", ce_y, 1, below))
    return lanes, spans_y, ce_y + _LANE // 2 + _LABEL * _names(below) + _GAP


def _rows(view: View, scale: Scale, now: datetime, y: int) -> tuple[tuple[RowDrawn, ...], int]:
    """Put what lasts below each other from `y` on; give it, and where it ends."""
    rows = []
    for group in groups_of(view, words.in_france(now)):
        drawn = bar_row(group.name, group.bars, scale, now)
        rows.append(RowDrawn(y, drawn))
        y += _SLOT * drawn.slots + 4
    return tuple(rows), y + 4


def _anchors(view: View, entries: Sequence[Entry], now: datetime) -> list[datetime]:
    """Give what must stand on the line: every event, today, and what falls due within sight."""
    bars = [bar for group in groups_of(view, words.in_france(now)) for bar in group.bars]
    ahead = [moment for bar in bars for moment in (bar.end, *(point.moment for point in bar.points)) if moment]
    return [now, *(entry.moment for entry in entries), *(moment for moment in ahead if now < moment <= now + _AHEAD)]


def _names(marks: Sequence[Mark]) -> int:
    return max((mark.row for mark in marks), default=0)


def _break(place: Break, spans: Sequence[Drawn], *, is_ahead: bool) -> BreakDrawn:
    years = round(place.days / 365.25)
    lasting = f"≈{NBSP}{words.count(years, 'an', 'ans')}" if place.days > _ROUNDED_DAYS else length(place.days)
    lines = (lasting, "plus tard" if is_ahead else "sans acte")
    is_crossed = any(bar.x < place.x + place.width and bar.end > place.x for bar in spans)
    return BreakDrawn(place.x, place.width, lines if max(map(width_of, lines)) <= place.width else (), is_crossed)


def _taken(now_x: int, text: str, *, is_last: bool) -> tuple[int, int]:
    """Give the place of today's text, which ends at its line where there is no room beyond."""
    width = width_of(text)
    return (now_x - width, now_x) if is_last else (now_x - width // 2, now_x + width // 2)


def _legible(ticks: Sequence[Tick], today: tuple[int, int]) -> list[Tick]:
    """Leave out the texts of ticks that would run into each other or into today's; years go before months."""
    kept: list[Tick] = []
    taken = [today]
    for tick in sorted(ticks, key=lambda tick: not tick.is_year):
        half = width_of(tick.text) // 2
        if all(tick.x + half < start or tick.x - half > end for start, end in taken):
            taken.append((tick.x - half, tick.x + half))
            kept.append(tick)
    return sorted(kept)


def _hits(lanes: Sequence[LaneDrawn], link: Link) -> list[Hit]:
    found = []
    for lane in lanes:
        for mark in lane.marks:
            first, last = mark.entries[0], mark.entries[-1]
            when = _days(first.day, last.day)
            names = list(dict.fromkeys(entry.title for entry in mark.entries))
            more = f", et {len(names) - 3} de plus" if len(names) > 3 else ""
            said = f"{when}{NBSP}: {', '.join(names[:3])}{more}"
            found.append(Hit(mark.x - 12, lane.y - 12, link(first), said))
    return found


def _days(first: date, last: date) -> str:
    return words.day(first) if first == last else f"du {words.short_day(first)} au {words.short_day(last)}"

"""The scale of time: where a moment stands on the line, with long quiet times made short."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from hub.web.frieze.phrases import SHORT_MONTHS

_DAY_S: Final = 86_400
_LEAST_DAYS: Final = 90.0
"""The shortest time that the line shows: a pathway of one day stands in the middle of it."""
_QUIET_DAYS: Final = 180.0
_QUIET_SHARE: Final = 0.2
"""A time without anything is made short when it is longer than half a year and than this share of the line."""
_SHORT_SHARE: Final = 0.08
_YEAR: Final = 365.25
_MONTH: Final = 30.44


class Tick(NamedTuple):
    """A mark on the axis; a year's is `is_year`."""

    x: int
    text: str
    is_year: bool


class Break(NamedTuple):
    """A quiet time that is drawn shorter than it was."""

    x: int
    width: int
    days: float


def days_of(moment: datetime) -> float:
    """Give a moment as days since the calendar's first."""
    return moment.toordinal() + (moment.hour * 3600 + moment.minute * 60 + moment.second) / _DAY_S


class Scale:
    """Maps moments to places between `left` and `right`."""

    def __init__(self, anchors: Iterable[datetime], left: int, right: int) -> None:
        """Make a scale on which all of `anchors` stand, of which there is at least one."""
        days = sorted({days_of(moment) for moment in anchors})
        self._days, self._lengths, self._is_short = _drawn(_padded(days))
        total = sum(self._lengths)
        self._per_day = (right - left) / total
        self._starts = [left + before * self._per_day for before in accumulate(self._lengths, initial=0.0)]
        self.left, self.right = left, right

    def x(self, moment: datetime) -> int:
        """Give the place of a moment; what is before or after the line stands at its end."""
        return round(self._place(days_of(moment)))

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment is on the line."""
        return self._days[0] <= days_of(moment) <= self._days[-1]

    def _place(self, day: float) -> float:
        if day <= self._days[0]:
            return self.left
        if day >= self._days[-1]:
            return self.right
        number = bisect_right(self._days, day) - 1
        true = self._days[number + 1] - self._days[number]
        return self._starts[number] + (day - self._days[number]) / true * self._lengths[number] * self._per_day

    def breaks(self) -> list[Break]:
        """Give the quiet times that are drawn short."""
        return [
            Break(round(self._starts[n]), round(length * self._per_day), self._days[n + 1] - self._days[n])
            for n, length in enumerate(self._lengths)
            if self._is_short[n]
        ]

    def ticks(self) -> list[Tick]:
        """Give years and, where there is room, months; none within a time drawn short."""
        month = _MONTH * self._per_day
        months = next((step for step, room in ((1, 34), (3, 12), (6, 7)) if month >= room), 12)
        found: list[Tick] = []
        for first, last in self._pieces():
            found += self._years(first, last) if months == 12 else self._months(first, last, months)
        return found

    def _pieces(self) -> Iterator[tuple[float, float]]:
        """Give the times that are drawn at full length."""
        start = self._days[0]
        for n, is_short in enumerate(self._is_short):
            if is_short:
                if self._days[n] > start:
                    yield start, self._days[n]
                start = self._days[n + 1]
        if self._days[-1] > start:
            yield start, self._days[-1]

    def _months(self, first: float, last: float, step: int) -> Iterator[Tick]:
        year, month = _date(first).year, _date(first).month
        found_any = False
        while year <= date.max.year:
            day = date(year, month, 1).toordinal()
            if day > last:
                return
            if day >= first and (month - 1) % step == 0:
                text = str(year) if month == 1 else SHORT_MONTHS[month - 1]
                if not found_any and month != 1:
                    text = f"{text} {year}"
                found_any = True
                yield Tick(round(self._place(day)), text, month == 1)
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)

    def _years(self, first: float, last: float) -> Iterator[Tick]:
        step = next((n for n in (1, 2, 5, 10, 20, 50, 100, 500) if n * _YEAR * self._per_day >= 38), 1000)
        start = _date(first).year
        for year in range(start + -start % step, _date(last).year + 1, step):
            day = date(max(year, 1), 1, 1).toordinal()
            if first <= day <= last:
                yield Tick(round(self._place(day)), str(year), is_year=True)


def _date(day: float) -> date:
    return date.fromordinal(min(max(1, int(day)), date.max.toordinal()))


def _padded(days: Sequence[float]) -> list[float]:
    """Leave room before the first and after the last."""
    room = max((_LEAST_DAYS - (days[-1] - days[0])) / 2, 1.0)
    return [days[0] - room, *days, days[-1] + room]


def _drawn(days: list[float]) -> tuple[list[float], list[float], list[bool]]:
    """Give the days, the length to draw each time between two of them with, and which are made short."""
    true = [after - before for before, after in pairwise(days)]
    lengths, is_short = list(true), [False] * len(true)
    while True:
        total = sum(lengths)
        longest = max(range(len(true)), key=lambda n: -1 if is_short[n] else lengths[n])
        if is_short[longest] or lengths[longest] <= max(_QUIET_DAYS, _QUIET_SHARE * total):
            break
        is_short[longest] = True
        rest = sum(length for n, length in enumerate(lengths) if not is_short[n])
        for n, short in enumerate(is_short):
            if short:
                lengths[n] = max(_SHORT_SHARE * rest, _LEAST_DAYS / 6)
    return days, lengths, is_short

"""Bars from left to right, a row each: parts of a whole end to end, or parts within a whole, one inside the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hub.web.charts.scale import Scale, scale_to
from hub.web.words import figure

HIDDEN = "masqué"
_INSET = 20
"""How much thinner a part is on each side than the one that it lies in, in percent of the row's height."""


class Values(NamedTuple):
    """A row to draw: what it is called, and a count for each series, None where it may not be shown."""

    label: str
    counts: Sequence[int | None]


class Part(NamedTuple):
    """A rectangle, in percent of the chart's width and of the row's height; series count from 1."""

    series: int
    x: float
    width: float
    y: int
    height: int


class Row(NamedTuple):
    """A row with its words, which stand above it: the label, then the values."""

    label: str
    values: str
    parts: tuple[Part, ...]
    is_hidden: bool


class Tick(NamedTuple):
    """A line across the rows, `x` in percent; `anchor` keeps its number within the chart."""

    x: float
    text: str
    anchor: str


class Bars(NamedTuple):
    """A chart of bars; `name` is its title, `about` says what a reader sees in it."""

    key: str
    name: str
    about: str
    series: tuple[str, ...]
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]


def stacked(key: str, name: str, about: str, series: Sequence[str], rows: Iterable[Values]) -> Bars:
    """Lay out parts that add up, end to end."""
    given = tuple(rows)
    scale = scale_to(max((sum(each or 0 for each in row.counts) for row in given), default=0))
    return _laid_out(key, name, about, series, given, scale, is_nested=False)


def nested(key: str, name: str, about: str, series: Sequence[str], rows: Iterable[Values]) -> Bars:
    """Lay out a whole, then what is a part of the one before, each thinner and within it."""
    given = tuple(rows)
    scale = scale_to(max((count for row in given for count in row.counts if count is not None), default=0))
    return _laid_out(key, name, about, series, given, scale, is_nested=True)


def _laid_out(
    key: str, name: str, about: str, series: Sequence[str], rows: Sequence[Values], scale: Scale, *, is_nested: bool
) -> Bars:
    laid = tuple(_row(row, scale, is_nested=is_nested) for row in rows)
    return Bars(key, name, about, tuple(series), laid, _ticks(scale))


def _row(row: Values, scale: Scale, *, is_nested: bool) -> Row:
    parts: list[Part] = []
    at = 0.0
    for number, count in enumerate(row.counts):
        if not count:
            continue
        width = scale.share(count)
        inset = number * _INSET if is_nested else 0
        parts.append(Part(number + 1, at, width, inset, 100 - 2 * inset))
        at += 0.0 if is_nested else width
    return Row(row.label, _words(row.counts), tuple(parts), all(each is None for each in row.counts))


def _words(counts: Sequence[int | None]) -> str:
    if all(count is None for count in counts):
        return HIDDEN
    return " · ".join(HIDDEN if count is None else figure(count) for count in counts)


def _ticks(scale: Scale) -> tuple[Tick, ...]:
    anchors = {0: "start", scale.top: "end"}
    return tuple(Tick(scale.share(each), figure(each), anchors.get(each, "middle")) for each in scale.ticks)

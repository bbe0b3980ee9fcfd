"""A line over periods: broken where a value is not known, with a line across at a limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from hub.web.charts.bars import HIDDEN
from hub.web.charts.scale import scale_to

TOP = 28
"""Pixels above the highest line, for the words of a point that lies on it."""
PLOT = 150
AXIS = 28


class Point(NamedTuple):
    """A value: `x` in percent, `y` in pixels from the top; a hidden one has words and no mark."""

    x: float
    y: int
    words: str
    period: str
    is_hidden: bool


class Rule(NamedTuple):
    """A line across at a value, `y` in pixels."""

    y: int
    text: str


class Lines(NamedTuple):
    """A chart of one line, `height` in pixels.

    `strokes` are the points of polylines in a square of 100 by 100 that is stretched over the plot.
    """

    key: str
    name: str
    about: str
    points: tuple[Point, ...]
    strokes: tuple[str, ...]
    rules: tuple[Rule, ...]
    limit: Rule | None
    height: int
    top: int
    plot: int


def line(
    key: str,
    name: str,
    about: str,
    values: Sequence[tuple[str, float | None]],
    *,
    say: Callable[[float], str],
    limit: tuple[float, str] | None = None,
) -> Lines:
    """Lay out a value for each period, None where there is none to show; `say` gives a value in words."""
    known = [value for _, value in values if value is not None]
    scale = scale_to(max([*known, *([limit[0]] if limit else [])], default=0))
    points = []
    for number, (period, value) in enumerate(values):
        x = round(100 * (number + 0.5) / len(values), 3)
        y = _y(scale.share(value or 0))
        points.append(Point(x, y, HIDDEN if value is None else say(value), period, value is None))
    rules = tuple(Rule(_y(scale.share(each)), say(each)) for each in scale.ticks)
    across = Rule(_y(scale.share(limit[0])), limit[1]) if limit else None
    return Lines(
        key,
        name,
        about,
        tuple(points),
        _strokes(points),
        rules,
        across,
        TOP + PLOT + AXIS,
        TOP,
        PLOT,
    )


def _y(share: float) -> int:
    return round(TOP + PLOT * (1 - share / 100))


def _strokes(points: Sequence[Point]) -> tuple[str, ...]:
    runs = (list(run) for is_hidden, run in groupby(points, key=lambda each: each.is_hidden) if not is_hidden)
    return tuple(
        " ".join(f"{point.x:g},{100 * (point.y - TOP) / PLOT:g}" for point in run) for run in runs if len(run) > 1
    )

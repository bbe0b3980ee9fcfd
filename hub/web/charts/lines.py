"""A line over periods: broken where a value is not known, with a line across at a limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from hub.web.charts.bars import HIDDEN
from hub.web.charts.scale import scale_to


class Point(NamedTuple):
    """A value: `x` and `y` in percent from the left and the top; a hidden one has words and no mark."""

    x: float
    y: float
    words: str
    period: str
    is_hidden: bool


class Rule(NamedTuple):
    """A line across at a value, `y` in percent from the top."""

    y: float
    text: str


class Lines(NamedTuple):
    """A chart of one line.

    `strokes` are the points of polylines in a square of 100 by 100 that is stretched over the plot.
    """

    key: str
    name: str
    about: str
    points: tuple[Point, ...]
    strokes: tuple[str, ...]
    rules: tuple[Rule, ...]
    limit: Rule | None


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
    return Lines(key, name, about, tuple(points), _strokes(points), rules, across)


def _y(share: float) -> float:
    return round(100 - share, 3)


def _strokes(points: Sequence[Point]) -> tuple[str, ...]:
    runs = (list(run) for is_hidden, run in groupby(points, key=lambda each: each.is_hidden) if not is_hidden)
    return tuple(" ".join(f"{point.x:g},{point.y:g}" for point in run) for run in runs if len(run) > 1)

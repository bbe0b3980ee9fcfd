"""Figures as Markdown tables for readers and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from benchmarks.machine import Machine, sentence
from benchmarks.measure import Cost, Spread, spread

Cell = str | int | Spread
RATES = ("", "Events", "Events/s", "Events/s of one core's time", "CPU µs/event")


class Table(NamedTuple):
    """A table of figures; the first cell of a row says what was measured."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    note: str = ""


def rate(label: str, events: int, costs: Sequence[Cost]) -> tuple[Cell, ...]:
    """Lay out what handling so many events cost in each run, under the columns `RATES`."""
    return (
        label,
        events,
        spread([events / cost.wall_s for cost in costs]),
        spread([events / cost.cpu_s for cost in costs]),
        spread([cost.cpu_s / events * 1e6 for cost in costs]),
    )


def markdown(tables: Iterable[Table], described: Machine, settings: str) -> str:
    """Write the tables, with the machine that they are from."""
    parts = [f"{sentence(described)}. {settings}. Each figure: median (lowest–highest) of the runs.\n"]
    for table in tables:
        parts.append(f"### {table.title}\n")
        parts.append(_grid(table))
        if table.note:
            parts.append(f"{table.note}\n")
    return "\n".join(parts)


def document(tables: Iterable[Table], described: Machine, settings: str) -> dict[str, Any]:
    """Give the same as plain objects: a spread is [median, lowest, highest]."""
    return {
        "machine": described._asdict(),
        "settings": settings,
        "tables": [table._asdict() for table in tables],
    }


def number(value: float) -> str:
    """Write a number with three significant digits, thousands set apart."""
    size = abs(value)
    if size >= 1000:
        step = 10 ** (len(str(int(size))) - 3)
        return f"{round(value / step) * step:,}"
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:.{digits}f}"


def _grid(table: Table) -> str:
    lines = [
        f"| {' | '.join(table.columns)} |",
        f"|---|{'---:|' * (len(table.columns) - 1)}",
        *(f"| {' | '.join(map(_cell, row))} |" for row in table.rows),
    ]
    return "\n".join(lines) + "\n"


def _cell(cell: Cell) -> str:
    match cell:
        case str():
            return cell
        case int():
            return f"{cell:,}"
        case Spread(median, low, high):
            return number(median) if low == high else f"{number(median)} ({number(low)}–{number(high)})"

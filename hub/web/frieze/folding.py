"""The rows of the list: events, updates told as one, and quiet times said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Final, NamedTuple

from hub.web import words
from hub.web.frieze.entries import Entry
from hub.web.words import length

_QUIET_DAYS: Final = 90
"""From how long on a time without any act is said."""


class Row(NamedTuple):
    """One event, or several updates in a row told as one; `quiet` says how long nothing was stated before it.

    `entries` are in the order of the list; the quiet time is before it in time, wherever the list shows it.
    """

    entries: tuple[Entry, ...]
    quiet: str = ""

    @property
    def first(self) -> Entry:
        """The event that the list shows first."""
        return self.entries[0]

    @property
    def said(self) -> str:
        """Say how many updates it tells, and until when."""
        until = max(entry.day for entry in self.entries)
        return f"{words.count(len(self.entries), 'actualisation', 'actualisations')}, jusqu’au {words.day(until)}"

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day."""
        days = [entry.day for entry in self.entries]
        return min(days), max(days)


def rows_of(entries: Sequence[Entry], quiet: dict[str, str]) -> list[Row]:
    """Make the rows of events in canonical order; `quiet` are times by the event that ended them.

    Updates of one network that follow each other without anything in between are one row, within a year.
    """
    return [Row(tuple(run), quiet.get(run[0].event_id, "")) for run in _runs(entries, quiet)]


def _runs(entries: Sequence[Entry], quiet: dict[str, str]) -> Iterator[list[Entry]]:
    run: list[Entry] = []
    for entry in entries:
        goes_on = (
            bool(run)
            and entry.is_routine
            and run[-1].is_routine
            and (entry.network, entry.day.year) == (run[-1].network, run[-1].day.year)
            and entry.event_id not in quiet
        )
        if run and not goes_on:
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


def quiet_before(entries: Sequence[Entry]) -> dict[str, str]:
    """Say how long nothing had been stated before each event of a whole pathway, where that is long."""
    found: dict[str, str] = {}
    for before, after in pairwise(entries):
        days = (after.day - before.day).days
        if days >= _QUIET_DAYS:
            found[after.event_id] = length(days)
    return found


def quiet_since(entries: Sequence[Entry], now: datetime) -> str:
    """Say how long nothing has been stated, where that is long."""
    days = (words.in_france(now) - entries[-1].day).days if entries else 0
    return length(days) if days >= _QUIET_DAYS else ""

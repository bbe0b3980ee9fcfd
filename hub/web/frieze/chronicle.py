"""The list: everything that happened, in order, year by year, as much as a page holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from hub.web.frieze.choice import Choice, Place
from hub.web.frieze.entries import Entry
from hub.web.frieze.folding import Row, quiet_before, quiet_since, rows_of
from hub.web.frieze.paging import pages_of
from hub.web.frieze.phrases import short_day
from hub.web.frieze.rails import Rail, Rails
from hub.web.frieze.spans import Span


class Told(NamedTuple):
    """A row of the list: `quiet_above` and `quiet_below` say a long time without any act next to it."""

    row: Row
    rails: tuple[Rail, ...]
    quiet_above: str
    quiet_below: str
    is_newest_first: bool

    @property
    def entry(self) -> Entry:
        """The event, or the first of the updates."""
        return self.row.first

    @property
    def day(self) -> str:
        """The day, or the first and the last of the updates, under the heading of their year."""
        first, last = self.row.days
        return short_day(last if self.is_newest_first else first)

    @property
    def is_folded(self) -> bool:
        """Tell whether it stands for several updates."""
        return len(self.row.entries) > 1


class Year(NamedTuple):
    """The rows of a year; `rails` are the lines that pass its heading."""

    year: int
    rails: tuple[Rail, ...]
    rows: tuple[Told, ...]


class Chronicle(NamedTuple):
    """The list's page: its years, in how many lines, what is on other pages, and how long nothing was stated.

    `earlier` and `later` count the events on the pages before and after in time.
    """

    years: tuple[Year, ...]
    slots: int
    is_newest_first: bool
    quiet_since: str
    total: int
    shown: int
    before: int
    after: int
    next_address: str
    start_address: str


class Pages:
    """The pages of a list, and on which of them each event is."""

    def __init__(self, entries: Sequence[Entry], left: Sequence[Entry], choice: Choice, place: Place) -> None:
        rows = rows_of(left, quiet_before(entries))
        if choice.order == "recent":
            rows = [row._replace(entries=row.entries[::-1]) for row in reversed(rows)]
        self._choice, self._place, self._before = choice._replace(before=None), place, choice.before
        self.pages = pages_of(rows)
        self._page_of = {
            entry.event_id: number for number, page in enumerate(self.pages) for row in page for entry in row.entries
        }

    @property
    def number(self) -> int:
        """The page that was asked for: what follows an event, and the first one after an event that is on none."""
        place = self._page_of.get(self._before or "", -1) + 1
        return min(place, len(self.pages) - 1)

    def address(self, number: int, fragment: str = "frieze") -> str:
        """Give the address of a page."""
        if number == 0:
            return self._place.address(self._choice, fragment)
        last = self.pages[number - 1][-1].entries[-1].event_id
        return self._place.address(self._choice._replace(before=last), fragment)

    def link(self, entry: Entry) -> str:
        """Give where the page leads to read an event: in its own list or another page's, or, hidden, to itself."""
        number = self._page_of.get(entry.event_id)
        if number is None:
            return self._place.event(entry.event_id)
        fragment = f"e-{entry.event_id}"
        if number == self.number:
            return f"#{fragment}"
        path, has_query, query = self.address(number, fragment).partition("?")
        return has_query + query or path


def chronicle_of(
    entries: Sequence[Entry], spans: Sequence[Span], pages: Pages, choice: Choice, now: datetime
) -> Chronicle:
    """Tell the page that was asked for; `entries` are all of the pathway's."""
    number = pages.number
    page = pages.pages[number]
    is_newest_first = choice.order == "recent"
    rails = Rails(spans, {entry.event_id: entry.place for entry in entries})
    told = [_told(row, rails, is_newest_first=is_newest_first) for row in page]
    count = [sum(len(row.entries) for row in each) for each in pages.pages]
    return Chronicle(
        tuple(_years(told)),
        rails.slots,
        is_newest_first,
        quiet_since(entries, now) if number == 0 or not is_newest_first else "",
        sum(count),
        count[number],
        sum(count[:number]),
        sum(count[number + 1 :]),
        pages.address(number + 1) if number + 1 < len(pages.pages) else "",
        pages.address(0) if number else "",
    )


def _told(row: Row, rails: Rails, *, is_newest_first: bool) -> Told:
    places = [entry.place for entry in row.entries]
    lines = rails.at(min(places), max(places), is_newest_first=is_newest_first)
    return Told(row, lines, "" if is_newest_first else row.quiet, row.quiet if is_newest_first else "", is_newest_first)


def _years(told: Sequence[Told]) -> list[Year]:
    def year(one: Told) -> int:
        return one.entry.day.year

    found = []
    for number, rows in groupby(told, year):
        of_year = tuple(rows)
        passing = tuple(rail._replace(below=rail.above, is_step=False) for rail in of_year[0].rails if rail.above)
        found.append(Year(number, passing, of_year))
    return found

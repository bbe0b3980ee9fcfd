"""Calendar quarters: the only periods of figures, since of two that overlap the difference would tell a small count."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple, Self

from hub.api.queries.figures import quarter_of
from hub.web.words import NBSP, in_france

CODE = r"^(?:19|20|21)[0-9]{2}-T[1-4]$"
"""A quarter as it stands in an address: `2021-T2`."""


MOST = 60
"""Quarters that a list of choices has at most."""


class Quarter(NamedTuple):
    """A quarter of a year, from 1 to 4."""

    year: int
    number: int

    @classmethod
    def of_code(cls, code: str) -> Self:
        """Read a quarter of the form `CODE`."""
        return cls(int(code[:4]), int(code[-1]))

    @classmethod
    def of_day(cls, day: date) -> Self:
        """Give the quarter of a day."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def code(self) -> str:
        """Write it for an address."""
        return f"{self.year}-T{self.number}"

    @property
    def label(self) -> str:
        """Say it: `2e trimestre 2021`."""
        return f"{self.number}{'er' if self.number == 1 else 'e'}{NBSP}trimestre{NBSP}{self.year}"

    @property
    def short(self) -> str:
        """Say it where there is little room: `T2 2021`."""
        return f"T{self.number}{NBSP}{self.year}"

    @property
    def since(self) -> datetime:
        """Give its first moment, in UTC; its days are those of France."""
        return quarter_of(f"{self.year}-Q{self.number}")[1]

    def moved(self, quarters: int) -> Quarter:
        """Give the quarter so many later, or earlier if negative."""
        year, number = divmod(self.year * 4 + self.number - 1 + quarters, 4)
        return Quarter(year, number + 1)


def ending_with(last: Quarter, count: int) -> list[Quarter]:
    """Give so many quarters in their order, of which this is the last."""
    return [last.moved(number) for number in range(1 - count, 1)]


OLDEST = Quarter(1905, 1)
"""Before it, an address asks for nothing that can be."""


def known(first_and_last: tuple[datetime, datetime] | None, today: date) -> list[Quarter]:
    """Give the quarters of which there can be figures, the latest first, the one in progress among them."""
    current = Quarter.of_day(today)
    first = current.moved(-1)
    if first_and_last is not None:
        first = min(first, Quarter.of_day(in_france(first_and_last[0])))
    found = [current]
    while found[-1] > first and len(found) < MOST:
        found.append(found[-1].moved(-1))
    return found


def first_shown(first_and_last: tuple[datetime, datetime] | None, today: date) -> Quarter:
    """Give the quarter that is shown unasked: the last that is over, or the last in which anything happened."""
    over = Quarter.of_day(today).moved(-1)
    return over if first_and_last is None else min(over, Quarter.of_day(in_france(first_and_last[1])))

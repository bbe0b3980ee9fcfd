"""Time in whole numbers: days and seconds since 1970-01-01 UTC, and their texts."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from random import Random

DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_SATURDAY = 5
_FIXED_HOLIDAYS = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_OFFICE_OPENS_S, _OFFICE_HOURS_S = 7 * 3_600, 10 * 3_600


def day_of(when: date) -> int:
    """Count the days from 1970-01-01."""
    return when.toordinal() - _EPOCH


def date_of(day: int) -> date:
    """Give the date of a day."""
    return date.fromordinal(day + _EPOCH)


@lru_cache(maxsize=65_536)
def day_text(day: int) -> str:
    """Write a day in ISO 8601."""
    return date_of(day).isoformat()


def moment_text(second: int) -> str:
    """Write a second in RFC 3339 UTC."""
    day, rest = divmod(second, DAY_S)
    return f"{day_text(day)}T{rest // 3_600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}Z"


@lru_cache(maxsize=65_536)
def workday(day: int) -> int:
    """Give the day itself, or the first day after it that is neither of a weekend nor a public holiday of France.

    1970-01-01 was a Thursday.
    """
    while (day + 3) % 7 >= _SATURDAY or day in _holidays(date_of(day).year):
        day += 1
    return day


@cache
def _holidays(year: int) -> frozenset[int]:
    """Give the public holidays of a year (Code du travail, article L3133-1)."""
    easter = _easter(year)
    fixed = {day_of(date(year, month, day)) for month, day in _FIXED_HOLIDAYS}
    return frozenset({*fixed, easter + 1, easter + 39, easter + 50})


def _easter(year: int) -> int:
    """Give Easter Sunday of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    leaps, rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - moon + 15) % 30
    four, left = divmod(of_century, 4)
    sunday = (32 + 2 * rest + 2 * four - epact - left) % 7
    late = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * late + 114, 31)
    return day_of(date(year, month, day + 1))


def office_hour(day: int, rng: Random) -> int:
    """Draw a second of the office hours of the day, or of the working day after it."""
    return workday(day) * DAY_S + _OFFICE_OPENS_S + int(rng.random() * _OFFICE_HOURS_S)

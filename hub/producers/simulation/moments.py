"""Time in whole numbers: days and seconds since 1970-01-01 UTC, and their texts."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from random import Random

DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_SATURDAY = 5
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


def workday(day: int) -> int:
    """Give the day itself, or the Monday after it on a weekend; 1970-01-01 was a Thursday."""
    weekday = (day + 3) % 7
    return day if weekday < _SATURDAY else day + 7 - weekday


def office_hour(day: int, rng: Random) -> int:
    """Draw a second of the office hours of the day, or of the Monday after it."""
    return workday(day) * DAY_S + _OFFICE_OPENS_S + int(rng.random() * _OFFICE_HOURS_S)

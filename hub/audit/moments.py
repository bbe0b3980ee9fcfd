"""Moments as people state them: a day or a time, of France where nothing else is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.errors import StoreUnavailable, Usage

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(_DAY.pattern + r"[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?")
_EXPECTED = (
    "expected a day, as in 2021-03-31 (its end in France), or a time with its offset, as in 2021-03-31T14:00:00+02:00"
)


@cache
def paris() -> ZoneInfo:
    """Give the time zone of the people who read.

    Raises:
        StoreUnavailable: the machine has no time zone database.
    """
    try:
        return ZoneInfo("Europe/Paris")
    except ZoneInfoNotFoundError as error:
        raise StoreUnavailable("this machine has no time zone database; install the package `tzdata`") from error


def is_day(text: str) -> bool:
    """Tell whether a text has the form of a day, as in 2021-03-31."""
    return _DAY.fullmatch(text) is not None


def parse_moment(text: str) -> datetime:
    """Read a moment, in UTC: an RFC 3339 time, or a day, which means its last microsecond in France.

    Raises:
        Usage: the text is neither.
    """
    return _moment(text, lambda day: midnight_in_france(day + timedelta(days=1)) - timedelta(microseconds=1))


def parse_start(text: str) -> datetime:
    """Read the moment at which something begins, in UTC: an RFC 3339 time, or a day, which means its first in France.

    Raises:
        Usage: the text is neither.
    """
    return _moment(text, midnight_in_france)


def day_in_france(moment: datetime) -> date:
    """Give the day that a moment falls on for the people who read: what is due on a day is late from the next one."""
    return moment.astimezone(paris()).date()


def midnight_in_france(day: date) -> datetime:
    """Give when a day begins for the people who read, in UTC."""
    return datetime.combine(day, time(), paris()).astimezone(UTC)


def _moment(text: str, of_day: Callable[[date], datetime]) -> datetime:
    try:
        if is_day(text):
            return of_day(date.fromisoformat(text))
        moment = datetime.fromisoformat(text.upper() if _TIME.fullmatch(text) else "")
        if moment.tzinfo is None:
            raise Usage(f"the time has no offset; {_EXPECTED}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Usage(f"not a moment; {_EXPECTED}") from None

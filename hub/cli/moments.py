"""Moments as people write and read them: days and hours of France."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from hub.errors import StoreUnavailable

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
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


def parse_moment(text: str) -> datetime:
    """Read the moment of an option, in UTC: an RFC 3339 time, or a day, which means its last microsecond in France."""
    try:
        if _DAY.fullmatch(text):
            following = date.fromisoformat(text) + timedelta(days=1)
            return datetime.combine(following, time(), paris()).astimezone(UTC) - timedelta(microseconds=1)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise typer.BadParameter(f"the time has no offset; {_EXPECTED}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"not a moment; {_EXPECTED}") from None


def day_text(moment: date | datetime) -> str:
    """Write a day as in 31/03/2021; that of a moment is the day in France."""
    day = moment.astimezone(paris()).date() if isinstance(moment, datetime) else moment
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def text_of_day(text: str) -> str:
    """Write a day given as ISO text as in 31/03/2021; any other text stays as it is."""
    return "/".join(reversed(text.split("-"))) if _DAY.fullmatch(text) else text


def moment_text(moment: datetime) -> str:
    """Write a moment as in 31/03/2021 à 14:00, in France."""
    there = moment.astimezone(paris())
    return f"{day_text(there)} à {there:%H:%M}"

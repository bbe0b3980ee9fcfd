"""Moments as people write and read them: days and hours of France."""

from __future__ import annotations

from datetime import date, datetime

import typer

from hub.audit import moments
from hub.audit.moments import is_day, paris
from hub.errors import Usage


def parse_moment(text: str) -> datetime:
    """Read the moment of an option, in UTC: an RFC 3339 time, or a day, which means its last microsecond in France."""
    try:
        return moments.parse_moment(text)
    except Usage as error:
        raise typer.BadParameter(str(error)) from None


def parse_start(text: str) -> datetime:
    """Read the moment from which an option counts, in UTC: an RFC 3339 time, or a day, which means its beginning."""
    try:
        return moments.parse_start(text)
    except Usage as error:
        raise typer.BadParameter(str(error)) from None


def day_text(moment: date | datetime) -> str:
    """Write a day as in 31/03/2021; that of a moment is the day in France."""
    day = moment.astimezone(paris()).date() if isinstance(moment, datetime) else moment
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def text_of_day(text: str) -> str:
    """Write a day given as ISO text as in 31/03/2021; any other text stays as it is."""
    return "/".join(reversed(text.split("-"))) if is_day(text) else text


def moment_text(moment: datetime) -> str:
    """Write a moment as in 31/03/2021 à 14:00, in France."""
    there = moment.astimezone(paris())
    return f"{day_text(there)} à {there:%H:%M}"

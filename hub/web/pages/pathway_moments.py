"""As of when the pages of a pathway show it: the days that their addresses name, and what was there then."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, NamedTuple

from fastapi import Depends, Query

from hub.access.guard import Look
from hub.api.people import NOW, Read, When, read
from hub.api.services import Services
from hub.audit.moments import parse_moment
from hub.errors import Usage
from hub.web.asking import Hub
from hub.web.days import day_of, is_meant
from hub.web.pathway.travel import Asked, days_of, resolved
from hub.web.words import in_france

WRONG_DAY = "Indiquez un jour, de 1900 jusqu’à aujourd’hui, comme 31/03/2021."


class Days(NamedTuple):
    """The days of an address; `wrong` are its parameters that hold no day, or one that is still to come."""

    as_of: date | None = None
    known: date | None = None
    wrong: tuple[str, ...] = ()


def _days(
    services: Hub,
    au: Annotated[str, Query(max_length=40)] = "",
    connu: Annotated[str, Query(max_length=40)] = "",
) -> Days:
    today = in_france(services.now())
    days = {name: _past(text, today) for name, text in (("au", au), ("connu", connu)) if text.strip()}
    wrong = tuple(name for name, day in days.items() if day is None)
    return Days(wrong=wrong) if wrong else Days(days.get("au"), days.get("connu"))


Shown = Annotated[Days, Depends(_days)]
"""The days of the address that is asked for."""


def _past(text: str, today: date) -> date | None:
    day = day_of(text)
    return day if day is not None and is_meant(day) and day <= today else None


class Then(NamedTuple):
    """A pathway at the moment asked for, and as it is; `asked` names that moment by its days."""

    found: Read
    now: Read
    asked: Asked


def read_then(services: Services, look: Look, person_id: str, asked: Asked) -> Then:
    """Read a person's pathway as it is, and as it was where that is asked for.

    Raises:
        Denied: the reader does not see this person, or there is none; or the pathway of that moment held case records
            of another person whom they do not see.
    """
    now = read(services, look, person_id, NOW)
    asked = resolved(days_of(now.view.timeline, in_france(look.now)), asked)
    when = When(end_of(asked.as_of), end_of(asked.known))
    return Then(now if when == NOW or now.is_erased else read(services, look, person_id, when), now, asked)


def shown_at(asked: Asked, at: datetime) -> datetime:
    """Give the moment that counts as now on a page that shows the days asked for; `at` is the clock's now."""
    return end_of(asked.as_of) or end_of(asked.known) or at


def end_of(day: date | None) -> datetime | None:
    """Give the last moment of a day in France; None without one, or where it is beyond all moments."""
    try:
        return None if day is None else parse_moment(day.isoformat())
    except Usage:
        return None

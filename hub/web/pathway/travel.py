"""Going back in time: the days on which something happened, which one is shown, and what was otherwise then."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from hub.audit.leading import leading
from hub.projections import labels
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.naming.names import UNNAMED, Names
from hub.web.words import in_france


class Asked(NamedTuple):
    """The days that the address names: as of one, as known on one; or the rank of a day with an event, from 0.

    `as_then`: as known on the day that is shown, whichever that is.
    """

    as_of: date | None = None
    known: date | None = None
    rank: int | None = None
    as_then: bool = False

    @property
    def is_past(self) -> bool:
        """Tell whether anything but today is asked for."""
        return (self.as_of, self.known, self.rank) != (None, None, None)


class Travel(NamedTuple):
    """The slider: every day with an event, the rank of the last one shown, and the days before and after it.

    `as_then`: each day is shown as it was known on it.
    """

    days: tuple[date, ...]
    rank: int
    shown: date | None
    known: date | None
    before: date | None
    after: date | None
    as_then: bool = False

    def known_on(self, day: date | None) -> date | None:
        """Give the day as known on which another day is shown, where the slider goes on as it is."""
        return day if self.as_then else self.known

    @property
    def offsets(self) -> str:
        """Give the days as the slider's script reads them: days since the first, with commas."""
        return ",".join(str((day - self.days[0]).days) for day in self.days)


class Difference(NamedTuple):
    """What was otherwise then."""

    term: str
    then: str
    now: str


def days_of(timeline: Sequence[TableRow], today: date) -> tuple[date, ...]:
    """Give the days in France, up to today, on which something happened: what is dated later is no past to go to."""
    return tuple(sorted({day for line in timeline if (day := in_france(line["occurred_at"])) <= today}))


def resolved(days: Sequence[date], asked: Asked) -> Asked:
    """Give what is asked for by its days: the rank of the last one, or beyond, is today, when all is known."""
    by_rank = days[asked.rank] if asked.rank is not None and asked.rank < len(days) - 1 else None
    as_of = asked.as_of or by_rank
    if asked.as_then:
        return Asked(as_of, as_of, as_then=True)
    return Asked(as_of, asked.known, as_then=as_of is not None and as_of == asked.known)


def travel_of(days: tuple[date, ...], asked: Asked) -> Travel:
    """Say where the slider stands: at the last event that the asked day holds, at the end for today."""
    shown, known, as_then = asked.as_of, asked.known, asked.as_then
    if shown is None:
        return Travel(days, max(0, len(days) - 1), None, known, days[-2] if len(days) > 1 else None, None, as_then)
    held, later = bisect_left(days, shown), bisect_right(days, shown)
    before, after = days[held - 1] if held else None, days[later] if later < len(days) else None
    return Travel(days, max(0, later - 1), shown, known, before, after, as_then)


def differences(then: View, now: View, days: tuple[date, date], names: Names = UNNAMED) -> list[Difference]:
    """Give what was otherwise: phase, referent, delegations; `days` are the one shown, and today."""
    return list(_differences(*(dict(_said(view, day, names)) for view, day in zip((then, now), days, strict=True))))


def _differences(then: dict[str, str], now: dict[str, str]) -> Iterator[Difference]:
    for term in dict.fromkeys((*then, *now)):
        one, other = then.get(term, "pas encore"), now.get(term, "plus aucune")
        if one != other:
            yield Difference(term, one, other)


def _said(view: View, day: date, names: Names) -> Iterator[tuple[str, str]]:
    row = next(iter(view.tables["pathway"]), None)
    yield "Phase", words.typed(labels.phase(row["phase"])) if row and row["phase"] else "pas encore de parcours"
    led = leading(view, day).referent
    yield "Référent", names.of(led.network, led.adviser) if led else "aucun"
    for each in view.tables["delegation"]:
        yield f"Délégation {each['delegation_id']}", words.typed(labels.status("delegation", each["status"]))


def told(asked: Asked) -> str:
    """Say as of when the page is, and as known when."""
    day, known = asked.as_of, asked.known
    if day is None:
        return "" if known is None else f"Vous voyez le parcours tel que le hub le connaissait le {words.day(known)}"
    if known is None:
        knew = "avec ce qu’on en sait aujourd’hui"
    elif known == day:
        knew = "avec ce que le hub savait ce jour-là"
    else:
        knew = f"tel que le hub le connaissait le {words.day(known)}"
    return f"Vous voyez le parcours au {words.day(day)}, {knew}"


def remaining(until: datetime, now: datetime) -> str:
    """Say how long is left until a moment: `3 h 05`, `40 min`."""
    minutes = max(0, int((until - now).total_seconds()) // 60)
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return words.count(hours // 24, "jour", "jours")
    return f"{hours}{words.NBSP}h{words.NBSP}{rest:02}" if hours else f"{minutes}{words.NBSP}min"

"""Who leads a pathway on a day: at most one referent at any date, from the day they are named for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Term(NamedTuple):
    """An adviser named referent: from a day, until the day of the next one, None while none is named.

    `times` are those in which they accompanied the person, each from a day until a day, None while it lasts: their
    network may have left, and come back.
    """

    event_id: str
    network: str
    adviser: str
    site: str | None
    from_date: date
    until_date: date | None
    times: tuple[tuple[date, date | None], ...] = ()

    def ended_on(self, day: date) -> date | None:
        """Give the last day on which they accompanied the person, seen from a day; None while they do."""
        if any(start <= day and (end is None or end > day) for start, end in self.times):
            return None
        # Named while their network was away, they have led from no day: the one they were named for is the nearest.
        return max((end for _, end in self.times if end is not None and end <= day), default=self.from_date)


class Leading(NamedTuple):
    """The referent of a day, the last one where nobody is since `ended_on`, and whoever is named for a later day."""

    referent: Term | None = None
    last: Term | None = None
    ended_on: date | None = None
    following: Term | None = None

    @property
    def network(self) -> str | None:
        """Give the network of the day's referent."""
        return self.referent.network if self.referent else None

    @property
    def adviser(self) -> str | None:
        """Give the code of the day's referent, in their network."""
        return self.referent.adviser if self.referent else None


NOBODY = Leading()


def leading_on(terms: Iterable[Term], day: date) -> Leading:
    """Tell who leads on a day, of the referents who were named for one pathway."""
    told = sorted((each for each in terms if each.until_date is None or each.until_date > each.from_date), key=_start)
    following = next((each for each in told if each.from_date > day), None)
    named = next((each for each in reversed(told) if _is_named(each, day)), None)
    if named is None:
        return Leading(following=following)
    ended_on = named.ended_on(day)
    if ended_on is not None:
        return Leading(last=named, ended_on=ended_on, following=following)
    return Leading(named, following=following)


def _is_named(term: Term, day: date) -> bool:
    return term.from_date <= day and (term.until_date is None or term.until_date > day)


def _start(term: Term) -> date:
    return term.from_date

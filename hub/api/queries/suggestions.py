"""Pairs of case records that may be one person's, of people whom the reader accompanies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hub.access import ties
from hub.access.guard import Look
from hub.access.listing import Listed, listed
from hub.access.recording import OWN
from hub.api.concerned import TO_DECIDE
from hub.audit.moments import day_in_france
from hub.projections import suggestions
from hub.projections.records import CaseRow
from hub.projections.suggestions import Suggestion

PEOPLE_AT_ONCE = 50
"""People of the caseload whose pairs one page looks for; few have any."""
MOST_STEPS = 6
"""How often a page of the web looks for the pairs of so many people."""
PARTED = "unlinked"


class Side(NamedTuple):
    """A case record of a pair, and whose it is."""

    record: CaseRow
    whose: Listed
    is_own: bool


class Proposed(NamedTuple):
    """A pair, and the people of its two records; of one of them at least the reader is in charge."""

    found: Suggestion
    left: Side
    right: Side


class After(NamedTuple):
    """Where a page begins: after a pathway of the caseload, and after so many pairs of those that follow it."""

    pathway_no: int | None = None
    pairs: int = 0


class Page(NamedTuple):
    """Pairs, and where the next page begins: None after the last. A page may be empty though there are more."""

    pairs: list[Proposed]
    following: After | None


def proposed(look: Look, after: After, limit: int, *, with_parted: bool = True) -> Page:
    """Give pairs of which the reader accompanies at least one person, recorded for both.

    `with_parted`: also those that somebody parted, which rules alone would link again.
    """
    reader, today = look.asked.reader, day_in_france(look.now)
    numbers = ties.caseload(
        look.connection, look.tables, reader, today, after=after.pathway_no, limit=PEOPLE_AT_ONCE + 1
    )
    here = numbers[:PEOPLE_AT_ONCE]
    pairs = [each for each in _pairs(look, here) if with_parted or is_open(each.found)]
    shown = pairs[after.pairs : after.pairs + limit]
    _record(look, shown)
    if len(pairs) > after.pairs + limit:
        return Page(shown, After(after.pathway_no, after.pairs + limit))
    return Page(shown, After(here[-1]) if len(numbers) > PEOPLE_AT_ONCE else None)


def gathered(look: Look, after: After, limit: int) -> Page:
    """Give the pairs that nobody has decided about, from as many people as it takes to fill a page, within bounds."""
    page = proposed(look, after, limit, with_parted=False)
    pairs = page.pairs
    for _ in range(MOST_STEPS - 1):
        if page.following is None or len(pairs) == limit:
            break
        page = proposed(look, page.following, limit - len(pairs), with_parted=False)
        pairs = [*pairs, *page.pairs]
    return Page(pairs, page.following)


def is_open(found: Suggestion) -> bool:
    """Tell whether nobody has decided about a pair yet."""
    return found.skipped_because != PARTED


def _pairs(look: Look, here: Sequence[int]) -> list[Proposed]:
    """Give the pairs of some people of the caseload; one of two of them is given with the first of both."""
    found = suggestions.about(look.connection, look.tables, here)
    numbers = {number for pair in found for number in (pair.left.pathway_no, pair.right.pathway_no) if number}
    people = listed(look, sorted(numbers))
    kept = []
    for pair in found:
        left, right = (people.get(record.pathway_no or 0) for record in (pair.left, pair.right))
        if left is None or right is None:
            continue
        each = Proposed(pair.found, side_of(pair.left, left), side_of(pair.right, right))
        own = [side.whose.pathway_no for side in each[1:] if side.is_own]
        if own and min(own) in here:
            kept.append(each)
    return kept


def side_of(record: CaseRow, whose: Listed) -> Side:
    """Say whose a case record is."""
    return Side(record, whose, whose.verdict.ground in OWN)


def _record(look: Look, shown: Sequence[Proposed]) -> None:
    sides = [side for each in shown for side in (each.left, each.right)]
    look.entry.list([(side.whose.person, side.whose.verdict) for side in sides if side.is_own])
    for side in sides:
        if not side.is_own:
            look.entry.read(side.whose.person, TO_DECIDE)

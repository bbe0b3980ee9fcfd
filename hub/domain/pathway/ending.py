"""When nobody accompanied the person any more: the pathway was left, or every case record of it closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from hub.domain.pathway.accompaniment import accompaniments
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.lifecycle import CLOSED

if TYPE_CHECKING:
    from hub.domain.pathway.pathway import Pathway

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class Ending(NamedTuple):
    """A time without any accompaniment; `until` is None while it lasts."""

    since: Fact[datetime]
    until: Fact[datetime] | None


class _Turn(NamedTuple):
    """A case record, or the pathway where `case` is None, opened or closed; `place` tells those of one moment apart."""

    at: datetime
    place: int
    case: str | None
    opens: bool
    event_id: str


def ended(pathway: Pathway) -> Fact[datetime] | None:
    """Give when the accompaniment ended, and by which event; None while a record is open or an adviser is named since.

    What is named after an ending holds: a network that names an adviser accompanies again, whether it said so or not.
    """
    if not pathway.lifecycle.is_closed and any(leg.is_open for leg in pathway.legs.by_case.values()):
        return None
    last = next(iter(endings(pathway)[-1:]), None)
    if last is None or last.until is not None:
        return None
    goes_on = any(one.adviser is not None and one.until_date is None for one in accompaniments(pathway))
    return None if goes_on else last.since


def phase(pathway: Pathway) -> Fact[str] | None:
    """Give the phase: once the accompaniment ended the pathway is closed, and goes on where it was when taken up."""
    told, end = pathway.lifecycle.phase, ended(pathway)
    return told if told is None or end is None else Fact(CLOSED, end.event_id)


def endings(pathway: Pathway) -> list[Ending]:
    """Give the times that the records and the pathway's exits leave open, in order: none before the first record."""
    found: list[Ending] = []
    is_left, taken_up = False, not pathway.legs.by_case
    opened: set[str] = set()
    was_open = taken_up
    for turn in sorted(_turns(pathway), key=lambda turn: (turn.at, turn.place)):
        if turn.case is None:
            is_left = not turn.opens
            taken_up = turn.opens
        elif turn.opens:
            opened.add(turn.case)
        else:
            opened.discard(turn.case)
            taken_up = taken_up and bool(opened)
        is_open = (taken_up or bool(opened)) and not is_left
        fact = Fact(turn.at, turn.event_id)
        if was_open and not is_open:
            found.append(Ending(fact, None))
        elif is_open and not was_open and found:
            found[-1] = found[-1]._replace(until=fact)
        was_open = is_open
    return [each for each in found if each.until is None or each.until.value > each.since.value]


def _turns(pathway: Pathway) -> Iterator[_Turn]:
    for name, leg in pathway.legs.by_case.items():
        for place, period in enumerate(leg.periods):
            opened = period.opened_at or Fact(_BEFORE_ALL, leg.first_event_id)
            yield from _both(2 * place, name, (opened, period.closed_at), opens_first=True)
    for place, left in enumerate(pathway.lifecycle.exits):
        yield from _both(2 * place, None, (left.closed_at, left.reopened_at), opens_first=False)


def _both(
    place: int, case: str | None, facts: tuple[Fact[datetime], Fact[datetime] | None], *, opens_first: bool
) -> Iterator[_Turn]:
    first, then = facts
    yield _Turn(first.value, place, case, opens_first, first.event_id)
    if then is not None:
        yield _Turn(then.value, place + 1, case, not opens_first, then.event_id)

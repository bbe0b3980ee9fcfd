"""The feed of the whole region, in the order in which lines reach the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from itertools import takewhile
from typing import NamedTuple

from hub.producers.simulation.broken import Breakage
from hub.producers.simulation.draft import Draft, Line
from hub.producers.simulation.moments import DAY_S
from hub.producers.simulation.population import Population
from hub.producers.simulation.region import region
from hub.producers.simulation.story import story

_NOBODY = -1


class Sent(NamedTuple):
    """A line of the feed, and the draft that it shows; a broken record shows none."""

    line: Line
    draft: Draft | None


def simulate(people: int, seed: int) -> Iterator[Line]:
    """Yield the lines of a region of so many people, about 25 each, in order of their arrival at the hub.

    People are made one by one, each from a random stream of its own: memory holds the lines still to come of those who
    have registered so far, never the whole feed. The same people and seed give the same lines.

    Raises:
        Usage: `people` is not 1 or more.
    """
    return (sent.line for sent in feed(Population(people, seed), lambda _: None))


def feed(population: Population, progress: Callable[[int], object], until: datetime | None = None) -> Iterator[Sent]:
    """Yield the lines with what they show, those that arrive before `until`.

    `progress` is told the number of people made so far.

    Raises:
        Usage: it is not 1 person or more.
    """
    drafts = _arriving(population.checked(), progress)
    if until is not None:
        ends = until.timestamp()
        drafts = takewhile(lambda draft: draft.arrives < ends, drafts)
    return _with_broken(drafts, population.seed)


def _arriving(population: Population, progress: Callable[[int], object]) -> Iterator[Draft]:
    """Merge the lives: who registers next cannot send anything before the day on which they may register."""
    waiting: list[tuple[int, int, int, list[Draft]]] = []
    _wait(waiting, _NOBODY, region(population.seed))
    for index in range(population.people):
        opens = population.opens(index) * DAY_S
        while waiting and waiting[0][0] < opens:
            yield _next(waiting)
        _wait(waiting, index, story(population, index))
        progress(index + 1)
    while waiting:
        yield _next(waiting)


def _wait(waiting: list[tuple[int, int, int, list[Draft]]], index: int, drafts: list[Draft]) -> None:
    """Queue a life by its next line; the index settles ties, so that lists are never compared."""
    drafts.reverse()
    if drafts:
        heappush(waiting, (drafts[-1].arrives, index, len(drafts), drafts))


def _next(waiting: list[tuple[int, int, int, list[Draft]]]) -> Draft:
    _, index, _, drafts = heappop(waiting)
    draft = drafts.pop()
    if drafts:
        heappush(waiting, (drafts[-1].arrives, index, len(drafts), drafts))
    return draft


def _with_broken(drafts: Iterator[Draft], seed: int) -> Iterator[Sent]:
    breakage = Breakage(seed)
    for draft in drafts:
        yield Sent(draft.line(), draft)
        raw = breakage.after(draft)
        if raw is not None:
            yield Sent(raw, None)

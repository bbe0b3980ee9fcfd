"""Trying a rebuild's transactions again: hours of work are not given up for a lock that someone held too long."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy import Connection, Engine

from hub.errors import HubError
from hub.projections import generations
from hub.projections.tables import Tables

T = TypeVar("T")
Sleep = Callable[[float], None]
PAUSES_S = (0.1, 0.5, 2.0, 5.0, 10.0, 20.0, 30.0)
"""A minute, beside the time that each attempt waits for a lock: enough for a server to start again."""
_WAITS_S = (2, 2, 4, 8, 16, *[30] * 30)
"""How long a switch waits for batches to end while others queue behind it: briefly, then as long as a large batch may
take. In between, the same time is left to ingest."""


def patiently(
    sleep: Sleep,
    act: Callable[[], T],
    may_repeat: Callable[[], bool] = lambda: True,
    pauses: Iterable[float] = PAUSES_S,
) -> T:
    """Do something, and do it again after pauses while what fails may pass."""
    for pause in pauses:
        try:
            return act()
        except HubError as error:
            if not error.retriable or not may_repeat():
                raise
        sleep(pause)
    return act()


def written_to(store: Engine, built: Tables, sleep: Sleep, act: Callable[[Connection], T]) -> T:
    """Write to a generation being built, and do it again while the store cannot be written.

    A commit whose answer was lost is not tried again: it may have been kept.

    Raises:
        Usage: another rebuild began since, and dropped the generation.
    """
    is_done = False

    def once() -> T:
        nonlocal is_done
        with generations.writing_to(store, built) as connection:
            given = act(connection)
            is_done = True
        return given

    return patiently(sleep, once, lambda: not is_done)


def switched(store: Engine, built: Tables, sleep: Sleep, act: Callable[[Connection], None]) -> None:
    """Complete a generation and make it the live one; waits for ingest, and lets it go on in between.

    Raises:
        Usage: another rebuild began since, and dropped the generation.
    """
    waits = iter((*_WAITS_S, _WAITS_S[-1]))

    def once() -> None:
        with generations.switching_to(store, built, wait_ms=1_000 * next(waits)) as connection:
            # Of a commit whose answer was lost, the state tells whether it was kept.
            if not generations.is_live(connection, built):
                act(connection)

    patiently(sleep, once, pauses=_WAITS_S)

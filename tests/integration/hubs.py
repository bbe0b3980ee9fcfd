"""Whole hubs in temporary folders, and histories that make case records meet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from hub.domain.events.base import Event
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.ledger.accounting import Accounting, accounting
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.digest import digest
from hub.wiring import Hub, now
from tests import strategies
from tests.integration import engines

EXAMPLES = int(os.environ.get("HUB_TEST_EXAMPLES", "25"))
"""How many histories a property tries; raise it for a longer hunt."""
EXAMPLES_ON_SERVERS = max(1, EXAMPLES // 8)
CASES = (
    *(CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}") for number in range(1, 4)),
    *(CaseKey(CAP_EMPLOI, strategies.SIRETS[0], f"CE-{number}") for number in range(1, 4)),
)
"""Few cases, so that events, links, voids and ids concern each other."""

_WHO = ("CaseRegistered", "CaseUpdated", "RecordsLinked", "RecordsUnlinked", "MatchRejected", "EventVoided")


def examples(engine: str) -> settings:
    """Give how many histories a property tries: fewer on servers, where each hub is made anew in about a second."""
    return settings(max_examples=EXAMPLES if engine == "files" else EXAMPLES_ON_SERVERS)


def nth_id(number: int) -> str:
    return f"01890a5d-0000-7000-8000-{number:012d}"


def renumbered(event: Event, number: int, voided: int) -> Event:
    """Give an event an id of its own, and a void a target among the history."""
    changes: dict[str, Any] = {"meta": event.meta.model_copy(update={"event_id": nth_id(number)})}
    if "voided_event_id" in type(event).model_fields:
        changes["voided_event_id"] = nth_id(voided)
    return event.model_copy(update=changes)


@st.composite
def histories(draw: st.DrawFn, min_size: int = 1, max_size: int = 25) -> list[Event]:
    """Give events of the whole catalogue about few cases, those that say who is who more often."""
    cases = st.sampled_from(CASES)
    one = st.one_of(strategies.events(cases=cases), strategies.events(among=_WHO, cases=cases))
    drawn = draw(st.lists(one, min_size=min_size, max_size=max_size))
    last = len(drawn) - 1
    return [renumbered(event, number, draw(st.integers(0, last))) for number, event in enumerate(drawn)]


@contextmanager
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@contextmanager
def a_hub(clock: Callable[[], datetime] = now) -> Iterator[Hub]:
    with folder() as path:
        try:
            engines.create(path).close()
            with Hub(engines.settings(path), clock) as hub:
                yield hub
        finally:
            engines.forget(path)


def publish(hub: Hub, events: Iterable[Event]) -> None:
    with hub.publisher() as publisher:
        publisher.publish_batch(list(events))


def consume(hub: Hub, smallest_batch: int = 500) -> None:
    ingest = hub.ingest(smallest_batch)
    ingest.until_caught_up(lambda _: None)
    ingest.close()


def take(hub: Hub, events: Sequence[Event]) -> None:
    publish(hub, events)
    consume(hub)


def digest_of(hub: Hub) -> str:
    with reading(hub.store) as connection:
        return digest(connection, generations.live(connection))


def sums_of(hub: Hub) -> Accounting:
    with reading(hub.store) as connection:
        return accounting(connection)


def digest_of_all(events: Sequence[Event]) -> str:
    """Give the digest of a fresh hub on files that gets the events in their given order, at once."""
    with engines.on_files(), a_hub() as hub:
        take(hub, events)
        return digest_of(hub)


class SteppingClock:
    """A clock that moves only when told to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def read_more(hub: Hub) -> tuple[int, int, int]:
    """Consume what is new; give how many records were accepted, repeated and quarantined of it.

    A test that counts does so first too: tests share the log, and others leave events on it.
    """
    before = sums_of(hub)
    consume(hub)
    after = sums_of(hub)
    accepted, duplicates = after.accepted - before.accepted, after.duplicate - before.duplicate
    return accepted, duplicates, after.quarantined - before.quarantined

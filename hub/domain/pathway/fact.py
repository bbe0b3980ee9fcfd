"""What every subject's state is made of: facts that name the event that set them, anomalies and alerts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct

from hub.domain.events.base import Metadata

T = TypeVar("T")


class State(Struct, frozen=True, array_like=True, gc=False):
    """Base of all stored state: immutable, compared by value, encoded as an array.

    What cannot change holds no reference to itself, so the garbage collector need not look at it.

    A new field goes last with a default, so that a state stored before still decodes; any other change needs a new
    fold version, which refolds from the ledger.
    """


class Fact(State, Generic[T], frozen=True, order=True):
    """A value and the id of the event that set it, sorted in this order."""

    value: T
    event_id: str


class Doing(State, frozen=True):
    """Who did something, when, and where: an adviser of a network."""

    at: datetime
    network: str
    adviser: str
    site: str | None
    event_id: str


def doing(meta: Metadata) -> Doing:
    """Give who did what an event tells."""
    return Doing(meta.occurred_at, meta.network, meta.actor_id, meta.site, meta.event_id)


class Anomaly(NamedTuple):
    """Something the events say that does not fit; it goes when the missing fact arrives.

    `rule` is a stable code, `about` the thing concerned (as in `delegation:D-12`), `event_id` the event that shows it.
    """

    rule: str
    about: str
    event_id: str


class Alert(NamedTuple):
    """Something expected by a day: overdue when asked after `due_on`, gone when it arrives."""

    rule: str
    about: str
    event_id: str
    due_on: date

"""Events about employers, sites, territories and the road map, for the tests of these subjects."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

from hub.domain.events.base import NoCaseEvent
from tests.unit.pathway.builders import moment, nth_id

E = TypeVar("E", bound=NoCaseEvent)

_numbers = count(1)


def stated(kind: type[E], *, at: str | None = None, network: str | None = None, **fields: Any) -> E:
    """Build an event without a case, later than the one built before, by the first network that may state it."""
    number = next(_numbers)
    time = moment(at) if at else moment("2021-03-01") + timedelta(seconds=number)
    meta = {
        "event_id": nth_id(number),
        "network": network or kind.emitters[0],
        "sequence": number,
        "occurred_at": time,
        "recorded_at": time,
        "actor_id": "A-1",
        "organisation": network or kind.emitters[0],
    }
    return kind(meta=meta, **fields)

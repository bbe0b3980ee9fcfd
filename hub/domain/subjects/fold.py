"""The fold of every subject that is not a person: an employer, a site, a territory, a road-map target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from hub.domain.events.base import Event
from hub.domain.pathway.fact import Anomaly, State
from hub.domain.subjects import employer, roadmap, site, territory


class Kind(NamedTuple):
    """How subjects of one kind are folded."""

    initial: State
    evolve: Callable[[Any, Any], State]
    anomalies: Callable[[Any], Iterable[Anomaly]]
    decoder: msgspec.msgpack.Decoder[State]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind: Kind(initial, module.evolve, module.anomalies, msgspec.msgpack.Decoder(type(initial)))
        for kind, initial, module in (
            ("employer", employer.Employer(), employer),
            ("site", site.Site(), site),
            ("territory", territory.Territory(), territory),
            ("roadmap_target", roadmap.RoadmapTarget(), roadmap),
        )
    }
)
"""The kinds by the name that `Subject.kind` gives them."""


def fold(kind: str, ordered: Sequence[Event]) -> State:
    """Fold the events of one subject, given in canonical order."""
    return reduce(KINDS[kind].evolve, ordered, KINDS[kind].initial)


def decode(kind: str, stored: bytes) -> State:
    """Read back a state stored as MessagePack."""
    return KINDS[kind].decoder.decode(stored)


def anomalies(kind: str, state: State) -> Iterator[Anomaly]:
    """Name everything about one subject that does not fit together."""
    yield from KINDS[kind].anomalies(state)

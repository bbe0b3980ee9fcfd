"""Topics, and who may write what to which."""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.events.base import Decision, Event
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, HUB, NETWORKS

FRANCE_TRAVAIL_EVENTS = "france-travail.case-events.v1"
CAP_EMPLOI_EVENTS = "cap-emploi.case-events.v1"
DECISIONS = "hub.decisions.v1"
OUTBOUND_OF = {network: f"hub.pathway-updates.v1.{network.replace('_', '-')}" for network in NETWORKS}
"""One for each network, since rights on a log are given by topic: a network may read about its own people only."""
OUTBOUND = tuple(OUTBOUND_OF.values())
OF_NETWORK = {FRANCE_TRAVAIL: FRANCE_TRAVAIL_EVENTS, CAP_EMPLOI: CAP_EMPLOI_EVENTS, HUB: DECISIONS}
INBOUND = (FRANCE_TRAVAIL_EVENTS, CAP_EMPLOI_EVENTS, DECISIONS)
COMPACTED = OUTBOUND
"""Topics of snapshots: the last record of each key is kept for good, the earlier ones are not."""


def topic_of(event: Event) -> str:
    """Give the topic that an event belongs on: its network's, or the hub's for people's decisions."""
    return DECISIONS if isinstance(event, Decision) else OF_NETWORK[event.meta.network]


def topics_of(event_type: type[Event]) -> tuple[str, ...]:
    """Give every topic on which events of a type may stand, one for each network that may state them."""
    if issubclass(event_type, Decision):
        return (DECISIONS,)
    return tuple(OF_NETWORK[network] for network in event_type.emitters)


def may_stand_on(topic: str, event: Event) -> bool:
    """Tell whether an event may come through a topic: a network writes only its own events, to its own topic."""
    return topic_of(event) == topic


def partitions_of(topics: Iterable[str], partitions: int) -> dict[str, int]:
    """Give each topic's number of partitions; decisions have one, so that they are read in the order they were made."""
    return {topic: 1 if topic == DECISIONS else partitions for topic in topics}

"""Topics, and who may write what to which."""

from __future__ import annotations

from hub.domain.events.base import Decision, Event
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, HUB

FRANCE_TRAVAIL_EVENTS = "france-travail.case-events.v1"
CAP_EMPLOI_EVENTS = "cap-emploi.case-events.v1"
DECISIONS = "hub.decisions.v1"
OF_NETWORK = {FRANCE_TRAVAIL: FRANCE_TRAVAIL_EVENTS, CAP_EMPLOI: CAP_EMPLOI_EVENTS, HUB: DECISIONS}
INBOUND = (FRANCE_TRAVAIL_EVENTS, CAP_EMPLOI_EVENTS, DECISIONS)


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

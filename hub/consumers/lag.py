"""Lag: how many records of the log the hub has not read yet, by topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hub.ledger.accounting import CONSUMER
from hub.ledger.offsets import StoredOffset
from hub.log.port import Topic


class Lag(NamedTuple):
    """What a topic holds and how much of it is still to read; offsets that the log passed over count as records."""

    topic: str
    partitions: int
    held_events: int
    lag_events: int


def lag(topics: Mapping[str, Topic], stored: Iterable[StoredOffset]) -> list[Lag]:
    """Compare the ends of the topics with the stored offsets."""
    read = {(each.topic, each.partition): each.next_offset for each in stored if each.consumer == CONSUMER}
    found = []
    for name, topic in sorted(topics.items()):
        extents = list(enumerate(topic.partitions))
        behind = sum(
            max(0, extent.end - max(extent.beginning, read.get((name, number), 0))) for number, extent in extents
        )
        found.append(Lag(name, len(extents), sum(extent.end - extent.beginning for _, extent in extents), behind))
    return found

"""Lag: how many records of the log the hub has not read yet, by topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hub.consumers.positions import Position, positions
from hub.ledger.offsets import StoredOffset
from hub.log.port import Extent, Topic


class Lag(NamedTuple):
    """What a topic holds and how much of it is still to read; offsets that the log passed over count as records.

    `incidents` says by partition what the log lost; all that such a partition holds is still to read.
    """

    topic: str
    partitions: int
    held_events: int
    lag_events: int
    incidents: dict[int, str]


def lag(topics: Mapping[str, Topic], stored: Iterable[StoredOffset]) -> list[Lag]:
    """Compare what the topics hold with the stored offsets."""
    found = {(each.stored.topic, each.stored.partition): each for each in positions(stored, topics)}
    return [
        _of(topic, {number: found.get((name, number)) for number in range(len(topic.partitions))})
        for name, topic in sorted(topics.items())
    ]


def _of(topic: Topic, read: Mapping[int, Position | None]) -> Lag:
    behind = sum(_behind(extent, read[number]) for number, extent in enumerate(topic.partitions))
    held = sum(extent.end - extent.beginning for extent in topic.partitions)
    incidents = {number: position.incident for number, position in read.items() if position and position.incident}
    return Lag(topic.name, len(topic.partitions), held, behind, incidents)


def _behind(extent: Extent, position: Position | None) -> int:
    if position is None or position.incident:
        return extent.end - extent.beginning
    return extent.end - position.stored.next_offset

"""Positions: where the hub goes on reading, what the log holds there, and going on after the log lost it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from hub.errors import NotFound, Usage
from hub.ledger import offsets
from hub.ledger.accounting import CONSUMER
from hub.ledger.database import reading, writing
from hub.ledger.offsets import OffsetDecision, StoredOffset
from hub.log.incident import lost
from hub.log.port import Stored, Topic


class LogSpan(NamedTuple):
    """What the log holds of a partition now: offsets from `beginning` up to, not including, `end`."""

    beginning: int
    end: int
    topic_id: str


class Position(NamedTuple):
    """A stored offset beside what the log holds, None without such a partition, and what is wrong, None if nothing."""

    stored: StoredOffset
    log: LogSpan | None
    incident: str | None


def positions(stored: Iterable[StoredOffset], topics: Mapping[str, Topic]) -> list[Position]:
    """Compare the hub's stored offsets with the topics; a partition that the log lacks is never read: no incident."""
    return [_position(each, topics.get(each.topic)) for each in stored if each.consumer == CONSUMER]


def _position(stored: StoredOffset, topic: Topic | None) -> Position:
    if topic is None or stored.partition >= len(topic.partitions):
        return Position(stored, None, None)
    extent = topic.partitions[stored.partition]
    log = LogSpan(extent.beginning, extent.end, topic.topic_id)
    place = Stored(stored.next_offset, stored.topic_id, stored.leader_epoch)
    return Position(stored, log, lost(place, log.topic_id, log.beginning, log.end))


def reset(
    store: Engine,
    topics: Mapping[str, Topic],
    topic: str,
    partition: int | None,
    *,
    to: int | None = None,
    by: str,
    note: str,
    now: Callable[[], datetime],
) -> list[OffsetDecision]:
    """Go on from the log's beginning where it lost what comes next: in one partition, or in all of the topic's.

    With `to`, go on from there in one partition, incident or not: past records that nobody can read, or back to read
    some again. What is read again and was accepted before counts as duplicate. Moves and decisions are one transaction.

    Raises:
        NotFound: the log has no such topic.
        Usage: there is no incident, no note, no partition for `to`, or `to` is not in the log; nothing was moved.
        OffsetConflict: a worker moved an offset meanwhile; nothing was moved.
    """
    if not note.strip():
        raise Usage("an offset is not reset without a note; say what was lost and where it was published again")
    if topic not in topics:
        raise NotFound(f"the log has no topic {topic}; `hub offsets list` shows those read, `hub init` makes them anew")
    if to is not None and partition is None:
        raise Usage("an offset to go on from is one partition's; name the partition")
    with reading(store) as connection:
        found = positions(offsets.all_offsets(connection), topics)
    concerned = [each for each in found if each.stored.topic == topic and partition in {None, each.stored.partition}]
    with writing(store) as connection:
        decisions = [
            offsets.reset(connection, stored, target, topic_id, by=by, note=note, now=now)
            for stored, target, topic_id in _targets(concerned, to)
        ]
    if not decisions:
        place = topic if partition is None else f"{topic}, partition {partition}"
        raise Usage(f"{place}: the log holds what comes next, so the offset stays; `hub offsets list` shows each")
    return decisions


def _targets(concerned: Iterable[Position], to: int | None) -> Iterator[tuple[StoredOffset, int, str]]:
    """Give the stored offsets to move, each with where to, and the topic's id there."""
    for stored, log, incident in concerned:
        if log is None:
            continue
        if to is not None:
            _refuse_outside(log, to)
            yield stored, to, log.topic_id
        elif incident:
            yield stored, log.beginning, log.topic_id


def _refuse_outside(log: LogSpan, offset: int) -> None:
    if not log.beginning <= offset <= log.end:
        raise Usage(f"the log holds offsets {log.beginning} to {log.end}, not {offset}; nothing was moved")

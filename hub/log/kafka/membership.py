"""Membership of the consumer group: which partitions are ours. Nothing is read here.

It is apart from reading because the library's group consumer, when partitions come to it, goes on from the offsets
committed to the broker, and because any error in its fetches would cost the membership. Its partitions are paused, so
it never fetches.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from threading import Lock
from typing import Any

import kafka
from kafka import errors
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.base import MemberState

from hub.log.kafka.connection import KafkaConnection
from hub.log.kafka.opening import open_library, translate
from hub.log.kafka.topicwatch import look_up

_CONFIG = {
    "partition_assignment_strategy": [CooperativeStickyAssignor],
    "enable_auto_commit": False,
    "auto_offset_reset": "none",
    "allow_auto_create_topics": False,
    "max_poll_interval_ms": 300_000,
    "metrics_enabled": False,
}
LONGEST_HEARTBEAT_MS = 1_000
"""Members hear of a rebalance by their heartbeats."""
COMMIT_EVERY_S = 1.0
LEAVE_S = 3.0
SECOND_ROUND_S = 3.0
"""How long after a round of the group the next one may be in coming: others hear of it between two batches."""


class _Parked(kafka.ConsumerRebalanceListener):  # type: ignore[misc] # the library's classes are untyped
    """Pauses what comes, so that it is never fetched, and notes what goes; it runs on the library's I/O thread."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._lock = Lock()
        self._gone: set[Any] = set()

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Give each a position, any one: without, the library would ask the broker for its own, or fail."""
        for partition in assigned:
            self._library.pause(partition)
            self._library.seek(partition, 0)

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """Note them: they may be back before anybody looks, read further by another worker meanwhile."""
        with self._lock:
            self._gone.update(revoked)

    def take_gone(self) -> set[Any]:
        """Give the partitions that went since the last call."""
        with self._lock:
            gone, self._gone = self._gone, set()
            return gone


class _Joining:
    """Stands for the answer to a request to join, which may come between two polls.

    The library (3.0.12) throws such an answer away and asks to join again, so that a group of busy workers would never
    come to an end with it; or, where it joined for a new partition, forgets that it did and sends no heartbeats any
    more. What is never done, with the need to join kept up, is awaited at the next poll, where it may be waiting.
    """

    is_done = False

    def __init__(self, asked: Any) -> None:
        self.add_callback = asked.add_callback
        self.add_errback = asked.add_errback


class Membership:
    """One member of the group, for one thread."""

    def __init__(self, connection: KafkaConnection, config: dict[str, Any], group: str, topics: list[str]) -> None:
        timeouts = {
            "request_timeout_ms": connection.timeout_ms,
            # A killed worker's partitions go to others after this; those of a worker stuck in a step, after max_poll.
            "session_timeout_ms": connection.session_ms,
            "heartbeat_interval_ms": min(LONGEST_HEARTBEAT_MS, connection.session_ms // 3),
        }
        self._library, self.net = open_library(
            kafka.KafkaConsumer, connection, config | _CONFIG | timeouts | {"group_id": group}
        )
        self._group = group
        self._parked = _Parked(self._library)
        self._to_commit: dict[Any, int] = {}
        self._committed_at = time.monotonic()
        self._generation = -1
        self._round_at = time.monotonic()
        with ExitStack() as on_error:
            on_error.callback(self.close)
            self._library.subscribe(topics, listener=self._parked)
            # A leader that does not know the partitions yet would assign none, and the group would begin again.
            look_up(self.net, topics, connection.timeout_ms)
            on_error.pop_all()

    def follow(self, timeout_ms: float) -> tuple[frozenset[Any], set[Any]]:
        """Take part in the group; give the partitions that are ours now, and those that went, maybe to come back.

        It returns at the latest after the timeout and a little more, with what was ours before if Kafka is away.

        Raises:
            Usage: the group is refused to this user.
        """
        try:
            self._library.poll(timeout_ms=timeout_ms)
        except errors.RetriableError:
            # The library looks for the coordinator again by itself.
            pass
        except errors.KafkaError as error:
            raise translate(error, f"the worker cannot be a member of group {self._group}") from error
        self._keep_joining()
        if time.monotonic() >= self._committed_at + COMMIT_EVERY_S:
            self._commit()
        generation = self._library.group_metadata().generation_id
        if generation != self._generation:
            self._generation, self._round_at = generation, time.monotonic()
        gone = self._parked.take_gone()
        return frozenset(self._library.assignment()), gone

    @property
    def is_settled(self) -> bool:
        """Tell whether the group has told this member which partitions are its own, with no more to come.

        In the first round, those that are to come from other members are nobody's yet: a member without any waits for
        the second, and when none comes, the others have them all.
        """
        if self._library.group_metadata().state != MemberState.STABLE or self._library._coordinator.rejoin_needed:
            return False
        return bool(self._library.assignment()) or time.monotonic() >= self._round_at + SECOND_ROUND_S

    def commit(self, offsets: Mapping[Any, int]) -> None:
        """Note how far we are; it is sent once a second, for lag tools."""
        self._to_commit.update(offsets)

    def close(self) -> None:
        """Leave the group, within a bounded time also when Kafka is away."""
        with suppress(errors.KafkaError, RuntimeError):
            if ours := self._committable():
                self._library.commit(ours, timeout_ms=LEAVE_S * 1000)
        with suppress(errors.KafkaError, RuntimeError):
            self._library.close(autocommit=False, timeout_ms=LEAVE_S * 1000)

    def _keep_joining(self) -> None:
        coordinator = self._library._coordinator
        asked = coordinator._join_task
        if asked is not None:
            coordinator._join_task = asked if isinstance(asked, _Joining) else _Joining(asked)
            coordinator.request_rejoin()

    def _commit(self) -> None:
        self._committed_at = time.monotonic()
        if offsets := self._committable():
            with suppress(errors.KafkaError):
                self._library.commit_async(offsets, callback=_ignore)
        self._to_commit.clear()

    def _committable(self) -> dict[Any, Any]:
        ours = self._library.assignment()
        return {
            partition: kafka.OffsetAndMetadata(offset, "", -1)
            for partition, offset in self._to_commit.items()
            if partition in ours
        }


def _ignore(_offsets: object, _answer: object) -> None:
    """Positions are never read from the broker, so a commit that failed changes nothing."""

"""Consuming from Kafka: a member of the group for the partitions, a reader for their records, the hub for positions."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from hub.errors import LogIncident, LogUnavailable, NotFound
from hub.log.incident import lost, remedy
from hub.log.kafka.connection import KafkaConnection
from hub.log.kafka.faults import Faults
from hub.log.kafka.handing import Held
from hub.log.kafka.membership import Membership
from hub.log.kafka.names import Names
from hub.log.kafka.reader import Place, Reader, unanswered
from hub.log.kafka.topicwatch import TopicWatch
from hub.log.port import Batch, Positions, Stored, TopicPartition

FOLLOW_EVERY_S = 0.1
"""How often the group is heard while there are records; heartbeats go on by themselves in between."""
SLICE_MS = 200.0
"""How long one wait for records lasts at most, so that the group is heard in between."""
JOIN_SLICE_MS = 20.0
"""How long one wait for partitions lasts: the library waits to its end also when they came meanwhile."""
FETCHED_RECORDS = 1_000
"""How many records are taken from the library at least: it hands out one partition's after the other."""
ANSWER_MS = 4_000.0
"""How long a poll waits for what it must know before it reads a new partition, whatever its own timeout."""
BEGIN_AGAIN_S = 1.0
"""How long partitions without a leader are left alone at least, and no shorter than the last attempt took."""


class KafkaConsumer:
    """Polls the partitions that the group gives it; it belongs to one thread."""

    def __init__(self, connection: KafkaConnection, topics: Sequence[str], positions: Positions, *, group: str) -> None:
        """Connect and join the group; partitions come while polling, and `positions` is asked for each.

        Raises:
            LogUnavailable: Kafka does not answer.
            NotFound: a topic does not exist.
            Usage: the login is refused, or the settings do not fit together.
        """
        self._connection = connection
        self._names = Names(connection.topic_prefix)
        self._positions = positions
        self._silence_s = connection.timeout_ms / 1000
        config = connection.library_config()
        physical = [self._names.topic(topic) for topic in topics]
        with ExitStack() as on_error:
            self._reader = Reader(connection, config)
            on_error.callback(self._reader.close)
            self._topics = TopicWatch(self._names, self._reader, topics, connection.timeout_ms)
            self._membership = Membership(connection, config, group, physical)
            on_error.pop_all()
        self._faults = Faults(self._names, self._reader)
        self._held = Held(self._names)
        self._ours: frozenset[Any] = frozenset()
        self._incident: LogIncident | None = None
        self._followed_at = 0.0
        self._begin_at = 0.0
        self._complete_at = time.monotonic()
        self._heard_at = time.monotonic()

    def poll(self, max_records: int, timeout_ms: int) -> list[Batch]:
        """Return the next records, waiting for some up to `timeout_ms`; nothing while Kafka is away.

        Raises:
            LogUnavailable: Kafka was away for longer than the timeout of the connection.
            Usage: it does not let the user in any more.
        """
        deadline = time.monotonic() + timeout_ms / 1000
        while True:
            left_ms = max(0.0, (deadline - time.monotonic()) * 1000)
            self._follow(min(left_ms, JOIN_SLICE_MS))
            self._fill(max_records, min(left_ms, SLICE_MS))
            if batches := self._held.hand_out(max_records):
                return batches
            if time.monotonic() >= deadline:
                self._refuse_silence()
                return []

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on from an offset; what was fetched from elsewhere is dropped."""
        here = self._names.partition(partition)
        if here in self._held.partitions():
            # The epoch of the record before it is known for stored offsets alone.
            self._reader.seek(here, Place(offset, -1))
            self._held.start(here, Place(offset, -1), self._topics.id_of(here.topic))

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell the broker, once a second and at the end."""
        self._membership.commit({self._names.partition(partition): offset for partition, offset in offsets.items()})

    def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the ends for a reader of committed records."""
        wanted = {partition: self._names.partition(partition) for partition in partitions}
        for partition, here in wanted.items():
            known = self._reader.net.cluster.partitions_for_topic(here.topic)
            if known is not None and here.partition not in known:
                raise NotFound(f"topic {partition.topic} has no partition {partition.partition}")
        found = self._reader.all_extents(wanted.values(), self._silence_s * 1000)
        return {partition: found[here][1] for partition, here in wanted.items()}

    def is_caught_up(self) -> bool:
        """Compare the places with the ends, once the group has given this member its partitions."""
        if not self._membership.is_settled:
            return False
        if self._held.partitions() != self._ours:
            self._refuse_absence()
            return False
        ends = self._reader.all_extents(self._ours, self._silence_s * 1000)
        return all(self._held.next_offset(here) >= end for here, (_, end) in ends.items())

    def assignment(self) -> frozenset[TopicPartition]:
        """Return the partitions that the group gave this consumer."""
        return frozenset(map(self._names.plain, self._ours))

    def close(self) -> None:
        """Tell the broker how far the hub is, leave the group and disconnect, within 10 s also when Kafka is away."""
        self._membership.close()
        self._reader.close()

    def _follow(self, wait_ms: float) -> None:
        """Hear the group: let go what is no longer ours, and begin with what came."""
        settled = self._ours and (self._held.partitions() == self._ours or time.monotonic() < self._begin_at)
        if settled and time.monotonic() < self._followed_at + FOLLOW_EVERY_S:
            return
        self._ours, gone = self._membership.follow(0.0 if self._ours else wait_ms)
        self._followed_at = time.monotonic()
        self._topics.refuse_changed(self._membership.net)
        self._topics.refuse_missing(self._membership.net)
        if gone or self._held.partitions() - self._ours:
            self._held.keep_only(self._ours - gone)
            self._reader.read({here: self._reader.place(here) for here in self._held.partitions()})
        came = self._ours - self._held.partitions()
        if not came:
            self._complete_at = self._followed_at
        elif self._followed_at >= self._begin_at:
            self._begin(came)

    def _begin(self, came: frozenset[Any]) -> None:
        """Begin with those whose leader answers; the others are tried again later, and these are read meanwhile."""
        extents: dict[Any, tuple[int, int]] = {}
        with suppress(LogUnavailable):
            self._topics.refresh({here.topic for here in came}, ANSWER_MS)
            extents = self._reader.extents(came, ANSWER_MS)
        if len(extents) < len(came):
            now = time.monotonic()
            self._begin_at = now + max(BEGIN_AGAIN_S, now - self._followed_at)
        starts: dict[Any, Place] = {}
        for here in extents:
            stored = self._positions(self._names.plain(here))
            self._refuse_lost(here, stored, extents[here])
            starts[here] = Place(stored.next_offset, stored.leader_epoch) if stored else Place(extents[here][0], -1)
        self._reader.read({here: self._reader.place(here) for here in self._held.partitions()} | starts)
        for here, place in starts.items():
            self._held.start(here, place, self._topics.id_of(here.topic))

    def _fill(self, wanted: int, wait_ms: float) -> None:
        """Fetch, slice by slice, until enough records wait or no more are at hand; wait only where there is none."""
        waiting = self._held.waiting()
        if self._incident is not None:
            if waiting:
                return
            incident, self._incident = self._incident, None
            raise incident
        enough = max(wanted, waiting + FETCHED_RECORDS) if waiting < wanted else 0
        while waiting < enough and (most := self._held.next_slice()):
            try:
                if not self._fetch(min(most, enough - waiting), 0.0 if waiting else wait_ms):
                    return
            except LogIncident as incident:
                if not waiting:
                    raise
                # What came before is handed out first.
                self._incident = incident
                return
            waiting = self._held.waiting()

    def _fetch(self, max_records: int, wait_ms: float) -> bool:
        if not self._held.partitions():
            return False
        try:
            fetched = self._reader.poll(max_records, wait_ms)
        except Exception as error:  # noqa: BLE001 codecs raise what they like
            self._recover(error)
            return False
        self._topics.refuse_changed(self._reader.net)
        self._held.add(fetched, self._reader.place)
        return bool(fetched)

    def _recover(self, error: Exception) -> None:
        """Say what became of the log; without a word, the reader goes on from the same places when Kafka is there."""
        try:
            for here in self._faults.out_of_range(error):
                self._topics.refresh([here.topic], ANSWER_MS)
                place = self._reader.place(here)
                stored = Stored(place.offset, self._topics.id_of(here.topic), place.epoch)
                self._refuse_lost(here, stored, self._reader.all_extents([here], ANSWER_MS)[here])
            self._faults.explain(error, self._held.partitions())
        except LogUnavailable:
            # The next poll begins here again; `_refuse_silence` says when that lasts too long.
            return

    def _refuse_lost(self, here: Any, stored: Stored | None, extent: tuple[int, int]) -> None:
        """Stop at a position whose records are gone: to skip them silently would lose them."""
        if stored and (defect := lost(stored, self._topics.id_of(here.topic), *extent)):
            topic, number = plain = self._names.plain(here)
            raise LogIncident(f"topic {topic}, partition {number}: {defect}; {remedy(plain)}")

    def _refuse_absence(self) -> None:
        """Say which partitions could not be begun with for as long as an answer may take."""
        if time.monotonic() >= self._complete_at + self._silence_s:
            raise unanswered(self._ours - self._held.partitions())

    def _refuse_silence(self) -> None:
        now = time.monotonic()
        net = self._reader.net
        if any(net.is_ready(broker.node_id) for broker in net.cluster.brokers()):
            self._heard_at = now
        elif now >= self._heard_at + self._silence_s:
            if self._connection.token_failure is not None:
                raise self._connection.token_failure
            raise LogUnavailable(
                f"Kafka is away since {now - self._heard_at:.0f} s; check the brokers and the network, "
                "the worker goes on when they are back"
            )

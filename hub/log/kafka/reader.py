"""Reading the partitions given, from the places given; a library's consumer that failed is replaced by another one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import kafka
from kafka import errors

from hub.errors import LogUnavailable
from hub.log.kafka.connection import KafkaConnection
from hub.log.kafka.opening import Opened, open_library, translated
from hub.log.port import MAX_BYTES

_CONFIG = {
    "group_id": None,
    "auto_offset_reset": "none",
    "enable_auto_commit": False,
    "allow_auto_create_topics": False,
    "isolation_level": "read_committed",
    "check_crcs": True,
    # Compressed, so the records of a fetch are some times larger in memory. A larger record comes alone.
    "fetch_max_bytes": MAX_BYTES // 2,
    "max_partition_fetch_bytes": 1024 * 1024,
    "fetch_min_bytes": 1,
    "fetch_max_wait_ms": 500,
    "metrics_enabled": False,
}
_LEADER_S = 0.1
"""How long it is waited between two looks for a leader."""


class Place(NamedTuple):
    """Where reading goes on, and the leader epoch of the record before it, -1 if that is not known."""

    offset: int
    epoch: int


class Reader:
    """Reads partitions; it belongs to one thread."""

    def __init__(self, connection: KafkaConnection, config: dict[str, Any]) -> None:
        self._connection = connection
        self._config = config | _CONFIG | {"request_timeout_ms": connection.timeout_ms}
        self._places: dict[Any, Place] = {}
        self._opened = self._open()
        self._is_broken = False

    @property
    def net(self) -> Any:
        """Give the library's view of the cluster."""
        return self._opened.net

    def read(self, places: Mapping[Any, Place]) -> None:
        """Read these partitions from now on; those read already keep their place, whatever is given."""
        kept = {partition: self._places.get(partition, place) for partition, place in places.items()}
        self._place(kept, [partition for partition in kept if partition not in self._places])

    def seek(self, partition: Any, place: Place) -> None:
        """Go on from another place."""
        self._place(self._places | {partition: place}, [partition])

    def place(self, partition: Any) -> Place:
        """Give where the next poll goes on."""
        return self._places[partition]

    def poll(self, max_records: int, timeout_ms: float) -> dict[Any, list[Any]]:
        """Give the next records by partition; the places may also move without any.

        Raises:
            Exception: whatever the library, a codec or a checksum raises; the next poll goes on from the same places.
        """
        if not self._places:
            return {}
        if self._is_broken:
            self._replace()
        # The library raises once, and then its poll never returns.
        self._is_broken = True
        records: dict[Any, list[Any]] = self._opened.library.poll(timeout_ms=timeout_ms, max_records=max_records)
        self._is_broken = False
        state = self._opened.library._subscription
        for partition, before in self._places.items():
            offset, _, epoch = state.position(partition)
            if epoch < 0 <= before.epoch and offset == before.offset:
                # An empty answer makes the library forget the epoch, with which it notices that a log was truncated.
                state.assignment[partition].position = kafka.OffsetAndMetadata(offset, "", before.epoch)
            elif offset != before.offset or epoch != before.epoch:
                self._places[partition] = Place(offset, epoch if epoch >= 0 else before.epoch)
        return records

    def probe(self, partition: Any, timeout_ms: float) -> BaseException | None:
        """Read the next records of one partition with a consumer of its own, and give what it raises.

        Raises:
            LogUnavailable: Kafka does not answer.
        """
        probe = Reader(self._connection, self._config)
        try:
            probe.read({partition: self._places[partition]})
            for _ in range(2):
                probe.poll(1_000_000, timeout_ms)
        except Exception as error:  # noqa: BLE001 codecs raise what they like
            return error
        finally:
            probe.close()
        return None

    def extents(self, partitions: Iterable[Any], timeout_ms: float) -> dict[Any, tuple[int, int]]:
        """Give the beginning and the end, where a reader of committed records stops, of the partitions that answer.

        Raises:
            Usage: Kafka refuses the user.
        """
        leaders: dict[Any, list[Any]] = {}
        for partition in partitions:
            leaders.setdefault(self.net.cluster.leader_for_partition(partition), []).append(partition)
        found: dict[Any, tuple[int, int]] = {}
        for leader, wanted in leaders.items():
            # Each leader is asked by itself, since one that does not answer costs the library the answers of all.
            if leader is not None and leader >= 0:
                found |= self._extents_of(wanted, timeout_ms / len(leaders))
        if len(found) < sum(map(len, leaders.values())):
            self.net.cluster.request_update()
        return found

    def all_extents(self, partitions: Iterable[Any], timeout_ms: float) -> dict[Any, tuple[int, int]]:
        """Give the extents of all these partitions.

        Raises:
            LogUnavailable: one did not answer in time.
            Usage: Kafka refuses the user.
        """
        deadline = time.monotonic() + timeout_ms / 1000
        missing, found = set(partitions), dict[Any, tuple[int, int]]()
        while missing:
            found |= self.extents(missing, max(0.0, deadline - time.monotonic()) * 1000)
            missing -= found.keys()
            if missing and time.monotonic() >= deadline:
                raise unanswered(missing)
            if missing:
                time.sleep(_LEADER_S)
        return found

    def _extents_of(self, partitions: list[Any], timeout_ms: float) -> dict[Any, tuple[int, int]]:
        try:
            with translated("the extents of the partitions cannot be read"):
                beginnings = self._opened.library.beginning_offsets(partitions, timeout_ms=timeout_ms)
                ends = self._opened.library.end_offsets(partitions, timeout_ms=timeout_ms)
        except (LogUnavailable, KeyError):
            # The library looks up what nobody answered for: a leader went meanwhile.
            return {}
        return {partition: (beginnings[partition], ends[partition]) for partition in partitions}

    def close(self) -> None:
        """Disconnect."""
        with suppress(errors.KafkaError, RuntimeError):
            self._opened.library.close(autocommit=False, timeout_ms=0)

    def _open(self) -> Opened:
        return open_library(kafka.KafkaConsumer, self._connection, self._config)

    def _replace(self) -> None:
        """Go on from the same places with a new consumer of the library.

        Raises:
            LogUnavailable: Kafka does not answer.
        """
        self.close()
        self._opened = self._open()
        self._is_broken = False
        self._place(self._places, list(self._places))

    def _place(self, places: dict[Any, Place], moved: list[Any]) -> None:
        library = self._opened.library
        library.assign(list(places))
        for partition in moved:
            # With the epoch, which the public seek does not take, the library checks that the log was not truncated.
            offset, epoch = places[partition]
            library._subscription.seek(partition, kafka.OffsetAndMetadata(offset, "", epoch))
        self._places = places


def unanswered(partitions: Iterable[Any]) -> LogUnavailable:
    """Name partitions without a broker that answers for them."""
    names = ", ".join(f"{topic} {number}" for topic, number in sorted(partitions))
    return LogUnavailable(f"no broker answers for these partitions: {names}; check that their leaders run")

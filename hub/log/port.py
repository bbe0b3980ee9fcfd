"""The port of the log: append to topics, poll batches per partition, administer topics.

A topic has a fixed number of partitions; a partition is a sequence of records with growing offsets, which may have
gaps. Records of one key stay in one partition, in the order they were appended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

MAX_BYTES = 16 * 1024 * 1024
"""How many bytes of keys, values and headers one poll returns, unless a single record is larger."""

Headers = tuple[tuple[str, bytes | None], ...]
"""Names with their values, in order; None where another client wrote a header without a value."""


class TopicPartition(NamedTuple):
    """Names one partition of a topic."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Message:
    """What a producer appends: it has a key or a value or both, and each header has a value.

    Without a partition, the key chooses it, and without a key, each in turn.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None


class Record(NamedTuple):
    """A message at its place in the log; `timestamp_ms` is when it was appended, since 1970 in UTC.

    A tuple, since one is made for every record read: a frozen dataclass takes three times as long to make.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition in the order of their offsets, read from `first_offset` on; `next_offset` comes next.

    It has no records where the log passed over what is not for readers, such as the marks of transactions.
    """

    partition: TopicPartition
    topic_id: str
    leader_epoch: int
    first_offset: int
    records: Sequence[Record]
    next_offset: int


@dataclass(frozen=True, slots=True)
class Stored:
    """The position that the hub's own database keeps for a partition, and of which incarnation of the topic.

    `resets` is how often someone set it back before; it says nothing to a log.
    """

    next_offset: int
    topic_id: str
    leader_epoch: int
    resets: int = 0


Positions = Callable[[TopicPartition], Stored | None]
"""Gives the stored position of a partition just assigned, read afresh: another worker may have moved it meanwhile.

It is called by the thread that opens the consumer or polls, and its errors come out there.
"""


@dataclass(frozen=True, slots=True)
class Extent:
    """What a partition holds now: offsets from `beginning` up to, not including, `end`."""

    beginning: int
    end: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it is now; `topic_id` differs when the topic was deleted and created again."""

    name: str
    topic_id: str
    partitions: tuple[Extent, ...]


class Difference(NamedTuple):
    """A setting of a topic that is not as it would be made now; `found` is None where there is no such topic."""

    topic: str
    setting: str
    wanted: str
    found: str | None
    can_alter: bool = False


class Producer(Protocol):
    """Appends messages durably; threads may share one."""

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        """Append all or none, and return the place of each, in the order given, once all are durable.

        Kafka promises it per partition only: of a failed append, some messages may have landed, and the same event ids
        appended again are duplicates for the hub.

        Raises:
            LogUnavailable: no answer in time; the append may have landed, so append again with the same event ids.
            StoreUnavailable: the log cannot be written now; nothing landed.
            NotFound: a topic does not exist; nothing landed.
            Usage: a partition does not exist, or the log does not take such messages from this user.
            RecordTooLarge: a record is larger than the log takes.
        """
        ...

    def close(self) -> None:
        """Release the connection; what was acknowledged stays."""
        ...


class Consumer(Protocol):
    """Reads the partitions assigned to it, from the stored positions or, where there is none, from the beginning.

    It belongs to one thread. Two consumers may be handed the same records (always with the embedded log, around a
    rebalance with Kafka): the hub's compare-and-set offsets decide whose transaction counts.
    """

    def poll(self, max_records: int, timeout_ms: int) -> list[Batch]:
        """Return what comes next, at most one batch per partition, and move past it; nothing after `timeout_ms`.

        Memory stays bounded: at most `max_records` and `MAX_BYTES` in all, and always at least one record.

        Raises:
            LogIncident: a position points at what the log no longer holds; nothing is skipped, the worker must stop.
            LogUnavailable: no answer in time; poll again.
            StoreUnavailable, StoreCorrupt: the log, or the stored position of a partition, cannot be read.
        """
        ...

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on from an offset; without effect on a partition no longer assigned, whose owner has its own."""
        ...

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell lag tools how far the hub is; positions are never read from it, and a failure is not an error."""
        ...

    def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the offset that the next append to each partition will have at least.

        Raises:
            NotFound: a partition does not exist.
        """
        ...

    def is_caught_up(self) -> bool:
        """Tell whether all that the partitions of this consumer hold now was returned, once it knows which they are.

        Raises:
            LogUnavailable: no answer in time.
        """
        ...

    def assignment(self) -> frozenset[TopicPartition]:
        """Return the partitions this consumer reads now."""
        ...

    def close(self) -> None:
        """Leave; the partitions go to the other consumers."""
        ...


class TopicAdmin(Protocol):
    """Creates, compares, alters and describes topics."""

    def create(self, topics: Mapping[str, int]) -> None:
        """Create topics with their number of partitions; one that exists with that number is left as it is.

        Raises:
            Usage: a topic exists with another number of partitions, which would break the order of keys.
        """
        ...

    def describe(self, names: Iterable[str]) -> dict[str, Topic]:
        """Describe the named topics that exist."""
        ...

    def differences(self, topics: Mapping[str, int]) -> list[Difference]:
        """Compare the topics, given with their number of partitions, with what `create` would make now."""
        ...

    def alter(self, differences: Iterable[Difference]) -> None:
        """Set what differs and can be altered, and leave the rest.

        Raises:
            Usage: the log refuses a setting.
        """
        ...

    def appended_ms(self, partition: TopicPartition, offset: int) -> int | None:
        """Give when the first record from this offset on was appended, since 1970 in UTC; None if that is not known.

        Raises:
            LogUnavailable, StoreUnavailable: the log cannot be read now.
        """
        ...

    def close(self) -> None:
        """Release the connection."""
        ...

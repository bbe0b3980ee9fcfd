"""Topics as the port names them and as the cluster does, which may put a prefix before every name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import kafka

from hub.log.port import TopicPartition


class Names:
    """Puts the prefix before names and takes it away."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def topic(self, name: str) -> str:
        """Give a topic's name in the cluster."""
        return f"{self._prefix}{name}"

    def partition(self, partition: TopicPartition) -> Any:
        """Give a partition as the library names it."""
        return kafka.TopicPartition(f"{self._prefix}{partition.topic}", partition.partition)

    def plain_topic(self, name: str) -> str:
        """Give a topic's name without the prefix."""
        return name.removeprefix(self._prefix)

    def plain(self, partition: Any) -> TopicPartition:
        """Give a partition of the library as the port names it."""
        return TopicPartition(partition.topic.removeprefix(self._prefix), partition.partition)


def topic_id_of(found: Any) -> str | None:
    """Give a topic's id in hexadecimal, None for the zeros that stand for a topic that does not exist."""
    topic_id = UUID(int=0) if found is None else UUID(str(found))
    return topic_id.hex if topic_id.int else None

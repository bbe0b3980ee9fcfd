"""What the hubs of a test run on: files of their own, or real servers, Kafka and PostgreSQL, that all tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from os import getpid
from pathlib import Path
from typing import Any

from confluent_kafka.admin import AdminClient

from hub.domain.topics import INBOUND, OUTBOUND, partitions_of
from hub.settings import Settings
from hub.wiring import Hub

PARTITIONS = 2
SESSION_MS = 1_500
"""How long a killed worker keeps its partitions."""
_numbers = count(1)


class Servers:
    """Gives each data directory databases, topics and a consumer group of its own."""

    def __init__(
        self, kafka_servers: str, create_database: Callable[[], str], drop_database: Callable[[str], None]
    ) -> None:
        self._kafka_servers = kafka_servers
        self._create_database = create_database
        self._drop_database = drop_database
        self._given: dict[Path, dict[str, Any]] = {}

    def given(self, data: Path) -> dict[str, Any]:
        """Give the settings that lead a data directory to its servers."""
        if data not in self._given:
            prefix = f"t{getpid()}-{next(_numbers)}."
            self._given[data] = {
                "database": self._create_database(),
                "key_database": self._create_database(),
                "kafka_servers": self._kafka_servers,
                "kafka_topic_prefix": prefix,
                "kafka_group": f"{prefix}hub",
                "kafka_session_ms": SESSION_MS,
                "partitions": PARTITIONS,
                "replication": 1,
            }
        return self._given[data]

    def forget(self, data: Path) -> None:
        """Remove what a data directory has on the servers."""
        given = self._given.pop(data, None)
        if given is None:
            return
        admin = AdminClient({"bootstrap.servers": self._kafka_servers})
        topics = [name for name in admin.list_topics(timeout=30).topics if name.startswith(given["kafka_topic_prefix"])]
        if topics:
            admin.delete_topics(topics)
            admin.poll(0)
        for name in ("database", "key_database"):
            self._drop_database(given[name])

    def close(self) -> None:
        """Remove all."""
        for data in list(self._given):
            self.forget(data)


_chosen: list[Servers | None] = [None]


@contextmanager
def on(servers: Servers) -> Iterator[None]:
    """Let every hub opened inside run on servers."""
    _chosen.append(servers)
    try:
        yield
    finally:
        _chosen.pop()
        servers.close()


@contextmanager
def on_files() -> Iterator[None]:
    """Let every hub opened inside run on files: what is right there is right everywhere."""
    _chosen.append(None)
    try:
        yield
    finally:
        _chosen.pop()


def are_servers() -> bool:
    """Tell whether hubs run on servers now."""
    return _chosen[-1] is not None


def given(data: Path, **more: Any) -> dict[str, Any]:
    """Give the settings of a hub with this data directory, as another process can be given them."""
    servers = _chosen[-1]
    return {"data": str(data), **(servers.given(data) if servers else {}), **more}


def settings(data: Path, **more: Any) -> Settings:
    """Give the settings of a hub with this data directory."""
    return Settings(**given(data, **more))


def create(data: Path, **more: Any) -> Hub:
    """Make a hub, its topics included."""
    chosen = settings(data, **more)
    hub = Hub.create(chosen)
    if chosen.kafka_servers is not None:
        with closing(hub.admin()) as admin:
            admin.create(partitions_of((*INBOUND, *OUTBOUND), chosen.partitions))
    return hub


def forget(data: Path) -> None:
    """Remove what a data directory has on servers; its files are the caller's."""
    if (servers := _chosen[-1]) is not None:
        servers.forget(data)

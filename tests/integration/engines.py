"""What the hubs of a test run on: files of their own, or real servers, Kafka and PostgreSQL, that all tests share."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from itertools import count
from os import getpid
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

from confluent_kafka.admin import AdminClient

from hub.domain.topics import INBOUND, OUTBOUND, partitions_of
from hub.settings import Settings
from hub.wiring import Hub
from tests.servers.postgres import Postgres

PARTITIONS = 2
SESSION_MS = 1_500
"""How long a killed worker keeps its partitions."""
_SHAPING = frozenset({"database", "key", "key_database", "key_file", "partitions"})
"""Settings that an installation is made by: with one of them it is made from nothing."""
_numbers = count(1)


class Made(NamedTuple):
    """An installation that was made on a server, for others to be copies of."""

    data: Path
    database: str
    key_database: str


_made_on: dict[str, Made] = {}


class Servers:
    """Gives each data directory databases, topics and a consumer group of its own.

    Args:
        postgres: a server that lasts as long as the run, if `lasts`: then installations are copies of one there.
    """

    def __init__(self, kafka_servers: str, postgres: Postgres, *, lasts: bool = False) -> None:
        self._kafka_servers = kafka_servers
        self._postgres = postgres
        self._lasts = lasts
        self._given: dict[Path, dict[str, Any]] = {}

    def given(self, data: Path) -> dict[str, Any]:
        """Give the settings that lead a data directory to its servers."""
        if data not in self._given:
            create = self._postgres.create_database
            self._given[data] = self._settings(database=create(), key_database=create())
        return self._given[data]

    def copied(self, data: Path) -> bool:
        """Give a data directory databases that are made already, with their files, unless it has some."""
        if data in self._given or not self._lasts:
            return False
        made, create = self._made(), self._postgres.create_database
        shutil.copytree(made.data, data)
        self._given[data] = self._settings(
            database=create(like=made.database), key_database=create(like=made.key_database)
        )
        return True

    def _made(self) -> Made:
        server = self._postgres.url()
        if server not in _made_on:
            made = Made(_lasting_folder() / "data", *(self._postgres.create_database("made") for _ in range(2)))
            Hub.create(Settings(**made._asdict())).close()
            _made_on[server] = made
        return _made_on[server]

    def _settings(self, **databases: str) -> dict[str, Any]:
        prefix = f"t{getpid()}-{next(_numbers)}."
        return {
            **databases,
            "kafka_servers": self._kafka_servers,
            "kafka_topic_prefix": prefix,
            "kafka_group": f"{prefix}hub",
            "kafka_session_ms": SESSION_MS,
            "partitions": PARTITIONS,
            "replication": 1,
        }

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
            self._postgres.drop_database(given[name])

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
    hub = Hub(settings(data, **more)) if _copied(data, more) else Hub.create(settings(data, **more))
    if hub.settings.kafka_servers is not None:
        with closing(hub.admin()) as admin:
            admin.create(partitions_of((*INBOUND, *OUTBOUND), hub.settings.partitions))
    return hub


def _copied(data: Path, more: Mapping[str, Any]) -> bool:
    """Make a data directory as a copy of one that this process made before, which costs a tenth; tell whether it is."""
    if data.exists() or _SHAPING & more.keys():
        return False
    if (servers := _chosen[-1]) is not None:
        return servers.copied(data)
    shutil.copytree(_made_in_files(), data)
    return True


@cache
def _made_in_files() -> Path:
    data = _lasting_folder() / "data"
    Hub.create(Settings(data=data)).close()
    return data


def _lasting_folder() -> Path:
    folder = Path(mkdtemp(prefix="parcours-hub-made-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def forget(data: Path) -> None:
    """Remove what a data directory has on servers; its files are the caller's."""
    if (servers := _chosen[-1]) is not None:
        servers.forget(data)

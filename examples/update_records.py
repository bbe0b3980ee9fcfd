"""A network's side of the hub: reads its topic of pathway updates and keeps its own records up to date.

It has nothing of the hub but the contract: the schema in `schemas/update/`, a Kafka client and an Avro library.

    pip install kafka-python fastavro
    python update_records.py cap_emploi records.db --servers kafka.example:9092

The records are one SQLite table. A whole update replaces the one before, by its version: what comes twice, or late,
changes nothing. A tombstone takes a person away. The place where it goes on is stored with what it read, in one
transaction; so it may be ended at any moment and started again.
"""

from __future__ import annotations

import argparse
import io
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import fastavro

SCHEMAS = Path(__file__).parent.parent / "schemas"
NETWORKS = ("france_travail", "cap_emploi")
TABLES = """
create table if not exists person (
    key blob primary key, person_id text, version integer not null, phase text, referent text, pathway text not null
);
create table if not exists own_case (scope text, local_id text, key blob, primary key (scope, local_id, key));
create table if not exists network (name text primary key);
create table if not exists place (topic text, partition integer, next integer, primary key (topic, partition));
"""


class Received(NamedTuple):
    """A record of the topic; without a value, a tombstone."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None


class Records:
    """The network's own records, as far as the hub tells of them.

    Raises:
        ValueError: the file holds another network's.
    """

    def __init__(self, path: str, network: str) -> None:
        self._network = network
        self._schemas = _released()
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(TABLES)
        self._db.execute("insert into network select ? where not exists (select * from network)", (network,))
        (kept_for,) = self._db.execute("select name from network").fetchone()
        if kept_for != network:
            self._db.close()
            raise ValueError(f"{path} holds the records of {kept_for}; give each network a file of its own")

    def places(self) -> dict[tuple[str, int], int]:
        """Give where to go on in each partition."""
        rows = self._db.execute("select topic, partition, next from place")
        return {(topic, partition): following for topic, partition, following in rows}

    def apply(self, records: Iterable[Received]) -> int:
        """Apply some records, all or none; give how many changed something."""
        changed = 0
        self._db.execute("begin immediate")
        try:
            for record in records:
                changed += self._forget(record.key) if record.value is None else self._update(record.key, record.value)
                place = (record.topic, record.partition, record.offset + 1)
                self._db.execute("insert or replace into place values (?, ?, ?)", place)
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")
        return changed

    def _update(self, key: bytes, value: bytes) -> bool:
        update = self._decoded(value)
        if update["network"] != self._network:
            raise ValueError(f"an update for {update['network']} on the topic of {self._network}")
        known = self._db.execute("select version from person where key = ?", (key,)).fetchone()
        if known is not None and known[0] >= update["version"]:
            return False
        referent = update["referent"]
        row = (
            key,
            str(update["person_id"]),
            update["version"],
            update["phase"],
            f"{referent['network']} {referent['adviser']}" if referent else None,
            json.dumps(update, default=str, ensure_ascii=False),
        )
        self._db.execute("insert or replace into person values (?, ?, ?, ?, ?, ?)", row)
        self._db.execute("delete from own_case where key = ?", (key,))
        cases = [(case["scope"], case["local_id"], key) for case in update["cases"]]
        self._db.executemany("insert into own_case values (?, ?, ?)", cases)
        return True

    def _forget(self, key: bytes) -> bool:
        self._db.execute("delete from own_case where key = ?", (key,))
        return self._db.execute("delete from person where key = ?", (key,)).rowcount > 0

    def _decoded(self, value: bytes) -> dict[str, Any]:
        """Take the Confluent frame off: a zero byte, the schema's id in four bytes, the Avro body."""
        if len(value) < 5 or value[0] != 0:
            raise ValueError("not in the Confluent frame")
        written, wanted = self._schemas[int.from_bytes(value[1:5], "big")], self._schemas[max(self._schemas)]
        # By Avro's rules an older or a newer version reads as the one that this program knows.
        update: Any = fastavro.schemaless_reader(io.BytesIO(value[5:]), written, wanted)
        return dict(update)

    def of_case(self, local_id: str) -> dict[str, Any] | None:
        """Give what the hub says of the person of one of the network's case records.

        While a person's id changes, a case record may be told of under both, since they are in two partitions.
        """
        query = "select pathway from own_case join person using (key) where local_id = ? order by version desc limit 1"
        row = self._db.execute(query, (local_id,)).fetchone()
        return json.loads(row[0]) if row else None

    def count(self) -> int:
        """Count the people told of."""
        found: int = self._db.execute("select count(*) from person").fetchone()[0]
        return found

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _released() -> dict[int, Any]:
    """Give the released versions of the update's schema by their ids; with a registry, ask it for an id instead."""
    entries = json.loads((SCHEMAS / "registry.json").read_text())
    return {
        entry["id"]: fastavro.parse_schema(json.loads((SCHEMAS / entry["file"]).read_text()))
        for entry in entries
        if entry["event_type"] == "PathwayUpdated"
    }


def topic_of(network: str, prefix: str = "") -> str:
    """Name the topic of a network's updates."""
    return f"{prefix}hub.pathway-updates.v1.{network.replace('_', '-')}"


def from_kafka(
    servers: str, topic: str, places: dict[tuple[str, int], int], **settings: Any
) -> Iterator[list[Received]]:
    """Read a topic from the places stored, in batches; an empty one says that nothing came for a second.

    Places are stored with the records, so the consumer needs no group. Only what was committed is read.
    """
    import kafka  # noqa: PLC0415 the embedded log needs none

    consumer = kafka.KafkaConsumer(
        bootstrap_servers=servers, enable_auto_commit=False, isolation_level="read_committed", **settings
    )
    partitions = [kafka.TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
    consumer.assign(partitions)
    for partition in partitions:
        # Without a place, from the beginning: the topic keeps the last update of everyone.
        if (following := places.get((topic, partition.partition))) is None:
            consumer.seek_to_beginning(partition)
        else:
            consumer.seek(partition, following)
    try:
        while True:
            polled = consumer.poll(timeout_ms=1_000)
            yield [
                Received(topic, of.partition, of.offset, of.key, of.value) for some in polled.values() for of in some
            ]
    finally:
        consumer.close()


def from_embedded(log: Path, topic: str, places: dict[tuple[str, int], int]) -> Iterator[list[Received]]:
    """Read a topic of the hub's embedded log on this machine, for a demonstration."""
    from time import sleep  # noqa: PLC0415

    from hub.log.embedded import EmbeddedConsumer  # noqa: PLC0415

    consumer = EmbeddedConsumer(log, [topic], lambda _: None, sleep)
    for partition in consumer.assignment():
        consumer.seek(partition, places.get(partition, 0))
    try:
        while True:
            batches = consumer.poll(1_000, 1_000)
            yield [
                Received(topic, of.partition, of.offset, of.key or b"", of.value)
                for some in batches
                for of in some.records
            ]
    finally:
        consumer.close()


def main(arguments: list[str] | None = None) -> int:
    """Keep a network's records up to date."""
    parser = argparse.ArgumentParser(description="Keep one network's records up to date from the hub's topic.")
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("records", help="the SQLite file of the network's records")
    parser.add_argument("--servers", help="Kafka's bootstrap servers")
    parser.add_argument("--prefix", default="", help="what stands before the topics' names")
    parser.add_argument("--log", type=Path, help="the embedded log of a hub on this machine, instead of Kafka")
    parser.add_argument("--until-caught-up", action="store_true", help="stop when nothing more comes")
    given = parser.parse_args(arguments)
    if (given.servers is None) == (given.log is None):
        parser.error("give either --servers or --log")
    if given.log is not None and not given.log.is_file():
        parser.error(f"{given.log} is no embedded log: give the file log.db of a hub's data directory")
    try:
        records = Records(given.records, given.network)
    except ValueError as error:
        parser.error(str(error))
    topic = topic_of(given.network, given.prefix)
    places = records.places()
    batches = from_embedded(given.log, topic, places) if given.log else from_kafka(given.servers, topic, places)
    changed = 0
    # Ctrl-C ends it between two batches or takes the one in hand back: each is applied whole.
    with suppress(KeyboardInterrupt):
        for batch in batches:
            changed += records.apply(batch)
            if not batch and given.until_caught_up:
                break
    sys.stdout.write(f"{changed} changes, {records.count()} people\n")
    records.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

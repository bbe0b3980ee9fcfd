"""The topics of the embedded log: created, described, trimmed and deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from hub.errors import NotFound, Usage
from hub.log.embedded_file import OFFSET_BITS, create, open_log, transaction, translated
from hub.log.port import Difference, Extent, Topic, TopicPartition


class EmbeddedAdmin:
    """Creates the file and its topics, and takes away from them."""

    def __init__(self, path: Path, random_bytes: Callable[[int], bytes]) -> None:
        """Create the file if needed; `random_bytes` gives new topics their id."""
        create(path, f".{path.name}.{random_bytes(8).hex()}")
        self._path = path
        self._random_bytes = random_bytes
        self._connection = open_log(path)

    def create(self, topics: Mapping[str, int]) -> None:
        """Create the topics that do not exist."""
        with translated(self._path), transaction(self._connection, "IMMEDIATE"):
            for name, partitions in topics.items():
                if partitions < 1:
                    raise Usage(f"topic {name} cannot have {partitions} partitions; expected 1 or more")
                existing = len(self._describe(name))
                if existing == partitions:
                    continue
                if existing:
                    raise Usage(f"topic {name} has {existing} partitions, not {partitions}; their number cannot change")
                topic_id = self._random_bytes(16).hex()
                self._connection.execute("INSERT INTO topic VALUES (?, ?)", (name, topic_id))
                numbers = [(name, number) for number in range(partitions)]
                self._connection.executemany("INSERT INTO partition (topic, number) VALUES (?, ?)", numbers)

    def describe(self, names: Iterable[str]) -> dict[str, Topic]:
        """Describe the named topics that exist."""
        with translated(self._path):
            found = {name: self._describe(name) for name in names}
        return {
            name: Topic(name, rows[0][0], tuple(Extent(beginning, end) for _, beginning, end in rows))
            for name, rows in found.items()
            if rows
        }

    def appended_ms(self, partition: TopicPartition, offset: int) -> int | None:
        """Give when the first record from this offset on was appended."""
        with translated(self._path):
            row = self._connection.execute(
                "SELECT timestamp_ms FROM partition JOIN record ON place >= (id << ?) + ? AND place < (id + 1) << ?"
                " WHERE topic = ? AND number = ? ORDER BY place LIMIT 1",
                (OFFSET_BITS, offset, OFFSET_BITS, partition.topic, partition.partition),
            ).fetchone()
        return None if row is None else int(row[0])

    def differences(self, topics: Mapping[str, int]) -> list[Difference]:
        """Compare the numbers of partitions: nothing else can be set here."""
        existing = self.describe(topics)
        found: list[Difference] = []
        for name, partitions in topics.items():
            if name not in existing:
                found.append(Difference(name, "topic", f"{partitions} partitions", None))
            elif (held := len(existing[name].partitions)) != partitions:
                found.append(Difference(name, "partitions", str(partitions), str(held)))
        return found

    def alter(self, differences: Iterable[Difference]) -> None:
        """Do nothing: no difference can be altered."""

    def trim(self, partition: TopicPartition, before_offset: int) -> None:
        """Delete the records of a partition below an offset, as the retention of a broker does.

        Raises:
            NotFound: the partition does not exist, or ends before that offset.
        """
        with translated(self._path), transaction(self._connection, "IMMEDIATE"):
            row = self._connection.execute(
                "UPDATE partition SET beginning = max(beginning, ?)"
                ' WHERE topic = ? AND number = ? AND "end" >= ? RETURNING id',
                (before_offset, partition.topic, partition.partition, before_offset),
            ).fetchone()
            if row is None:
                raise NotFound(f"topic {partition.topic}, partition {partition.partition}: no offset {before_offset}")
            base = row[0] << OFFSET_BITS
            self._connection.execute("DELETE FROM record WHERE place >= ? AND place < ?", (base, base | before_offset))

    def delete(self, name: str) -> None:
        """Delete a topic and all its records."""
        with translated(self._path), transaction(self._connection, "IMMEDIATE"):
            self._connection.execute(
                "DELETE FROM record WHERE place >> ? IN (SELECT id FROM partition WHERE topic = ?)", (OFFSET_BITS, name)
            )
            self._connection.execute("DELETE FROM partition WHERE topic = ?", (name,))
            self._connection.execute("DELETE FROM topic WHERE name = ?", (name,))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _describe(self, name: str) -> list[tuple[str, int, int]]:
        rows: list[tuple[str, int, int]] = self._connection.execute(
            'SELECT topic_id, beginning, "end" FROM partition JOIN topic ON name = topic'
            " WHERE topic = ? ORDER BY number",
            (name,),
        ).fetchall()
        return rows

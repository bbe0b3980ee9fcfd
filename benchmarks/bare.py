"""The yardstick: a bare loop from Kafka to PostgreSQL that reads, decodes and copies rows, and keeps no promise.

No validation, no duplicates, no order, no seal, no pathway: what any program in Python on the same libraries pays at
least. `plain` is as one writes it first; `tuned` has no datetimes in the hot path and copies in binary form.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from io import BytesIO
from itertools import islice
from typing import Any, Literal

import psycopg
from fastavro import parse_schema, schemaless_reader
from kafka import KafkaConsumer, TopicPartition

from benchmarks.measure import peak_bytes, timed
from benchmarks.worker import Usage
from hub.codec.framing import unframe
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.codec.shape import parse, plain

Form = Literal["plain", "tuned"]
_RECORDS = 8_000
_WAIT_MS = 2_000
_TABLES = """
CREATE TABLE bare_event (
    event_id text, network text, local_id text, event_type text, occurred_at {moment}, place bigint
);
CREATE TABLE bare_case (network text, local_id text, actor_id text, event_id text);
"""
_EVENT: Mapping[Form, str] = {
    "plain": "COPY bare_event FROM STDIN",
    "tuned": "COPY bare_event FROM STDIN (FORMAT BINARY)",
}
_CASE: Mapping[Form, str] = {
    "plain": "COPY bare_case FROM STDIN",
    "tuned": "COPY bare_case FROM STDIN (FORMAT BINARY)",
}
_EVENT_TYPES = ("text", "text", "text", "text", "int8", "int8")
_CASE_TYPES = ("text", "text", "text", "text")


class Bare:
    """The loop; one transaction for each poll."""

    def __init__(self, servers: str, topics: Iterable[str], database: str, form: Form) -> None:
        self._form = form
        self._readers = _readers(form)
        self._store = psycopg.connect(database)
        self._consumer = KafkaConsumer(
            bootstrap_servers=servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=_RECORDS,
        )
        self._consumer.assign(
            [
                TopicPartition(topic, number)
                for topic in topics
                for number in self._consumer.partitions_for_topic(topic) or ()
            ]
        )

    def make_tables(self) -> None:
        """Make the two tables."""
        moment = "timestamptz" if self._form == "plain" else "bigint"
        self._store.execute(_TABLES.format(moment=moment))
        self._store.commit()

    def step(self, timeout_ms: int = _WAIT_MS) -> int:
        """Take one poll; give how many records it had."""
        polled = self._consumer.poll(timeout_ms=timeout_ms, max_records=_RECORDS)
        events: list[tuple[Any, ...]] = []
        cases: list[tuple[Any, ...]] = []
        for records in polled.values():
            for record in records:
                schema_id, body = unframe(record.value)
                event_type, schema = self._readers[schema_id]
                fields: Any = schemaless_reader(BytesIO(body), schema)
                meta = fields["meta"]
                who = (meta["network"], meta["local_id"])
                events.append((meta["event_id"], *who, event_type, meta["occurred_at"], record.offset))
                cases.append((*who, meta["actor_id"], meta["event_id"]))
        if events:
            self._copy(_EVENT, _EVENT_TYPES, events)
            self._copy(_CASE, _CASE_TYPES, cases)
            self._store.commit()
        return len(events)

    def _copy(self, statements: Mapping[Form, str], types: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
        with self._store.cursor() as cursor, cursor.copy(statements[self._form]) as copy:
            if self._form == "tuned":
                copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def close(self) -> None:
        """Leave both servers."""
        self._consumer.close()
        self._store.close()


def _readers(form: Form) -> dict[int, tuple[str, Any]]:
    shaped: Callable[[Any], Any] = (lambda definition: plain(parse(definition))) if form == "tuned" else dict
    return {
        schema.id: (schema.event_type, parse_schema(shaped(schema.definition)))
        for schema in FileRegistry(bundled_schemas()).all()
    }


def drain(bare: Bare, events: int) -> Usage:
    """Take so many events."""
    bare.make_tables()
    taken = 0
    with timed() as watch:
        while taken < events:
            read = bare.step()
            assert read, f"{taken} of {events} records came"
            taken += read
    return Usage(taken, *watch.cost, peak_bytes())


@contextmanager
def _until_terminated() -> Iterator[list[int]]:
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    yield stopped


def serve(bare: Bare) -> None:
    """Take what comes until this process is told to end; says that it began in one line."""
    bare.make_tables()
    with _until_terminated() as stopped:
        print("ready", flush=True)
        while not stopped:
            bare.step(200)


def main() -> None:
    """`python -m benchmarks.bare FORM SERVERS DATABASE EVENTS TOPIC...`; 0 events: until told to end."""
    form, servers, database, events = islice(sys.argv[1:], 4)
    topics = sys.argv[5:]
    assert form in ("plain", "tuned")
    with closing(Bare(servers, topics, database, "plain" if form == "plain" else "tuned")) as bare:
        if events == "0":
            serve(bare)
        else:
            print(json.dumps(drain(bare, int(events))._asdict()))


if __name__ == "__main__":
    main()

"""Another client of Kafka and the registry writes what the hub takes, and reads what the hub writes."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import UUID

import avro.io
import avro.schema
import fastavro
from confluent_kafka import Consumer, Message, Producer

from hub.codec.confluent_registry import subject_of
from hub.codec.framing import unframe
from hub.codec.registration import register
from hub.domain.events.base import Event
from hub.domain.topics import INBOUND, topic_of
from hub.wiring import Hub
from tests.contract.test_registry_contract import RELEASED, an_api
from tests.integration import engines
from tests.integration.feeds import events_of, region
from tests.integration.hubs import consume, digest_of, digest_of_all, publish, sums_of
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.registry import Registry
from tests.unit.codec_records import CODEC

PEOPLE = 8
CODECS = ("none", "gzip", "lz4", "zstd")


@contextmanager
def a_hub(kafka: Kafka, postgres: Postgres, registry: Registry, data: Path) -> Iterator[Hub]:
    """Open a hub by the ids of the registry, where its schemas are registered."""
    servers = engines.Servers(kafka.servers, postgres)
    with engines.on(servers), engines.create(data, registry_url=registry.url) as hub:
        prefix = hub.settings.kafka_topic_prefix
        outcomes = register(an_api(registry.url), RELEASED.all(), prefix, dry_run=False)
        assert not any(outcome.failed for outcome in outcomes)
        yield hub


@cache
def asked(url: str) -> Mapping[str, Any]:
    """Ask the registry, as its documentation says."""
    with urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
        found: Mapping[str, Any] = json.loads(answer.read())
    return found


def fields_of(event: Event) -> Any:
    """Give an event as the fields of its Avro record."""
    schema = fastavro.parse_schema(dict(RELEASED.current(type(event).__name__).definition))
    return fastavro.schemaless_reader(io.BytesIO(unframe(CODEC.encode(event))[1]), schema, None)


def written(event: Event, prefix: str, url: str) -> bytes:
    """Write an event by the schema and the id that the registry gives for it."""
    subject = subject_of(RELEASED.current(type(event).__name__), topic_of(event), prefix)
    latest = asked(f"{url}/subjects/{subject}/versions/latest")
    out = io.BytesIO(struct.pack(">bI", 0, latest["id"]))
    out.seek(0, io.SEEK_END)
    fastavro.schemaless_writer(out, fastavro.parse_schema(json.loads(latest["schema"])), fields_of(event))
    return out.getvalue()


def read(value: bytes, url: str) -> Any:
    """Read a record by the schema of its id, with Apache's own library."""
    zero, schema_id = struct.unpack(">bI", value[:5])
    assert zero == 0
    schema = avro.schema.parse(asked(f"{url}/schemas/ids/{schema_id}")["schema"])
    return avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(io.BytesIO(value[5:])))


def plain(fields: Any) -> Any:
    """Give ids as texts, which Apache's library leaves them."""
    match fields:
        case dict():
            return {name: plain(value) for name, value in fields.items()}
        case list():
            return [plain(value) for value in fields]
        case UUID():
            return str(fields)
        case _:
            return fields


def header(message: Message, name: str) -> str:
    """Give a record's header as a text."""
    found = dict(message.headers() or [])[name]
    assert isinstance(found, bytes)
    return found.decode()


def sent(servers: str, messages: Sequence[tuple[str, bytes, bytes]], compression: str) -> None:
    """Append topics, keys and values, without any header."""
    failures: list[object] = []
    producer = Producer({"bootstrap.servers": servers, "compression.type": compression, "enable.idempotence": True})
    for topic, key, value in messages:
        producer.produce(
            topic, key=key, value=value, on_delivery=lambda error, _: failures.append(error) if error else None
        )
    assert producer.flush(60) == 0
    assert failures == []


def all_records(servers: str, topics: Sequence[str], count: int) -> list[Message]:
    """Read so many records from the beginning."""
    group = {"group.id": f"{topics[0]}-reader", "auto.offset.reset": "earliest", "enable.auto.commit": False}
    consumer = Consumer({"bootstrap.servers": servers, **group})
    found: list[Message] = []
    try:
        consumer.subscribe(list(topics))
        while len(found) < count:
            some = consumer.consume(count - len(found), timeout=30)
            assert some, f"{len(found)} of {count} records came"
            found += some
    finally:
        consumer.close()
    assert [each.error() for each in found if each.error()] == []
    return found


def test_what_librdkafka_appends_in_any_compression_is_taken(
    kafka: Kafka, postgres: Postgres, registry: Registry, tmp_path: Path
) -> None:
    events = list(events_of(region(PEOPLE)).values())
    with a_hub(kafka, postgres, registry, tmp_path / "data") as hub:
        prefix = hub.settings.kafka_topic_prefix
        for number, codec in enumerate(CODECS):
            part = [
                (
                    f"{prefix}{topic_of(event)}",
                    b"case " + repr(event.subject).encode(),
                    written(event, prefix, registry.url),
                )
                for event in events[number :: len(CODECS)]
            ]
            sent(kafka.servers, part, codec)
        consume(hub)
        sums = sums_of(hub)
        assert (sums.read, sums.accepted) == (len(events), len(events))
        assert digest_of(hub) == digest_of_all(events)


def test_what_the_hub_appends_librdkafka_reads(
    kafka: Kafka, postgres: Postgres, registry: Registry, tmp_path: Path
) -> None:
    events = events_of(region(PEOPLE))
    with a_hub(kafka, postgres, registry, tmp_path / "data") as hub:
        publish(hub, events.values())
        topics = [f"{hub.settings.kafka_topic_prefix}{topic}" for topic in INBOUND]
        found = all_records(kafka.servers, topics, len(events))
    records = {header(each, "ce_id"): plain(read(each.value() or b"", registry.url)) for each in found}
    assert records == {event_id: plain(fields_of(event)) for event_id, event in events.items()}

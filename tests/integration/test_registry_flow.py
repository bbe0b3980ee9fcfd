"""A hub by the ids of a real schema registry: the same rows, and nothing lost while the registry is away."""

from __future__ import annotations

import io
import json
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any

import fastavro
import pytest
from avro import schema as apache_avro

from hub.codec.confluent_registry import subject_of
from hub.codec.framing import frame, unframe
from hub.consumers.redrive import redrive
from hub.domain.events.base import Event
from hub.domain.topics import topic_of
from hub.errors import ContractError
from hub.ledger import ledger
from hub.ledger.database import reading
from hub.ledger.quarantine import Summary
from hub.settings import Settings
from hub.wiring import Hub
from tests.contract.test_registry_contract import RELEASED, an_api
from tests.integration import engines
from tests.integration.commands import run
from tests.integration.feeds import events_of, region
from tests.integration.hubs import consume, digest_of, digest_of_all, publish, sums_of
from tests.integration.registry_hubs import a_hub, append, by_registry, environment, reopened, wire_ids
from tests.integration.registry_replies import replying
from tests.servers.registry import Registry
from tests.unit.codec_records import CODEC
from tests.unit.pathway.builders import FT, registered


def ledger_ids(hub: Hub) -> set[int]:
    with reading(hub.store) as connection:
        return {entry.schema_id for entry in ledger.read_all(connection, hub.keystore, 0, 10_000)}


def held(hub: Hub) -> list[Summary]:
    with reading(hub.store) as connection:
        return list(hub.quarantine.listing(connection))


def written_as(event: Event, definition: Any) -> bytes:
    """Give the body of an event as another client writes it by its own reading of the schema."""
    current = fastavro.parse_schema(dict(RELEASED.current(type(event).__name__).definition))
    body = unframe(CODEC.encode(event))[1]
    out = io.BytesIO()
    fields = fastavro.schemaless_reader(io.BytesIO(body), current, None)
    fastavro.schemaless_writer(out, fastavro.parse_schema(definition), fields)
    return out.getvalue()


@pytest.mark.usefixtures("engine")
def test_the_rows_are_those_of_a_hub_by_files(registry: Registry, tmp_path: Path) -> None:
    events = list(events_of(region(8)).values())
    given = {"registry_url": registry.url}
    try:
        with engines.create(tmp_path, **given) as hub:
            assert run(tmp_path, "schemas", "register", env=environment(prefix_of(hub.settings) | given)).code == 0
            publish(hub, events)
            on_the_wire = wire_ids(hub)
            consume(hub)
            assert digest_of(hub) == digest_of_all(events)
            assert sums_of(hub).accepted == len(events)
            released = {RELEASED.current(type(event).__name__).id for event in events}
            assert ledger_ids(hub) == released != on_the_wire
        with Hub(engines.settings(tmp_path, registry_url="http://127.0.0.1:1")) as hub:
            # A rebuild reads the ledger by the files of the release: no registry is asked.
            hub.rebuild(lambda *_: None)
            assert digest_of(hub) == digest_of_all(events)
    finally:
        engines.forget(tmp_path)


def prefix_of(settings: Settings) -> dict[str, str]:
    return {"kafka_topic_prefix": settings.kafka_topic_prefix}


def test_a_record_by_another_clients_wording_is_the_same_event(registry: Registry, tmp_path: Path) -> None:
    settings = by_registry(registry.url)
    event = registered(FT)
    released = RELEASED.current("CaseRegistered")
    wording = json.loads(str(apache_avro.parse(json.dumps({**released.definition, "doc": "Another client's words."}))))
    subject = subject_of(released, topic_of(event), settings["kafka_topic_prefix"])
    with a_hub(tmp_path, settings) as hub:
        own = an_api(registry.url).register(subject, json.dumps(wording))
        publish(hub, [event])
        append(hub, event, frame(own, written_as(event, wording)))
        assert own in wire_ids(hub)
        assert len(wire_ids(hub)) == 2
        consume(hub)
        assert (sums_of(hub).accepted, sums_of(hub).duplicate) == (1, 1)
        assert ledger_ids(hub) == {released.id}


def test_an_id_that_the_registry_does_not_know_is_held_and_redriven_once_it_does(tmp_path: Path) -> None:
    with replying() as replies:
        settings = by_registry(replies.url)
        event = registered(FT)
        early = {**RELEASED.current("CaseRegistered").definition, "doc": "Registered too late."}
        with a_hub(tmp_path, settings) as hub:
            next_id = replies.holds('"string"') + 1
            append(hub, event, frame(next_id, unframe(CODEC.encode(event))[1]))
            consume(hub)
            assert [entry.reason for entry in held(hub)] == ["unknown_schema"]
            with pytest.raises(ContractError, match=f"no schema {next_id}"):
                redriven(hub)

        assert replies.holds(json.dumps(early)) == next_id
        with reopened(tmp_path, settings) as hub:
            assert redriven(hub) == "accepted"
            assert ledger_ids(hub) == {RELEASED.current("CaseRegistered").id}


def redriven(hub: Hub) -> str:
    entry_id = held(hub)[0].entry_id
    return redrive(
        hub.store, hub.quarantine, hub.gate, hub.acceptance, entry_id, by="ana", note="registered", now=hub.now
    )


def test_a_version_of_a_later_release_is_held_with_what_to_do(registry: Registry, tmp_path: Path) -> None:
    settings = by_registry(registry.url)
    event = registered(FT)
    released = RELEASED.current("CaseRegistered")
    newer = json.loads(json.dumps(released.definition))
    newer["fields"].append({"name": "more", "type": "string", "default": ""})
    subject = subject_of(released, topic_of(event), settings["kafka_topic_prefix"])
    with a_hub(tmp_path, settings) as hub:
        wire_id = an_api(registry.url).register(subject, json.dumps(newer))
        append(hub, event, frame(wire_id, unframe(CODEC.encode(event))[1] + b"\x00"))
        consume(hub)
        (entry,) = held(hub)
        assert entry.reason == "unknown_schema"
        assert "upgrade the hub, then redrive" in entry.detail


def test_raw_records_by_the_ids_of_the_release_are_read_by_those_of_the_registry(
    registry: Registry, tmp_path: Path
) -> None:
    settings = by_registry(registry.url)
    event = registered()
    topic = topic_of(event)
    values = [CODEC.encode(event), frame(999_999, b"unknown"), b"no Avro", CODEC.encode(registered())[:-3]]
    lines = [{"raw": {"topic": topic, "key": None, "value": b64encode(value).decode()}} for value in values]
    (tmp_path / "raw.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with a_hub(tmp_path, settings) as hub:
        ran = run(tmp_path, "publish", "--raw", tmp_path / "raw.jsonl", "--format", "json", env=environment(settings))
        assert (ran.code, ran.json[0]["raw"]) == (0, 4), ran.err
        by_server = hub.registry.wire_id(RELEASED.current("CaseRegistered"), topic)
        with closing(hub.consumer(lambda _: None)) as consumer:
            values = [record.value or b"" for batch in consumer.poll(10, 1_000) for record in batch.records]
        assert sorted(unframe(value)[0] for value in values if value != b"no Avro") == [by_server, by_server, 999_999]
        consume(hub)
        assert (sums_of(hub).accepted, sums_of(hub).quarantined) == (1, 3)
        reasons = {summary.reason for summary in held(hub)}
    assert reasons == {"undecodable", "unknown_schema"}

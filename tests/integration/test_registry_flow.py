"""A hub by the ids of a real schema registry: the same rows, and nothing lost while the registry is away."""

from __future__ import annotations

import io
import json
import os
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import fastavro
import pytest
from avro import schema as apache_avro

from hub.codec.confluent_registry import subject_of
from hub.codec.framing import frame, unframe
from hub.codec.registration import register
from hub.consumers.redrive import redrive
from hub.domain.events.base import Event
from hub.domain.topics import topic_of
from hub.errors import ContractError, RegistryUnavailable, UnknownSchema
from hub.ledger import ledger
from hub.ledger.database import reading
from hub.ledger.quarantine import Summary
from hub.log.port import Message
from hub.settings import Settings
from hub.wiring import Hub
from tests.contract.test_registry_contract import RELEASED, an_api
from tests.integration import engines
from tests.integration.commands import command, run
from tests.integration.feeds import events_of, region
from tests.integration.hubs import consume, digest_of, digest_of_all, publish, sums_of
from tests.integration.registry_replies import replying
from tests.servers.registry import Registry, RegistryServer
from tests.servers.run import wait_until
from tests.unit.codec_records import CODEC
from tests.unit.pathway.builders import FT, registered

_prefixes = count(1)


def by_registry(url: str) -> dict[str, Any]:
    """Give the settings of a hub whose subjects no other test has."""
    return {"registry_url": url, "kafka_topic_prefix": f"flow{os.getpid()}-{next(_prefixes)}."}


def environment(settings: Mapping[str, Any]) -> dict[str, str]:
    return {f"HUB_{name.upper()}": value for name, value in settings.items()}


@contextmanager
def a_hub(data: Path, settings: Mapping[str, Any]) -> Iterator[Hub]:
    """Open a hub, after the one schema that its events need was registered."""
    schemas, prefix = [RELEASED.current("CaseRegistered")], settings["kafka_topic_prefix"]
    outcomes = register(an_api(settings["registry_url"]), schemas, prefix, dry_run=False)
    assert not any(outcome.failed for outcome in outcomes)
    with Hub.create(Settings(data=data, **settings)) as hub:
        yield hub


def reopened(data: Path, settings: Mapping[str, Any]) -> Hub:
    """Open the hub in a new state of mind: what it remembered of the registry is gone."""
    return Hub(Settings(data=data, **settings))


def wire_ids(hub: Hub) -> set[int]:
    """Give the ids that stand in the records of the log."""
    with closing(hub.consumer(lambda _: None)) as consumer:
        batches = consumer.poll(10_000, 1_000)
    return {unframe(record.value or b"")[0] for batch in batches for record in batch.records}


def ledger_ids(hub: Hub) -> set[int]:
    with reading(hub.store) as connection:
        return {entry.schema_id for entry in ledger.read_all(connection, hub.keystore, 0, 10_000)}


def held(hub: Hub) -> list[Summary]:
    with reading(hub.store) as connection:
        return list(hub.quarantine.listing(connection))


def append(hub: Hub, event: Event, value: bytes) -> None:
    with closing(hub.producer()) as producer:
        producer.append([Message(topic_of(event), b"key", value)])


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


def test_what_is_not_registered_is_not_published(registry: Registry, tmp_path: Path) -> None:
    with Hub.create(Settings(data=tmp_path, **by_registry(registry.url))) as hub:
        with pytest.raises(UnknownSchema, match="hub schemas register"):
            publish(hub, [registered(FT)])
        assert wire_ids(hub) == set()


def test_while_the_registry_is_away_nothing_is_quarantined_or_passed_over(
    fault_registry: RegistryServer, tmp_path: Path
) -> None:
    settings = by_registry(fault_registry.url)
    events = [registered(FT), *(registered(FT, f"2021-01-{day:02}") for day in range(1, 20))]
    with a_hub(tmp_path, settings) as hub:
        publish(hub, events)
    fault_registry.kill()

    with reopened(tmp_path, settings) as hub:
        with closing(hub.ingest()) as ingest:
            for _ in range(2):
                with pytest.raises(RegistryUnavailable, match="cannot be reached"):
                    ingest.step(timeout_ms=0)
            assert sums_of(hub).read == 0
            with pytest.raises(RegistryUnavailable):
                publish(hub, events)

            fault_registry.start()
            ingest.until_caught_up(lambda _: None)
        assert (sums_of(hub).accepted, sums_of(hub).quarantined) == (len(events), 0)
        fault_registry.kill()
        later = registered(FT, "2021-02-01")
        append(hub, later, frame(known_id(hub), unframe(CODEC.encode(later))[1]))
        consume(hub)
        assert sums_of(hub).accepted == len(events) + 1, "an id that was looked up once needs no registry"
        assert digest_of(hub) == digest_of_all([*events, later])


def known_id(hub: Hub) -> int:
    (found,) = wire_ids(hub)
    return found


def test_a_worker_started_without_its_registry_waits_for_it(fault_registry: RegistryServer, tmp_path: Path) -> None:
    settings = by_registry(fault_registry.url)
    events = [registered(FT, f"2021-01-{day:02}") for day in range(1, 20)]
    with a_hub(tmp_path, settings) as hub:
        publish(hub, events)
        fault_registry.kill()
        log = tmp_path / "worker.log"
        with log.open("w") as output:
            worker = subprocess.Popen(
                command(tmp_path, "consume"), env={**os.environ, **environment(settings)}, stderr=output
            )
        try:
            wait_until(lambda: "registry_unavailable" in log.read_text(), deadline_s=60, what="the worker's wait")
            assert worker.poll() is None
            assert sums_of(hub).read == 0
            fault_registry.start()
            wait_until(lambda: sums_of(hub).accepted == len(events), deadline_s=90, what="the worker going on")
            assert sums_of(hub).quarantined == 0
        finally:
            worker.terminate()
            assert worker.wait(timeout=60) == 0


def test_the_commands_say_what_is_new_there_and_refused(registry: Registry, tmp_path: Path) -> None:
    settings = by_registry(registry.url)
    env = environment(settings)
    prefix = settings["kafka_topic_prefix"]
    tried = run(tmp_path, "schemas", "register", "--dry-run", "--format", "json", env=env)
    assert {each["state"] for each in tried.json} == {"new"}
    assert {each["id"] for each in tried.json} == {None}

    released = RELEASED.current("RecordsLinked")
    subject = subject_of(released, "hub.decisions.v1", prefix)
    other = json.loads(json.dumps(released.definition))
    other["fields"][-1] = {"name": "unlike", "type": "string"}
    an_api(registry.url).register(subject, json.dumps(other))
    refused = run(tmp_path, "schemas", "register", "--format", "json", env=env)
    assert refused.code == 1
    assert [each["subject"] for each in refused.json if each["state"] != "new"] == [subject]
    assert "1 refused" in refused.err

    again = run(tmp_path, "schemas", "register", env=env)
    assert again.code == 1
    assert f"refused\t-\t{subject}\t1\tit is not compatible with what {subject} holds" in again.out.splitlines()

    listed = run(tmp_path, "schemas", "list", "--format", "json", env=env).json
    ids = {each["event_type"]: each["registered"] for each in listed}
    assert ids["RecordsLinked"] == {subject: None}
    assert all(isinstance(found, int) for found in ids["CaseRegistered"].values())
    assert run(tmp_path, "schemas", "list", env=env).out.count("\tmissing\n") == 1
    assert "registered" not in run(tmp_path, "schemas", "list", "--format", "json").json[0]


def test_registering_needs_a_registry(tmp_path: Path) -> None:
    failed = run(tmp_path, "schemas", "register")
    assert (failed.code, "set HUB_REGISTRY_URL" in failed.err) == (1, True)

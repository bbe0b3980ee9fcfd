"""A hub whose schema registry is away, or knows less than it does: it waits, and the commands say what is new."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from hub.codec.confluent_registry import subject_of
from hub.codec.framing import frame, unframe
from hub.errors import RegistryUnavailable, UnknownSchema
from hub.settings import Settings
from hub.wiring import Hub
from tests.contract.test_registry_contract import RELEASED, an_api
from tests.integration.commands import command, run
from tests.integration.hubs import consume, digest_of, digest_of_all, publish, sums_of
from tests.integration.registry_hubs import a_hub, append, by_registry, environment, reopened, wire_ids
from tests.servers.registry import Registry, RegistryServer
from tests.servers.run import wait_until
from tests.unit.codec_records import CODEC
from tests.unit.pathway.builders import FT, registered


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

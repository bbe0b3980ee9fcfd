"""A schema registry that is away is waited for by who has to ask it: nothing is lost, doubled or quarantined for it."""

from __future__ import annotations

from hub.codec.registration import register
from hub.domain.topics import topic_of
from tests.contract.test_registry_contract import RELEASED, an_api
from tests.faults.conftest import Scenes
from tests.faults.scene import PEOPLE
from tests.integration.feeds import events_of, region
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.registry import RegistryServer


def test_a_registry_killed_while_one_worker_knows_the_ids_and_another_starts(
    kafka: Kafka, postgres: Postgres, fault_registry: RegistryServer, scenes: Scenes
) -> None:
    scene = scenes(kafka, postgres, registry_url=fault_registry.url)
    prefix = scene.hub.settings.kafka_topic_prefix
    outcomes = register(an_api(fault_registry.url), RELEASED.all(), prefix, dry_run=False)
    assert not any(outcome.failed for outcome in outcomes)
    for event in events_of(region(PEOPLE)).values():
        # The publisher has run for long and knows the ids: it goes on.
        scene.hub.registry.wire_id(scene.hub.registry.current(type(event).__name__), topic_of(event))
    scene.crew.start()
    scene.take(0.3)
    with scene.outage():
        fault_registry.kill()
        newcomer = scene.crew.start()
        scene.upstream.allow(0.6)
        scene.until(
            lambda: any(line.get("code") == "registry_unavailable" for line in newcomer.lines), "the newcomer's wait"
        )
        fault_registry.start()
    scene.finish("registry-away")

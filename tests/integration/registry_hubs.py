"""Hubs by the ids of a schema registry."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from hub.codec.framing import unframe
from hub.codec.registration import register
from hub.domain.events.base import Event
from hub.domain.topics import topic_of
from hub.log.port import Message
from hub.settings import Settings
from hub.wiring import Hub
from tests.contract.test_registry_contract import RELEASED, an_api

prefixes = count(1)


def by_registry(url: str) -> dict[str, Any]:
    """Give the settings of a hub whose subjects no other test has."""
    return {"registry_url": url, "kafka_topic_prefix": f"flow{os.getpid()}-{next(prefixes)}."}


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


def append(hub: Hub, event: Event, value: bytes) -> None:
    with closing(hub.producer()) as producer:
        producer.append([Message(topic_of(event), b"key", value)])

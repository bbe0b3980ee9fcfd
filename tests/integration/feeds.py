"""The simulated region as a feed: published as `hub publish` does, broken records included."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from functools import cache
from io import BytesIO

import msgspec

from hub.codec.jsonform import from_json
from hub.domain.events.base import Event
from hub.ledger import ledger
from hub.ledger.database import reading
from hub.producers.files import publish_file
from hub.producers.simulation import Line, simulate
from hub.wiring import Hub
from tests.integration import engines
from tests.integration.hubs import a_hub, consume, digest_of

BATCH = 5_000


@cache
def region(people: int, seed: int = 7) -> tuple[Line, ...]:
    """Give the lines of a region, about 25 a person."""
    return tuple(simulate(people, seed))


@cache
def digest_of_region(people: int, seed: int = 7) -> str:
    """Give the digest of a hub on files that got the region's lines in their order, and that nothing happened to."""
    with engines.on_files(), a_hub() as hub:
        deliver(hub, region(people, seed))
        consume(hub)
        return digest_of(hub)


def deliver(hub: Hub, lines: Iterable[Line]) -> int:
    """Publish lines in their order; give how many records they are."""
    stream = BytesIO(b"\n".join(map(msgspec.json.encode, lines)))
    with hub.publisher() as publisher, closing(hub.producer()) as producer:
        sent = publish_file(stream, publisher, producer, id_key=bytes(32), allow_raw=True, batch=BATCH)
    assert sent.refused == 0
    return sent.published + sent.raw


def events_of(lines: Iterable[Line]) -> dict[str, Event]:
    """Give the events that lines hold, by id."""
    found = [from_json(line) for line in lines if "raw" not in line]
    return {event.meta.event_id: event for event in found}


def ledger_of(hub: Hub) -> list[Event]:
    """Give every event of the ledger, by position."""
    with reading(hub.store) as connection:
        entries = ledger.read_all(connection, hub.keystore, 0, ledger.count(connection) + 1)
    return [hub.codec.decode_body(entry.schema_id, entry.body) for entry in entries]

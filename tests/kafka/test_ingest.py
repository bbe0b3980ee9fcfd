"""The hub's ingest loop on Kafka: marks of transactions are passed over, and a rebalance costs nothing."""

from __future__ import annotations

from pathlib import Path

from hub.consumers.lag import lag
from hub.domain.topics import CAP_EMPLOI_EVENTS, INBOUND, partitions_of
from hub.ledger import offsets
from hub.ledger.database import reading
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.feeds import deliver, region
from tests.kafka.topics import Site
from tests.servers.kafka import Kafka


def created(made: Site, folder: Path) -> Hub:
    hub = Hub.create(
        Settings(data=folder / "data", kafka_servers=made.servers, kafka_topic_prefix=made.prefix, replication=1)
    )
    made.open.callback(hub.close)
    admin = hub.admin()
    admin.create(partitions_of(INBOUND, 2))
    admin.close()
    return hub


def lag_events(hub: Hub) -> dict[str, int]:
    admin = hub.admin()
    try:
        topics = admin.describe(INBOUND)
    finally:
        admin.close()
    with reading(hub.store) as connection:
        return {each.topic: each.lag_events for each in lag(topics, offsets.all_offsets(connection))}


def test_everything_published_is_taken_and_no_lag_is_left(kafka: Kafka, tmp_path: Path) -> None:
    made = Site(kafka.servers)
    with made.open:
        hub = created(made, tmp_path)
        published = deliver(hub, region(people=5))
        writer = made.librdkafka(**{"transactional.id": f"{made.prefix}writer"})
        writer.init_transactions(30)
        writer.begin_transaction()
        for _ in range(10):
            writer.produce(f"{made.prefix}{CAP_EMPLOI_EVENTS}", value=b"never meant", partition=0)
        writer.flush(30)
        writer.abort_transaction(30)
        ingest = hub.ingest()
        made.open.callback(ingest.close)
        counts = ingest.until_caught_up(lambda _: None)
        assert counts.read == counts.accepted + counts.duplicates + counts.quarantined == published
        assert set(lag_events(hub).values()) == {0}


def test_what_one_worker_has_taken_another_goes_on_from(kafka: Kafka, tmp_path: Path) -> None:
    made = Site(kafka.servers)
    with made.open:
        hub = created(made, tmp_path)
        lines = region(people=6)
        published = read = 0
        for part in (lines[:50], lines[50:]):
            published += deliver(hub, part)
            ingest = hub.ingest()
            read += ingest.until_caught_up(lambda _: None).read
            ingest.close()
        assert read == published

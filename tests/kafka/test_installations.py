"""Two installations on one Kafka: each takes in every event, none is shared out between them."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from os import getpid
from pathlib import Path

from hub.domain.topics import DECISIONS, INBOUND
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.hubs import publish, sums_of
from tests.servers.kafka import Kafka
from tests.servers.run import wait_until
from tests.unit.pathway.builders import registered

PARTITIONS = 4
_numbers = count(1)


def settings_of(data: Path, kafka: Kafka, prefix: str, group: str | None = None) -> Settings:
    servers = kafka.servers
    return Settings(data=data, kafka_servers=servers, kafka_topic_prefix=prefix, kafka_group=group, replication=1)


def test_two_installations_are_two_groups_and_each_gets_every_event(kafka: Kafka, tmp_path: Path) -> None:
    prefix = f"i{getpid()}-{next(_numbers)}."
    with (
        Hub.create(settings_of(tmp_path / "one", kafka, prefix)) as one,
        Hub.create(settings_of(tmp_path / "two", kafka, prefix)) as two,
    ):
        assert one.group == f"parcours-hub-{one.installation_id[:8]}"
        assert one.group != two.group
        with closing(one.admin()) as admin:
            admin.create({topic: 1 if topic == DECISIONS else PARTITIONS for topic in INBOUND})
        with closing(one.ingest()) as first, closing(two.ingest()) as second:
            publish(one, [registered() for _ in range(20)])

            def took_all() -> bool:
                first.step(50)
                second.step(50)
                return sums_of(one).read == sums_of(two).read == 20

            wait_until(took_all, deadline_s=60, what="every event in both")


def test_a_group_that_is_set_is_taken_as_it_is(kafka: Kafka, tmp_path: Path) -> None:
    with Hub.create(settings_of(tmp_path, kafka, "", "chosen")) as hub:
        assert hub.group == "chosen"

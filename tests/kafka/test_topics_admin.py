"""Topics are created once, compared, and altered only where that is safe."""

from __future__ import annotations

import pytest
from kafka.admin import ConfigResource

from hub.domain.ids import CAP_EMPLOI
from hub.domain.topics import OUTBOUND_OF
from hub.errors import Usage
from hub.log.kafka import KafkaAdmin, KafkaConnection, KafkaProducer
from hub.log.port import Difference, Message
from tests.kafka.topics import TOPIC, Site, site
from tests.servers.kafka import Kafka

OUTBOUND = OUTBOUND_OF[CAP_EMPLOI]


def admin(made: Site, *, replication: int = 1, retention_days: int = 30) -> KafkaAdmin:
    opened = KafkaAdmin(made.connection, replication=replication, retention_days=retention_days)
    made.open.callback(opened.close)
    return opened


def configs(made: Site, topic: str) -> dict[str, str]:
    found = made.library_admin().describe_configs([ConfigResource("topic", f"{made.prefix}{topic}")])["topic"]
    return {name: config["value"] for name, config in found[f"{made.prefix}{topic}"].items()}


def test_topics_are_made_with_what_the_hub_needs_of_them(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        admin(made, retention_days=7).create({OUTBOUND: 2, "a": 3})
        assert (
            configs(made, "a").items()
            >= {
                "cleanup.policy": "delete",
                "retention.ms": str(7 * 86_400_000),
                "min.insync.replicas": "1",
                "compression.type": "producer",
                "message.timestamp.type": "LogAppendTime",
            }.items()
        )
        assert int(configs(made, "a")["max.message.bytes"]) > 1_048_576
        assert (
            configs(made, OUTBOUND).items()
            >= {
                "cleanup.policy": "compact",
                "max.compaction.lag.ms": str(86_400_000),
                "delete.retention.ms": str(7 * 86_400_000),
            }.items()
        )
        assert len(admin(made).describe([OUTBOUND])[OUTBOUND].partitions) == 2


def test_what_was_created_does_not_differ_and_creating_again_changes_nothing(kafka: Kafka) -> None:
    with site(kafka.servers, 2) as made:
        opened = admin(made)
        topics = {TOPIC: 2, OUTBOUND: 1}
        opened.create(topics)
        before = opened.describe(topics)
        opened.create(topics)
        assert opened.describe(topics) == before
        assert opened.differences(topics) == []


def test_every_difference_is_said_and_only_settings_can_be_altered(kafka: Kafka) -> None:
    with site(kafka.servers, 2) as made:
        other = admin(made, replication=3, retention_days=3)
        found = other.differences({TOPIC: 4, "missing": 1})
        assert found == [
            Difference(TOPIC, "partitions", "4", "2"),
            Difference(TOPIC, "replication", "3", "1"),
            Difference(TOPIC, "min.insync.replicas", "2", "1", can_alter=True),
            Difference(TOPIC, "retention.ms", "259200000", "2592000000", can_alter=True),
            Difference("missing", "topic", "1 partitions", None),
        ]
        other.alter(found)
        assert [each.setting for each in other.differences({TOPIC: 4})] == ["partitions", "replication"]


def test_more_replicas_than_brokers_are_refused_with_what_to_do(kafka: Kafka) -> None:
    with site(kafka.servers) as made, pytest.raises(Usage, match=r"fewer than 3 brokers.*HUB_REPLICATION"):
        admin(made, replication=3).create({"a": 1})


def test_topics_of_another_prefix_are_not_seen(kafka: Kafka) -> None:
    with site(kafka.servers) as made, site(kafka.servers) as other:
        admin(made).create({"mine": 1})
        assert admin(other).describe(["mine"]) == {}


def test_asking_for_a_topic_does_not_create_it(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        opened = admin(made)
        producer = KafkaProducer(KafkaConnection(made.servers, topic_prefix=made.prefix, timeout_ms=3_000))
        made.open.callback(producer.close)
        for _ in range(2):
            with pytest.raises(Exception, match="no topic absent"):
                producer.append([Message("absent", b"k", b"v")])
        assert opened.describe(["absent"]) == {}
        assert f"{made.prefix}absent" not in made.library_admin().list_topics()

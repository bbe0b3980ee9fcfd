"""Brokers that die and networks to them that fail lose nothing that was acknowledged, and double nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from confluent_kafka import Consumer, TopicPartition

from hub.domain.topics import DECISIONS, INBOUND
from tests.faults.conftest import Away, Scenes
from tests.faults.scene import Scene
from tests.servers.kafka import KafkaCluster
from tests.servers.postgres import Postgres


def started(scene: Scene) -> None:
    """Have two workers take in a part of the region."""
    scene.crew.start()
    scene.crew.start()
    scene.take(0.3)


def test_a_broker_killed_and_started_again(broker: Away, postgres: Postgres, scenes: Scenes) -> None:
    scene = scenes(broker.cluster, postgres)
    started(scene)
    scene.upstream.allow(0.6)
    with scene.outage():
        broker.cluster.kill(1)
        scene.until(lambda: scene.crew.all_said("waiting", code="log_unavailable"), "the workers' wait")
        scene.until(lambda: scene.upstream.log.unanswered > 0, "an append without an answer")
        broker.cluster.start(1)
    scene.finish("broker-killed")


def test_a_network_to_the_broker_cut_and_healed(broker: Away, postgres: Postgres, scenes: Scenes) -> None:
    scene = scenes(broker.cluster, postgres)
    started(scene)
    scene.upstream.allow(0.6)
    with scene.outage():
        broker.network.cut()
        scene.until(lambda: scene.crew.all_said("waiting", code="log_unavailable"), "the workers' wait")
        scene.until(lambda: scene.upstream.log.unanswered > 0, "an append without an answer")
        broker.network.heal()
    scene.finish("broker-cut")


def test_packets_to_the_broker_vanish_for_longer_than_a_session(
    broker: Away, postgres: Postgres, scenes: Scenes
) -> None:
    scene = scenes(broker.cluster, postgres)
    started(scene)
    scene.upstream.allow(0.6)
    with scene.outage():
        broker.network.freeze()
        # An append is given up after a longer time than a member of the group.
        scene.until(lambda: scene.upstream.log.unanswered > 0, "an append without an answer")
        broker.network.heal()
    scene.finish("broker-frozen")


def test_an_append_sent_again_after_its_acknowledgement_got_lost_counts_once(
    broker: Away, postgres: Postgres, scenes: Scenes
) -> None:
    scene = scenes(broker.cluster, postgres)
    started(scene)
    log, prefix = scene.upstream.log, scene.hub.settings.kafka_topic_prefix
    with scene.outage():
        broker.network.mute()
        scene.upstream.allow(0.6)
        scene.until(lambda: log.unanswered > 0, "an append without an answer")
        landed = records_behind(broker.cluster, prefix)
        assert landed > log.acknowledged, "what was not acknowledged did not land: nothing to send again"
        broker.network.heal()
    figures = scene.finish("unanswered")
    assert figures.records > log.acknowledged


def records_behind(cluster: KafkaCluster, prefix: str) -> int:
    """Count the records of the hub's topics, past the network."""
    reader = Consumer({"bootstrap.servers": cluster.servers_of("INTERNAL"), "group.id": f"{prefix}count"})
    try:
        return sum(reader.get_watermark_offsets(each, timeout=30)[1] for each in partitions(prefix))
    finally:
        reader.close()


def partitions(prefix: str) -> list[TopicPartition]:
    """Give the partitions of the hub's topics."""
    return [
        TopicPartition(f"{prefix}{topic}", number)
        for topic in INBOUND
        for number in range(1 if topic == DECISIONS else 2)
    ]


def test_the_leader_of_three_brokers_killed_takes_nothing_acknowledged_with_it(
    kafka_cluster: Callable[..., KafkaCluster], postgres: Postgres, scenes: Scenes
) -> None:
    cluster = kafka_cluster()
    scene = scenes(cluster, postgres, replication=3, kafka_timeout_ms=6_000)
    started(scene)
    busy = partitions(scene.hub.settings.kafka_topic_prefix)
    scene.upstream.allow(0.6)
    with scene.outage(others_take_over=True):
        leader = busiest(cluster, busy)
        cluster.kill(leader)
        scene.take(0.6)
        cluster.start(leader)
        scene.until(
            lambda: all(len(cluster.in_sync(each.topic, each.partition)) == 3 for each in busy), "copies made whole"
        )
    # What the first had missed is now kept by it alone and another one.
    with scene.outage(others_take_over=True):
        cluster.kill(next(node for node in cluster.brokers if node != leader))
        scene.take(0.9)
    scene.finish("leader-killed")


def busiest(cluster: KafkaCluster, busy: list[TopicPartition]) -> int:
    """Give the broker that leads the most partitions."""
    return Counter(cluster.leader_of(each.topic, each.partition) for each in busy).most_common(1)[0][0]

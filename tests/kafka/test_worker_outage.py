"""A worker whose broker is killed waits for it, says so, and goes on; one started without it waits too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from hub.domain.topics import DECISIONS, INBOUND
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.hubs import publish, sums_of
from tests.integration.test_telemetry_privacy import eventually
from tests.integration.test_worker_process import working
from tests.servers.kafka import KafkaCluster
from tests.unit.pathway.builders import registered

TIMEOUT_MS = "3000"


def test_a_worker_outlives_its_broker_and_may_start_before_it(
    kafka_cluster: Callable[..., KafkaCluster], tmp_path: Path
) -> None:
    cluster = kafka_cluster(brokers=1)
    settings = Settings(data=tmp_path, kafka_servers=cluster.servers, replication=1, partitions=2)
    env = {"HUB_KAFKA_SERVERS": cluster.servers, "HUB_KAFKA_TIMEOUT_MS": TIMEOUT_MS}
    with Hub.create(settings) as hub:
        with closing(hub.admin()) as admin:
            admin.create({topic: 1 if topic == DECISIONS else 2 for topic in INBOUND})
        publish(hub, [registered()])

        with working(tmp_path, None, **env) as worker:
            eventually(lambda: sums_of(hub).accepted == 1)
            eventually(worker.is_ready)
            cluster.kill(1)
            eventually(lambda: not worker.is_ready())
            # The loop heard of it, and goes on with the consumer that it has.
            eventually(lambda: "waiting" in worker.events)
            assert worker.asks().code == 0
            cluster.start(1)
            publish(hub, [registered()])
            eventually(lambda: sums_of(hub).accepted == 2)
            eventually(lambda: "going_on" in worker.events)
            eventually(worker.is_ready)
            worker.process.terminate()
            assert worker.ended() == 0

        cluster.kill(1)
        with working(tmp_path, None, **env) as worker:
            eventually(lambda: worker.events.count("waiting") > 0)
            waits = [line for line in worker.lines if line["event"] == "waiting"]
            assert {line["code"] for line in waits} == {"log_unavailable"}
            assert worker.asks().code == 0
            assert not worker.is_ready()
            cluster.start(1)
            publish(hub, [registered()])
            eventually(lambda: sums_of(hub).accepted == 3)
            worker.process.terminate()
            assert worker.ended() == 0

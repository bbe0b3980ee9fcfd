"""`hub consume --until-caught-up` where other workers hold every partition."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest

from hub.cli.app import main
from hub.domain.topics import INBOUND
from hub.log.kafka import KafkaConnection, KafkaConsumer
from tests.kafka.topics import until
from tests.servers.kafka import Kafka


def test_a_worker_without_a_partition_says_that_others_have_them_all(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = f"test-{uuid4().hex[:8]}."
    settings = {
        "KAFKA_SERVERS": kafka.servers,
        "KAFKA_TOPIC_PREFIX": prefix,
        "KAFKA_GROUP": prefix,
        "REPLICATION": "1",
        "PARTITIONS": "1",
    }
    for name, value in (settings | {"DATA": str(tmp_path / "data")}).items():
        monkeypatch.setenv(f"HUB_{name}", value)
    assert main(["init"]) == 0
    assert main(["topics", "create"]) == 0
    shared, stop = Event(), Event()
    others = Thread(target=work, args=(KafkaConnection(kafka.servers, topic_prefix=prefix), prefix, shared, stop))
    others.start()
    try:
        assert shared.wait(30)
        assert main(["consume", "--until-caught-up"]) == 0
    finally:
        stop.set()
        others.join()
    assert "other workers read all partitions of the log" in capsys.readouterr().err


def work(connection: KafkaConnection, group: str, shared: Event, stop: Event) -> None:
    """Be as many workers as there are partitions; say when each has one."""
    with ExitStack() as opened:
        workers = [KafkaConsumer(connection, INBOUND, lambda _: None, group=group) for _ in INBOUND]
        for worker in workers:
            opened.callback(worker.close)

        def step() -> None:
            for worker in workers:
                worker.poll(1, 20)
            if all(len(worker.assignment()) == 1 for worker in workers):
                shared.set()

        until(stop.is_set, step, patience_s=60)

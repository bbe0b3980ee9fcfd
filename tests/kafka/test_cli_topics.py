"""`hub topics`, as an operator runs it, on the embedded log and on Kafka."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from hub.cli.app import main
from hub.domain.topics import DECISIONS, INBOUND, OUTBOUND
from tests.servers.kafka import Kafka


@pytest.fixture
def cluster(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_KAFKA_SERVERS", kafka.servers)
    monkeypatch.setenv("HUB_KAFKA_TOPIC_PREFIX", f"test-{uuid4().hex[:8]}.")
    monkeypatch.setenv("HUB_REPLICATION", "1")


@pytest.mark.usefixtures("cluster")
def test_topics_are_created_once_and_then_only_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics", "create", "--dry-run"]) == 1
    assert main(["topics", "list"]) == 0
    assert "would be created" in (said := capsys.readouterr().out)
    assert said.count("\n") == len((*INBOUND, *OUTBOUND))
    assert main(["topics", "create"]) == 0
    assert f"{DECISIONS}\tcreated, 1 partitions" in capsys.readouterr().out
    assert main(["topics", "create"]) == 0
    assert capsys.readouterr().out.count("as it should be") == len((*INBOUND, *OUTBOUND))


@pytest.mark.usefixtures("cluster")
def test_a_difference_is_said_and_altered_only_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["topics", "create"]) == 0
    monkeypatch.setenv("HUB_RETENTION_DAYS", "3")
    capsys.readouterr()
    assert main(["topics", "create"]) == 1
    assert main(["topics", "create", "--alter", "--dry-run"]) == 1
    assert "--alter` sets it" in capsys.readouterr().out
    assert main(["topics", "create", "--alter"]) == 0
    assert main(["topics", "create"]) == 0
    monkeypatch.setenv("HUB_PARTITIONS", "7")
    capsys.readouterr()
    assert main(["topics", "create", "--alter", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {(each["topic"], each["setting"], each["found"]) for each in told["different"]} == {
        (topic, "partitions", "4") for topic in (*INBOUND, *OUTBOUND) if topic != DECISIONS
    }


def test_the_embedded_log_says_what_it_has(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "d")]
    assert main([*data, "topics", "list"]) == 1
    assert "hub init" in capsys.readouterr().err
    assert main([*data, "init"]) == 0
    capsys.readouterr()
    assert main([*data, "topics", "list", "--format", "json"]) == 0
    assert [topic["topic"] for topic in json.loads(capsys.readouterr().out)] == [*INBOUND, *OUTBOUND]
    assert main([*data, "topics", "create"]) == 0
    assert f"{OUTBOUND[0]}\tas it should be" in capsys.readouterr().out

"""The publisher, as another system uses it: its own key, its own network, the log and nothing else of the hub."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.codec.jsonform import to_json
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.domain.ids import FRANCE_TRAVAIL
from hub.errors import ForbiddenNetwork, InvalidEvent, KeyUnavailable, LogUnavailable, NotFound
from hub.ledger.database import reading, writing
from hub.log.port import Message, TopicPartition
from hub.producers import Publisher
from hub.producers.publisher import ATTEMPTS, topic_key
from hub.settings import Settings
from hub.wiring import Hub, now, publisher_to
from tests.integration.hubs import a_hub, consume, digest_of, sums_of, take
from tests.unit.pathway.builders import CE, FT, registered

TOKEN_KEY = b"t" * 32


class Flaky:
    """A log that takes what it is given and then says it did not answer, the first times."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.appended: list[Sequence[Message]] = []

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        self.appended.append(messages)
        if len(self.appended) <= self.failures:
            raise LogUnavailable("no answer in time")
        return [(TopicPartition(message.topic, 0), place) for place, message in enumerate(messages)]

    def close(self) -> None:
        """Nothing to release."""


def a_publisher(log: Flaky, pauses: list[float]) -> Publisher:
    return Publisher(log, FileRegistry(bundled_schemas()), token_key=TOKEN_KEY, sleep=pauses.append)


def test_another_system_publishes_with_the_log_and_a_key_of_its_own() -> None:
    with a_hub() as hub:
        with publisher_to(hub.paths.log, TOKEN_KEY, FRANCE_TRAVAIL) as publisher:
            receipt = publisher.publish(to_json(registered(FT)))
            again = publisher.publish(registered(FT, "2020-02-01"))
        consume(hub)

        assert (receipt.topic, receipt.partition) == (again.topic, again.partition)
        assert sums_of(hub).accepted == 2


def test_a_network_cannot_speak_for_the_other() -> None:
    with a_hub() as hub, publisher_to(hub.paths.log, TOKEN_KEY, FRANCE_TRAVAIL) as publisher:
        with pytest.raises(ForbiddenNetwork):
            publisher.publish(registered(CE))
        consume(hub)
        assert sums_of(hub).read == 0


@pytest.mark.parametrize("wrong", [None, 7, "text", {}, {"type": "Unheard"}, {"type": "CaseRegistered"}])
def test_what_is_no_event_is_refused_before_anything_is_sent(wrong: Any) -> None:
    log = Flaky(0)
    with pytest.raises(InvalidEvent):
        a_publisher(log, []).publish_batch([registered(FT), wrong])
    assert log.appended == []


def test_a_silent_log_is_tried_again_with_the_same_records() -> None:
    log, pauses = Flaky(2), list[float]()

    a_publisher(log, pauses).publish(registered(FT))

    assert len(log.appended) == 3
    assert log.appended[0] == log.appended[1] == log.appended[2]
    assert pauses == sorted(pauses)


def test_a_log_that_stays_silent_is_reported_after_some_attempts() -> None:
    log = Flaky(99)
    with pytest.raises(LogUnavailable):
        a_publisher(log, []).publish(registered(FT))
    assert len(log.appended) == ATTEMPTS


def test_a_topic_key_is_stable_and_says_nothing_without_the_secret() -> None:
    subject = registered(FT).subject
    assert topic_key(TOKEN_KEY, subject) == topic_key(TOKEN_KEY, registered(FT).subject)
    assert topic_key(TOKEN_KEY, subject) != topic_key(b"u" * 32, subject)
    assert FT.local_id.encode() not in topic_key(TOKEN_KEY, subject)


def test_there_must_be_a_log(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        publisher_to(tmp_path / "log.db", TOKEN_KEY, FRANCE_TRAVAIL)


def test_an_older_key_store_is_refused_by_ingest_and_rebuild_and_nothing_changes(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with Hub.create(settings) as hub:
        take(hub, [registered(FT)])
        old = hub.paths.keys.read_bytes()
    older = tmp_path / "keys.older"
    older.write_bytes(old)
    with Hub(settings) as hub:
        take(hub, [registered(CE)])
        before = digest_of(hub)
    newest = (tmp_path / "keys.db").read_bytes()
    (tmp_path / "keys.db").write_bytes(older.read_bytes())

    with Hub(settings) as hub:
        with pytest.raises(KeyUnavailable, match="newest backup"):
            hub.rebuild(lambda *_: None)
        with pytest.raises(KeyUnavailable, match="newest backup"):
            take(hub, [registered(CE, "2021-01-04")])
        assert digest_of(hub) == before

    (tmp_path / "keys.db").write_bytes(newest)
    with Hub(settings) as hub:
        consume(hub)
        assert hub.rebuild(lambda *_: None)
        assert sums_of(hub).accepted == 3


def test_bytes_of_a_record_discarded_long_ago_are_destroyed_when_a_worker_starts(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with Hub.create(settings) as hub:
        producer = hub.producer()
        producer.append([Message("hub.decisions.v1", None, b"no avro")])
        producer.close()
        consume(hub)
        with writing(hub.store) as connection:
            hub.quarantine.decide(connection, 1, "discarded", "ana", "no event", hub.now)
    with Hub(settings, lambda: now() + timedelta(days=91)) as later:
        consume(later)
        with reading(later.store) as connection, pytest.raises(NotFound, match="destroyed"):
            later.quarantine.show(connection, 1)

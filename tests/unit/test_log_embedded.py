"""What is particular to the embedded log: waiting, sharing the file, and clear errors."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.errors import HubError, LogIncident, LogUnavailable, NotFound, StoreCorrupt, StoreUnavailable, Usage
from hub.log import embedded_file
from hub.log.embedded import EmbeddedConsumer, EmbeddedProducer
from hub.log.embedded_file import open_log, transaction, translated
from hub.log.embedded_topics import EmbeddedAdmin
from hub.log.port import Message, TopicPartition

TOPIC = "cap-emploi.case-events.v1"
NOW = datetime(2026, 3, 2, 8, 30, 15, 250_000, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    log = tmp_path / "log.db"
    admin = EmbeddedAdmin(log, os.urandom)
    admin.create({TOPIC: 2})
    admin.close()
    return log


def producer(path: Path) -> closing[EmbeddedProducer]:
    return closing(EmbeddedProducer(path, lambda: NOW))


def consumer(path: Path, sleep: Callable[[float], None] = lambda _: None) -> closing[EmbeddedConsumer]:
    return closing(EmbeddedConsumer(path, [TOPIC], lambda _: None, sleep))


def message(value: bytes = b"v") -> Message:
    return Message(TOPIC, key=None, value=value, partition=0)


def fill(connection: sqlite3.Connection) -> None:
    with transaction(connection, "IMMEDIATE"):
        connection.execute("INSERT INTO record VALUES (1, 0, NULL, ?, ?)", (bytes(1_000_000), b"\x90"))


def test_a_record_carries_the_time_its_producer_was_given(path: Path) -> None:
    with producer(path) as appending, consumer(path) as reading:
        appending.append([message()])
        (batch,) = reading.poll(1, 0)
    assert batch.records[0].timestamp_ms == int(NOW.timestamp() * 1000)


def test_a_waiting_poll_returns_as_soon_as_another_process_has_appended(path: Path) -> None:
    slept: list[float] = []

    with producer(path) as appending:

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == 3:
                appending.append([message(b"news")])

        with consumer(path, sleep) as reading:
            (batch,) = reading.poll(10, 60_000)
    assert [record.value for record in batch.records] == [b"news"]
    assert len(slept) == 3


def test_a_waiting_poll_sleeps_in_growing_steps_for_as_long_as_it_was_told(path: Path) -> None:
    slept: list[float] = []
    with consumer(path, slept.append) as reading:
        assert reading.poll(10, 1000) == []
    assert sum(slept) == pytest.approx(1)
    assert slept[0] < 0.005
    assert max(slept) < 0.07
    assert len(slept) < 30


def test_threads_share_a_producer_and_offsets_stay_dense(path: Path) -> None:
    with producer(path) as appending, ThreadPoolExecutor(8) as pool:
        places = [place for (place,) in pool.map(lambda _: appending.append([message()]), range(40))]
    assert sorted(offset for _, offset in places) == list(range(40))


def test_processes_that_create_the_log_at_the_same_time_agree_on_it(tmp_path: Path) -> None:
    def create(_: int) -> str:
        with closing(EmbeddedAdmin(tmp_path / "log.db", os.urandom)) as admin:
            admin.create({TOPIC: 3})
            return admin.describe([TOPIC])[TOPIC].topic_id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(16)))) == 1


def test_only_the_owner_can_read_the_file(path: Path) -> None:
    with producer(path) as appending:
        appending.append([message()])
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_trimmed_values_leave_no_bytes_in_the_file(path: Path) -> None:
    secret = b"a-value-that-expires" * 10
    with producer(path) as appending:
        appending.append([message(secret), message(b"kept")])
    with closing(EmbeddedAdmin(path, os.urandom)) as admin:
        admin.trim(TopicPartition(TOPIC, 0), 1)
    assert secret not in path.read_bytes()


def test_trimming_past_the_end_is_refused(path: Path) -> None:
    with closing(EmbeddedAdmin(path, os.urandom)) as admin, pytest.raises(NotFound, match="no offset 1"):
        admin.trim(TopicPartition(TOPIC, 0), 1)


def test_a_topic_needs_a_partition(path: Path) -> None:
    with closing(EmbeddedAdmin(path, os.urandom)) as admin, pytest.raises(Usage, match="expected 1 or more"):
        admin.create({"empty": 0})


def test_a_topic_deleted_under_a_consumer_stops_it(path: Path) -> None:
    with consumer(path) as reading, closing(EmbeddedAdmin(path, os.urandom)) as admin:
        assert reading.poll(1, 0) == []
        admin.delete(TOPIC)
        with pytest.raises(LogIncident, match="deleted"):
            reading.poll(1, 0)


def test_a_topic_that_does_not_exist_cannot_be_read(path: Path) -> None:
    with pytest.raises(NotFound, match="hub init"):
        EmbeddedConsumer(path, ["no-such-topic"], lambda _: None, lambda _: None)


@pytest.mark.parametrize("opened", [producer, consumer])
def test_a_missing_log_is_said_to_be_missing_and_not_created(tmp_path: Path, opened: Callable[[Path], object]) -> None:
    with pytest.raises(NotFound, match="hub init"):
        opened(tmp_path / "log.db")
    assert not (tmp_path / "log.db").exists()


def test_a_folder_that_is_missing_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="check the folder"):
        EmbeddedAdmin(tmp_path / "nowhere" / "log.db", os.urandom)


def test_a_database_of_another_program_is_neither_read_nor_changed(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    before = other.read_bytes()
    for opened in (producer, consumer, lambda path: EmbeddedAdmin(path, os.urandom)):
        with pytest.raises(StoreCorrupt, match="not a log of the hub"):
            opened(other)
    assert other.read_bytes() == before


def test_a_log_of_another_version_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreCorrupt, match="another version"):
        producer(path)


def test_a_file_that_is_no_database_is_said_to_be_damaged(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreCorrupt, match="restore the file from its backup"):
        producer(path)


def test_damaged_pages_are_said_to_be_damaged(path: Path) -> None:
    with producer(path) as appending:
        appending.append([message(bytes(2000)) for _ in range(200)])
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))
    with pytest.raises(StoreCorrupt, match="restore the file"), consumer(path) as reading:
        reading.poll(500, 0)


def test_damaged_headers_are_said_to_be_damaged(path: Path) -> None:
    with producer(path) as appending:
        appending.append([message()])
    with closing(open_log(path)) as connection:
        connection.execute("UPDATE record SET headers = ?", (b"\xc1",))
    with consumer(path) as reading, pytest.raises(StoreCorrupt, match="restore the file"):
        reading.poll(500, 0)


def test_a_full_disk_keeps_nothing_of_the_transaction_and_says_so(path: Path) -> None:
    with closing(open_log(path)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreUnavailable, match="full and nothing was written; free space"), translated(path):
            fill(connection)
        assert connection.execute("SELECT count(*) FROM record").fetchone() == (0,)
        assert not connection.in_transaction


def test_a_read_only_log_is_said_to_be_read_only(path: Path) -> None:
    with closing(open_log(path)) as connection:
        connection.execute("PRAGMA query_only = ON")
        with pytest.raises(StoreUnavailable, match="read-only"), translated(path):
            fill(connection)


def test_a_locked_log_is_unavailable_and_appending_again_succeeds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_file, "BUSY_TIMEOUT_S", 0.01)
    with producer(path) as appending, closing(open_log(path)) as other:
        with transaction(other, "IMMEDIATE"):
            with pytest.raises(LogUnavailable, match="locked by another process") as raised:
                appending.append([message()])
            assert raised.value.retriable
        assert appending.append([message()]) == [(TopicPartition(TOPIC, 0), 0)]


def test_readers_are_not_kept_waiting_by_a_writer(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_file, "BUSY_TIMEOUT_S", 0.01)
    with producer(path) as appending:
        appending.append([message()])
    with closing(open_log(path)) as other, transaction(other, "IMMEDIATE"), consumer(path) as reading:
        assert len(reading.poll(1, 0)) == 1


def test_no_error_leaves_as_one_of_sqlite(path: Path) -> None:
    with closing(open_log(path)) as connection, pytest.raises(HubError), translated(path):
        connection.execute("SELECT * FROM no_such_table")

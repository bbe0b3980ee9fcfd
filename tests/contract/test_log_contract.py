"""What every adapter of the log must hold for whoever writes, and of its topics."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import NotFound, Usage
from hub.log.port import Message, Record, TopicPartition
from tests.contract.log_adapters import MESSAGES_PER_APPEND, PARTITIONS, TOPIC, LogUnderTest, open_log, value_of
from tests.contract.log_records import ALL, FIRST, PATIENCE_MS, message, numbered, read, values

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["embedded", "kafka"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LogUnderTest]:
    under_test = open_log(request.param, tmp_path, request)
    yield under_test
    under_test.close()


def start_writer(log: LogUnderTest, writer: str, appends: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.contract.log_adapters", log.name, log.address, writer, str(appends)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_partition_keeps_the_order_of_its_records(log: LogUnderTest) -> None:
    producer = log.producer()
    producer.append(numbered(100))
    producer.append(numbered(50, partition=1))
    records = read(log.consumer(), 150, max_records=7)
    assert values(records, 0) == [b"%d" % number for number in range(100)]
    assert values(records, 1) == [b"%d" % number for number in range(50)]


def test_the_place_of_each_message_is_returned_in_the_order_given(log: LogUnderTest) -> None:
    producer = log.producer()
    places = producer.append([message(b"a"), message(b"b", partition=1), message(b"c")])
    found = {(TopicPartition(r.topic, r.partition), r.offset): r.value for r in read(log.consumer(), 3)}
    assert [found[place] for place in places] == [b"a", b"b", b"c"]


def test_records_of_one_key_stay_in_one_partition_in_order(log: LogUnderTest) -> None:
    producer = log.producer()
    keys = [b"case-%d" % case for case in range(20)]
    for turn in range(5):
        producer.append([Message(TOPIC, key=key, value=b"%d" % turn) for key in keys])
    by_key: dict[bytes | None, list[Record]] = defaultdict(list)
    for record in read(log.consumer(), 100):
        by_key[record.key].append(record)
    assert by_key.keys() == set(keys)
    for records in by_key.values():
        assert len({record.partition for record in records}) == 1
        assert [record.value for record in records] == [b"%d" % turn for turn in range(5)]


def test_messages_without_a_key_spread_over_all_partitions(log: LogUnderTest) -> None:
    producer = log.producer()
    producer.append([Message(TOPIC, key=None, value=b"x") for _ in range(30)])
    assert {record.partition for record in read(log.consumer(), 30)} == set(range(PARTITIONS))


def test_what_was_acknowledged_is_there_after_everything_was_closed(log: LogUnderTest) -> None:
    producer = log.producer()
    producer.append(numbered(10))
    producer.close()
    log.producer().append([message(b"after")])
    assert values(read(log.consumer(), 11), 0) == [*(b"%d" % number for number in range(10)), b"after"]


def test_a_message_for_a_topic_that_does_not_exist_refuses_the_whole_batch(log: LogUnderTest) -> None:
    producer = log.producer()
    with pytest.raises(NotFound, match=r"hub (init|topics create)"):
        producer.append([message(b"a"), Message("no-such-topic", key=None, value=b"b")])
    assert read(log.consumer(), 0) == []


@pytest.mark.parametrize("partition", [-1, PARTITIONS])
def test_a_message_for_a_partition_that_does_not_exist_refuses_the_whole_batch(
    log: LogUnderTest, partition: int
) -> None:
    producer = log.producer()
    with pytest.raises(Usage, match="partition"):
        producer.append([message(b"a"), message(b"b", partition=partition)])
    assert read(log.consumer(), 0) == []


def test_no_key_no_value_and_empty_ones_come_back_as_they_were(log: LogUnderTest) -> None:
    producer = log.producer()
    sent = [(b"", b""), (b"key", None), (None, b"value"), (None, b""), (b"\x00\xff", b"\x00\xff")]
    producer.append([Message(TOPIC, key, value, partition=0) for key, value in sent])
    assert [(record.key, record.value) for record in read(log.consumer(), len(sent))] == sent


def test_headers_come_back_in_order_with_repeated_names_and_any_bytes(log: LogUnderTest) -> None:
    producer = log.producer()
    headers = (
        ("ce_id", b"1"),
        ("ce_id", b"2"),
        ("étape", "été".encode()),
        ("empty", b""),
        ("raw", bytes(range(256))),
    )
    producer.append([Message(TOPIC, None, b"v", headers, 0), Message(TOPIC, None, b"w", (), 0)])
    assert [record.headers for record in read(log.consumer(), 2)] == [headers, ()]


def test_a_value_of_20_megabytes_goes_through(log: LogUnderTest) -> None:
    producer = log.producer()
    value = bytes(range(250)) * 80_000
    producer.append([message(value), message(b"next")])
    assert values(read(log.consumer(), 2), 0) == [value, b"next"]


def test_a_record_carries_the_time_of_its_append(log: LogUnderTest) -> None:
    producer = log.producer()
    producer.append([message(b"a")])
    (record,) = read(log.consumer(), 1)
    assert 1_577_836_800_000 < record.timestamp_ms < 7_258_118_400_000


def test_creating_a_topic_again_changes_nothing(log: LogUnderTest) -> None:
    log.producer().append(numbered(4))
    before = log.admin.describe([TOPIC])
    log.admin.create({TOPIC: PARTITIONS})
    assert log.admin.describe([TOPIC]) == before


def test_a_topic_cannot_change_its_number_of_partitions(log: LogUnderTest) -> None:
    with pytest.raises(Usage, match=f"has {PARTITIONS} partitions"):
        log.admin.create({TOPIC: PARTITIONS + 1})


def test_a_description_gives_what_each_partition_holds(log: LogUnderTest) -> None:
    log.producer().append(numbered(4))
    log.trim(FIRST, 1)
    topic = log.admin.describe([TOPIC, "no-such-topic"])
    assert topic.keys() == {TOPIC}
    assert [(extent.beginning, extent.end) for extent in topic[TOPIC].partitions] == [(1, 4), (0, 0), (0, 0)]


def test_several_processes_append_at_once_and_nothing_is_lost(log: LogUnderTest) -> None:
    writers, appends = ["w1", "w2", "w3", "w4"], 12
    running = [start_writer(log, writer, appends) for writer in writers]
    for process in running:
        _, _ = process.communicate(timeout=120)
        assert process.returncode == 0
    records = read(log.consumer(), len(writers) * appends * MESSAGES_PER_APPEND)
    assert {record.value for record in records} == {
        value_of(writer, append, index)
        for writer in writers
        for append in range(appends)
        for index in range(MESSAGES_PER_APPEND)
    }
    for partition in range(PARTITIONS):
        mine = [record for record in records if record.partition == partition]
        offsets = [record.offset for record in mine]
        assert offsets == sorted(set(offsets))
        for writer in writers:
            of_writer = [int((r.value or b"").split(b"/")[1]) for r in mine if r.key == writer.encode()]
            assert of_writer == sorted(of_writer)


def test_what_was_acknowledged_before_a_kill_is_there_and_no_append_is_half_done(log: LogUnderTest) -> None:
    acknowledged: list[str] = []
    with start_writer(log, "w", 1_000_000) as process:
        assert process.stdout is not None
        while len(acknowledged) < 40 * (MESSAGES_PER_APPEND + 1):
            acknowledged.append(process.stdout.readline())
        process.kill()
    consumer, records = log.consumer(), []
    while not consumer.is_caught_up():
        records += [record for batch in consumer.poll(500, PATIENCE_MS) for record in batch.records]
    ends = consumer.end_offsets(ALL)
    held = {f"{r.partition} {r.offset} {(r.value or b'').decode().partition('/')[2]}" for r in records}
    assert {line.strip() for line in acknowledged if line.strip()} <= held
    per_append = Counter((record.value or b"").split(b"/")[1] for record in records)
    assert not log.is_atomic or set(per_append.values()) == {MESSAGES_PER_APPEND}
    ((place, offset),) = log.producer().append([message(b"goes on")])
    assert place == FIRST
    assert offset >= ends[FIRST]

"""What cannot be read stops the worker with its place and its cause, and never keeps it turning."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import kafka as library
import pytest

from hub.errors import LogIncident
from hub.log.port import Headers, Message, Record
from tests.kafka.topics import FIRST, TOPIC, Site, numbered, read, records_of, site, until
from tests.servers.kafka import Kafka, KafkaCluster
from tests.servers.run import Run

RECORD = b"a record that is long enough to be told from others"


@pytest.fixture(scope="module")
def broker(kafka: Kafka, servers_run: Run) -> Iterator[KafkaCluster]:  # noqa: ARG001 it says whether there are servers
    """A broker whose files a test may damage."""
    with KafkaCluster(servers_run) as cluster:
        yield cluster


class Hostile(str):
    """A header's name that is no text on the wire."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe"


def incident(made: Site) -> LogIncident:
    """Read until the worker is stopped, in a bounded time."""
    consumer, began = made.consumer(), time.monotonic()
    with pytest.raises(LogIncident) as raised:
        until(lambda: False, lambda: consumer.poll(500, 200), patience_s=25)
    assert time.monotonic() - began < 20
    with pytest.raises(LogIncident, match="cannot be read"):
        until(lambda: False, lambda: consumer.poll(500, 200), patience_s=25)
    return raised.value


def test_a_codec_without_its_library_is_named(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        made.producer().append(numbered(3))
        other = made.librdkafka(**{"compression.type": "snappy", "linger.ms": 100})
        for number in range(50):
            other.produce(made.name, value=RECORD * 10 + b"%d" % number, partition=0)
        other.flush(30)
        said = str(incident(made))
        assert f"topic {TOPIC}, partition 0: the batch at or after offset 3 cannot be read" in said
        assert "snappy" in said
        assert "kafka-delete-records" in said


def test_the_records_before_what_cannot_be_read_come_first(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        made.producer().append(numbered(3))
        other = made.librdkafka(**{"compression.type": "snappy", "linger.ms": 100})
        for _ in range(50):
            other.produce(made.name, value=RECORD * 10, partition=0)
        other.flush(30)
        consumer, records = made.consumer(), list[Record]()
        with pytest.raises(LogIncident):
            until(lambda: False, lambda: records.extend(records_of(consumer.poll(500, 200))))
        assert [record.offset for record in records] == [0, 1, 2]


def test_what_cannot_be_read_is_found_while_another_partition_is_read(kafka: Kafka) -> None:
    with site(kafka.servers, 2) as made:
        other = made.librdkafka(**{"compression.type": "snappy", "linger.ms": 100})
        for _ in range(50):
            other.produce(made.name, value=RECORD * 10, partition=1)
        other.flush(30)
        producer, consumer, came = made.producer(), made.consumer(), list[Record]()

        def step() -> None:
            producer.append(numbered(3))
            came.extend(records_of(consumer.poll(500, 0)))

        with pytest.raises(LogIncident, match="partition 1: the batch at or after offset 0 cannot be read"):
            until(lambda: False, step)
        assert {record.partition for record in came} == {0}


def test_what_cannot_be_read_is_given_up_by_deleting_it(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        other = made.librdkafka(**{"compression.type": "snappy", "linger.ms": 100})
        for _ in range(50):
            other.produce(made.name, value=RECORD * 10, partition=0)
        other.flush(30)
        incident(made)
        made.library_admin().delete_records({library.TopicPartition(made.name, 0): 50})
        made.producer().append(numbered(2))
        assert [record.offset for record in read(made.consumer(), 2)] == [50, 51]


def test_bytes_damaged_on_the_brokers_disk_are_found_by_their_checksum(broker: KafkaCluster) -> None:
    with site(broker.servers) as made:
        producer = made.producer()
        producer.append(numbered(3))
        producer.append([message(RECORD)])
        broker.stop()
        damage(broker.brokers[1].folder, made.name)
        broker.start()
        said = str(incident(made))
        assert "partition 0: the batch at or after offset 3 cannot be read, its checksum does not match" in said


def test_a_batch_whose_bytes_are_no_records_is_found(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        made.producer().append(numbered(1))
        hostile = library.KafkaProducer(bootstrap_servers=made.servers)
        hostile.send(made.name, value=b"v", headers=[(Hostile("x"), b"1")], partition=0).get(30)
        hostile.close()
        said = str(incident(made))
        assert "offset 1 cannot be read, its bytes are not a valid batch (CorruptRecordError)" in said
        assert "xff" not in said


def test_a_failure_on_the_way_is_read_again(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    from kafka.record.default_records import DefaultRecordBatch  # noqa: PLC0415 patched here alone

    with site(kafka.servers) as made:
        made.producer().append(numbered(5))
        verify, failures = DefaultRecordBatch.validate_crc, [True]

        def fail_once(batch: DefaultRecordBatch) -> bool:
            return bool(verify(batch)) and not (failures and failures.pop())

        monkeypatch.setattr(DefaultRecordBatch, "validate_crc", fail_once)
        assert [record.offset for record in read(made.consumer(), 5)] == [0, 1, 2, 3, 4]
        assert not failures


def test_headers_and_values_that_are_odd_but_valid_come_as_they_are(kafka: Kafka) -> None:
    headers: Headers = (("", b""), ("a" * 10_000, b"x"), ("none", None), ("none", b"\xff" * 1_000), ("é", b"\0"))
    with site(kafka.servers) as made:
        other = made.librdkafka()
        other.produce(made.name, value=None, key=None, headers=list(headers), partition=0)
        other.flush(30)
        (record,) = read(made.consumer(), 1)
        assert (record.key, record.value, record.headers) == (None, None, headers)


@pytest.mark.parametrize("codec", ["none", "gzip", "lz4", "zstd"])
def test_every_other_codec_of_another_client_is_read(kafka: Kafka, codec: str) -> None:
    with site(kafka.servers) as made:
        other = made.librdkafka(**{"compression.type": codec, "linger.ms": 200, "batch.size": 4_000_000})
        # More than the megabyte at which some decoders stop.
        for number in range(4_000):
            other.produce(made.name, value=RECORD * 10 + b"%d" % number, partition=0)
        other.flush(30)
        assert len(read(made.consumer(), 4_000)) == 4_000


def test_a_record_larger_than_a_fetch_comes_through(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        values = [os.urandom(1_048_576 - 100), b"small", os.urandom(1_048_576 - 100), b"small too"]
        made.producer().append([message(value) for value in values])
        consumer = made.consumer()
        assert [record.value for record in read(consumer, 4, max_records=1)] == values


def message(value: bytes) -> Message:
    return Message(TOPIC, None, value, partition=FIRST.partition)


def damage(folder: Path, topic: str) -> None:
    """Change one byte of a record in a topic's file."""
    (segment,) = folder.glob(f"**/{topic}-0/*0.log")
    content = bytearray(segment.read_bytes())
    content[content.index(RECORD) + 3] ^= 0xFF
    segment.write_bytes(content)

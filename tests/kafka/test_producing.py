"""What is refused is refused before anything is sent, and what is acknowledged is there."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.errors import NotFound, RecordTooLarge, Usage
from hub.log.partitioner import partition_for
from hub.log.port import Message
from tests.kafka.topics import FIRST, TOPIC, numbered, read, site
from tests.servers.kafka import Kafka

REFUSED = {
    "no such topic": (Message("absent", b"k", b"v"), NotFound),
    "no such partition": (Message(TOPIC, b"k", b"v", partition=4), Usage),
    "neither key nor value": (Message(TOPIC, None, None), Usage),
    "a header without a value": (Message(TOPIC, b"k", b"v", (("h", None),)), Usage),
    "larger than any topic takes": (Message(TOPIC, b"k", bytes(40_000_000)), RecordTooLarge),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_message_that_cannot_land_keeps_the_others_from_being_sent(kafka: Kafka, case: str) -> None:
    refused, error = REFUSED[case]
    with site(kafka.servers, 4) as made:
        producer = made.producer()
        with pytest.raises(error):
            producer.append([*numbered(5), refused])
        assert made.consumer().end_offsets([FIRST]) == {FIRST: 0}
        producer.append(numbered(1))


def test_a_record_larger_than_the_topic_takes_is_refused_and_the_producer_goes_on(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        producer = made.producer()
        with pytest.raises(RecordTooLarge, match=r"max\.message\.bytes"):
            producer.append([Message(TOPIC, None, os.urandom(2_000_000))])
        producer.append(numbered(1))
        assert len(read(made.consumer(), 1)) == 1


def test_threads_share_a_producer_and_each_gets_its_own_places(kafka: Kafka) -> None:
    with site(kafka.servers, 4) as made:
        producer = made.producer()

        def work(writer: int) -> list[tuple[int, int, bytes]]:
            done = []
            for turn in range(20):
                sent = [Message(TOPIC, b"%d" % writer, b"%d/%d/%d" % (writer, turn, each)) for each in range(10)]
                places = producer.append(sent)
                done += [
                    (place.partition, offset, message.value or b"")
                    for message, (place, offset) in zip(sent, places, strict=True)
                ]
            return done

        with ThreadPoolExecutor(4) as pool:
            acknowledged = [place for each in pool.map(work, range(4)) for place in each]
        held = [(record.partition, record.offset, record.value) for record in read(made.consumer(), 800)]
        assert sorted(held) == sorted(acknowledged)


def test_keys_go_where_every_client_of_the_topic_sends_them(kafka: Kafka) -> None:
    with site(kafka.servers, 4) as made:
        other = made.librdkafka(partitioner="murmur2_random")
        keys = [b"case-%d" % number for number in range(50)]
        for key in keys:
            other.produce(made.name, key=key, value=b"theirs")
        other.flush(30)
        made.producer().append([Message(TOPIC, key, b"ours") for key in keys])
        for record in read(made.consumer(), 100):
            assert record.partition == partition_for(record.key or b"", 4)

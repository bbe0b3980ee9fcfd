"""Partitions move between the members of a group, and every record is read all the same."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from hub.log.kafka import KafkaConsumer
from hub.log.port import Batch, Stored, TopicPartition
from tests.kafka.topics import FIRST, TOPIC, Site, numbered, records_of, site, until
from tests.servers.kafka import Kafka

ROOT = Path(__file__).parents[2]
PARTITIONS = 4
ALL = {TopicPartition(TOPIC, number) for number in range(PARTITIONS)}


class Store:
    """Positions as the hub's database keeps them: moved only from the expected place."""

    def __init__(self) -> None:
        self.stored: dict[TopicPartition, Stored] = {}
        self.taken: Counter[tuple[int, int]] = Counter()
        self.refused = 0

    def take(self, batch: Batch) -> None:
        stored = self.stored.get(batch.partition)
        if (stored.next_offset if stored else 0) != batch.first_offset:
            self.refused += 1
            return
        self.stored[batch.partition] = Stored(batch.next_offset, batch.topic_id, batch.leader_epoch)
        self.taken.update((record.partition, record.offset) for record in batch.records)

    def work(self, consumer: KafkaConsumer) -> None:
        """Take one poll's batches, and go back where another worker was faster."""
        for batch in consumer.poll(20, 50):
            self.take(batch)
            if (stored := self.stored.get(batch.partition)) and stored.next_offset != batch.next_offset:
                consumer.seek(batch.partition, stored.next_offset)

    def all_work(self, *consumers: KafkaConsumer) -> None:
        """Let each work once."""
        for consumer in consumers:
            self.work(consumer)


def member(made: Site, store: Store) -> KafkaConsumer:
    consumer = KafkaConsumer(made.connection, [TOPIC], store.stored.get, group=f"{made.prefix}workers")
    made.open.callback(consumer.close)
    return consumer


def produce(made: Site, count: int) -> None:
    producer = made.producer()
    producer.append([message for number in range(PARTITIONS) for message in numbered(count, partition=number)])


def everything(count: int) -> Counter[tuple[int, int]]:
    return Counter((partition, offset) for partition in range(PARTITIONS) for offset in range(count))


def test_two_members_share_the_partitions_and_one_takes_over_when_the_other_leaves(kafka: Kafka) -> None:
    with site(kafka.servers, PARTITIONS) as made:
        store = Store()
        first = member(made, store)
        until(lambda: first.assignment() == ALL, lambda: first.poll(1, 50))
        second = member(made, store)
        until(
            lambda: len(first.assignment()) == len(second.assignment()) == PARTITIONS // 2,
            lambda: store.all_work(first, second),
        )
        assert not first.assignment() & second.assignment()
        produce(made, 100)
        until(lambda: store.taken.total() >= 200, lambda: store.all_work(first, second))
        second.close()
        until(lambda: store.taken.total() >= 100 * PARTITIONS, lambda: store.work(first))
        assert first.assignment() == ALL
        assert store.taken == everything(100)


def test_members_that_come_and_go_all_the_time_lose_and_double_nothing(kafka: Kafka) -> None:
    with site(kafka.servers, PARTITIONS) as made:
        store, members = Store(), []
        produce(made, 500)
        for turn in range(12):
            members.append(member(made, store))
            if len(members) > 2:
                members.pop(0).close()
            until_taken = min(100 * (turn + 1), 500 * PARTITIONS)
            until(lambda: store.taken.total() >= until_taken, lambda: store.all_work(*members))  # noqa: B023
        until(lambda: store.taken.total() >= 500 * PARTITIONS, lambda: store.all_work(*members))
        assert store.taken == everything(500)


def test_the_partitions_of_a_killed_process_go_to_the_others(kafka: Kafka) -> None:
    with site(kafka.servers, PARTITIONS) as made:
        store = Store()
        command = [sys.executable, "-m", "tests.kafka.member", made.servers, made.prefix, f"{made.prefix}workers"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "joined\n"
            first = member(made, store)
            until(lambda: len(first.assignment()) == PARTITIONS // 2, lambda: first.poll(1, 50))
            other.send_signal(signal.SIGKILL)
        produce(made, 50)
        killed_at = time.monotonic()
        until(lambda: store.taken.total() >= 50 * PARTITIONS, lambda: store.work(first), patience_s=60)
        assert store.taken == everything(50)
        assert time.monotonic() - killed_at < 30


def test_what_was_fetched_of_a_partition_that_went_is_not_handed_out(kafka: Kafka) -> None:
    with site(kafka.servers, 2) as made:
        made.producer().append(numbered(50, partition=0) + numbered(50, partition=1))
        store = Store()
        first = member(made, store)
        until(lambda: bool(store.taken), lambda: store.work(first))
        second = member(made, store)
        until(
            lambda: len(first.assignment()) == len(second.assignment()) == 1,
            lambda: (first.poll(0, 50), second.poll(0, 50)),
        )
        (left,) = first.assignment()
        assert {record.partition for record in records_of(first.poll(500, 1000))} <= {left.partition}


def test_a_position_is_asked_for_again_when_a_partition_comes_back(kafka: Kafka) -> None:
    with site(kafka.servers, 1) as made:
        made.producer().append(numbered(10))
        store, topic_id = Store(), made.topic_id()
        first = member(made, store)
        until(lambda: bool(store.taken), lambda: store.work(first))
        second = member(made, store)
        second.poll(1, 50)
        first.close()
        # Meanwhile another worker took more.
        store.stored[FIRST] = Stored(9, topic_id, 0)
        offsets: list[int] = []
        until(
            lambda: bool(offsets), lambda: offsets.extend(record.offset for record in records_of(second.poll(20, 50)))
        )
        assert offsets == [9]


def test_the_broker_is_told_how_far_the_hub_is(kafka: Kafka) -> None:
    with site(kafka.servers, 1) as made:
        made.producer().append(numbered(10))
        store = Store()
        consumer = member(made, store)
        until(lambda: store.taken.total() == 10, lambda: store.work(consumer))
        consumer.commit({FIRST: 10, TopicPartition("another", 0): 5})
        consumer.close()
        (told,) = made.library_admin().list_group_offsets([f"{made.prefix}workers"]).values()
        assert {partition.partition: offset.offset for partition, offset in told.items()} == {0: 10}


def test_a_member_is_not_caught_up_before_its_partitions_have_come(kafka: Kafka) -> None:
    with site(kafka.servers, 2) as made:
        store = Store()
        made.producer().append(numbered(10, partition=0) + numbered(10, partition=1))
        first = member(made, store)
        until(lambda: len(first.assignment()) == 2, lambda: first.poll(0, 50))
        second, came = member(made, Store()), list[int]()

        def step() -> None:
            came.extend(record.partition for record in records_of(second.poll(20, 50)))
            first.poll(0, 50)

        until(second.is_caught_up, step)
        assert len(second.assignment()) == 1
        assert len(came) == 10


def test_a_member_that_is_given_no_partition_is_caught_up_after_a_while(kafka: Kafka) -> None:
    with site(kafka.servers, 1) as made:
        first = member(made, Store())
        until(lambda: first.assignment() == {FIRST}, lambda: first.poll(1, 50))
        second = member(made, Store())
        until(second.is_caught_up, lambda: (first.poll(1, 50), second.poll(1, 50)), patience_s=15)
        assert not second.assignment()
        assert first.assignment() == {FIRST}

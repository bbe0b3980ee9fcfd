"""A member of a group in a process of its own, to be killed."""

from __future__ import annotations

import sys

from hub.log.kafka import KafkaConnection, KafkaConsumer
from tests.kafka.topics import TOPIC


def main(servers: str, prefix: str, group: str) -> None:
    """Join, say so, and stay."""
    consumer = KafkaConsumer(KafkaConnection(servers, topic_prefix=prefix), [TOPIC], lambda _: None, group=group)
    while not consumer.assignment():
        consumer.poll(1, 100)
    sys.stdout.write("joined\n")
    sys.stdout.flush()
    while True:
        consumer.poll(1, 100)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Raw records go by the ids that the installation reads; what is broken in their frame stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from hub.codec.framing import frame, unframe
from hub.codec.registry import FileRegistry, RegisteredSchema, bundled_schemas
from hub.domain.topics import FRANCE_TRAVAIL_EVENTS
from hub.log.port import Message, TopicPartition
from hub.producers.files.rawids import ByWireIds
from tests.unit.codec_records import CODEC
from tests.unit.pathway.builders import registered

RELEASED = FileRegistry(bundled_schemas())


class OtherIds(FileRegistry):
    """A registry that gave ids of its own."""

    def wire_id(self, schema: RegisteredSchema, topic: str) -> int:
        return schema.id + 10_000


class Kept:
    """A producer that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        self.messages += messages
        return [(TopicPartition(message.topic, 0), number) for number, message in enumerate(messages)]

    def close(self) -> None:
        """Nothing is open."""


def appended(*values: bytes | None) -> list[bytes | None]:
    kept = Kept()
    producer = ByWireIds(kept, RELEASED, OtherIds(bundled_schemas()))
    producer.append([Message(FRANCE_TRAVAIL_EVENTS, b"k", value) for value in values])
    return [message.value for message in kept.messages]


def test_a_frame_of_the_release_gets_the_id_of_the_registry_and_keeps_its_body() -> None:
    value = CODEC.encode(registered())
    schema_id, body = unframe(value)
    assert appended(value, value[:-3]) == [frame(schema_id + 10_000, body), frame(schema_id + 10_000, body[:-3])]


def test_what_has_no_frame_of_the_release_stays_as_it_is() -> None:
    values = (None, b"", b"no Avro", frame(999_999, b"body"), bytes(2_000_000))
    assert appended(*values) == list(values)

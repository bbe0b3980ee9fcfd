"""Raw records of files: they are framed by the ids of the release, and the installation may read by others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.codec.framing import frame, unframe
from hub.codec.registry import SchemaRegistry
from hub.errors import ContractError
from hub.log.port import Message, Producer, TopicPartition


class ByWireIds:
    """Appends records whose frames bear ids of the release with those of the registry; all else as it is.

    Args:
        released: by its ids the records are framed.
        registry: by its ids the installation reads; the same where there is no server.
    """

    def __init__(self, producer: Producer, released: SchemaRegistry, registry: SchemaRegistry) -> None:
        self._producer = producer
        self._released = released
        self._registry = registry

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        """Append all or none.

        Raises:
            UnknownSchema: a released schema is not registered for the record's topic; nothing was appended.
            RegistryUnavailable: the registry did not answer; nothing was appended.
        """
        return self._producer.append([self._by_wire_id(message) for message in messages])

    def close(self) -> None:
        """Release the connection."""
        self._producer.close()

    def _by_wire_id(self, message: Message) -> Message:
        try:
            schema_id, body = unframe(message.value or b"")
            schema = self._released.by_id(schema_id)
        except ContractError:
            # Broken in another way, as it is meant to be.
            return message
        return replace(message, value=frame(self._registry.wire_id(schema, message.topic), body))

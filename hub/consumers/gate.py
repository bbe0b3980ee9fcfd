"""The gate: whether a record keeps the contract, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hub.codec.avro import Codec
from hub.codec.framing import unframe
from hub.codec.outline import Outline, outline
from hub.domain.events.base import Event
from hub.domain.ids import Subject, uuid_bytes
from hub.domain.topics import may_stand_on
from hub.errors import ContractError, ForbiddenNetwork, Undecodable
from hub.log.port import Record


class Passed(NamedTuple):
    """A record that keeps the contract, decoded: `body` is its Avro body.

    `schema_id` is the id that the release gave to its schema, whatever id stood on the wire. `content_mac` tells a
    repetition of the event from a conflict with it.
    """

    record: Record
    event: Event
    subject: Subject
    event_id: bytes
    schema_id: int
    body: bytes
    content_mac: bytes


class Refused(NamedTuple):
    """A record that breaks the contract, and why, without a personal value."""

    record: Record
    reason: str
    detail: str


class Gate:
    """Decodes, validates, and checks that a network speaks only for itself.

    Args:
        codec: over the registry whose ids stand on the wire.
        content_mac: the keyed hash of what an event says.
    """

    def __init__(self, codec: Codec, content_mac: Callable[[bytes], bytes]) -> None:
        self._codec = codec
        self._content_mac = content_mac

    def judge(self, record: Record) -> Passed | Refused:
        """Let a record pass or name what is wrong with it.

        Raises:
            RegistryUnavailable: a registry server did not answer: the record is neither right nor wrong yet.
            SchemaIncompatible: the released versions of the event do not go together; the worker must stop.
        """
        try:
            return self._checked(record)
        except ContractError as error:
            return Refused(record, error.code, str(error))

    def outline(self, value: bytes | None) -> Outline:
        """Tell how a record is made, without a value of it."""
        return outline(self._codec, value)

    def _checked(self, record: Record) -> Passed:
        if record.value is None:
            raise Undecodable("the record has no value; publish the event's framed Avro bytes")
        event = self._codec.decode(record.value)
        if not may_stand_on(record.topic, event):
            raise ForbiddenNetwork(
                f"{type(event).__name__} of network {event.meta.network} stands on {record.topic}; "
                "a network publishes its own events on its own topic, people's decisions go to the hub's"
            )
        wire_id, body = unframe(record.value)
        schema_id = self._codec.released_id(wire_id)
        mac = self._content_mac(self._codec.content(event))
        return Passed(record, event, event.subject, uuid_bytes(event.meta.event_id), schema_id, body, mac)

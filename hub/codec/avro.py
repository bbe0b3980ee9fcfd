"""Events to framed Avro records and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import msgspec
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.read import SchemaResolutionError
from pydantic import ValidationError

from hub.codec.agreement import disagreements, model_shape
from hub.codec.building import builder, differing, models_within
from hub.codec.conversion import Convert, incoming, outgoing
from hub.codec.defects import invalid
from hub.codec.evolution import compatibility
from hub.codec.framing import frame, unframe
from hub.codec.registry import RegisteredSchema, SchemaRegistry
from hub.codec.shape import parse, plain
from hub.domain.events.base import Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.topics import topic_of
from hub.errors import SchemaIncompatible, Undecodable, UnknownSchema

_sorted_json = msgspec.json.Encoder(order="sorted").encode
_BROKEN = (EOFError, ValueError, LookupError, TypeError, OverflowError, SchemaResolutionError)
"""What fastavro raises on bytes that are no record: it documents no class for them."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading one released version needs, worked out once."""

    released_id: int
    event_type: str
    model: type[Event]
    written: Any  # the schema as fastavro parsed it
    wanted: Any  # the current version, where the record is of an older one
    fields: Convert  # to a record of dictionaries, to be validated
    event: Convert  # to the event itself, built without validation

    def read(self, body: bytes) -> Any:
        """Give the fields of a body in the form of the current version, times and days as numbers."""
        stream = BytesIO(body)
        try:
            fields = schemaless_reader(stream, self.written, self.wanted)
        except _BROKEN as error:
            # Not chained: the error of a text that is not UTF-8 holds the text.
            raise Undecodable(
                f"{self.event_type}: {_defect(error)}, near byte {stream.tell()} of {len(body)}"
            ) from None
        if left := len(body) - stream.tell():
            raise Undecodable(f"{left} bytes are left after the last field of {self.event_type}; expected none")
        return fields


@dataclass(frozen=True, slots=True)
class _Writing:
    """What writing and normalising one event type needs, worked out once."""

    released: RegisteredSchema
    schema: Any  # as fastavro parsed it
    fields: Convert
    differing: Callable[[Event], dict[str, Any]]


class Codec:
    """Encodes events in the current version of their schema and decodes every released version.

    A record of an older version is brought to the current one by Avro's rules of schema resolution. A codec may be
    shared between threads.
    """

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry
        self._readings: dict[int, _Reading] = {}
        self._writings: dict[type[Event], _Writing] = {}
        self._wire_ids: dict[tuple[type[Event], str], int] = {}

    def encode(self, event: Event) -> bytes:
        """Give the framed record of an event, in the current version of its schema.

        Raises:
            UnknownSchema: the registry holds no schema of it.
            SchemaIncompatible: the registry's current version is not that of this hub's models.
            RegistryUnavailable: a registry server did not answer; encode the event again.
        """
        writing = self._writings.get(type(event)) or self._prepare_writing(type(event))
        wire = (type(event), event.meta.network)  # they decide on the topic
        wire_id = self._wire_ids.get(wire)
        if wire_id is None:
            wire_id = self._wire_ids[wire] = self._registry.wire_id(writing.released, topic_of(event))
        body = BytesIO()
        schemaless_writer(body, writing.schema, writing.fields(event))
        return frame(wire_id, body.getvalue())

    def decode(self, value: bytes) -> Event:
        """Read a framed record from outside: every byte is consumed, every field is validated.

        What fastavro reads although no writer should write it so (a union's branch counted from its end, any byte for
        true, a wrong size of a block) is the event it reads: `content` does not depend on how an event was written.

        Raises:
            RecordTooLarge: more bytes than the contract allows; nothing was read.
            Undecodable: not a frame, or its body is not Avro of the schema that the frame names.
            UnknownSchema: the registry does not hold that schema, or holds a newer one than this hub knows.
            InvalidEvent: a field is malformed, or the fields do not fit together.
            SchemaIncompatible: the registry's versions of that event do not go together.
            RegistryUnavailable: a registry server did not answer; nothing is known about the record.
        """
        schema_id, body = unframe(value)
        reading = self._readings.get(schema_id) or self._prepare_reading(schema_id)
        fields = reading.fields(reading.read(body))
        try:
            return reading.model.model_validate(fields, strict=True)
        except ValidationError as error:
            # Not chained: pydantic's error still holds the values that ours leaves out.
            raise invalid(reading.event_type, error) from None

    def unchecked(self, value: bytes) -> tuple[str, Any]:
        """Read a framed record that may break the contract: its event type, and its fields with times as numbers.

        Raises:
            ContractError: as `decode`, but for what a field says.
            SchemaIncompatible, RegistryUnavailable: as `decode`.
        """
        schema_id, body = unframe(value)
        reading = self._readings.get(schema_id) or self._prepare_reading(schema_id)
        return reading.event_type, reading.read(body)

    def decode_body(self, schema_id: int, body: bytes) -> Event:
        """Read a body that `decode` accepted before, as the ledger keeps it: the same event, without validating again.

        Raises:
            Undecodable: the body is damaged.
            InvalidEvent: the body is damaged, in a time or a day.
            UnknownSchema: the registry does not hold the schema.
        """
        reading = self._readings.get(schema_id) or self._prepare_reading(schema_id)
        return reading.event(reading.read(body))  # type: ignore[no-any-return]  # built by the reading's model

    def released_id(self, schema_id: int) -> int:
        """Give the id that the release gave to the schema for which an id stands on the wire.

        The ledger keeps that one: it reads its bodies by the files of the release, never by a registry server.
        """
        return (self._readings.get(schema_id) or self._prepare_reading(schema_id)).released_id

    def content(self, event: Event) -> bytes:
        """Give what an event says, in one form for all versions of its schema and all ways to write it.

        Sorted JSON of the type and of every field that differs from its default, so that a field added later with a
        default leaves the content of older events as it was.
        """
        writing = self._writings.get(type(event)) or self._prepare_writing(type(event))
        return _sorted_json({"type": type(event).__name__, **writing.differing(event)})

    def _prepare_reading(self, schema_id: int) -> _Reading:
        schema = self._registry.by_id(schema_id)
        model = EVENT_TYPES.get(schema.event_type)
        if model is None:
            raise UnknownSchema(f"schema {schema_id} is of an event that this hub does not know yet; upgrade the hub")
        current = self._registry.current(schema.event_type)
        wanted = parse(current.definition)
        if differences := disagreements(model_shape(model), wanted):
            raise UnknownSchema(f"{schema.event_type} is newer in the registry: {differences[0]}; upgrade the hub")
        older = schema.version != current.version
        if older:
            _ensure_compatible(current, schema)
        models = models_within(model)
        reading = _Reading(
            released_id=schema.id,
            event_type=schema.event_type,
            model=model,
            written=parse_schema(plain(parse(schema.definition))),
            wanted=parse_schema(plain(wanted)) if older else None,
            fields=incoming(wanted, {}),
            event=incoming(wanted, {name: builder(inner) for name, inner in models.items()}),
        )
        self._readings[schema_id] = reading
        return reading

    def _prepare_writing(self, model: type[Event]) -> _Writing:
        schema = self._registry.current(model.__name__)
        record = parse(schema.definition)
        if differences := disagreements(model_shape(model), record):
            raise SchemaIncompatible(
                f"{model.__name__} is not what the registry holds: {differences[0]}; upgrade the hub"
            )
        writing = _Writing(schema, parse_schema(plain(record)), outgoing(record), differing(record))
        self._writings[model] = writing
        return writing


def _ensure_compatible(current: RegisteredSchema, older: RegisteredSchema) -> None:
    """Refuse versions that Avro would resolve by the plain types alone, such as days read as a time."""
    if findings := compatibility(f"{current.subject}, version {current.version}", current.definition, [older]):
        raise SchemaIncompatible(f"{findings[0]}; run `hub schemas check`")


def _defect(error: Exception) -> str:
    match error:
        case EOFError():
            return "the body ends early, or a text in it has a wrong length"
        case UnicodeDecodeError():
            return "a text is not UTF-8"
        case LookupError():
            return "a union has no such branch, or a number does not end"
        case _:
            return "the body is not Avro of its schema"

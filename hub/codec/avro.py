"""Events to framed Avro records and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from pydantic import ValidationError

from hub.codec.agreement import disagreements, model_shape
from hub.codec.building import builder, differing, models_within
from hub.codec.defects import invalid
from hub.codec.framing import frame, unframe
from hub.codec.reading import Read, reader
from hub.codec.registry import SchemaRegistry
from hub.codec.shape import parse
from hub.codec.writing import Write, writer
from hub.domain.events.base import Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.errors import SchemaIncompatible, Undecodable, UnknownSchema

_sorted_json = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading one released version needs, worked out once."""

    event_type: str
    model: type[Event]
    fields: Read  # a record of dictionaries, to be validated
    event: Read  # the event itself, built without validation


@dataclass(frozen=True, slots=True)
class _Writing:
    """What writing and normalising one event type needs, worked out once."""

    schema_id: int
    write: Write
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

    def encode(self, event: Event) -> bytes:
        """Give the framed record of an event, in the current version of its schema.

        Raises:
            UnknownSchema: the registry holds no schema of it.
            SchemaIncompatible: the registry's current version is not that of this hub's models.
        """
        writing = self._writings.get(type(event)) or self._prepare_writing(type(event))
        body = bytearray()
        writing.write(body, event)
        return frame(writing.schema_id, body)

    def decode(self, value: bytes) -> Event:
        """Read a framed record from outside, strictly: every byte is accounted for, every field is validated.

        Raises:
            RecordTooLarge: more bytes than the contract allows; nothing was read.
            Undecodable: not a frame, or its body is not Avro of the schema that the frame names.
            UnknownSchema: the registry does not hold that schema, or holds a newer one than this hub knows.
            InvalidEvent: a field is malformed, or the fields do not fit together.
        """
        schema_id, body = unframe(value)
        reading = self._readings.get(schema_id) or self._prepare_reading(schema_id)
        fields, end = reading.fields(body, 0)
        if end != len(body):
            raise _left_over(reading, body, end)
        try:
            return reading.model.model_validate(fields, strict=True)
        except ValidationError as error:
            # Not chained: pydantic's error still holds the values that ours leaves out.
            raise invalid(reading.event_type, error) from None

    def decode_body(self, schema_id: int, body: bytes) -> Event:
        """Read a body that `decode` accepted before, as the ledger keeps it: the same event, without validating again.

        Raises:
            Undecodable: the body is damaged.
            UnknownSchema: the registry does not hold the schema.
        """
        reading = self._readings.get(schema_id) or self._prepare_reading(schema_id)
        event, end = reading.event(body, 0)
        if end != len(body):
            raise _left_over(reading, body, end)
        return event  # type: ignore[no-any-return]  # built by the reading's model

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
        written = parse(schema.definition)
        wanted = parse(self._registry.current(schema.event_type).definition)
        if differences := disagreements(model_shape(model), wanted):
            raise UnknownSchema(f"{schema.event_type} is newer in the registry: {differences[0]}; upgrade the hub")
        models = models_within(model)
        reading = _Reading(
            event_type=schema.event_type,
            model=model,
            fields=reader(written, wanted, {}),
            event=reader(written, wanted, {name: builder(inner) for name, inner in models.items()}),
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
        writing = _Writing(schema.id, writer(record), differing(record))
        self._writings[model] = writing
        return writing


def _left_over(reading: _Reading, body: bytes, end: int) -> Undecodable:
    return Undecodable(f"{len(body) - end} bytes are left after the last field of {reading.event_type}; expected none")

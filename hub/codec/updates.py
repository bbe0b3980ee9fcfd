"""Updates of pathways to framed Avro records and back."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from pydantic import ValidationError

from hub.codec.agreement import disagreements, model_shape
from hub.codec.conversion import incoming, outgoing
from hub.codec.defects import invalid
from hub.codec.framing import frame, unframe
from hub.codec.registry import RegisteredSchema, SchemaRegistry
from hub.codec.shape import parse, plain
from hub.domain.topics import OUTBOUND_OF
from hub.domain.update import PathwayUpdated
from hub.errors import SchemaIncompatible, Undecodable, UnknownSchema

_NAME = PathwayUpdated.__name__


class UpdateCodec:
    """Encodes updates in the current version of their schema, and reads every released version.

    A record of another version is brought to the current one by Avro's rules of schema resolution: one of an older
    version as one of a newer, whose further fields are left out.
    """

    def __init__(self, registry: SchemaRegistry) -> None:
        """Prepare for the current version.

        Raises:
            UnknownSchema: the registry holds no schema of it.
            SchemaIncompatible: its current version is not that of this hub's model.
        """
        self._registry = registry
        self.schema: RegisteredSchema = registry.current(_NAME)
        record = parse(self.schema.definition)
        if differences := disagreements(model_shape(PathwayUpdated), record):
            raise SchemaIncompatible(f"{_NAME} is not what the registry holds: {differences[0]}; upgrade the hub")
        self._wanted = parse_schema(plain(record))
        self._outgoing = outgoing(record)
        self._incoming = incoming(record, {})
        self._written: dict[int, Any] = {}
        self._wire_ids: dict[str, int] = {}

    def encode(self, update: PathwayUpdated) -> bytes:
        """Give the framed record of an update.

        Raises:
            UnknownSchema: the schema is not registered for the topic of the update's network.
            RegistryUnavailable: a registry server did not answer; encode it again.
        """
        wire_id = self._wire_ids.get(update.network)
        if wire_id is None:
            wire_id = self._registry.wire_id(self.schema, OUTBOUND_OF[update.network])
            self._wire_ids[update.network] = wire_id
        body = BytesIO()
        schemaless_writer(body, self._wanted, self._outgoing(update))
        return frame(wire_id, body.getvalue())

    def decode(self, value: bytes) -> PathwayUpdated:
        """Read a framed record.

        Raises:
            Undecodable: not a frame, or its body is not Avro of the schema that the frame names.
            UnknownSchema: the frame names another schema.
            InvalidEvent: a field is malformed.
            RegistryUnavailable: a registry server did not answer; nothing is known about the record.
        """
        schema_id, body = unframe(value)
        written = self._written.get(schema_id) or self._prepare(schema_id)
        stream = BytesIO(body)
        try:
            fields = schemaless_reader(stream, written, self._wanted)
        except (EOFError, ValueError, LookupError, TypeError, OverflowError):
            # Not chained: the error of a text that is not UTF-8 holds the text.
            raise Undecodable(f"the body is not Avro of {_NAME}") from None
        if left := len(body) - stream.tell():
            raise Undecodable(f"{left} bytes are left after the last field of {_NAME}; expected none")
        try:
            return PathwayUpdated.model_validate(self._incoming(fields), strict=True)
        except ValidationError as error:
            raise invalid(_NAME, error) from None

    def _prepare(self, schema_id: int) -> Any:
        schema = self._registry.by_id(schema_id)
        if schema.event_type != _NAME:
            raise UnknownSchema(f"schema {schema_id} is of {schema.event_type}; expected one of {_NAME}")
        self._written[schema_id] = parse_schema(plain(parse(schema.definition)))
        return self._written[schema_id]


def update_to_json(update: PathwayUpdated) -> dict[str, Any]:
    """Give the JSON form of an update: its type beside its fields, times in UTC, nulls left out."""
    return {"type": _NAME, **update.model_dump(mode="json", exclude_none=True)}


def update_from_json(document: Any) -> PathwayUpdated:
    """Read the JSON form of an update.

    Raises:
        InvalidEvent: a field is missing, unknown or malformed.
    """
    fields = {name: value for name, value in document.items() if name != "type"}
    try:
        return PathwayUpdated.model_validate_json(json.dumps(fields), strict=True)
    except ValidationError as error:
        raise invalid(_NAME, error) from None

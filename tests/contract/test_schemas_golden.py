"""The golden bytes of every released version are read for ever, and mean what they meant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.codec.avro import Codec
from hub.codec.framing import unframe
from hub.codec.jsonform import from_json, to_json
from hub.codec.registry import FileRegistry, RegisteredSchema, bundled_schemas

REGISTRY = FileRegistry(bundled_schemas())
CODEC = Codec(REGISTRY)


def named(schema: RegisteredSchema) -> str:
    return f"{schema.event_type}.v{schema.version}"


def golden(schema: RegisteredSchema) -> tuple[bytes, Any]:
    folder = bundled_schemas() / "golden"
    return (folder / f"{named(schema)}.bin").read_bytes(), json.loads((folder / f"{named(schema)}.json").read_text())


@pytest.mark.parametrize("schema", REGISTRY.all(), ids=named)
def test_the_bytes_mean_what_their_json_says(schema: RegisteredSchema) -> None:
    value, document = golden(schema)
    event = from_json(document)
    assert unframe(value)[0] == schema.id
    assert CODEC.decode(value) == CODEC.decode_body(*unframe(value)) == event
    assert to_json(event) == document


@pytest.mark.parametrize("schema", REGISTRY.all(), ids=named)
def test_the_current_version_is_still_written_in_the_same_bytes(schema: RegisteredSchema) -> None:
    value, document = golden(schema)
    if REGISTRY.current(schema.event_type) == schema:
        assert CODEC.encode(from_json(document)) == value
    else:
        assert CODEC.encode(from_json(document)) != value


@pytest.mark.parametrize("schema", REGISTRY.all(), ids=named)
def test_golden_events_fill_every_field(schema: RegisteredSchema) -> None:
    event = CODEC.decode(golden(schema)[0])
    if REGISTRY.current(schema.event_type) == schema:
        assert None not in event.model_dump().values()
        assert None not in event.meta.model_dump().values()

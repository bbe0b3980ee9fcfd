"""The golden bytes of every released version are read for ever, and mean what they meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hub.codec.avro import Codec
from hub.codec.framing import unframe
from hub.codec.jsonform import from_json, to_json
from hub.codec.registry import FileRegistry, RegisteredSchema, bundled_schemas
from hub.codec.updates import UpdateCodec, update_from_json, update_to_json
from hub.domain.update import UPDATE_TYPES
from hub.errors import Undecodable, UnknownSchema

REGISTRY = FileRegistry(bundled_schemas())
CODEC = Codec(REGISTRY)
UPDATES = UpdateCodec(REGISTRY)
OF_EVENTS = [schema for schema in REGISTRY.all() if schema.event_type not in UPDATE_TYPES]
OF_UPDATES = [schema for schema in REGISTRY.all() if schema.event_type in UPDATE_TYPES]


def named(schema: RegisteredSchema) -> str:
    return f"{schema.event_type}.v{schema.version}"


def golden(schema: RegisteredSchema) -> tuple[bytes, Any]:
    folder = bundled_schemas() / "golden"
    return (folder / f"{named(schema)}.bin").read_bytes(), json.loads((folder / f"{named(schema)}.json").read_text())


@pytest.mark.parametrize("schema", OF_EVENTS, ids=named)
def test_the_bytes_mean_what_their_json_says(schema: RegisteredSchema) -> None:
    value, document = golden(schema)
    event = from_json(document)
    assert unframe(value)[0] == schema.id
    assert CODEC.decode(value) == CODEC.decode_body(*unframe(value)) == event
    assert to_json(event) == document


@pytest.mark.parametrize("schema", OF_EVENTS, ids=named)
def test_the_current_version_is_still_written_in_the_same_bytes(schema: RegisteredSchema) -> None:
    value, document = golden(schema)
    if REGISTRY.current(schema.event_type) == schema:
        assert CODEC.encode(from_json(document)) == value
    else:
        assert CODEC.encode(from_json(document)) != value


@pytest.mark.parametrize("schema", OF_EVENTS, ids=named)
def test_golden_events_fill_every_field(schema: RegisteredSchema) -> None:
    event = CODEC.decode(golden(schema)[0])
    if REGISTRY.current(schema.event_type) == schema:
        assert None not in event.model_dump().values()
        assert None not in event.meta.model_dump().values()


@pytest.mark.parametrize("schema", OF_UPDATES, ids=named)
def test_the_bytes_of_an_update_mean_what_its_json_says(schema: RegisteredSchema) -> None:
    value, document = golden(schema)
    update = update_from_json(document)
    assert unframe(value)[0] == schema.id
    assert UPDATES.decode(value) == update
    assert update_to_json(update) == document
    assert (UPDATES.encode(update) == value) == (REGISTRY.current(schema.event_type) == schema)


@pytest.mark.parametrize("schema", OF_UPDATES, ids=named)
def test_a_golden_update_fills_every_field(schema: RegisteredSchema) -> None:
    assert list(_missing(UPDATES.decode(golden(schema)[0]).model_dump())) == []


def _missing(value: Any) -> Iterator[str]:
    """Name the fields without a value; a list has at least one entry."""
    for name, inner in value.items():
        if inner is None or inner == []:
            yield name
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, dict):
                yield from _missing(each)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x00",
        b"\x00\x00\x00\x00\x34",
        b"\x00\x00\x00\x00\x01rest",
        b"\x01\x00\x00\x00\x34",
        b"\x00\x00\x0f\xff\xff",
    ],
)
def test_what_is_no_update_is_refused(value: bytes) -> None:
    with pytest.raises((Undecodable, UnknownSchema)):
        UPDATES.decode(value)
    whole = golden(OF_UPDATES[-1])[0]
    with pytest.raises(Undecodable):
        UPDATES.decode(whole + b"x")
    with pytest.raises(Undecodable):
        UPDATES.decode(whole[:-3])

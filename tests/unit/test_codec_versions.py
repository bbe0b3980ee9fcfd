"""Records of older versions, and the content that stays the same under all of them."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.codec.avro import Codec
from hub.codec.building import differing
from hub.codec.framing import frame
from hub.codec.registry import RegisteredSchema, SchemaIndex
from hub.codec.shape import parse, plain
from hub.domain.events.base import Event
from hub.domain.events.delegation import DelegationProposed
from hub.errors import SchemaIncompatible, UnknownSchema
from tests.strategies import events
from tests.unit.codec_records import CODEC, REGISTRY, proposal, written_by_fastavro


def without(definition: Any, record: str, field: str) -> Any:
    """Give a definition as it was before a record got this field."""
    definition = copy.deepcopy(dict(definition))
    node = definition if definition["name"] == record else definition["fields"][0]["type"]
    node["fields"] = [each for each in node["fields"] if each["name"] != field]
    return definition


def two_versions() -> SchemaIndex:
    current = REGISTRY.current("DelegationProposed")
    first = without(without(current.definition, "DelegationProposed", "ground"), "Metadata", "site")
    return SchemaIndex(
        [
            RegisteredSchema(100, current.subject, "DelegationProposed", 1, first),
            RegisteredSchema(200, current.subject, "DelegationProposed", 2, current.definition),
        ]
    )


@given(events("DelegationProposed"))
def test_an_older_version_is_read_as_the_current_one(event: Event) -> None:
    assert isinstance(event, DelegationProposed)
    registry = two_versions()
    first, second = (fastavro.parse_schema(plain(parse(registry.by_id(each).definition))) for each in (100, 200))
    old = io.BytesIO()
    fastavro.schemaless_writer(
        old, first, fastavro.schemaless_reader(io.BytesIO(CODEC.encode(event)[5:]), second, first)
    )

    codec = Codec(registry)
    read = codec.decode(frame(100, old.getvalue()))
    without_new = event.meta.model_copy(update={"site": None})
    assert read == event.model_copy(update={"meta": without_new, "ground": None})
    assert read == codec.decode_body(100, old.getvalue())
    assert codec.encode(read)[:5] == frame(200, b"")


def test_versions_that_plain_types_alone_would_resolve_are_refused() -> None:
    registry = two_versions()
    first = copy.deepcopy(dict(registry.by_id(100).definition))
    meta = first["fields"][0]["type"]
    (sequence,) = (field for field in meta["fields"] if field["name"] == "sequence")
    sequence["type"] = {"type": "int", "logicalType": "date"}
    broken = SchemaIndex([dataclasses.replace(registry.by_id(100), definition=first), registry.by_id(200)])
    with pytest.raises(SchemaIncompatible, match=r"meta\.sequence: the type is long, not day.*hub schemas check"):
        Codec(broken).decode(frame(100, b""))


def test_a_field_added_later_leaves_the_content_of_older_events_as_it_was() -> None:
    registry = two_versions()
    event = CODEC.decode(written_by_fastavro("DelegationProposed", proposal(planned_end=None)))
    first, second = (differing(parse(registry.by_id(schema_id).definition))(event) for schema_id in (100, 200))
    assert first == second
    assert json.loads(CODEC.content(event))["meta"]["sequence"] == 1


def newer_registry() -> SchemaIndex:
    current = REGISTRY.current("DelegationProposed")
    newer = copy.deepcopy(dict(current.definition))
    newer["fields"].append({"name": "urgency", "type": ["null", "string"], "default": None})
    return SchemaIndex([current, RegisteredSchema(900, current.subject, "DelegationProposed", 2, newer)])


def test_a_registry_newer_than_the_hub_is_named_as_such_and_nothing_is_read_or_written_by_half() -> None:
    codec, value = Codec(newer_registry()), written_by_fastavro("DelegationProposed", proposal())
    with pytest.raises(UnknownSchema, match="urgency is in the schema, not in the model; upgrade the hub"):
        codec.decode(value)
    with pytest.raises(SchemaIncompatible, match="urgency is in the schema, not in the model; upgrade the hub"):
        codec.encode(CODEC.decode(value))


def test_content_is_sorted_json_of_what_differs_from_the_defaults() -> None:
    event = CODEC.decode(written_by_fastavro("DelegationProposed", proposal(planned_end=18_000)))
    assert CODEC.content(event) == (
        b'{"delegation_id":"delegation-1","meta":{"actor_id":"adviser-1","event_id":"01890a5d-ac96-774b-bcce-b302099a8057",'
        b'"local_id":"00123456789","network":"france_travail","occurred_at":"2021-01-04T09:40:00Z",'
        b'"organisation":"organisation-1","recorded_at":"2021-01-04T09:40:00Z","sequence":1},'
        b'"planned_end":"2019-04-14","type":"DelegationProposed"}'
    )


@settings(max_examples=200)
@given(events(), events())
def test_two_events_have_the_same_content_exactly_when_they_are_equal(first: Event, second: Event) -> None:
    assert (CODEC.content(first) == CODEC.content(second)) == (first == second)


@settings(max_examples=100)
@given(events(), st.data())
def test_another_value_in_any_one_field_is_another_content(event: Event, data: st.DataObject) -> None:
    other = data.draw(events(type(event).__name__))
    name = data.draw(st.sampled_from(sorted(type(event).model_fields)))
    mixed = event.model_copy(update={name: getattr(other, name)})
    assert (CODEC.content(mixed) == CODEC.content(event)) == (mixed == event)

"""The headers, read back by CloudEvents' own library."""

from __future__ import annotations

import json
import re

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from hypothesis import given

from hub.codec.avro import Codec
from hub.codec.headers import headers
from hub.codec.jsonform import to_json
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.codec.sensitive import sensitive_paths
from hub.domain.events.base import Event
from hub.errors import Usage
from tests.strategies import events

REGISTRY = FileRegistry(bundled_schemas())
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@given(events())
def test_cloudevents_own_library_reads_them_as_a_valid_event(event: Event) -> None:
    schema = REGISTRY.current(type(event).__name__)
    value = Codec(REGISTRY).encode(event)
    read = from_binary_event(KafkaMessage(headers=dict(headers(event, schema)), key=None, value=value))
    assert read.get_id() == event.meta.event_id
    assert read.get_specversion() == "1.0"
    assert read.get_type() == f"fr.parcours.{schema.subject.split('.')[2]}.{type(event).__name__}.v1"
    assert read.get_source() == f"urn:x-parcours:network:{event.meta.network}"
    assert read.get_time() == event.meta.occurred_at
    assert read.get_dataschema() == f"urn:x-parcours:schema:{schema.subject}:1"
    assert read.get_datacontenttype() == "application/vnd.confluent.avro"
    assert read.get_subject() is None


@given(events())
def test_headers_say_nothing_about_whom_the_event_is_about(event: Event) -> None:
    said = b" ".join(value for _, value in headers(event, REGISTRY.current(type(event).__name__), TRACEPARENT)).decode()
    document = to_json(event)
    meta = document["meta"]
    assert isinstance(meta, dict)
    assert ("meta", "local_id") in sensitive_paths(type(event).__name__)
    words = set(re.split(r"[^A-Za-z0-9]+", said))
    for name in ("scope", "local_id", "actor_id", "site"):
        value = meta.get(name)
        if value and len(value) > 4:
            assert value not in words, json.dumps(name)


@given(events())
def test_the_names_of_headers_are_fixed(event: Event) -> None:
    names = {name for name, _ in headers(event, REGISTRY.current(type(event).__name__))}
    attributes = {"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_dataschema"}
    assert names == attributes | {"content-type"}


@given(events("CaseClosed"))
def test_a_traceparent_is_passed_on_as_it_came(event: Event) -> None:
    assert ("traceparent", TRACEPARENT.encode()) in headers(event, REGISTRY.current("CaseClosed"), TRACEPARENT)


@pytest.mark.parametrize(
    "malformed",
    [
        "",
        TRACEPARENT.upper(),
        TRACEPARENT[:-1],
        f"{TRACEPARENT}\n",
        f"ff{TRACEPARENT[2:]}",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "4bf92f3577b34da6a3ce929d0e0e4736",
    ],
)
@given(event=events("CaseClosed"))
def test_a_malformed_traceparent_is_refused(malformed: str, event: Event) -> None:
    with pytest.raises(Usage, match="traceparent is malformed"):
        headers(event, REGISTRY.current("CaseClosed"), malformed)

"""The outline of a record: total on any bytes, and without any value of what it outlines."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from hub.codec.avro import Codec
from hub.codec.framing import frame, unframe
from hub.codec.outline import Outline, outline
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from tests import strategies
from tests.unit.pathway import builders

CODEC = Codec(FileRegistry(bundled_schemas()))
UPDATE = builders.event(CaseUpdated, traits={"family_name": "Zola"}, contact={"email": "zola@example.org"})


@given(st.one_of(st.binary(max_size=400), st.binary(max_size=60).map(lambda body: frame(2, body)), st.none()))
def test_any_bytes_have_an_outline(value: bytes | None) -> None:
    found = outline(CODEC, value)

    assert found.event_type is None or found.schema_id is not None


@given(strategies.events())
def test_an_outline_has_every_field_and_no_value(event: Event) -> None:
    found = outline(CODEC, CODEC.encode(event))

    assert found.event_type == type(event).__name__
    assert (found.event_id, found.network) == (str(UUID(event.meta.event_id)), event.meta.network)
    assert found.recorded_at == event.meta.recorded_at
    assert {place.path.split(".")[0].removesuffix("[]") for place in found.fields} >= set(type(event).model_fields)
    words = {place.path for place in found.fields}
    assert all(set(word) <= set("abcdefghijklmnopqrstuvwxyz_0123456789.[]") for word in words)


def test_what_is_not_as_it_should_be_is_not_shown() -> None:
    meta = UPDATE.meta.model_copy(update={"event_id": "2 84 05 69 244 012", "scope": "x"})
    found = outline(CODEC, CODEC.encode(UPDATE.model_copy(update={"meta": meta})))

    assert found.event_id is None
    assert found.event_type == "CaseUpdated"


def test_a_record_of_an_unknown_schema_tells_its_number() -> None:
    value = frame(999_999, unframe(CODEC.encode(UPDATE))[1])

    assert outline(CODEC, value) == Outline(999_999)

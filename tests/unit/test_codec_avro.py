"""Events to bytes and back, and bytes that are no events."""

from __future__ import annotations

import dataclasses
import functools
import io
import tracemalloc
from typing import Any, cast

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.codec.avro import Codec
from hub.codec.framing import MAX_RECORD_BYTES, frame, unframe
from hub.codec.jsonform import to_json
from hub.codec.registry import SchemaIndex
from hub.codec.sensitive import sensitive_paths
from hub.codec.shape import parse, plain
from hub.domain.events.base import Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.errors import ContractError, InvalidEvent, Undecodable, UnknownSchema
from tests.strategies import events
from tests.unit.codec_records import CODEC, REGISTRY, fastavro_schema, proposal, written_by_fastavro


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@settings(max_examples=15)
@given(data=st.data())
def test_every_event_comes_back_equal_from_both_ways_of_reading(event_type: str, data: st.DataObject) -> None:
    event = data.draw(events(event_type))
    value = CODEC.encode(event)
    schema_id, body = unframe(value)
    assert CODEC.decode(value) == event
    trusted = CODEC.decode_body(schema_id, body)
    assert trusted == event
    assert to_json(trusted) == to_json(event)
    assert hash(repr(trusted)) == hash(repr(CODEC.decode(value)))


@settings(max_examples=150)
@given(events())
def test_times_days_and_ids_are_those_of_the_schemas_logical_types(event: Event) -> None:
    event_type = type(event).__name__
    value = CODEC.encode(event)
    assert value == written_by_fastavro(event_type, event.model_dump())
    read = fastavro.schemaless_reader(io.BytesIO(value[5:]), fastavro_schema(event_type), None)
    assert isinstance(read, dict)
    assert CODEC.decode(written_by_fastavro(event_type, read)) == event


@settings(max_examples=300)
@given(events(), st.data())
def test_a_damaged_record_is_refused_or_is_another_valid_event(event: Event, data: st.DataObject) -> None:
    value = bytearray(CODEC.encode(event))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(5, len(value) - 1))
        value[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=12))
    try:
        read = CODEC.decode(bytes(value))
    except ContractError:
        return
    assert CODEC.decode(CODEC.encode(read)) == read


@settings(max_examples=300)
@given(st.integers(1, 51), st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_contract_errors(schema_id: int, body: bytes) -> None:
    with pytest.raises(ContractError):
        CODEC.decode(frame(schema_id, body))


@settings(max_examples=50)
@given(events(), st.binary(min_size=1, max_size=3))
def test_bytes_after_the_last_field_are_refused(event: Event, more: bytes) -> None:
    value = CODEC.encode(event) + more
    schema_id, body = unframe(value)
    with pytest.raises(Undecodable, match=f"{len(more)} bytes are left"):
        CODEC.decode(value)
    with pytest.raises(Undecodable, match=f"{len(more)} bytes are left"):
        CODEC.decode_body(schema_id, body)


@settings(max_examples=50)
@given(events(), st.data())
def test_a_record_cut_short_is_refused_with_the_place_at_which_it_ends(event: Event, data: st.DataObject) -> None:
    value = CODEC.encode(event)
    cut = data.draw(st.integers(5, len(value) - 1))
    with pytest.raises(Undecodable, match=rf"^{type(event).__name__}: .*, near byte \d+ of {cut - 5}$"):
        CODEC.decode(value[:cut])


LONG_MAX = b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"
LONG_MIN = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
BEFORE_THEMES = CODEC.encode(
    EVENT_TYPES["DiagnosisCompleted"].model_validate(
        {
            "meta": proposal()["meta"] | {"occurred_at": "2021-01-04T09:00Z", "recorded_at": "2021-01-04T09:00Z"},
            "themes": [],
        }
    )
)[:-3]


@pytest.mark.parametrize(
    ("after", "defect"),
    [
        (LONG_MAX, "ends early"),
        (LONG_MIN, "ends early"),
        (LONG_MAX + b"\x00" * 500_000, "ends early"),
        (b"\x01\x00\x00" * 300_000, "ends early"),
        ((LONG_MIN + b"\x00") * 90_000, "ends early"),
        (b"\x02" + LONG_MAX, "wrong length"),
        (b"\x02" + LONG_MIN, "wrong length"),
        (b"\x02\x01" + b"a" * 500_000, "wrong length"),
        (b"\x02\x80\xa8\xd6\xb9\x07", "wrong length"),
        (b"\x02\x02\xff\x00\x00\x00", "not UTF-8"),
        (b"\x80" * 1_000_000, "a number does not end"),
        (b"\xff" * 500_000 + b"\x01", "ends early"),
        (b"\x00\x04\x00", "no such branch"),
        (b"\x00\x05\x00", "no such branch"),
        (b"\x00" + LONG_MAX, "no such branch"),
        (b"\x00" + LONG_MIN, "no such branch"),
        (b"\x00\x80\x80\x80\x80\x40\x00", "no such branch"),
    ],
)
def test_a_hostile_body_is_refused_at_once_and_takes_little_memory(after: bytes, defect: str) -> None:
    value = BEFORE_THEMES + after
    assert len(value) < MAX_RECORD_BYTES
    tracemalloc.start()
    try:
        with pytest.raises(Undecodable, match=defect):
            CODEC.decode(value)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_an_error_about_broken_bytes_holds_nothing_of_them() -> None:
    with pytest.raises(Undecodable) as raised:
        CODEC.decode(BEFORE_THEMES + b"\x02\x0eSecret\xff\x00\x00\x00")
    assert "Secret" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_a_list_in_blocks_with_their_sizes_is_read_as_any_other() -> None:
    in_blocks = b"\x01\x0e\x0chealth\x02\x10mobility\x00\x00\x00"
    assert CODEC.decode(BEFORE_THEMES + in_blocks).model_dump()["themes"] == ["health", "mobility"]


def test_a_million_bad_items_give_a_short_error() -> None:
    value = BEFORE_THEMES + b"\x80\xea\x30" + b"\x00" * 400_000 + b"\x00\x00\x00"
    with pytest.raises(InvalidEvent) as raised:
        CODEC.decode(value)
    assert len(str(raised.value)) < 1_000


@pytest.mark.parametrize(
    ("canonical", "loose"),
    [
        (b"\x02\x02a\x00\x00\x00", b"\x02\x82\x00a\x00\x00\x00"),  # a length in more bytes than it needs
        (b"\x02\x02a\x00\x00\x00", b"\x01\x7e\x02a\x00\x00\x00"),  # a wrong size of a block
        (b"\x00\x02\x02a\x00", b"\x00\x01\x02a\x00"),  # a union's branch counted from its end
        (b"\x00\x00\x00", LONG_MIN + b"\x00" * 4),  # fewer items than none
    ],
)
def test_a_loosely_written_record_has_the_content_of_the_event_it_is_read_as(canonical: bytes, loose: bytes) -> None:
    strict, lax = CODEC.decode(BEFORE_THEMES + canonical), CODEC.decode(BEFORE_THEMES + loose)
    assert strict == lax == CODEC.decode_body(*unframe(BEFORE_THEMES + loose))
    assert CODEC.content(strict) == CODEC.content(lax)
    assert CODEC.encode(lax) == BEFORE_THEMES + canonical


def test_a_schema_id_that_the_registry_does_not_hold_is_unknown() -> None:
    with pytest.raises(UnknownSchema, match="99999"):
        CODEC.decode(frame(99_999, b""))
    with pytest.raises(UnknownSchema, match="99999"):
        CODEC.decode_body(99_999, b"")


def test_a_schema_of_an_event_that_the_catalogue_does_not_have_is_unknown() -> None:
    foreign = dataclasses.replace(REGISTRY.by_id(1), id=1, event_type="CaseMoved")
    with pytest.raises(UnknownSchema, match="schema 1"):
        Codec(SchemaIndex([foreign])).decode(frame(1, b""))


@pytest.mark.parametrize(
    ("fields", "field", "expected"),
    [
        ({"delegation_id": "Zoé Secret"}, "delegation_id", "match pattern"),
        ({"ground": "Zoé Secret"}, "ground", "match pattern"),
        ({"meta": {"network": "Zoé Secret"}}, "meta.network", "france_travail"),
        ({"meta": {"network": "cap_emploi", "scope": "73282932000074"}}, "event", "expected france_travail"),
        ({"meta": {"scope": "Zoé Secret"}}, "event", "must be empty"),
        ({"meta": {"event_id": "Zoé Secret"}}, "meta.event_id", "expected 36 characters"),
        ({"meta": {"site": "1234"}}, "meta.site", "expected 5; leading zeros"),
        ({"meta": {"sequence": 0}}, "meta.sequence", "greater than or equal to 1"),
        ({"meta": {"occurred_at": 2**62}}, "meta.occurred_at", "1900 to 2200"),
        ({"meta": {"occurred_at": -(10**17)}}, "meta.occurred_at", "1900 to 2200"),
        ({"planned_end": 2**31 - 1}, "planned_end", "9999-12-31"),
    ],
)
def test_an_error_names_field_and_form_and_never_the_value(fields: dict[str, Any], field: str, expected: str) -> None:
    body = io.BytesIO()
    schema = REGISTRY.current("DelegationProposed")
    fastavro.schemaless_writer(body, fastavro.parse_schema(plain(parse(schema.definition))), proposal(**fields))
    with pytest.raises(InvalidEvent) as raised:
        CODEC.decode(frame(schema.id, body.getvalue()))
    text = str(raised.value)
    assert f"{field}: " in text
    assert expected in text
    assert "Secret" not in text
    assert raised.value.__suppress_context__


def _step(found: Any, step: str) -> Any:
    return None if found is None else found[step]


@given(events())
def test_no_sensitive_text_of_an_event_shows_in_the_error_about_it(event: Event) -> None:
    record = event.model_dump()
    for path in sensitive_paths(type(event).__name__):
        holder: Any = functools.reduce(_step, path[:-1], cast(Any, record))
        if isinstance(holder, dict) and isinstance(holder[path[-1]], str):
            holder[path[-1]] = "Zoé\x00Secret"
    record["meta"]["actor_id"] = "Zoé Secret"
    with pytest.raises(InvalidEvent) as raised:
        CODEC.decode(written_by_fastavro(type(event).__name__, record))
    assert "Secret" not in str(raised.value)


def test_a_uuid_in_capitals_is_the_same_event_on_both_ways_of_reading() -> None:
    value = written_by_fastavro(
        "DelegationProposed", proposal(meta={"event_id": "01890A5D-AC96-774B-BCCE-B302099A8057"})
    )
    strict, trusted = CODEC.decode(value), CODEC.decode_body(*unframe(value))
    assert strict == trusted
    assert strict.meta.event_id == "01890a5d-ac96-774b-bcce-b302099a8057"
    assert CODEC.content(strict) == CODEC.content(trusted)

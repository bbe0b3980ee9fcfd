"""The JSON form of events: what `hub publish` reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.codec.jsonform import from_json, to_json
from hub.domain.events.base import Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.errors import InvalidEvent
from tests.strategies import events


def placed(**fields: Any) -> dict[str, Any]:
    meta = {
        "event_id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "network": "cap_emploi",
        "scope": "73282932000074",
        "local_id": "CE-1",
        "sequence": 1,
        "occurred_at": "2021-01-04T09:00:00+01:00",
        "recorded_at": "2021-01-04T08:00:00.25Z",
        "actor_id": "adviser-1",
        "organisation": "organisation-1",
    }
    document: dict[str, Any] = {
        "type": "Placed",
        "meta": meta | fields.pop("meta", {}),
        "placement_id": "placement-1",
        "siret": "35600000000048",
        "contract": "cdi",
        "starts_on": "2021-02-01",
    }
    return document | fields


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@settings(max_examples=15)
@given(data=st.data())
def test_every_event_comes_back_equal_through_json_text(event_type: str, data: st.DataObject) -> None:
    event = data.draw(events(event_type))
    document = to_json(event)
    assert document["type"] == event_type
    assert from_json(json.loads(json.dumps(document))) == event


@given(events())
def test_no_field_of_the_json_form_is_null_and_none_is_named_type_but_the_first(event: Event) -> None:
    text = json.dumps(to_json(event))
    assert "null" not in text.replace('"null"', "")
    assert "type" not in type(event).model_fields


def test_times_are_written_in_utc_with_z_and_null_is_left_out() -> None:
    document = to_json(from_json(placed(ends_on=None)))
    assert document["meta"] == {
        **placed()["meta"],
        "occurred_at": "2021-01-04T08:00:00Z",
        "recorded_at": "2021-01-04T08:00:00.250000Z",
    }
    assert document["starts_on"] == "2021-02-01"
    assert "ends_on" not in document


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (None, "not a JSON object"),
        ([placed()], "not a JSON object"),
        ({}, "type: missing"),
        (placed(type="Secret"), "type: missing or not of the catalogue"),
        (placed(type=["Placed"]), "type: missing or not of the catalogue"),
        (placed() | {"meta": None}, "meta: expected"),
        (placed(siret=""), "siret: SIRET is empty; expected 14 digits"),
        (placed(siret="Secret"), "siret: SIRET has characters other than digits; expected 14 digits"),
        (placed(siret=35600000000048), "siret: expected a valid string"),
        (placed(starts_on="Secret"), "starts_on: not a day; expected ISO 8601"),
        (placed(starts_on="1612137600"), "starts_on: not a day"),
        (placed(starts_on="2021-02-01T00:00:00"), "starts_on: not a day"),
        (placed(starts_on="2021-2-1"), "starts_on: not a day"),
        (placed(starts_on=18_000), "starts_on: not a day"),
        (placed(rome="Secret"), "rome: ROME code is malformed"),
        (placed(colour="Secret"), "colour: not a field of the contract"),
        (placed(**{"Zoé Secret": 1}), "(a name that is no field name): not a field of the contract"),
        (placed(rome=object()), "not JSON"),
        (placed(rome="\ud800"), "not JSON"),
    ],
)
def test_what_is_wrong_is_named_by_field_without_its_value(document: object, text: str) -> None:
    with pytest.raises(InvalidEvent) as raised:
        from_json(document)
    assert text in str(raised.value)
    assert "Secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("occurred_at", "1609747200", "not a time; expected RFC 3339"),
        ("occurred_at", 1_609_747_200, "not a time; expected RFC 3339"),
        ("occurred_at", "2021-01-04", "not a time; expected RFC 3339"),
        ("occurred_at", "2021-01-04T09:00:00", "not a time; expected RFC 3339"),
        ("occurred_at", "0001-01-01T00:00:00+14:00", "1900 to 2200"),
        ("occurred_at", "1900-01-01T00:00:00+02:00", "1900 to 2200"),
        ("sequence", True, "expected a valid integer"),
        ("sequence", 1.5, "expected a valid integer"),
        ("sequence", 2.0**53, "expected a valid integer"),
        ("sequence", 1e300, "expected a valid integer"),
        ("sequence", float("nan"), "expected a valid integer"),
        ("sequence", float("inf"), "expected a valid integer"),
        ("sequence", "1", "expected a valid integer"),
        ("sequence", 2**63, "expected less than"),
        ("sequence", 2**70, "expected less than"),
        ("scope", 7, "expected a valid string"),
        ("scope", 7.0, "expected a valid string"),
        ("occurred_at", 1609747200.0, "not a time; expected RFC 3339"),
    ],
)
def test_metadata_are_read_strictly(field: str, value: object, text: str) -> None:
    with pytest.raises(InvalidEvent) as raised:
        from_json(placed(meta={field: value}))
    assert f"meta.{field}: " in str(raised.value)
    assert text in str(raised.value)


@pytest.mark.parametrize("value", [1.0, 31.0, 2.0**53 - 1])
def test_a_number_without_a_fraction_is_an_integer_as_in_json_schema(value: float) -> None:
    event = from_json(placed(meta={"sequence": value}))
    assert event == from_json(placed(meta={"sequence": int(value)}))
    assert isinstance(event.model_dump()["meta"]["sequence"], int)


def test_an_integer_within_a_list_is_found_too() -> None:
    def published(value: float) -> Event:
        figures = [{"indicator": "boe", "value": value, "unit": "person"}]
        fields = {"territory": "69", "diagnosis_version": 1, "figures": figures}
        meta = {name: value for name, value in placed()["meta"].items() if name not in {"scope", "local_id"}}
        return from_json({"type": "TerritorialDiagnosisPublished", "meta": meta, **fields})

    assert published(12.0) == published(12)
    with pytest.raises(InvalidEvent, match=r"figures\[0\]\.value: expected a valid integer"):
        published(12.5)


def test_all_defects_are_named_at_once_and_the_document_is_left_as_it_was() -> None:
    document = placed(meta={"occurred_at": "yesterday"}, siret="1", contract=None)
    before = json.dumps(document)
    with pytest.raises(InvalidEvent) as raised:
        from_json(document)
    assert all(f"{field}: " in str(raised.value) for field in ("meta.occurred_at", "siret", "contract"))
    assert json.dumps(document) == before


def test_a_document_nested_without_end_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidEvent, match="not JSON"):
        from_json(placed(rome=deep))


def test_a_loose_day_in_a_list_is_found_too() -> None:
    follow_up = placed(type="FollowUpStarted", due_on=["2021-03-01", "1612137600"])
    document = {name: follow_up[name] for name in ("type", "meta", "placement_id", "due_on")}
    with pytest.raises(InvalidEvent, match=r"due_on\[1\]: not a day"):
        from_json(document)

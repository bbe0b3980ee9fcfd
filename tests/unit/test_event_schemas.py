"""The JSON Schemas of the catalogue in OpenAPI: what they allow is what is accepted, but for rules that none can say.

Such are checks of digits, social security numbers, control characters, years, and what fields say of each
other. A space between day and hour is taken as the T that it should be, and 1.0 is not taken for 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.api.documents import events as documents
from hub.api.documents.event_schemas import BATCH, EVENT, REF, schemas
from hub.codec.jsonform import from_json, to_json
from hub.domain.events.catalogue import EVENT_TYPES
from hub.errors import InvalidEvent
from tests.strategies import events

Path = tuple[str | int, ...]

CASES = (
    {"network": "france_travail", "scope": "", "local_id": "00123456789"},
    {"network": "cap_emploi", "scope": "44022013500014", "local_id": "CE-5"},
    {"network": "hub"},
)
VALUES: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 7, 1.5, 2**31, 2**63, 2**64, [], {}, [None], [7], {"type": "Placed"}),
    *("", "x", "é", "X" * 65, "x" * 201, "x" * 4_001, "france_travail", "a b", "A-1", "other", "1" * 41),
    *("2021-02-15", "2021-02-30", "2021-2-5", "20210215", "2021-02-15T09:00:00", "2021-02-15T09:00:00+0100"),
    *("2021-02-15t09:00:00.123456z", "2021-02-15T25:00:00Z", "2021-02-30T09:00:00Z", "1613379600"),
    *("69123", "6912", "691234", "M1607", "m1607", "2A004", "20", "2A", "971", "977", "00", "a@b", "a@", "+33 4 00 00"),
    *("00123456789", "0012345A", "84", "44022013500014", "cap_emploi", "hub", "a\x00b", "a\u202eb", "é\n\t"),
    *("1899-12-31T23:00:00Z", "2201-01-01T00:00:00Z", "2200-06-01T00:00:00Z", "1900-06-01T00:00:00Z"),
    *("01890a5d-0000-7000-8000-00000000000A", "01890a5d00007000800000000000000a", "{01890a5d}", "urn:uuid:x"),
)


@cache
def validator(name: str) -> jsonschema_rs.Validator:
    schema = {"$ref": f"{REF}{name}", "components": {"schemas": dict(schemas())}}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def is_accepted(document: Any) -> bool:
    try:
        from_json(document)
    except InvalidEvent:
        return False
    return True


def paths(document: Any, path: Path = ()) -> Iterator[Path]:
    """Give the path of everything in a document."""
    pairs = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for name, value in pairs:
        yield (*path, name)
        yield from paths(value, (*path, name))


def changed(document: Any, path: Path, change: Any) -> Any:
    """Give a document with another value at a path, or with `delete` nothing there."""
    name, *rest = path
    copy: Any = dict(document) if isinstance(document, dict) else list(document)
    if rest:
        copy[name] = changed(copy[name], tuple(rest), change)
    elif change == "delete":
        del copy[name]
    else:
        copy[name] = change
    return copy


@pytest.mark.parametrize("name", EVENT_TYPES)
@settings(max_examples=10)
@given(data=st.data())
def test_what_is_accepted_keeps_its_schema(name: str, data: st.DataObject) -> None:
    document = to_json(data.draw(events(name)))
    validator(f"Event.{name}").validate(document)


@pytest.mark.parametrize("name", EVENT_TYPES)
@settings(max_examples=40)
@given(data=st.data())
def test_a_change_is_accepted_where_the_schema_allows_it_and_nowhere_else(name: str, data: st.DataObject) -> None:
    document = to_json(data.draw(events(name)))
    path = data.draw(st.sampled_from(list(paths(document))))
    change = data.draw(st.sampled_from(("delete", *VALUES)))
    document = changed(document, path, change)
    assert validator(f"Event.{name}").is_valid(document) == is_accepted(document), (path, change)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_an_unknown_field_is_allowed_nowhere(name: str) -> None:
    (example,) = schemas()[f"Event.{name}"]["examples"]
    for path in [(), *(path for path in paths(example) if isinstance(_at(example, path), dict))]:
        document = changed(example, (*path, "more"), 1)
        assert not validator(f"Event.{name}").is_valid(document)
        assert not is_accepted(document)


def _at(document: Any, path: Path) -> Any:
    for name in path:
        document = document[name]
    return document


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_field_has_a_value_in_the_example_which_is_accepted(name: str) -> None:
    schema = schemas()[f"Event.{name}"]
    (example,) = schema["examples"]
    assert set(example) == set(schema["properties"])
    assert is_accepted(example)
    assert validator(EVENT).is_valid(example)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_who_may_state_an_event_is_said(name: str) -> None:
    (example,) = schemas()[f"Event.{name}"]["examples"]
    is_about_a_case = "local_id" in example["meta"]
    for case in CASES:
        about = case if is_about_a_case else {"network": case["network"]}
        document = changed(example, ("meta",), {**example["meta"], "scope": "", **about})
        assert validator(f"Event.{name}").is_valid(document) == (case["network"] in EVENT_TYPES[name].emitters)
        assert is_accepted(document) == (case["network"] in EVENT_TYPES[name].emitters)


def test_every_field_is_described() -> None:
    for name, schema in schemas().items():
        described = {field for field, inner in schema.get("properties", {}).items() if inner.get("description")}
        assert name == BATCH or set(schema.get("properties", {})) - {"type"} == described - {"type"}, name


def test_the_examples_of_the_request_keep_its_schema() -> None:
    body = documents.REQUEST["content"]["application/json"]
    examples = {name: example["value"] for name, example in body["examples"].items()}
    assert is_accepted(examples["one"])
    assert all(map(is_accepted, examples["batch"]["events"]))
    assert validator(EVENT).is_valid(examples["one"])
    assert validator(BATCH).is_valid(examples["batch"])
    assert not validator(BATCH).is_valid({"events": []})
    assert not validator(EVENT).is_valid(examples["batch"])

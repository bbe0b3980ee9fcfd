"""The schemas are the contract: the models say the same, in both directions."""

from __future__ import annotations

import io
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from hub.codec.agreement import disagreements, full_name, model_shape
from hub.codec.conversion import incoming
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.codec.shape import Array, Field, Kind, Record, Shape, parse, plain
from hub.domain.codes import LISTS
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.update import UPDATE_TYPES

REGISTRY = FileRegistry(bundled_schemas())
MODELS: dict[str, type[BaseModel]] = {**EVENT_TYPES, **UPDATE_TYPES}
SHAPES = {event_type: parse(REGISTRY.current(event_type).definition) for event_type in MODELS}
ABOUT_THE_VALUE = ("string_", "value_error", "literal_error", "greater_", "less_", "too_")
"""The kinds of defects that a constraint finds, unlike a field that is missing, unknown or of another type."""


def datum(shape: Shape) -> st.SearchStrategy[Any]:
    """Give any value that the schema allows, whatever the model's constraints."""
    if isinstance(shape, Record):
        return st.fixed_dictionaries({name: _field(field) for name, field in shape.fields.items()})
    if isinstance(shape, Array):
        return st.lists(datum(shape.items), max_size=2)
    return {
        Kind.STRING: st.sampled_from(("", "a", "france_travail", "é")),
        Kind.UUID: st.sampled_from(("", "01890A5D-ac96-774b-bcce-b302099a8057")),
        Kind.LONG: st.sampled_from((-1, 0, 1, 2**40)),
        Kind.MOMENT: st.integers(-(10**15), 10**15),
        Kind.DAY: st.integers(-10_000, 10_000),
        Kind.BOOLEAN: st.booleans(),
    }[shape]


def _field(field: Field) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), datum(field.shape)) if field.optional else datum(field.shape)


def test_every_event_has_a_schema_and_every_schema_an_event() -> None:
    assert {schema.event_type for schema in REGISTRY.all()} == set(MODELS)
    assert len(EVENT_TYPES) == 51


@pytest.mark.parametrize("event_type", MODELS)
def test_fields_types_nullability_defaults_and_marks_agree(event_type: str) -> None:
    assert disagreements(model_shape(MODELS[event_type]), SHAPES[event_type]) == []
    assert model_shape(MODELS[event_type]) == SHAPES[event_type]


@pytest.mark.parametrize("event_type", MODELS)
@settings(max_examples=10)
@given(data=st.data())
def test_what_the_schema_allows_fails_the_model_by_a_constraint_at_most(event_type: str, data: st.DataObject) -> None:
    shape = SHAPES[event_type]
    schema = fastavro.parse_schema(plain(shape))
    body = io.BytesIO()
    fastavro.schemaless_writer(body, schema, data.draw(datum(shape)))
    body.seek(0)
    defects = _defects(event_type, incoming(shape, {})(fastavro.schemaless_reader(body, schema, None)))
    assert all(kind.startswith(ABOUT_THE_VALUE) and not kind.endswith("_type") for kind in defects), defects


def _defects(event_type: str, fields: dict[str, Any]) -> set[str]:
    try:
        MODELS[event_type].model_validate(fields, strict=True)
    except ValidationError as error:
        return {defect["type"] for defect in error.errors()}
    return set()


@pytest.mark.parametrize("event_type", MODELS)
def test_a_schema_lies_under_its_subject_and_documents_itself_and_every_field(event_type: str) -> None:
    schema = REGISTRY.current(event_type)
    subject = MODELS[event_type].__module__.rpartition(".")[2]
    assert schema.subject == full_name(MODELS[event_type]) == f"fr.parcours.{subject}.{event_type}"
    assert (bundled_schemas() / subject / f"{event_type}.v{schema.version}.avsc").is_file()
    undocumented: list[str] = []
    _collect_undocumented(schema.definition, undocumented)
    assert undocumented == []


def _collect_undocumented(node: Any, found: list[str]) -> None:
    if isinstance(node, list):
        for each in node:
            _collect_undocumented(each, found)
    elif isinstance(node, dict):
        if "name" in node and len(node.get("doc", "")) < 10:
            found.append(node["name"])
        for each in node.values():
            _collect_undocumented(each, found)


def test_every_code_list_is_used_and_every_one_used_exists() -> None:
    used = {name for shape in SHAPES.values() for name in _lists(shape)}
    assert used == set(LISTS)


def _lists(shape: Shape) -> set[str]:
    if isinstance(shape, Array):
        return _lists(shape.items)
    if isinstance(shape, Kind):
        return set()
    own = {field.code_list for field in shape.fields.values() if field.code_list is not None}
    return own.union(*(_lists(field.shape) for field in shape.fields.values()))


def _changed(event_type: str, name: str, **changes: Any) -> Record:
    shape = SHAPES[event_type]
    field = shape.fields[name]
    traits = {trait: getattr(field, trait) for trait in ("shape", "optional", "default", "sensitive", "code_list")}
    return Record(shape.name, {**shape.fields, name: Field(**(traits | changes))})


@pytest.mark.parametrize(
    ("event_type", "name", "changes", "text"),
    [
        ("DelegationProposed", "planned_end", {"shape": Kind.LONG}, "planned_end differs in its type"),
        ("DelegationProposed", "planned_end", {"optional": False}, "planned_end differs in its nullability"),
        ("DelegationProposed", "ground", {"code_list": "theme"}, "ground differs in its code list"),
        ("CepConcluded", "project", {"sensitive": False}, "project differs in its sensitive mark"),
        ("CompensationMeasureImplemented", "closes_need", {"default": False}, "closes_need differs in its default"),
        ("CompensationMeasureImplemented", "closes_need", {"default": 1}, "closes_need differs in its default"),
        ("DiagnosisCompleted", "themes", {"shape": Array(Kind.UUID)}, r"themes[] differs in its type"),
        ("DiagnosisCompleted", "themes", {"shape": Kind.STRING}, "themes differs in its type"),
        ("CaseRegistered", "traits", {"shape": Record("fr.parcours.case.Traits", {})}, "traits.family_name is in"),
        (
            "CaseRegistered",
            "traits",
            {"shape": Record("fr.parcours.case.Other", {})},
            "traits is fr.parcours.case.Other",
        ),
    ],
)
def test_every_kind_of_disagreement_is_named(event_type: str, name: str, changes: dict[str, Any], text: str) -> None:
    other = _changed(event_type, name, **changes)
    assert any(found.startswith(text) for found in disagreements(other, SHAPES[event_type]))
    assert disagreements(SHAPES[event_type], other)


def test_a_field_on_one_side_alone_is_named_with_its_side() -> None:
    shape = SHAPES["CaseClosed"]
    fewer = Record(shape.name, {name: field for name, field in shape.fields.items() if name != "motive"})
    assert disagreements(fewer, shape) == ["motive is in the schema, not in the model"]
    assert disagreements(shape, fewer) == ["motive is in the model, not in the schema"]
    assert disagreements(SHAPES["CaseReopened"], shape)[0].startswith("the model is fr.parcours.case.CaseReopened")

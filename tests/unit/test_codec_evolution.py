"""What a next version may change, held against Avro's own compatibility checker."""

from __future__ import annotations

import copy
import json
import warnings

import avro.errors
import avro.schema
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from hub.codec.evolution import compatibility
from hub.codec.registry import FileRegistry, RegisteredSchema, bundled_schemas
from tests.unit.schema_mutations import ALLOWED, BREAKING, Node, mutants, places

REGISTRY = FileRegistry(bundled_schemas())
PROPOSED = REGISTRY.by_id(17)
RELEASED = [
    schema
    for schema in REGISTRY.all()
    if schema.version == 1
    and schema.event_type
    in {
        "ActionPlanAgreed",
        "CaseRegistered",
        "CompensationMeasureImplemented",
        "DiagnosisCompleted",
        "FollowUpStarted",
        "RecordsLinked",
        "RoadmapTargetSet",
    }
]
"""Between them they use every form of the contract: inner and optional records, lists, defaults, marks, code lists."""


def avro_reads(reader: Node, writer: Node) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parsed = [avro.schema.parse(json.dumps(definition)) for definition in (reader, writer)]
        except avro.errors.AvroException:
            return False
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    result = checker.get_compatibility(parsed[0], parsed[1])
    return bool(result.compatibility is SchemaCompatibilityType.compatible)


def avro_reads_both_ways(one: Node, other: Node) -> bool:
    return avro_reads(one, other) and avro_reads(other, one)


@pytest.mark.parametrize("mutation", BREAKING)
def test_a_breaking_change_to_any_field_is_found(mutation: str) -> None:
    found = [
        compatibility("candidate", candidate, [released])
        for released in RELEASED
        for candidate in mutants(released.definition, BREAKING[mutation])
    ]
    assert found
    assert all(found)
    assert all(finding.where.startswith("candidate") and finding.remedy for findings in found for finding in findings)


@pytest.mark.parametrize("mutation", ALLOWED)
def test_an_allowed_change_to_any_field_passes_here_and_with_avros_own_checker(mutation: str) -> None:
    candidates = [
        (released, candidate) for released in RELEASED for candidate in mutants(released.definition, ALLOWED[mutation])
    ]
    assert candidates
    for released, candidate in candidates:
        assert compatibility("candidate", candidate, [released]) == []
    for released, candidate in candidates[::7]:
        assert avro_reads_both_ways(candidate, dict(released.definition))


def test_nothing_that_avros_own_checker_refuses_passes_here() -> None:
    refused = [
        candidate
        for mutation in BREAKING.values()
        for candidate in mutants(PROPOSED.definition, mutation)
        if not avro_reads_both_ways(candidate, dict(PROPOSED.definition))
    ]
    assert len(refused) > 100
    assert all(compatibility("candidate", candidate, [PROPOSED]) for candidate in refused)


def test_int_to_date_is_found_though_avros_own_checker_misses_it() -> None:
    released = PROPOSED
    candidate = copy.deepcopy(dict(released.definition))
    next(each.field for each in places(candidate) if each.field["name"] == "planned_end")["type"][1] = "int"
    assert avro_reads(candidate, dict(released.definition))
    assert avro_reads(dict(released.definition), candidate)
    (finding,) = compatibility("candidate", candidate, [released])
    assert "planned_end: type int is not part of the contract" in finding.what


def test_every_released_version_counts_not_the_last_alone() -> None:
    first = PROPOSED
    second_definition = copy.deepcopy(dict(first.definition))
    second_definition["fields"].append({"name": "urgency", "type": "string", "default": "none"})
    second = RegisteredSchema(900, first.subject, first.event_type, 2, second_definition)
    third_definition = copy.deepcopy(second_definition)
    del third_definition["fields"][-1]["default"]
    findings = compatibility("candidate", third_definition, [first, second])
    assert {finding.what for finding in findings} == {
        "the field is new and has no default, unlike version 1",
        "the default is another, unlike version 2",
    }
    assert {finding.where for finding in findings} == {"candidate, urgency"}


@pytest.mark.parametrize("candidate", [None, [], "string", {"type": "string"}, {"type": "record"}, {"type": "enum"}])
def test_what_is_no_record_is_refused(candidate: object) -> None:
    (finding,) = compatibility("candidate", candidate, [])
    assert finding.remedy == "keep to the forms of the contract"


@pytest.mark.parametrize(
    ("fields", "defect"),
    [
        ([{"name": "a", "type": "string"}, {"name": "a", "type": "long"}], "a name of its own"),
        ([{"name": "a", "type": "Unknown"}], "a: type Unknown"),
        ([{"name": "a", "type": ["null", "string"]}], "a: a union"),
        ([{"name": "a", "type": ["null", "string"], "default": ""}], "a: a union"),
        ([{"name": "a", "type": ["string", "null"], "default": ""}], "a: a union"),
        ([{"name": "a", "type": "long", "default": True}], "a: the default"),
        ([{"name": "a", "type": "string", "default": None}], "a: the default"),
        ([{"name": "a", "type": {"type": "array", "items": "string"}, "default": []}], "a: the default"),
        ([{"name": "a", "type": "string", "sensitive": "yes"}], 'a: "sensitive"'),
        ([{"name": "a", "type": "string", "codeList": 1}], 'a: "sensitive"'),
        (
            [{"name": "a", "type": {"type": "record", "name": "B", "fields": [{"name": "b", "type": "B"}]}}],
            "a.b: type B",
        ),
        ([{"type": "string"}], "a name of its own"),
    ],
)
def test_what_the_contract_does_not_use_is_named_with_its_field(fields: list[Node], defect: str) -> None:
    (finding,) = compatibility("candidate", {"type": "record", "name": "A", "fields": fields}, [])
    assert defect in finding.what

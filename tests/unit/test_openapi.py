"""The OpenAPI document: whole, with an example for everything, each of which keeps its schema."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from hub.api.app import Application
from hub.api.exchange import PREFIX
from hub.api.openapi import TAGS, operations_of

DOCUMENT = Application().openapi()
OPERATIONS = [pytest.param(found, id=f"{method} {path}") for path, method, found in operations_of(DOCUMENT)]


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference into the document."""
    while "$ref" in node:
        found: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def check(schema: dict[str, Any], value: Any) -> None:
    errors = validator(json.dumps(schema)).iter_errors(value)
    assert [f"{error.instance_path}: {error.message}" for error in errors] == []


@cache
def validator(schema: str) -> Draft202012Validator:
    """Make the validator of a schema as JSON; most are of the headers that every answer has."""
    return Draft202012Validator({**json.loads(schema), "components": DOCUMENT["components"]}, validate_formats=True)


def examples_of(node: dict[str, Any]) -> Iterator[Any]:
    """Give the examples of a parameter, a header or a media type, or of its schema."""
    if "example" in node:
        yield node["example"]
    for each in node.get("examples", {}).values():
        yield each["value"]
    yield from resolved(node.get("schema", {})).get("examples", [])


def check_examples(node: dict[str, Any], what: str) -> None:
    examples = list(examples_of(node))
    assert examples, f"{what} has no example"
    for example in examples:
        check(node["schema"], example)


def test_the_document_says_what_it_is_of() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert {"title", "version", "description", "contact", "license", "summary"} <= DOCUMENT["info"].keys()
    assert DOCUMENT["servers"]
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert {scheme["type"] for scheme in schemes.values()} == {"http", "openIdConnect"}


def test_every_path_stands_under_the_prefix() -> None:
    assert [path for path in DOCUMENT["paths"] if not path.startswith(f"{PREFIX}/")] == []


def test_every_tag_is_described() -> None:
    used = {tag for _, _, operation in operations_of(DOCUMENT) for tag in operation["tags"]}

    assert used <= TAGS.keys()
    assert [tag["name"] for tag in DOCUMENT["tags"]] == [name for name in TAGS if name in used]


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = Counter(operation["operationId"] for _, _, operation in operations_of(DOCUMENT))

    assert ids
    assert [name for name, times in ids.items() if times > 1] == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_described_and_asks_for_a_token(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert len(operation["tags"]) == 1
    assert operation["security"] == [{"HTTPBearer": []}, {"openId": []}]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_parameter_and_body_has_an_example(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        assert resolved(parameter).get("description"), f"{parameter['name']} is not described"
        check_examples(resolved(parameter), parameter["name"])
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if "json" in kind:
            check_examples(content, f"the body as {kind}")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_has_an_example(operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    assert "default" not in answers
    assert any(status.startswith("2") for status in answers)
    for status, given in answers.items():
        answer = resolved(given)
        assert answer["description"]
        for name, header in answer.get("headers", {}).items():
            check_examples(resolved(header), name)
        for kind, content in answer.get("content", {}).items():
            check_examples(content, f"{status} as {kind}")
            if status[0] in "45":
                assert kind == "application/problem+json"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_failure_that_any_operation_can_end_in_is_shown(operation: dict[str, Any]) -> None:
    common = {"400", "401", "403", "422", "429", "431", "500", "503"}
    with_body = {"408", "413", "415"} if "requestBody" in operation else set()

    assert common | with_body <= operation["responses"].keys()

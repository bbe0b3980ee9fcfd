"""A released schema is recognised however it was written down, and nothing else is taken for it."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from avro import schema as apache_avro
from hypothesis import given
from hypothesis import strategies as st

from hub.codec.layout import layout
from hub.codec.registry import RegisteredSchema
from hub.errors import SchemaIncompatible
from tests.unit.codec_records import REGISTRY

RELEASED = st.sampled_from(REGISTRY.all())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
AVRO_LIKE = st.recursive(
    st.sampled_from(["null", "int", "string", "record", "a.B", "", 7, None]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries(
            {"type": inner},
            optional={"name": inner, "namespace": inner, "fields": st.lists(inner), "items": inner, "default": inner},
        )
    ),
    max_leaves=20,
)


def deep(definition: Any, change: Callable[[dict[str, Any]], None]) -> Any:
    """Give a definition with a change made to every object in it."""
    changed = copy.deepcopy(definition)
    pending = [changed]
    while pending:
        node = pending.pop()
        pending += node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        if isinstance(node, dict):
            change(node)
    return changed


def without_words_and_marks(node: dict[str, Any]) -> None:
    for key in ("doc", "sensitive", "codeList"):
        node.pop(key, None)


def as_java_writes_it(node: dict[str, Any]) -> None:
    if node.get("type") == "record":
        if "namespace" in node:
            node["name"] = f"{node.pop('namespace')}.{node['name']}"
        node["aliases"] = ["Other"]
    elif node.get("type") == "string" and "name" not in node:
        node["avro.java.string"] = "String"
    elif "name" in node:
        if node["type"] == "string":
            node["type"] = {"type": "string", "avro.java.string": "String"}
        node["order"] = "ignore"


def reversed_keys(node: dict[str, Any]) -> None:
    items = list(node.items())[::-1]
    node.clear()
    node.update(items)


@given(RELEASED, st.sampled_from([without_words_and_marks, as_java_writes_it, reversed_keys]))
def test_words_marks_generators_and_the_order_of_keys_do_not_matter(
    schema: RegisteredSchema, change: Callable[[dict[str, Any]], None]
) -> None:
    changed = deep(dict(schema.definition), change)
    assert changed != schema.definition or list(changed) != list(schema.definition)
    assert layout(changed) == layout(schema.definition)


@pytest.mark.parametrize("schema", REGISTRY.all(), ids=lambda schema: schema.event_type)
def test_what_apache_avro_writes_down_is_recognised(schema: RegisteredSchema) -> None:
    written = str(apache_avro.parse(json.dumps(schema.definition)))
    assert layout(json.loads(written)) == layout(schema.definition)


def test_no_two_released_schemas_look_the_same() -> None:
    assert len({layout(schema.definition) for schema in REGISTRY.all()}) == len(REGISTRY.all())


def renamed(node: dict[str, Any]) -> bool:
    node["name"] += "x"
    return True


def moved(node: dict[str, Any]) -> bool:
    node["namespace"] = "elsewhere"
    return True


def swapped(node: dict[str, Any]) -> bool:
    node["fields"].reverse()
    return len(node["fields"]) > 1


def retyped(node: dict[str, Any]) -> bool:
    node["fields"][-1]["type"] = "double"
    return True


def without_logical_type(node: dict[str, Any]) -> bool:
    typed = [field for field in node["fields"] if isinstance(field["type"], dict) and "logicalType" in field["type"]]
    for field in typed:
        field["type"] = field["type"]["type"]
    return bool(typed)


def defaulted(node: dict[str, Any]) -> bool:
    node["fields"][-1]["default"] = {"never": "there"}
    return True


def longer(node: dict[str, Any]) -> bool:
    node["fields"].append({"name": "more", "type": "string", "default": ""})
    return True


@given(
    RELEASED,
    st.sampled_from([renamed, moved, swapped, retyped, without_logical_type, defaulted, longer]),
    st.booleans(),
)
def test_names_types_defaults_and_their_order_matter(
    schema: RegisteredSchema, change: Callable[[dict[str, Any]], bool], in_the_metadata: bool
) -> None:
    changed = copy.deepcopy(dict(schema.definition))
    first = changed["fields"][0]["type"]
    if change(first if in_the_metadata and first["type"] == "record" else changed):
        assert layout(changed) != layout(schema.definition)


@pytest.mark.parametrize(("one", "other"), [(0, False), (0, 0.0), ("", None), (1, True)])
def test_a_default_is_not_another_of_equal_value(one: object, other: object) -> None:
    def record(default: object) -> object:
        return {"type": "record", "name": "R", "fields": [{"name": "f", "type": "long", "default": default}]}

    assert layout(record(one)) != layout(record(other))


@pytest.mark.parametrize("kind", ["enum", "map", "fixed"])
def test_a_form_that_is_never_released_is_refused(kind: str) -> None:
    with pytest.raises(SchemaIncompatible):
        layout({"type": kind, "name": "E", "symbols": ["A"], "values": "string", "size": 4})


def test_a_bottomless_schema_is_refused() -> None:
    nested: Any = "string"
    for _ in range(100_000):
        nested = {"type": nested}
    with pytest.raises(SchemaIncompatible):
        layout(nested)
    while isinstance(nested, dict):  # Python would take it apart by recursion
        nested = nested.pop("type")


@given(JSON | AVRO_LIKE)
def test_any_json_is_laid_out_or_refused(definition: object) -> None:
    with contextlib.suppress(SchemaIncompatible):
        assert isinstance(layout(definition), str)

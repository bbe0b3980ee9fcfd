"""What a schema says about bytes, in one form: to recognise a released schema however another client wrote it down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hub.errors import SchemaIncompatible

_PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_FOREIGN = "the schema has a form that no released schema has"


def layout(definition: object) -> str:
    """Give the one form of a definition: full names, types, logical types, defaults, fields in their order.

    Documentation, marks, aliases, what code generators add and the order of keys are left out: bytes do not depend on
    them.

    Raises:
        SchemaIncompatible: it is no schema, or has a form that no released schema has, such as an enum or a map.
    """
    try:
        return json.dumps(_form(definition, ""), sort_keys=True)
    except RecursionError:
        raise SchemaIncompatible("the schema is nested too deeply") from None


def _form(node: object, namespace: str) -> Any:
    if isinstance(node, str):
        return node if node in _PRIMITIVES else _full_name(node, namespace)
    if isinstance(node, list):
        return [_form(branch, namespace) for branch in node]
    if isinstance(node, Mapping):
        kind = node.get("type")
        if kind == "record":
            return _record(node, namespace)
        if kind == "array":
            return {"items": _form(node.get("items"), namespace)}
        if isinstance(kind, Mapping | list):
            return _form(kind, namespace)
        if isinstance(kind, str) and kind in _PRIMITIVES:
            logical_type = node.get("logicalType")
            return kind if logical_type is None else {"type": kind, "logicalType": logical_type}
    raise SchemaIncompatible(_FOREIGN)


def _record(node: Mapping[str, Any], namespace: str) -> Any:
    name, fields, own = node.get("name"), node.get("fields"), node.get("namespace", namespace)
    if not isinstance(name, str) or not isinstance(fields, list) or not isinstance(own, str):
        raise SchemaIncompatible(_FOREIGN)
    full = _full_name(name, own)
    return {"record": full, "fields": [_field(field, full.rpartition(".")[0]) for field in fields]}


def _field(node: object, namespace: str) -> Any:
    if not isinstance(node, Mapping) or not isinstance(node.get("name"), str):
        raise SchemaIncompatible(_FOREIGN)
    default = {"default": node["default"]} if "default" in node else {}
    return [node["name"], _form(node.get("type"), namespace), default]


def _full_name(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"

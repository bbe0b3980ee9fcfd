"""Ways to change one field of a schema: those that break the contract, and those that a next version may take."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A field of a definition, and the record that holds it."""

    record: Node
    field: Node


Mutation = Callable[[Place], bool]
"""Changes the definition in place; false where it does not apply."""


def places(record: Node) -> Iterator[Place]:
    """Give every field of a definition, those of inner records included."""
    for field in record["fields"]:
        yield Place(record, field)
        for form in field["type"] if isinstance(field["type"], list) else [field["type"]]:
            inner = form.get("items", form) if isinstance(form, dict) else form
            if isinstance(inner, dict) and inner.get("type") == "record":
                yield from places(inner)


def mutants(definition: Mapping[str, Any], mutation: Mutation) -> Iterator[Node]:
    """Give the definition changed at each field, one at a time, where the mutation applies."""
    for number, _ in enumerate(places(dict(definition))):
        changed = copy.deepcopy(dict(definition))
        if mutation(list(places(changed))[number]):
            yield changed


def _optional(field: Node) -> bool:
    return isinstance(field["type"], list)


def _retype(form: object) -> Mutation:
    def mutate(at: Place) -> bool:
        before = at.field["type"][1] if _optional(at.field) else at.field["type"]
        at.field["type"] = ["null", form] if _optional(at.field) else form
        if not _optional(at.field):
            at.field.pop("default", None)
        return bool(before != form)

    return mutate


def _remove(at: Place) -> bool:
    at.record["fields"].remove(at.field)
    return bool(at.record["fields"])


def _rename(at: Place) -> bool:
    at.field["name"] += "_new"
    return True


def _rename_with_alias(at: Place) -> bool:
    at.field["aliases"] = [at.field["name"]]
    return _rename(at)


def _rename_record(at: Place) -> bool:
    at.record["name"] += "New"
    return True


def _allow_null(at: Place) -> bool:
    if _optional(at.field):
        return False
    at.field["type"], at.field["default"] = ["null", at.field["type"]], None
    return True


def _forbid_null(at: Place) -> bool:
    if not _optional(at.field):
        return False
    at.field["type"] = at.field["type"][1]
    del at.field["default"]
    return True


def _drop_default(at: Place) -> bool:
    return not _optional(at.field) and at.field.pop("default", None) is not None


def _other_default(at: Place) -> bool:
    if _optional(at.field) or "default" not in at.field:
        return False
    at.field["default"] = "other" if at.field["type"] == "string" else not at.field["default"]
    return True


def _give_default(at: Place) -> bool:
    if at.field["type"] != "string" or "default" in at.field:
        return False
    at.field["default"] = ""
    return True


def _unmark(at: Place) -> bool:
    return at.field.pop("sensitive", False) is True


def _other_list(at: Place) -> bool:
    before, at.field["codeList"] = at.field.get("codeList"), "category"
    return before not in (None, "category")


def _drop_list(at: Place) -> bool:
    return at.field.pop("codeList", None) is not None


def _invent_list(at: Place) -> bool:
    at.field["codeList"] = "no_such_list"
    return True


def _require_more(at: Place) -> bool:
    at.record["fields"].append({"name": "added", "type": "string"})
    return True


def _misspell_mark(at: Place) -> bool:
    at.field["sensitve"] = True
    return True


def _widen_union(at: Place) -> bool:
    if not _optional(at.field) or at.field["type"][1] == "long":
        return False
    at.field["type"].append("long")
    return True


def _turn_union(at: Place) -> bool:
    if not _optional(at.field):
        return False
    at.field["type"].reverse()
    del at.field["default"]
    return True


BREAKING: dict[str, Mutation] = {
    "to string": _retype("string"),
    "to long": _retype("long"),
    "to int": _retype("int"),
    "to boolean": _retype("boolean"),
    "to bytes": _retype("bytes"),
    "to double": _retype("double"),
    "to float": _retype("float"),
    "to date": _retype({"type": "int", "logicalType": "date"}),
    "to uuid": _retype({"type": "string", "logicalType": "uuid"}),
    "to micros": _retype({"type": "long", "logicalType": "timestamp-micros"}),
    "to millis": _retype({"type": "long", "logicalType": "timestamp-millis"}),
    "to list": _retype({"type": "array", "items": "string"}),
    "to map": _retype({"type": "map", "values": "string"}),
    "to enum": _retype({"type": "enum", "name": "Colour", "symbols": ["RED"]}),
    "to fixed": _retype({"type": "fixed", "name": "Digest", "size": 4}),
    "to record": _retype({"type": "record", "name": "Inner", "fields": []}),
    **{
        mutation.__name__.lstrip("_"): mutation
        for mutation in (
            _remove,
            _rename,
            _rename_with_alias,
            _rename_record,
            _allow_null,
            _forbid_null,
            _drop_default,
            _other_default,
            _give_default,
            _unmark,
            _other_list,
            _drop_list,
            _invent_list,
            _require_more,
            _misspell_mark,
            _widen_union,
            _turn_union,
        )
    },
}


def _document(at: Place) -> bool:
    at.field["doc"] = at.record["doc"] = "Said more clearly."
    return True


def _reorder(at: Place) -> bool:
    # The first field keeps its place: the record types that later fields name are defined in it.
    at.record["fields"][1:] = reversed(at.record["fields"][1:])
    return not any("CaseRef" in str(each["type"]) for each in at.record["fields"])


def _mark(at: Place) -> bool:
    at.field["sensitive"] = True
    return True


def _name_list(at: Place) -> bool:
    return bool(at.field.setdefault("codeList", "category") == "category")


def _add_optional(at: Place) -> bool:
    at.record["fields"].insert(
        0, {"name": "added", "type": ["null", {"type": "int", "logicalType": "date"}], "default": None}
    )
    return True


def _add_with_default(at: Place) -> bool:
    at.record["fields"].append({"name": "added", "type": "boolean", "default": False, "sensitive": True})
    return True


ALLOWED: dict[str, Mutation] = {
    mutation.__name__.lstrip("_"): mutation
    for mutation in (_document, _reorder, _mark, _name_list, _add_optional, _add_with_default)
}

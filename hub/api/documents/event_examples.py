"""Examples of events, made from their JSON Schemas: every field has a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.domain.events.base import CaseEvent
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL

_CASES: Mapping[str, Mapping[str, str]] = {
    FRANCE_TRAVAIL: {"network": FRANCE_TRAVAIL, "local_id": "00123456789"},
    CAP_EMPLOI: {"network": CAP_EMPLOI, "scope": "44022013500014", "local_id": "CE-5"},
}
_BY_NAME: Mapping[str, Any] = {
    "event_id": "01890a5d-0000-7000-8000-000000000002",
    "voided_event_id": "01890a5d-0000-7000-8000-000000000001",
    "causation_id": "01890a5d-0000-7000-8000-000000000001",
    "correlation_id": "01890a5d-0000-7000-8000-000000000001",
    "family_name": "Lefèvre",
    "birth_name": "Lefèvre",
    "given_name": "Zoé",
    "birth_date": "1980-05-17",
    "email": "zoe@exemple.fr",
    "phone": "04 00 00 00 00",
    "left": _CASES[FRANCE_TRAVAIL],
    "case": _CASES[FRANCE_TRAVAIL],
    "right": _CASES[CAP_EMPLOI],
    "other_case": _CASES[CAP_EMPLOI],
    "fact": "email",
}
_TEXTS = ("D-88", "other", "Poste assis, éclairage réglable")


def event_example(name: str, components: Mapping[str, Any]) -> dict[str, Any]:
    """Give an event of a type in its JSON form, by the components of `event_schemas`."""
    model = EVENT_TYPES[name]
    properties = components[f"Event.{name}"]["properties"]
    found = {field: _value(field, schema, components) for field, schema in properties.items()}
    network = model.emitters[0]
    # A case's scope and id are of its network's form, and an event about none has neither.
    meta = {field: value for field, value in found["meta"].items() if field not in {"network", "scope", "local_id"}}
    about = _CASES[network] if issubclass(model, CaseEvent) else {"network": network}
    return found | {"meta": {**about, **meta}}


def _value(name: str, schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    match schema:
        case {"const": value} | {"enum": [value, *_]} | {"examples": [value, *_]}:
            return value
        case _ if name in _BY_NAME:
            return _BY_NAME[name]
        case {"type": "object"}:
            return {field: _value(field, inner, components) for field, inner in schema["properties"].items()}
        case {"anyOf": [arm, *_]} | {"allOf": [arm, *_]}:
            return _value(name, arm, components)
        case {"$ref": ref}:
            return _value(name, components[ref.rpartition("/")[2]], components)
        case {"type": "array"}:
            return [_value(name, schema["items"], components)]
        case {"type": "integer" | "boolean"}:
            return 1 if schema["type"] == "integer" else True
        case _:
            return _text(schema)


def _text(schema: Mapping[str, Any]) -> str:
    """Give the first of an identifier, a code and a text that the pattern allows."""
    return next(text for text in _TEXTS if re.search(schema.get("pattern", "écl"), text))

"""The JSON Schemas of the catalogue: what the models say, with the forms that they check by code as patterns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from hub.api.documents.event_examples import event_example
from hub.api.submitted import MOST_EVENTS
from hub.codec.agreement import model_shape
from hub.codec.building import models_within
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.domain import ids
from hub.domain.codes import LISTS
from hub.domain.events.base import CaseEvent, CaseRef, Event
from hub.domain.events.catalogue import EVENT_TYPES

REF = "#/components/schemas/"
EVENT = "Event"
BATCH = "EventBatch"

_PREFIX = f"{EVENT}."
_TIME = (
    r"^(19[0-9]{2}|2[01][0-9]{2}|2200)-[0-9]{2}-[0-9]{2}[Tt]"
    r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
_FORMS: Mapping[Callable[[str], str], JsonSchemaValue] = {
    ids.siret: {"pattern": "^[0-9]{14}$", "examples": ["44022013500014"]},
    ids.safir: {"pattern": "^[0-9]{5}$", "examples": ["69123"]},
    ids.rome: {"pattern": "^[A-N][0-9]{4}$", "examples": ["M1607"]},
    ids.insee_commune: {"pattern": "^([0-9]{2}|2A|2B)[0-9]{3}$", "examples": ["69381"]},
    ids.departement: {"pattern": "^(0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-6])$", "examples": ["69"]},
    ids.printable: {"pattern": r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$"},
}
_CASE_FORMS = (
    (ids.FRANCE_TRAVAIL, "^$", "^[0-9]{11}$"),
    (ids.FRANCE_TRAVAIL, "^[0-9]{2}$", "^[0-9]{7}[0-9A-Z]$"),
    (ids.CAP_EMPLOI, "^[0-9]{14}$", "^[A-Za-z0-9._-]{1,64}$"),
)
"""Network, scope and local id of a case record: the forms of `ids.check_case`."""
_NO_CASE = {"properties": {"scope": {"const": ""}, "local_id": {"const": ""}}}


class _Schemas(GenerateJsonSchema):
    """Pydantic's, but for what it cannot know: the forms of times, days and identifiers."""

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """Describe a time: with its offset."""
        return {"type": "string", "format": "date-time", "pattern": _TIME, "examples": ["2021-02-15T09:00:00+01:00"]}

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        """Describe a day."""
        return {"type": "string", "format": "date", "examples": ["2021-02-15"]}

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        """Describe what a function checks."""
        found = super().function_after_schema(schema)
        return _FORMS.get(schema["function"]["function"], {}) | found  # type: ignore[arg-type]


@cache
def schemas() -> Mapping[str, JsonSchemaValue]:
    """Give the components that describe every event, any event, and a batch."""
    _, found = models_json_schema(
        [(model, "validation") for model in EVENT_TYPES.values()],
        ref_template=f"{REF}{_PREFIX}{{model}}",
        schema_generator=_Schemas,
    )
    components: dict[str, JsonSchemaValue] = {f"{_PREFIX}{name}": schema for name, schema in found["$defs"].items()}
    components[_PREFIX + CaseRef.__name__]["anyOf"] = _case_forms(ids.NETWORKS)
    registry = FileRegistry(bundled_schemas())
    for name, model in EVENT_TYPES.items():
        docs = dict(_docs(registry.current(name).definition))
        for record, inner in models_within(model).items():
            _describe(components[_PREFIX + inner.__name__], inner, docs[record])
        _distinguish(components[_PREFIX + name], name, model)
    for name in EVENT_TYPES:
        components[_PREFIX + name]["examples"] = [event_example(name, components)]
    return components | _unions()


def _unions() -> dict[str, JsonSchemaValue]:
    refs = {name: f"{REF}{_PREFIX}{name}" for name in EVENT_TYPES}
    events = {"type": "array", "items": {"$ref": f"{REF}{EVENT}"}, "minItems": 1, "maxItems": MOST_EVENTS}
    return {
        EVENT: {
            "description": "An event of the catalogue, by its `type`.",
            "oneOf": [{"$ref": ref} for ref in refs.values()],
            "discriminator": {"propertyName": "type", "mapping": refs},
        },
        BATCH: {
            "description": "Events to publish in this order.",
            "type": "object",
            "properties": {"events": events},
            "required": ["events"],
            "additionalProperties": False,
        },
    }


def _docs(definition: Any, namespace: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Give what an Avro schema says of the fields of each record defined in it, by the record's full name."""
    match definition:
        case {"type": "record", "name": name, "fields": fields}:
            namespace = definition.get("namespace", namespace)
            yield f"{namespace}.{name}", {field["name"]: field.get("doc", "") for field in fields}
            for field in fields:
                yield from _docs(field["type"], namespace)
        case {"type": "array", "items": items}:
            yield from _docs(items, namespace)
        case list():
            for arm in definition:
                yield from _docs(arm, namespace)
        case _:
            return


def _describe(schema: JsonSchemaValue, model: type[BaseModel], docs: Mapping[str, str]) -> None:
    for name, field in model_shape(model).fields.items():
        described = schema["properties"][name]
        described.pop("title", None)
        described["description"] = docs[name]
        if field.code_list is not None:
            described.get("items", described)["examples"] = list(LISTS[field.code_list])


def _distinguish(schema: JsonSchemaValue, name: str, model: type[Event]) -> None:
    """Add what the JSON form has beside the fields, and which networks may state the event."""
    meta = schema["properties"]["meta"]
    emitters = {"properties": {"network": {"enum": list(model.emitters)}}}
    about = {"anyOf": _case_forms(model.emitters)} if issubclass(model, CaseEvent) else _NO_CASE
    meta["allOf"] = [{"$ref": meta.pop("$ref")}, emitters, about]
    schema["properties"] = {"type": {"const": name}, **schema["properties"]}
    schema["required"] = ["type", *schema["required"]]


def _case_forms(networks: Collection[str]) -> list[JsonSchemaValue]:
    forms = []
    for network, scope, local_id in _CASE_FORMS:
        if network in networks:
            patterns = {"scope": {"pattern": scope}, "local_id": {"pattern": local_id}}
            required = ["local_id"] if scope == "^$" else ["scope", "local_id"]
            forms.append({"properties": {"network": {"const": network}, **patterns}, "required": required})
    return forms

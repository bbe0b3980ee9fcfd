"""Models built of fields validated before, and what a model says beyond its schema's defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from hub.codec.agreement import full_name
from hub.codec.shape import Array, Record, Shape

_set = object.__setattr__


def models_within(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Give a model and the models of its fields by the full names of their records."""
    found = {full_name(model): model}
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            found |= models_within(inner)
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in _models_in(inner)]


def builder(model: type[BaseModel]) -> Callable[[dict[str, Any]], BaseModel]:
    """Give the function that makes a model of fields that were validated before.

    What pydantic's `model_construct` does, without its look at every field: 0.4 instead of 3 microseconds.
    """
    new, names = model.__new__, set(model.model_fields)

    def build(values: dict[str, Any]) -> BaseModel:
        instance = new(model)
        _set(instance, "__dict__", values)
        _set(instance, "__pydantic_fields_set__", names)
        _set(instance, "__pydantic_extra__", None)
        _set(instance, "__pydantic_private__", None)
        return instance

    return build


def differing(record: Record) -> Callable[[Any], dict[str, Any]]:
    """Give the function that keeps of a model the fields that differ from the schema's defaults, records included."""
    fields = [(name, field.default, _within(field.shape)) for name, field in record.fields.items()]

    def keep(model: Any) -> dict[str, Any]:
        values = model.__dict__
        kept = {}
        for name, default, convert in fields:
            value = values[name]
            if value != default:
                kept[name] = convert(value) if convert else value
        return kept

    return keep


def _within(shape: Shape) -> Callable[[Any], Any] | None:
    if isinstance(shape, Record):
        return differing(shape)
    if isinstance(shape, Array) and (convert := _within(shape.items)):
        return lambda values: [convert(value) for value in values]
    return None

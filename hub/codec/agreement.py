"""Whether the models say what the schemas say: the schema is the contract, the model its reading in Python."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from hub.codec.shape import Array, Field, Kind, Missing, Record, Shape
from hub.domain import ids
from hub.domain.events.base import CodeList, Sensitive

NAMESPACE = "fr.parcours"

_KINDS: dict[Any, Kind] = {
    str: Kind.STRING,
    int: Kind.LONG,
    bool: Kind.BOOLEAN,
    date: Kind.DAY,
    datetime: Kind.MOMENT,
    AwareDatetime: Kind.MOMENT,
}


def full_name(model: type[BaseModel]) -> str:
    """Give the full name that a model's record has in a schema, as in `fr.parcours.delegation.DelegationProposed`."""
    return f"{NAMESPACE}.{model.__module__.rpartition('.')[2]}.{model.__name__}"


@cache
def model_shape(model: type[BaseModel]) -> Record:
    """Give the form that a model's schema must have.

    Raises:
        TypeError: a field's type has no form in the contract.
    """
    hints = get_type_hints(model, include_extras=True)
    return Record(full_name(model), {name: _field(hints[name], info) for name, info in model.model_fields.items()})


def _field(hint: Any, info: FieldInfo) -> Field:
    bare, marks = _unwrap(hint)
    optional = get_origin(bare) in (Union, UnionType)
    if optional:
        (hint,) = (arm for arm in get_args(bare) if arm is not type(None))
    shape, inner = _shape(hint)
    marks += inner
    return Field(
        shape,
        optional=optional,
        default=Missing.DEFAULT if info.is_required() else info.default,
        sensitive=any(isinstance(mark, Sensitive) for mark in marks),
        code_list=next((mark.name for mark in marks if isinstance(mark, CodeList)), None),
    )


def _unwrap(hint: Any) -> tuple[Any, list[Any]]:
    if get_origin(hint) is Annotated:
        bare, *marks = get_args(hint)
        return bare, marks
    return hint, []


def _shape(hint: Any) -> tuple[Shape, list[Any]]:
    """Give a type's form, and the marks found on it or on its items."""
    bare, marks = _unwrap(hint)
    if get_origin(bare) is list:
        items, inner = _shape(get_args(bare)[0])
        return Array(items), marks + inner
    if get_origin(bare) is Literal:
        return Kind.STRING, marks
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return model_shape(bare), marks
    if bare not in _KINDS:
        raise TypeError(f"{bare} has no form in the contract")
    is_uuid = any(getattr(mark, "func", None) is ids.uuid for mark in marks)
    return (Kind.UUID if is_uuid else _KINDS[bare]), marks


def disagreements(model: Record, schema: Record) -> list[str]:
    """Compare the form of a model with the current schema, in both directions; each text names the field."""
    if model.name != schema.name:
        return [f"the model is {model.name}, the schema {schema.name}"]
    return _fields(model, schema, "")


def _fields(model: Record, schema: Record, prefix: str) -> list[str]:
    texts = [f"{prefix}{name} is in the model, not in the schema" for name in model.fields if name not in schema.fields]
    for name, field in schema.fields.items():
        counterpart = model.fields.get(name)
        if counterpart is None:
            texts.append(f"{prefix}{name} is in the schema, not in the model")
        else:
            texts += _one_field(counterpart, field, f"{prefix}{name}")
    return texts


def _one_field(model: Field, schema: Field, path: str) -> list[str]:
    traits = {
        "nullability": (model.optional, schema.optional),
        "default": ((type(model.default), model.default), (type(schema.default), schema.default)),
        "sensitive mark": (model.sensitive, schema.sensitive),
        "code list": (model.code_list, schema.code_list),
    }
    texts = [f"{path} differs in its {trait}" for trait, (ours, theirs) in traits.items() if ours != theirs]
    return texts + _shapes(model.shape, schema.shape, path)


def _shapes(model: Shape, schema: Shape, path: str) -> list[str]:
    if isinstance(model, Array) and isinstance(schema, Array):
        return _shapes(model.items, schema.items, f"{path}[]")
    if isinstance(model, Record) and isinstance(schema, Record):
        if model.name != schema.name:
            return [f"{path} is {model.name} in the model, {schema.name} in the schema"]
        return _fields(model, schema, f"{path}.")
    return [] if model == schema else [f"{path} differs in its type"]

"""The form of a schema, reduced to what the contract uses: six kinds of value, lists, records, optional fields.

Codec, compatibility check and the comparison with the models all read this form, so that each of them stays small and
a schema that uses more than this is refused in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from hub.errors import SchemaIncompatible


class Kind(Enum):
    """A kind of value, with the Avro type and the logical type that stand for it."""

    STRING = ("string", None)
    UUID = ("string", "uuid")
    LONG = ("long", None)
    MOMENT = ("long", "timestamp-micros")
    DAY = ("int", "date")
    BOOLEAN = ("boolean", None)


class Missing(Enum):
    """Stands for the default of a field that has none."""

    DEFAULT = "no default"


@dataclass(frozen=True, slots=True)
class Array:
    """A list of values of one form."""

    items: Shape


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the form of its value, whether null stands for its absence, its default and its marks."""

    shape: Shape
    optional: bool = False
    default: object = Missing.DEFAULT
    sensitive: bool = False
    code_list: str | None = None

    @property
    def has_default(self) -> bool:
        """Tell whether a record may leave the field out."""
        return self.default is not Missing.DEFAULT


@dataclass(frozen=True, slots=True)
class Record:
    """A record by its full name, with its fields in the order of the schema."""

    name: str
    fields: Mapping[str, Field]


Shape = Kind | Array | Record

_RECORD_KEYS = {"type", "name", "namespace", "doc", "fields"}
_FIELD_KEYS = {"name", "type", "doc", "default", "sensitive", "codeList"}
_PYTHON_TYPES = {Kind.STRING: str, Kind.UUID: str, Kind.LONG: int, Kind.BOOLEAN: bool}
_FORMS = "string, long, boolean, uuid, date, timestamp-micros, array, record, or [null, one of these] with default null"


def parse(definition: object) -> Record:
    """Read a schema definition as its JSON stands.

    Raises:
        SchemaIncompatible: it uses what the contract does not, such as enums, maps, floats, aliases or other unions.
    """
    parsed = _Parser().shape(definition, "", "the schema")
    if not isinstance(parsed, Record):
        raise SchemaIncompatible("the schema is not a record; expected one record per event")
    return parsed


class _Parser:
    """Reads one definition, remembering the records that it names."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}

    def shape(self, node: object, namespace: str, where: str) -> Shape:
        if isinstance(node, str):
            named = self._records.get(node) or self._records.get(f"{namespace}.{node}")
            return named or self._kind(node, None, where)
        if isinstance(node, Mapping):
            if node.get("type") == "record":
                return self._record(node, namespace, where)
            if node.get("type") == "array" and set(node) == {"type", "items"}:
                return Array(self.shape(node["items"], namespace, f"{where}[]"))
            if set(node) <= {"type", "logicalType"}:
                return self._kind(node.get("type"), node.get("logicalType"), where)
        raise SchemaIncompatible(f"{where}: this form is not part of the contract; expected {_FORMS}")

    @staticmethod
    def _kind(avro_type: object, logical_type: object, where: str) -> Kind:
        kind = next((kind for kind in Kind if kind.value == (avro_type, logical_type)), None)
        if kind is not None:
            return kind
        named = f"{avro_type} with logical type {logical_type}" if logical_type else f"{avro_type}"
        raise SchemaIncompatible(f"{where}: type {named} is not part of the contract; expected {_FORMS}")

    def _record(self, node: Mapping[str, Any], namespace: str, where: str) -> Record:
        name = node.get("name")
        if not isinstance(name, str) or not name or not isinstance(node.get("fields"), list):
            raise SchemaIncompatible(f"{where}: a record needs a name and a list of fields")
        _refuse_unknown(node, _RECORD_KEYS, where)
        namespace = node.get("namespace", namespace)
        fields: dict[str, Field] = {}
        for field in node["fields"]:
            field_name = field.get("name") if isinstance(field, Mapping) else None
            if not isinstance(field_name, str) or field_name in fields:
                raise SchemaIncompatible(f"{where}: every field needs a name of its own")
            path = field_name if where == "the schema" else f"{where}.{field_name}"
            fields[field_name] = self._field(field, namespace, path)
        record = Record(f"{namespace}.{name}" if namespace else name, fields)
        if record.name in self._records:
            raise SchemaIncompatible(f"{where}: record {record.name} is defined twice; name it the second time")
        self._records[record.name] = record
        return record

    def _field(self, node: Mapping[str, Any], namespace: str, where: str) -> Field:
        _refuse_unknown(node, _FIELD_KEYS, where)
        marks = {"sensitive": node.get("sensitive", False), "code_list": node.get("codeList")}
        if marks["sensitive"] not in (True, False) or not isinstance(marks["code_list"], str | None):
            raise SchemaIncompatible(f'{where}: "sensitive" is true or absent, "codeList" the name of a list')
        form = node.get("type")
        if isinstance(form, list):
            if len(form) != 2 or form[0] != "null" or node.get("default", Missing.DEFAULT) is not None:
                raise SchemaIncompatible(f"{where}: a union is not part of the contract; expected {_FORMS}")
            return Field(self.shape(form[1], namespace, where), optional=True, default=None, **marks)
        shape = self.shape(form, namespace, where)
        default = node.get("default", Missing.DEFAULT)
        fitting = _PYTHON_TYPES.get(shape) if isinstance(shape, Kind) else None
        if default is not Missing.DEFAULT and type(default) is not fitting:
            raise SchemaIncompatible(f"{where}: the default does not fit the type")
        return Field(shape, default=default, **marks)


def _refuse_unknown(node: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(node) - known)
    if unknown:
        raise SchemaIncompatible(f"{where}: {', '.join(unknown)} is not part of the contract; remove it")


def plain(shape: Shape, named: set[str] | None = None) -> Any:
    """Give the Avro schema of a form without logical types and marks: the same bytes, read and written faster.

    `named` collects the records that the schema has defined so far; later uses go by name.
    """
    named = set() if named is None else named
    if isinstance(shape, Kind):
        return shape.value[0]
    if isinstance(shape, Array):
        return {"type": "array", "items": plain(shape.items, named)}
    if shape.name in named:
        return shape.name
    named.add(shape.name)
    return {
        "type": "record",
        "name": shape.name,
        "fields": [{"name": name, **_plain_field(field, named)} for name, field in shape.fields.items()],
    }


def _plain_field(field: Field, named: set[str]) -> dict[str, Any]:
    form = plain(field.shape, named)
    declared: dict[str, Any] = {"type": ["null", form] if field.optional else form}
    if field.has_default:
        declared["default"] = field.default
    return declared

"""Whether a schema may be released: FULL_TRANSITIVE against every released version, and what the hub needs beyond it.

Full compatibility means that every version reads what every other wrote. That leaves adding fields with a default, and
Avro would also let such a field go. The hub does not: the content by which a repeated event is told from a conflicting
one must stay the same under every later version, so no field goes, and no default or code list changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.codec.registry import RegisteredSchema
from hub.codec.shape import Array, Field, Kind, Record, Shape, parse
from hub.domain.codes import LISTS
from hub.errors import SchemaIncompatible

_MAY_BE_ADDED = "give the new field a default, or null with default null"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the schemas: in which file or field, what, and what to do."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}"


def compatibility(where: str, candidate: object, released: Sequence[RegisteredSchema]) -> list[Finding]:
    """Compare a candidate's definition with every released version of its event, in both directions.

    `where` names the candidate in the findings; none means that it may be released.
    """
    try:
        shape = parse(candidate)
    except SchemaIncompatible as error:
        return [Finding(where, str(error), "keep to the forms of the contract")]
    findings = list(_unknown_lists(shape, where))
    for earlier in released:
        found = _record(shape, parse(earlier.definition), "")
        findings += [
            Finding(f"{where}, {path}" if path else where, f"{what}, unlike version {earlier.version}", remedy)
            for path, what, remedy in found
        ]
    return findings


_Difference = tuple[str, str, str]


def _record(new: Record, old: Record, path: str) -> Iterator[_Difference]:
    if new.name != old.name:
        yield path, f"the record is named {new.name}, not {old.name}", "keep the name"
    prefix = f"{path}." if path else ""
    for name, field in old.fields.items():
        if name not in new.fields:
            yield f"{prefix}{name}", "the field is gone", "keep it; what is no longer used is left at its default"
        else:
            yield from _field(new.fields[name], field, f"{prefix}{name}")
    for name, field in new.fields.items():
        if name not in old.fields and not field.has_default:
            yield f"{prefix}{name}", "the field is new and has no default", _MAY_BE_ADDED


def _field(new: Field, old: Field, path: str) -> Iterator[_Difference]:
    if new.optional != old.optional:
        what = "the field may be null" if new.optional else "the field may not be null"
        yield path, what, "keep its type, and add another field if need be"
    elif (type(new.default), new.default) != (type(old.default), old.default):
        yield path, "the default is another", "keep it: the content of released events is counted from it"
    if old.sensitive and not new.sensitive:
        yield path, "the field is no longer marked sensitive", 'keep "sensitive": true'
    if old.code_list is not None and new.code_list != old.code_list:
        yield path, f"the code list is not {old.code_list}", "keep it, and add another field for another list"
    yield from _shape(new.shape, old.shape, path)


def _shape(new: Shape, old: Shape, path: str) -> Iterator[_Difference]:
    if isinstance(new, Array) and isinstance(old, Array):
        yield from _shape(new.items, old.items, f"{path}[]")
    elif isinstance(new, Record) and isinstance(old, Record):
        yield from _record(new, old, path)
    elif new != old:
        yield path, f"the type is {_name(new)}, not {_name(old)}", "keep the type, and add another field if need be"


def _name(shape: Shape) -> str:
    if isinstance(shape, Kind):
        return shape.name.lower()
    return "a list" if isinstance(shape, Array) else "a record"


def _unknown_lists(shape: Shape, where: str) -> Iterator[Finding]:
    if isinstance(shape, Array):
        yield from _unknown_lists(shape.items, where)
    if isinstance(shape, Record):
        for name, field in shape.fields.items():
            if field.code_list is not None and field.code_list not in LISTS:
                yield Finding(f"{where}, {name}", f"there is no code list {field.code_list}", "name one, or add it")
            yield from _unknown_lists(field.shape, where)

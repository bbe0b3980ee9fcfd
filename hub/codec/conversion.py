"""Times and days between Avro's numbers and Python's values, worked out once per schema.

fastavro reads and writes the plain numbers. Its own logical types take 3 microseconds an event more, name no field when
a number is out of range, and would leave UUIDs as objects that the models do not want.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hub.codec.shape import Array, Field, Kind, Record, Shape
from hub.errors import InvalidEvent

Convert = Callable[[Any], Any]
Makers = Mapping[str, Callable[[dict[str, Any]], Any]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)


def incoming(record: Record, makers: Makers) -> Convert:
    """Give the function that takes the fields that fastavro read to Python's values, in place.

    `makers` says by a record's full name what to make of its fields; the others stay dictionaries.

    The function raises:
        InvalidEvent: a time or a day that Python cannot hold; names the field.
    """
    return _incoming(record, makers, "") or (lambda fields: fields)


def _incoming(shape: Shape, makers: Makers, path: str) -> Convert | None:
    """Give None where the value is what it has to be as fastavro gives it."""
    if isinstance(shape, Array):
        return _each(_incoming(shape.items, makers, f"{path}[]"))
    if isinstance(shape, Kind):
        return _INCOMING[shape](path) if shape in _INCOMING else None
    prefix = f"{path}." if path else ""
    inner = ((name, _incoming(field.shape, makers, prefix + name)) for name, field in shape.fields.items())
    steps = [(name, step) for name, step in inner if step is not None]
    make = makers.get(shape.name)
    if not steps:
        return make

    def convert(fields: dict[str, Any]) -> Any:
        for name, step in steps:
            value = fields[name]
            if value is not None:
                fields[name] = step(value)
        return make(fields) if make else fields

    return convert


def outgoing(record: Record) -> Convert:
    """Give the function that takes a model to the dictionary that fastavro writes; the model stays as it is."""
    inner = ((name, _outgoing_field(field)) for name, field in record.fields.items())
    steps = [(name, step) for name, step in inner if step is not None]

    def convert(model: Any) -> dict[str, Any]:
        fields: dict[str, Any] = model.__dict__.copy()
        for name, step in steps:
            value = fields[name]
            if value is not None:
                fields[name] = step(value)
        return fields

    return convert


def _outgoing_field(field: Field) -> Convert | None:
    shape, convert = field.shape, _outgoing(field.shape)
    if convert is not None and field.optional and isinstance(shape, Record):
        # The name spares fastavro the search for the branch of the union, which validates every field of the record.
        return lambda model: (shape.name, convert(model))
    return convert


def _outgoing(shape: Shape) -> Convert | None:
    if isinstance(shape, Record):
        return outgoing(shape)
    if isinstance(shape, Array):
        return _each(_outgoing(shape.items))
    return _OUTGOING.get(shape)


def _each(convert: Convert | None) -> Convert | None:
    return (lambda values: [convert(value) for value in values]) if convert else None


def _moment(path: str) -> Convert:
    def convert(micros: int) -> datetime:
        try:
            return _EPOCH + timedelta(0, 0, micros)  # by name, it takes as long again
        except OverflowError:
            raise InvalidEvent(f"{path}: time is out of range; expected microseconds, 1900 to 2200") from None

    return convert


def _day(path: str) -> Convert:
    def convert(days: int) -> date:
        try:
            return date.fromordinal(_EPOCH_DAY + days)
        except (ValueError, OverflowError):
            raise InvalidEvent(f"{path}: date is out of range; expected days, 0001-01-01 to 9999-12-31") from None

    return convert


_INCOMING: dict[Kind, Callable[[str], Convert]] = {
    Kind.UUID: lambda path: str.lower,  # noqa: ARG005  # as the models normalise it, where they do not validate
    Kind.MOMENT: _moment,
    Kind.DAY: _day,
}
_OUTGOING: dict[Kind, Convert] = {
    Kind.MOMENT: lambda moment: (moment - _EPOCH) // _MICROSECOND,
    Kind.DAY: lambda day: day.toordinal() - _EPOCH_DAY,
}

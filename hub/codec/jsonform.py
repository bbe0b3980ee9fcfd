"""The JSON form of an event: its type beside its fields, times in RFC 3339 UTC, dates in ISO 8601, nulls left out."""

from __future__ import annotations

import re

import msgspec
from pydantic import ValidationError

from hub.codec.agreement import model_shape
from hub.codec.defects import invalid
from hub.codec.shape import Array, Kind, Record, Shape
from hub.domain.events.base import Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.errors import FieldDefect, InvalidEvent

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_ISO_8601 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXACT = 2.0**53
"""Below it a float that has no fraction is the integer that was written; beyond, several integers are one float."""


def to_json(event: Event) -> dict[str, object]:
    """Give `{"type": "DelegationProposed", "meta": {...}, ...}`, ready for any JSON encoder."""
    return {"type": type(event).__name__, **event.model_dump(mode="json", exclude_none=True)}


def from_json(document: object) -> Event:
    """Build the event that a decoded JSON document stands for; null and absent mean the same.

    Types are strict: no number for a text, no number or bare digits for a time, which must carry its offset. 1.0 is the
    integer 1, as it is to JSON Schema (2020-12, section 4.2.3) and to whoever writes all numbers as floats.

    Raises:
        InvalidEvent: names every field that is missing, unknown or malformed, with the expected form.
    """
    if not isinstance(document, dict):
        raise InvalidEvent('the document is not a JSON object; expected {"type": ..., "meta": {...}, ...}')
    event_type = document.get("type")
    model = EVENT_TYPES.get(event_type) if isinstance(event_type, str) else None
    if model is None:
        text = "missing or not of the catalogue; expected an event's name such as DelegationProposed"
        raise InvalidEvent(f"type: {text}", [FieldDefect("/type", text)])
    fields = {name: value for name, value in document.items() if name != "type"}
    try:
        encoded = msgspec.json.encode(_strictly(fields, model_shape(model)))
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise InvalidEvent(f"{model.__name__} is invalid: event: not JSON; expected a decoded document") from None
    try:
        return model.model_validate_json(encoded, strict=True)
    except ValidationError as error:
        # Not chained: pydantic's error still holds the values that ours leaves out.
        raise invalid(model.__name__, error) from None


def _strictly(value: object, shape: Shape) -> object:
    """Give a value so that pydantic takes it for what it is.

    Emptied is each text that it would take for a time or a day although it is none, such as bare seconds.
    """
    if isinstance(shape, Record) and isinstance(value, dict):
        fields = shape.fields
        return {
            name: _strictly(inner, fields[name].shape) if name in fields else inner for name, inner in value.items()
        }
    if isinstance(shape, Array) and isinstance(value, list):
        return [_strictly(inner, shape.items) for inner in value]
    if shape is Kind.LONG and isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    form = _RFC_3339 if shape is Kind.MOMENT else _ISO_8601 if shape is Kind.DAY else None
    return "" if form is not None and isinstance(value, str) and not form.fullmatch(value) else value

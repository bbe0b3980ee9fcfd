"""What a validation found wrong, as texts that name field, defect and expected form, and never a value."""

from __future__ import annotations

import re

from pydantic import ValidationError

from hub.errors import FieldDefect, InvalidEvent

_SHOWN = 10
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def invalid(event_type: str, error: ValidationError) -> InvalidEvent:
    """Give the error to raise for a record of this type that did not pass its model.

    At most 10 defects are spelled out, so that a hostile list of 100 000 wrong items makes no text of megabytes.
    """
    found = error.errors(include_url=False, include_context=False, include_input=False)
    shown = found[:_SHOWN]
    defects = []
    texts = []
    for defect in shown:
        location, text = _location(defect["loc"], defect["type"]), _text(defect["type"], defect["msg"])
        defects.append(FieldDefect("".join(f"/{part}" for part in location), text))
        texts.append(f"{_path(location)}: {text}")
    if len(found) > _SHOWN:
        texts.append(f"and {len(found) - _SHOWN} more")
    return InvalidEvent(f"{event_type} is invalid: {'; '.join(texts)}", defects)


def _location(location: tuple[int | str, ...], defect: str) -> tuple[int | str, ...]:
    """Leave out the name of an unknown field unless it can be one: it is the sender's text."""
    if defect == "extra_forbidden" and not _FIELD_NAME.fullmatch(str(location[-1])):
        return (*location[:-1], "(a name that is no field name)")
    return location


def _path(location: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".") or "event"


def _text(defect: str, message: str) -> str:
    if defect == "missing":
        return "missing; expected a value"
    if defect == "extra_forbidden":
        return "not a field of the contract; remove it"
    if defect.startswith(("datetime_", "timezone_")):
        return "not a time; expected RFC 3339 with its offset, as in 2021-01-04T09:00:00+01:00"
    if defect.startswith("date_"):
        return "not a day; expected ISO 8601, as in 2021-01-04"
    message = message.removeprefix("Value error, ")
    for theirs, ours in (
        ("Input should be", "expected"),
        ("String should", "expected a text to"),
        ("List should", "expected a list to"),
    ):
        message = message.replace(theirs, ours)
    return message

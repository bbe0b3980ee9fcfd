"""The forms of what requests give, each checked in one way and described as it is checked.

Pydantic alone takes a number for a day or a time, seconds since 1970, and a birth date of 0 would find whoever was born
on 1 January 1970.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from hub.audit.moments import is_day
from hub.domain import ids

_TIME = re.compile(r"[0-9]{4}(-[0-9]{2}){2}[Tt][0-9]{2}(:[0-9]{2}){2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})")
_PRINTABLE = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$"


def _checked(check: Callable[[str], str], text: str) -> AfterValidator:
    """Check with a function of the domain; its own text is not shown, since it is not known to be constant here."""

    def checked(value: str) -> str:
        try:
            return check(value)
        except ValueError:
            raise PydanticCustomError("contract_text", text) from None

    return AfterValidator(checked)


_WITHOUT_CONTROLS = _checked(ids.printable, "must have no control characters")
WITHOUT_NIR = _checked(ids.no_nir, "holds what looks like a social security number (NIR); remove it")


def _length(least: int, most: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": least, "maxLength": most, "pattern": _PRINTABLE})


Name = Annotated[str, StringConstraints(min_length=1, max_length=200), _WITHOUT_CONTROLS, WITHOUT_NIR, _length(1, 200)]
Comment = Annotated[
    str, StringConstraints(min_length=1, max_length=4_000), _WITHOUT_CONTROLS, WITHOUT_NIR, _length(1, 4_000)
]
StatedText = Annotated[
    str, StringConstraints(min_length=10, max_length=1_000), _WITHOUT_CONTROLS, WITHOUT_NIR, _length(10, 1_000)
]
"""Why somebody does what is recorded: long enough to say something."""
Note = Annotated[
    str, StringConstraints(min_length=1, max_length=1_000), _WITHOUT_CONTROLS, WITHOUT_NIR, _length(1, 1_000)
]
"""What somebody did about something that is no person's."""


Commune = Annotated[
    ids.InseeCommune, WithJsonSchema({"type": "string", "pattern": "^([0-9]{2}|2A|2B)[0-9]{3}$", "examples": ["69381"]})
]


def _day(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and is_day(value)):
        return value
    raise PydanticCustomError("contract_day", "must be a date: YYYY-MM-DD")


def _time(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and _TIME.fullmatch(value)):
        return value
    raise PydanticCustomError("contract_time", "must be a time by RFC 3339, with its offset from UTC: `Z`, or +01:00")


Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["2021-02-15"]})
]
Time = Annotated[
    AwareDatetime,
    BeforeValidator(_time),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2021-02-15T09:00:00+01:00"]}),
]

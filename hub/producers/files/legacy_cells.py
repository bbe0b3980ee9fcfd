"""The cells of a row of the legacy flat file: unknown or checked, each defect noted with its column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from hub.domain import ids
from hub.domain.events.case import Email, Phone
from hub.producers.files.lines import Defect

PARIS = ZoneInfo("Europe/Paris")
STRIPPED = "leading zeros may have been stripped"

_DAY = r"(?:([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{2})/([0-9]{2})/([0-9]{4}))"
_TIME = r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?)?"
_ONE_DAY = re.compile(_DAY)
_ONE_MOMENT = re.compile(_DAY + _TIME)
_NO_CODE = re.compile(r"[^a-z0-9]+")

_NAME = TypeAdapter[str](ids.ShortText)
_EMAIL = TypeAdapter[str](Email)
_PHONE = TypeAdapter[str](Phone)
_REFERENCE = TypeAdapter[str](ids.Reference)


class Row:
    """The cells of one row by column; an empty one, or the text NULL in any case, is unknown."""

    def __init__(self, columns: Sequence[str], cells: Sequence[str]) -> None:
        self._cells = dict(zip(columns, map(str.strip, cells), strict=True))
        self.defects: list[Defect] = []
        self.remarks: list[Defect] = []

    def text(self, column: str) -> str | None:
        """Give a cell as it is."""
        cell = self._cells.get(column)
        return None if not cell or cell.upper() == "NULL" else cell

    def refuse(self, column: str, defect: str) -> None:
        """Note what the row has to be refused for."""
        self.defects.append(Defect(column, defect))

    def remark(self, column: str, text: str) -> None:
        """Note what the row holds and no event says."""
        self.remarks.append(Defect(column, text))

    def needed(self, column: str) -> None:
        """Refuse the row if a cell is unknown."""
        if self.text(column) is None:
            self.refuse(column, "unknown; no event can be made without it")

    def checked(self, column: str, check: Callable[[str], str]) -> str | None:
        """Give a cell that passes a check; its ValueError says what is wrong, without the value."""
        cell = self.text(column)
        if cell is None:
            return None
        try:
            return check(cell)
        except ValueError as error:
            self.refuse(column, str(error))
            return None

    def code(self, column: str, known: Mapping[str, str]) -> str | None:
        """Give the code for a label; one that is not known is passed on in the form of a code, and shows as unknown."""
        cell = self.text(column)
        if cell is None:
            return None
        code = slug(cell)
        code = known.get(code, code)
        if not 1 <= len(code) <= 40:
            self.refuse(column, "malformed; expected a code or a label of 1 to 40 letters and digits")
        return code

    def day(self, column: str) -> date | None:
        """Give a day; 9999-12-31 stays what it is."""
        cell = self.text(column)
        found = _ONE_DAY.fullmatch(cell) if cell else None
        try:
            if found:
                return date(*_ymd(found))
        except ValueError:
            found = None
        if cell:
            self.refuse(column, f"not a day; expected 2021-01-04 or 04/01/2021; in the latter {STRIPPED}")
        return None

    def moment(self, column: str) -> datetime | None:
        """Give a moment of the clocks of Paris, in UTC; a day alone is its first moment."""
        cell = self.text(column)
        found = _ONE_MOMENT.fullmatch(cell) if cell else None
        try:
            if found:
                hour, minute, second, fraction = (part or "0" for part in found.groups()[6:])
                clock = (int(hour), int(minute), int(second), int(fraction.ljust(6, "0")))
                return _utc(datetime(*_ymd(found), *clock, tzinfo=PARIS))
        except ValueError:
            found = None
        if cell:
            self.refuse(
                column, "not a time of 1901 to 2199; expected 2021-01-04 or 2021-01-04 09:30:00, or 04/01/2021 09:30"
            )
        return None

    def past_moment(self, column: str, written_at: datetime | None) -> datetime | None:
        """Give the first moment of a day, or when the row was written if the day still lay ahead."""
        day = self.day(column)
        if day is None or written_at is None:
            return None
        if not 1900 < day.year < 2200:
            self.refuse(column, "not a day of 1901 to 2199")
            return None
        return min(_utc(datetime(day.year, day.month, day.day, tzinfo=PARIS)), written_at)


def slug(text: str) -> str:
    """Give the letters and digits of a text without case and accents, what lies between them as one underscore."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return _NO_CODE.sub("_", plain).strip("_")


def name(cell: str) -> str:
    """Check a name."""
    return _valid(_NAME, cell, "malformed; expected 1 to 200 printable characters")


def email(cell: str) -> str:
    """Check an e-mail address."""
    return _valid(_EMAIL, cell, "malformed; expected an address, as in nom@exemple.fr")


def phone(cell: str) -> str:
    """Check a telephone number."""
    if re.fullmatch(r"[1-9][0-9]{8}", cell):
        raise ValueError(f"has 9 digits; expected 10; {STRIPPED}")
    return _valid(_PHONE, cell, "malformed; expected 6 to 20 digits, spaces, dots or hyphens, or + before them")


def reference(cell: str) -> str:
    """Check the id of an adviser."""
    return _valid(_REFERENCE, cell, "malformed; expected 1 to 64 letters, digits, or . _ : / - without accents")


def commune(cell: str) -> str:
    """Check an Insee commune code."""
    if re.fullmatch(r"[0-9]{1,4}", cell):
        raise ValueError(f"has {len(cell)} digits; expected 5; {STRIPPED}")
    return ids.insee_commune(cell)


def region(cell: str) -> str:
    """Check an Insee region code."""
    if re.fullmatch(r"[0-9]", cell):
        raise ValueError(f"has 1 digit; expected 2; {STRIPPED}")
    return ids.region(cell)


def _valid(adapter: TypeAdapter[str], cell: str, otherwise: str) -> str:
    try:
        return adapter.validate_python(cell)
    except ValidationError as error:
        first: Any = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # Not chained: pydantic's error still holds the value. Only the hub's own rules say more than that.
    if first["type"] == "value_error":
        raise ValueError(first["msg"].removeprefix("Value error, "))
    raise ValueError(otherwise)


def _ymd(found: re.Match[str]) -> tuple[int, int, int]:
    year, month, day, *french = found.groups()[:6]
    if year is None:
        day, month, year = french
    return int(year), int(month), int(day)


def _utc(moment: datetime) -> datetime:
    if not 1900 < moment.year < 2200:
        raise ValueError("outside what events can hold")
    return moment.astimezone(UTC)

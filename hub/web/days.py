"""Days as people type them, and days that nobody meant."""

from __future__ import annotations

import re
from datetime import date

_FIRST_YEAR = 1900
_FORMS = (
    re.compile(r"(?P<day>\d{1,2})[\s./-]+(?P<month>\d{1,2})[\s./-]+(?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"),
)


def day_of(text: str) -> date | None:
    """Read a day as people write it in France, or as browsers send it: `17/05/1980`, `17 5 1980`, `1980-05-17`."""
    for form in _FORMS:
        if found := form.fullmatch(text.strip()):
            try:
                return date(*(int(found[part]) for part in ("year", "month", "day")))
            except ValueError:
                return None
    return None


def is_meant(day: date) -> bool:
    """Tell whether a day can be one that somebody meant: of an earlier year, it is written and counted from by none."""
    return day.year >= _FIRST_YEAR

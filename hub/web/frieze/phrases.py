"""How the frieze says days in French."""

from __future__ import annotations

from datetime import date
from typing import Final

from hub.web import words
from hub.web.words import NBSP

SHORT_MONTHS: Final = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)


def short_day(day: date) -> str:
    """Say a day under the heading of its year: `15 mars`, `1er déc.`."""
    return f"{words.day(day).partition(NBSP)[0]}{NBSP}{SHORT_MONTHS[day.month - 1]}"

"""How pages say dates, counts and codes in French; times are those of France."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from hub.audit.moments import paris

NBSP = "\N{NO-BREAK SPACE}"
_NARROW = "\N{NARROW NO-BREAK SPACE}"
_SIRET_DIGITS = 14
_DAYS_OF_MONTH = 30.44
_SHORTER = 2.4
"""Days by which whole months with a February are shorter than so many of the mean."""
FOREVER = 9999
"""The year of a day by which networks mean that something has no end."""
_BEFORE_SIGN = re.compile(r" (?=[:;!?»%])|(?<=«) ")
_SIRET = re.compile(r"\bSIRET (\d{14})\b")
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def day(value: date | datetime) -> str:
    """Say a day: `1er mars 2021`."""
    there = in_france(value)
    number = "1er" if there.day == 1 else str(there.day)
    return f"{number}{NBSP}{_MONTHS[there.month - 1]}{NBSP}{there.year}"


def short_day(value: date | datetime) -> str:
    """Say a day in digits: `01/03/2021`."""
    there = in_france(value)
    return f"{there.day:02}/{there.month:02}/{there.year:04}"


def moment(value: datetime) -> str:
    """Say a time to the minute: `1er mars 2021 à 14 h 05`."""
    return f"{day(value)} à {clock(value)}"


def clock(value: datetime) -> str:
    """Say the time of a day: `14 h 05`."""
    there = value.astimezone(paris())
    return f"{there.hour}{NBSP}h{NBSP}{there.minute:02}"


def iso(value: date | datetime) -> str:
    """Give a day or time as the attribute `datetime` of an element, where HTML allows no microseconds."""
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def in_france(value: date | datetime) -> date:
    """Give the day that a time falls on in France."""
    return value.astimezone(paris()).date() if isinstance(value, datetime) else value


def count(number: int, one: str, several: str) -> str:
    """Say how many: `1 personne`, `0 personne`, `1 234 personnes`."""
    return f"{figure(number)}{NBSP}{one if number < 2 else several}"


def length(days: float) -> str:
    """Say how long, in whole months that have passed: `12 jours`, `5 mois`, `3 ans et 8 mois`."""
    if days < 2 * _DAYS_OF_MONTH:
        return count(max(0, int(days)), "jour", "jours")
    months = int((days + _SHORTER) / _DAYS_OF_MONTH)
    years, rest = divmod(months, 12)
    if years == 0:
        return f"{months}{NBSP}mois"
    said = count(years, "an", "ans")
    return f"{said} et {rest}{NBSP}mois" if rest and years < 10 else said


def figure(number: int) -> str:
    """Say a number with its thousands apart."""
    return f"{number:,}".replace(",", _NARROW)


def typed(text: str) -> str:
    """Set one of the hub's own texts as French is printed: curved apostrophes, no line broken before a sign."""
    return _SIRET.sub(_grouped, spaced(text.replace("'", "’")))


def spaced(text: str) -> str:
    """Let no line break between a word and the sign beside it."""
    return _BEFORE_SIGN.sub(NBSP, text)


def _grouped(found: re.Match[str]) -> str:
    return f"SIRET{NBSP}{siret(found[1])}"


def siret(number: str) -> str:
    """Set a SIRET as it is printed: `732 829 320 00074`, without a line broken in it; any other text stays as it is."""
    if len(number) != _SIRET_DIGITS or not number.isdecimal():
        return number
    return _NARROW.join((number[:3], number[3:6], number[6:9], number[9:]))


def capital(text: str) -> str:
    """Begin a text with a capital, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def full_name(family_name: str | None, given_name: str | None) -> str:
    """Name a person in a list, the family name first as lists are sorted."""
    said = [(family_name or "").upper(), given_name or ""]
    return " ".join(part for part in said if part) or "Identité inconnue"

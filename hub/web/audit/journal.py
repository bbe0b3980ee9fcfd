"""The filters of the access log's page: as they were typed, and as they are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from hub.access.recording import Kind
from hub.api.queries.accesslog import Wanted
from hub.audit.moments import parse_moment, parse_start
from hub.errors import Usage
from hub.web.audit.entries import KINDS
from hub.web.days import day_of
from hub.web.form import Fields, too_long

LAST_ID = 2**63 - 1
LONGEST_CODE = 40
LONGEST_READER = 300
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANY = "toutes"
_SLUGS: dict[str, Kind] = {
    "consultation": "read",
    "liste": "list",
    "recherche": "search",
    "verification": "look_up",
    "suivi": "follow",
    "motif": "break_glass",
    "releve": "report",
    "journal": "access_log",
    "decision": "decide",
    "levee": "release",
    "purge": "purge",
    "quarantaine": "quarantine",
}
CHOICES = ((ANY, "Toutes"), *((slug, KINDS[kind]) for slug, kind in _SLUGS.items()))
"""The natures to choose from, by how an address names them."""


class Typed(NamedTuple):
    """What stands in the form; `before` is the entry at which the page before ended."""

    kind: str = ANY
    since: str = ""
    until: str = ""
    reader: str = ""
    person: str = ""
    before: int | None = None

    @property
    def is_private(self) -> bool:
        """Tell whether it names somebody, so that it may not stand in an address."""
        return bool(self.reader or self.person)


class Asked(NamedTuple):
    """What is asked for, and what of it could not be read, by field; `typed` has its days as browsers write them."""

    typed: Typed
    wanted: Wanted
    errors: tuple[tuple[str, str], ...]


def typed_in(given: Mapping[str, str]) -> Typed:
    """Read what was typed into the form."""
    fields = Fields(given, ("nature", "du", "au", "lecteur", "personne", "avant"))
    kind, before = fields.own("nature", f".{{0,{LONGEST_CODE}}}"), fields.number("avant", LAST_ID)
    since, until, reader, person = (fields.values[name] for name in ("du", "au", "lecteur", "personne"))
    return Typed(kind or ANY, since, until, reader, person, before)


def asked(typed: Typed) -> Asked:
    """Read the form."""
    errors = []
    if typed.kind != ANY and typed.kind not in _SLUGS:
        errors.append(("nature", "Choisissez une nature dans la liste."))
    person = typed.person.strip().lower()
    if len(typed.reader) > LONGEST_READER:
        errors.append(("lecteur", too_long(typed.reader, LONGEST_READER)))
    if person and not _UUID.fullmatch(person):
        errors.append(
            ("personne", "L’identifiant d’une personne a 36 caractères, comme dans l’adresse de son parcours.")
        )
    typed = typed._replace(since=_day(typed.since), until=_day(typed.until))
    since, until = _moment(typed.since, parse_start), _moment(typed.until, parse_moment)
    for field, text, moment in (("du", typed.since, since), ("au", typed.until, until)):
        if text and moment is None:
            errors.append((field, "Donnez une date, par exemple 31/03/2021."))
    if since and until and since > until:
        errors.append(("au", "La fin de la période vient avant son début."))
    if errors:
        return Asked(typed, Wanted(), tuple(errors))
    wanted = Wanted(person or None, typed.reader.strip() or None, _SLUGS.get(typed.kind), since, until)
    return Asked(typed, wanted, ())


def _day(text: str) -> str:
    day = day_of(text)
    return text if day is None else day.isoformat()


def _moment(text: str, parse: Callable[[str], datetime]) -> datetime | None:
    try:
        return None if day_of(text) is None else parse(text)
    except Usage:
        return None

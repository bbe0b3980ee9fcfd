"""The filters of the access log's page: as they were typed, and as they are asked for."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from hub.access.recording import Kind
from hub.api.queries.accesslog import Wanted
from hub.audit.moments import is_day, parse_moment, parse_start
from hub.errors import Usage
from hub.web.audit.entries import KINDS

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
    """What is asked for, and what of it could not be read, by field."""

    wanted: Wanted
    errors: tuple[tuple[str, str], ...]


def asked(typed: Typed) -> Asked:
    """Read the form."""
    errors = []
    if typed.kind != ANY and typed.kind not in _SLUGS:
        errors.append(("nature", "Choisissez une nature dans la liste."))
    person = typed.person.strip().lower()
    if person and not _UUID.fullmatch(person):
        errors.append(
            ("personne", "L’identifiant d’une personne a 36 caractères, comme dans l’adresse de son parcours.")
        )
    for field, text in (("du", typed.since), ("au", typed.until)):
        if text and not _is_day(text):
            errors.append((field, "Donnez une date, par exemple le 31 mars 2021."))
    if errors:
        return Asked(Wanted(), tuple(errors))
    since = parse_start(typed.since) if typed.since else None
    until = parse_moment(typed.until) if typed.until else None
    if since and until and since > until:
        return Asked(Wanted(), (("au", "La fin de la période vient avant son début."),))
    return Asked(Wanted(person or None, typed.reader.strip() or None, _SLUGS.get(typed.kind), since, until), ())


def _is_day(text: str) -> bool:
    try:
        return is_day(text) and bool(date.fromisoformat(text)) and bool(parse_moment(text))
    except (ValueError, Usage):
        return False

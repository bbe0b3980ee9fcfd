"""Of whom a page is, and how much of them its reader sees."""

from __future__ import annotations

from typing import NamedTuple

from hub.api.people import Read
from hub.domain.access import Sight
from hub.web.pathway.heading import name_of


class Whom(NamedTuple):
    """A person at the top of a page; `path` is their pathway's address."""

    name: str
    path: str
    is_erased: bool
    sees_health: bool


def whom_of(found: Read, person_id: str) -> Whom:
    """Name the person as the reader sees them."""
    row = next(iter(found.view.tables["pathway"]), None)
    name = "Personne effacée" if found.is_erased else name_of(row) if row else "Personne sans événement"
    path = f"/parcours/{found.view.person_id or person_id.lower()}"
    return Whom(name, path, found.is_erased, found.sight is Sight.FULL)

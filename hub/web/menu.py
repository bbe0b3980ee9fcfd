"""The menu: for each role its own pages, and nothing that it may not open."""

from __future__ import annotations

from typing import NamedTuple

from hub.domain import access
from hub.domain.access import Action, Reader, may
from hub.web.session import Session


class Entry(NamedTuple):
    """A page of the menu, and who may open it."""

    label: str
    path: str
    action: Action


class Shown(NamedTuple):
    """An entry as a page shows it."""

    label: str
    path: str
    is_here: bool


ENTRIES = (
    Entry("Mes accompagnements", "/accueil", access.CASELOAD),
    Entry("Audit", "/audit", access.READ_ACCESS_LOG),
    Entry("Journal des accès", "/journal", access.READ_ACCESS_LOG),
    Entry("Rechercher", "/recherche", access.SEARCH),
    Entry("Nouvelle prise en charge", "/prise-en-charge", access.LOOK_UP),
    Entry("Rapprochements", "/rapprochements", access.DECIDE),
    Entry("Délégations", "/pilotage/delegations", access.FIGURES),
    Entry("Exploitation", "/exploitation", access.OPERATE),
    Entry("Quarantaine", "/exploitation/quarantaine", access.OPERATE),
)
"""In the order in which a reader's first page is chosen."""


def menu_of(session: Session | None, path: str) -> list[Shown]:
    """Give the entries for whoever is logged in; none for nobody."""
    if session is None:
        return []
    mine = [entry for entry in ENTRIES if may(session.reader, entry.action)]
    here = max((entry.path for entry in mine if (path + "/").startswith(entry.path + "/")), key=len, default=None)
    return [Shown(_label(entry, session.reader), entry.path, entry.path == here) for entry in mine]


def _label(entry: Entry, reader: Reader) -> str:
    """Name a page as its title does: who leads a site and accompanies nobody finds the site's people there."""
    return "Mon site" if entry.action == access.CASELOAD and "adviser" not in reader.roles else entry.label


def home_of(reader: Reader) -> str | None:
    """Give the first page of a reader, None if none is for them."""
    return next((entry.path for entry in ENTRIES if may(reader, entry.action)), None)

"""What the addresses of the first page ask for: as which role, which people, in which order; never by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple
from urllib.parse import urlencode

from hub.domain.access import Reader, Role, roles_of
from hub.projections import labels
from hub.web.form import Fields
from hub.web.home.people import FOLLOWED, SORTS, Choice, Followed, Sort
from hub.web.words import capital, typed

PATH = "/accueil"
PEOPLE = "#personnes"
View = Literal["personnes", "site"]
VIEWS: Mapping[View, Role] = MappingProxyType({"personnes": "adviser", "site": "site_lead"})
TITLES: Mapping[View, str] = MappingProxyType({"personnes": "Mes accompagnements", "site": "Mon site"})
"""What the first page is called, by whose people it shows."""
Phase = Literal[
    "accueil",
    "diagnostic",
    "accompagnement",
    "recherche-emploi",
    "emploi",
    "suivi-durable",
    "maintien",
    "transition",
    "sortie",
]
PHASES: Mapping[Phase, str] = MappingProxyType(
    {
        "accueil": "intake",
        "diagnostic": "diagnosis",
        "accompagnement": "accompaniment",
        "recherche-emploi": "job_search",
        "emploi": "employment",
        "suivi-durable": "follow_up",
        "maintien": "retention",
        "transition": "transition",
        "sortie": "closed",
    }
)
"""The phases by the names that stand in addresses."""
_LATE: tuple[Literal["oui"]] = ("oui",)


class Offered(NamedTuple):
    """What the form lets choose: each as it stands in the address, and in words."""

    sorts: list[tuple[str, str]]
    phases: list[tuple[str, str]]
    networks: list[tuple[str, str]]


def offered(view: View) -> Offered:
    """Give the choices for a way of looking."""
    return Offered(
        [(code, text) for code, text in SORTS.items() if view == "site" or code != "conseiller"],
        [("", "Toutes"), *((code, capital(typed(labels.phase(phase)))) for code, phase in PHASES.items())],
        [("", "Tous"), *((code, text) for code, (text, _) in FOLLOWED.items())],
    )


class Given(NamedTuple):
    """What an address or a form gives; what is empty is not asked for."""

    vue: View | Literal[""] = ""
    tri: Sort | Literal[""] = ""
    phase: Phase | Literal[""] = ""
    reseau: Followed | Literal[""] = ""
    retard: Literal["oui", ""] = ""

    def choice(self, name: str = "") -> Choice:
        """Give which people are wanted, in which order."""
        phase = PHASES[self.phase] if self.phase else None
        return Choice(self.tri or "nom", phase, self.reseau or None, self.retard == "oui", name)

    def address(self, *, after: str = "", path: str = PATH, part: str = "") -> str:
        """Give the address that asks for this."""
        given = {**self._asdict(), "suite": after}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{path}{'?' * bool(query)}{query}{part}"


def given_in(fields: Fields) -> Given:
    """Read what the form asks for."""
    return Given(
        fields.one("vue", VIEWS),
        fields.one("tri", SORTS),
        fields.one("phase", PHASES),
        fields.one("reseau", FOLLOWED),
        fields.one("retard", _LATE),
    )


def views_of(reader: Reader) -> list[View]:
    """Give the ways in which a reader may look: at their own people, at those of their sites."""
    return [view for view, role in VIEWS.items() if role in roles_of(reader)]


def view_of(reader: Reader, wanted: View | Literal[""]) -> View:
    """Give the way that is wanted, or the first that the reader may look in."""
    views = views_of(reader)
    return wanted if wanted in views else views[0]

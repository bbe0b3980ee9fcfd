"""The sections of a pathway's details: those that hold something, each at full length only where it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from hub.audit.leading import leading
from hub.projections.view import View
from hub.web.pathway import identity, support, working
from hub.web.pathway.acts import Acts, Item, with_anomalies

LISTED, BRIEF = 50, 10
"""How many things a section shows that is asked for, and each where all sections are asked for at once."""
ALL = "tout"
"""Asks for all sections."""
CLAIMS, LINKS = "declarations", "liens"
"""The sections that are tables of their own."""


class Paged(NamedTuple):
    """Which section is asked for, and which page of its list, from 1; none are: each only says how much it holds."""

    section: str | None = None
    page: int = 1

    def opens(self, section: str) -> bool:
        """Tell whether a section is to be shown."""
        return self.section in {section, ALL}


class Section(NamedTuple):
    """One kind of thing: those shown, how many there are, and the page of them this is, of so many."""

    id: str
    title: str
    items: tuple[Item, ...]
    total: int
    page: int
    pages: int
    is_open: bool


class Sections(NamedTuple):
    """Those with something in them, the names of those without, and where each thing stands."""

    shown: tuple[Section, ...]
    empty: tuple[str, ...]
    places: Mapping[str, tuple[str, int, str]]
    """By name as in `delegation:D-12`: the section, the page of its list (0: the one shown), and the anchor."""


TITLES: Mapping[str, str] = {
    "delegations": "Délégations",
    "appuis": "Appuis et expertise",
    "diagnostics-croises": "Diagnostics croisés",
    "diagnostics": "Diagnostics",
    "besoins": "Besoins de compensation",
    "plan": "Plan d’action",
    "prestations": "Prestations et formations",
    "rendez-vous": "Rendez-vous",
    "mises-en-relation": "Mises en relation",
    "placements": "Placements et suivi durable",
    "maintien": "Maintien dans l’emploi",
    "cep": "Conseil en évolution professionnelle (CEP)",
    "transitions": "Transitions professionnelles",
    "referents": "Référents au fil du temps",
    "titres": "Titres de bénéficiaire de l’obligation d’emploi (BOE)",
    "dossiers": "Dossiers des réseaux",
}
"""The sections by their anchor, in their order; the claims and links are tables of their own."""


def sections_of(view: View, acts: Acts, today: date, paged: Paged) -> Sections:
    """Lay out everything but claims and links; the latest things of a section come first."""
    anomalies = [row for row in view.tables["alert"] if row["kind"] == "anomaly"]
    shown: list[Section] = []
    empty: list[str] = []
    places: dict[str, tuple[str, int, str]] = {}
    for name, items in _items(view, acts, today).items():
        if not items:
            empty.append(TITLES[name][:1].lower() + TITLES[name][1:])
            continue
        latest = sorted(items, key=lambda item: item.last, reverse=True)
        section = _paged(name, latest, paged)
        places |= _places(section, latest)
        shown.append(section._replace(items=tuple(with_anomalies(section.items, anomalies))))
    return Sections(tuple(shown), tuple(empty), places)


def _items(view: View, acts: Acts, today: date) -> dict[str, list[Item]]:
    return {
        "delegations": list(support.delegations(view, acts)),
        "appuis": list(support.expertise(view, acts)),
        "diagnostics-croises": list(support.crossed_diagnoses(view, acts)),
        "diagnostics": list(support.diagnoses(view, acts)),
        "besoins": list(support.needs(view, acts)),
        "plan": list(support.plans(view, acts)),
        "prestations": list(support.services(view, acts)),
        "rendez-vous": list(support.appointments(view, acts)),
        "mises-en-relation": list(working.candidacies(view, acts)),
        "placements": [*working.placements(view, acts, today), *working.stray_follow_ups(view, acts, today)],
        "maintien": [*working.retentions(view, acts), *working.stray_adaptations(view, acts)],
        "cep": list(working.ceps(view, acts)),
        "transitions": list(working.transitions(view, acts)),
        "referents": list(identity.referents(view, acts, leading(view, today), today)),
        "titres": list(identity.titles(view, acts, today)),
        "dossiers": list(identity.legs(view, acts)),
    }


def _paged(name: str, items: Sequence[Item], paged: Paged) -> Section:
    size = BRIEF if paged.section == ALL else LISTED
    pages = -(-len(items) // LISTED)
    page = min(max(1, paged.page), pages) if paged.section == name else 1
    is_open = paged.opens(name)
    some = items[(page - 1) * size : page * size] if is_open else ()
    return Section(name, TITLES[name], tuple(some), len(items), page, pages, is_open)


def _places(section: Section, items: Iterable[Item]) -> dict[str, tuple[str, int, str]]:
    """Say where each thing stands; a later one of the same name, such as a title renewed, does not take its place."""
    found: dict[str, tuple[str, int, str]] = {}
    here = {id(item) for item in section.items}
    for number, item in enumerate(items):
        page, place = divmod(number, LISTED)
        where = (section.id, 0 if id(item) in here else page + 1, anchor(section.id, place))
        for name in item.names:
            found.setdefault(name, where)
    return found


def anchor(section: str, place: int) -> str:
    """Name the place of a thing on its page, from 0."""
    return f"{section}-{place + 1}"

"""The first page's sections: every kind of task with its words, whatever is empty left to one line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from hub.api.queries.news import other_network
from hub.api.queries.todo import Group
from hub.projections import labels
from hub.web.home import reading, tasks
from hub.web.home.reading import Found
from hub.web.home.tasks import Section, Task, Viewer
from hub.web.words import NBSP, count


class Kind(NamedTuple):
    """A kind of task: its title, what a tile says of one and of several, and what is said where there is none."""

    title: str
    one: str
    several: str
    none: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "retard": Kind("En retard", "échéance en retard", "échéances en retard", "rien en retard"),
        "a-repondre": Kind("Réponses à donner", "réponse à donner", "réponses à donner", "aucune réponse à donner"),
        "semaine": Kind(
            "À faire dans les 7 jours",
            "échéance dans les 7 jours",
            "échéances dans les 7 jours",
            "rien dans les 7 jours",
        ),
        "mois": Kind(
            "À faire dans les 30 jours",
            "échéance dans 8 à 30 jours",
            "échéances dans 8 à 30 jours",
            "rien de plus dans les 30 jours",
        ),
        "attendues": Kind(
            "Réponses attendues de {other}",
            "réponse attendue de {other}",
            "réponses attendues de {other}",
            "aucune réponse attendue de {other}",
        ),
        "contradictions": Kind(
            "Contradictions à arbitrer",
            "contradiction à arbitrer",
            "contradictions à arbitrer",
            "aucune contradiction à arbitrer",
        ),
        "consultations": Kind(
            "Consultations pour un motif",
            "consultation pour un motif",
            "consultations pour un motif",
            "aucune consultation pour un motif",
        ),
    }
)
"""By the name that stands in addresses, in the order of the page."""
_OR_MORE = "consultations ou plus pour un motif"
GROUPS: Mapping[str, Group] = MappingProxyType(
    {"retard": "overdue", "a-repondre": "to_answer", "semaine": "week", "mois": "month", "attendues": "awaited"}
)
PATH = "/accueil/a-faire"


def other_of(network: str | None) -> str:
    """Name the network that a reader's one works with."""
    other = other_network(network)
    return labels.network(other).replace(" ", NBSP) if other else "l’autre réseau"


def kind_of(slug: str, network: str | None) -> Kind:
    """Give a kind's words for a reader of a network."""
    return Kind(*(text.replace("{other}", other_of(network)) for text in KINDS[slug]))


def sections(found: Found, viewer: Viewer, query: str) -> list[Section]:
    """Give the sections that have tasks; `query` is what the address of each whole list goes on with."""
    given: dict[str, _Some] = {slug: _expected(found, group, viewer) for slug, group in GROUPS.items()}
    contested = found.contested
    given["contradictions"] = _Some(
        tasks.contradictions(contested.rows, found.people), contested.facts, contested.people, contested.people
    )
    notices = found.notices_total
    given["consultations"] = _Some(
        tasks.notices(found.notices, found.people), notices, notices, notices, is_cut=notices >= reading.NOTICES_COUNTED
    )
    return [_section(slug, given[slug], viewer, query) for slug in KINDS if given[slug].shown]


def nothing(shown: list[Section], viewer: Viewer) -> str:
    """Say which kinds have no task, in one sentence; empty if all have some.

    Leads do not see what would tell of health, such as a title that ends.
    """
    there = {section.slug for section in shown}
    kinds = [slug for slug in KINDS if slug not in there and not (viewer.is_lead and slug == "consultations")]
    said = ", ".join(kind_of(slug, viewer.network).none for slug in kinds)
    kept = ", hors données de santé, qui ne vous sont pas montrées" if viewer.is_lead else ""
    return f"{said[:1].upper()}{said[1:]}{kept}." if said else ""


class _Some(NamedTuple):
    """The first tasks of a kind, how many things are to be done, in how many tasks of the list, of how many people.

    `is_cut`: there may be more, which nobody counted.
    """

    shown: list[Task]
    total: int
    listed: int
    people: int
    is_cut: bool = False


def _section(slug: str, some: _Some, viewer: Viewer, query: str) -> Section:
    kind = kind_of(slug, viewer.network)
    more = f"{PATH}?quoi={slug}{query}" if some.listed > len(some.shown) else None
    tile = kind.one if some.total < 2 else kind.several
    people = "" if some.people == some.total else f", pour {count(some.people, 'personne', 'personnes')}"
    return Section(slug, kind.title, (_OR_MORE if some.is_cut else tile) + people, some.shown, some.total, more, people)


def _expected(found: Found, group: Group, viewer: Viewer) -> _Some:
    some = found.expected.get(group)
    if some is None:
        return _Some([], 0, 0, 0)
    return _Some(tasks.expected(some.first, found.people, viewer), some.total, some.total, some.people)

"""French phrases about a pathway: codes of rows, case records, what an anomaly is about; none shows an English code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from hub.projections import labels, remarks, wording
from hub.projections.view import TableRow
from hub.web import words
from hub.web.days import is_meant
from hub.web.naming.names import UNNAMED, Names

SITUATIONS: Mapping[str, str] = MappingProxyType(
    {
        "intake": "À l’accueil",
        "diagnosis": "En diagnostic",
        "accompaniment": "En accompagnement",
        "job_search": "En recherche d’emploi",
        "employment": "En emploi",
        "follow_up": "En emploi, en suivi durable",
        "retention": "En maintien dans l’emploi",
        "transition": "En transition professionnelle",
        "closed": "Sortie du parcours",
    }
)
"""How a summary begins, by phase."""
GROUNDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "referent": ("vous êtes référent de cette personne", "vous étiez référent de cette personne"),
        "co_referent": ("vous êtes co-référent de cette personne", "vous étiez co-référent de cette personne"),
        "delegation": (
            "vous accompagnez cette personne par une délégation",
            "vous accompagniez cette personne par une délégation",
        ),
        "expertise": (
            "vous demandez ou apportez un appui pour cette personne",
            "vous avez demandé ou apporté un appui pour cette personne",
        ),
        "diagnosis": (
            "vous faites un diagnostic croisé avec cette personne",
            "vous avez fait un diagnostic avec cette personne",
        ),
        "site": (
            "un conseiller de votre site accompagne cette personne",
            "un conseiller de votre site accompagnait cette personne",
        ),
        "break_glass": ("vous avez indiqué un motif de consultation",) * 2,
        "audit": ("vous contrôlez les parcours", "vous avez indiqué un motif de contrôle"),
        "data_protection": ("vous avez indiqué un motif au titre de la protection des données",) * 2,
    }
)
"""Why a reader sees a person, by the ground of the verdict: while it lasts, and once it has ended."""


def value(model: str, column: str, held: Any) -> str:
    """Say the value of a column of a row."""
    if isinstance(held, datetime):
        return words.moment(held)
    if isinstance(held, date):
        return words.day(held)
    coded = wording.coded(model, column, held)
    if coded is not None:
        return words.typed(coded)
    if column == "siret":
        return words.siret(str(held))
    return claimed(column, str(held))


def claimed(fact: str, text: str) -> str:
    """Say what a network claims about a fact: a birth date by its day, a code by its words, any text as it is."""
    said = remarks.claimed(fact, text, words.day)
    return words.typed(said) if fact in remarks.CODED else said


def fact(name: str) -> str:
    """Say a fact that networks claim."""
    return words.typed(labels.fact(name))


case = remarks.case


def organisation(text: str) -> str:
    """Say whom somebody works for: a network, or an organisation by its SIRET."""
    return words.siret(labels.network(text))


def about(text: str, names: Names = UNNAMED) -> str:
    """Say what an anomaly or alert is about, given as `kind:name`."""
    return words.typed(remarks.about(text, words.day, names.of_any_network))


def rule(row: TableRow, names: Names) -> str:
    """Say an anomaly or what is expected, and what it is about."""
    return words.typed(remarks.rule(row, words.day, names.of_any_network))


def age(born: date, today: date) -> int:
    """Give the age on a day, in years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def late(due: date, today: date) -> int:
    """Give by how many days something is late; 0 where it is not, or where the day was never meant as one."""
    return max(0, (today - due).days) if is_meant(due) else 0

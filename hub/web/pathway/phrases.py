"""French phrases about a pathway: codes of rows, case records, what an anomaly is about; none shows an English code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from hub.domain import codes
from hub.projections import labels, wording
from hub.web import words
from hub.web.naming.names import UNNAMED, Names
from hub.web.words import NBSP

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
"""Why a reader sees a person, by the ground of the verdict: while nothing ends it, and once its end is known."""
_FIRST_YEAR = 1900
"""A day of an earlier year was never meant as a date: it is written, and nothing is counted from it."""


def value(model: str, column: str, held: Any) -> str:
    """Say the value of a column of a row."""
    if isinstance(held, datetime):
        return words.moment(held)
    if isinstance(held, date):
        return words.day(held)
    coded = wording.coded(model, column, held)
    if coded is not None:
        return words.typed(coded)
    return claimed(column, str(held))


def claimed(fact: str, text: str) -> str:
    """Say what a network claims about a fact: a birth date by its day, a code by its words, any text as it is."""
    if fact == "availability":
        return words.typed(codes.label("availability", text))
    if fact != "birth_date":
        return text
    try:
        return words.day(date.fromisoformat(text))
    except ValueError:
        return text


def fact(name: str) -> str:
    """Say a fact that networks claim."""
    return words.typed(labels.fact(name))


def case(text: str) -> str:
    """Say a case record, given as `network/scope/local_id`: the scope is told apart on the section about records."""
    network, _, rest = text.partition("/")
    return f"{labels.network(network)} {rest.rpartition('/')[2]}"


def about(text: str, names: Names = UNNAMED) -> str:
    """Say what an anomaly or alert is about, given as `kind:name`."""
    kind, _, name = text.partition(":")
    match kind:
        case "case":
            record, has_numbers, numbers = name.partition("#")
            return f"dossier {case(record)}" + (f", numéro {_numbers(numbers)}" if has_numbers else "")
        case "event" | "pathway" | "diagnosis" | "adaptation":
            return {"event": "cet événement", "pathway": "le parcours"}.get(kind, words.typed(wording.model(kind)))
        case "code":
            listed, _, found = name.partition("=")
            return f"«{NBSP}{found}{NBSP}» ({words.typed(wording.column(_COLUMN_OF_LIST.get(listed, listed)))})"
        case "fact":
            return fact(name)
        case "title":
            return codes.label("title", name)
        case "follow_up":
            return _checkpoint(name)
        case "plan":
            return f"plan d’action, version {name}"
        case _:
            pass
    called = names.of_any_network(name) if kind == "referent" else name
    return f"{words.typed(wording.model(kind))} {called}".strip()


def _numbers(numbers: str) -> str:
    first, _, last = numbers.partition("-")
    return first if last in {"", first} else f"{first} à {last}"


def _checkpoint(name: str) -> str:
    placement, _, day = name.rpartition(":")
    try:
        return f"point du {words.day(date.fromisoformat(day))}, placement {placement}"
    except ValueError:
        return f"placement {name}"


_COLUMN_OF_LIST: Mapping[str, str] = MappingProxyType(
    {
        "adaptation": "adaptation",
        "appointment_mode": "mode",
        "appointment_status": "status",
        "candidacy_result": "result",
        "cep_level": "level",
        "closing_motive": "closing_motive",
        "delegation_motive": "end_motive",
        "expertise_topic": "topic",
        "follow_up_state": "state",
        "lead_reason": "reason",
        "need_phase": "phase",
        "pathway_motive": "closing_motive",
        "referent_role": "role",
        "reopening_trigger": "reopening_motive",
        "retention_origin": "origin",
        "retention_outcome": "outcome",
        "theme": "theme",
        "void_reason": "reason",
        "link_evidence": "reason",
        "unlink_reason": "reason",
        "erasure_reason": "reason",
        "availability": "availability",
        "review_outcome": "review_outcome",
        "site_mode": "mode",
        "employer_topic": "topic",
        "employer_action": "action",
    }
)
"""The column whose words name a code list."""


def age(born: date, today: date) -> int:
    """Give the age on a day, in years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def late(due: date, today: date) -> int:
    """Give by how many days something is late; 0 where it is not, or where the day was never meant as one."""
    return max(0, (today - due).days) if due.year >= _FIRST_YEAR else 0

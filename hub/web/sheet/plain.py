"""Everyday words for what the hub has codes for, and the lines that a sheet is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from hub.audit.moments import paris
from hub.domain import codes
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections import labels, nomenclature
from hub.web import words
from hub.web.words import NBSP

_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
NETWORKS: Mapping[str, str] = MappingProxyType(
    {
        FRANCE_TRAVAIL: "France Travail aide les personnes à trouver un travail.",
        CAP_EMPLOI: "Cap emploi aide les personnes handicapées à trouver un travail ou à le garder.",
    }
)
"""What each network does, in one sentence."""
PHASES: Mapping[str, str] = MappingProxyType(
    {
        "intake": "Vous venez d’arriver.",
        "diagnosis": "Vous parlez de vos besoins avec vos conseillers.",
        "accompaniment": "Vos conseillers vous aident à avancer.",
        "job_search": "Vous cherchez un travail.",
        "employment": "Vous avez un travail.",
        "follow_up": "Vous avez un travail. Un conseiller prend de vos nouvelles.",
        "retention": "Vous avez un travail. Un conseiller vous aide à le garder.",
        "transition": "Vous changez de métier.",
        "closed": "Vos conseillers ne vous suivent plus. Vous pouvez revenir quand vous voulez.",
    }
)
"""Where the person stands."""
CONTRACTS: Mapping[str, str] = MappingProxyType(
    {
        "cdi": "un contrat sans date de fin",
        "cdd": "un contrat avec une date de fin",
        "interim": "un travail par intérim",
        "apprenticeship": "un contrat pour apprendre un métier",
        "cui": "un contrat aidé par l’État",
        "public": "un travail dans un service public",
    }
)
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "rqth": "la reconnaissance de la qualité de travailleur handicapé",
        "aah": "l’allocation aux adultes handicapés",
        "pension_invalidite": "une pension d’invalidité",
        "at_mp": "une rente après un accident ou une maladie du travail",
        "carte_mobilite_inclusion": "la carte mobilité inclusion",
        "oeth_other": "un autre droit lié au handicap",
    }
)
PLACES: Mapping[str, str] = MappingProxyType(
    {
        "agency": "dans une agence France Travail",
        "cap_emploi": "à Cap emploi",
        "employer": "dans une entreprise",
        "remote": "à distance",
    }
)
MODES: Mapping[str, str] = MappingProxyType({"phone": "par téléphone", "video": "par vidéo", "email": "par e-mail"})


def occupation(code: str) -> str:
    """Name an occupation."""
    return words.typed(nomenclature.occupation(code))


class Line(NamedTuple):
    """A sentence, or a name with a value that somebody wrote; `note` says by whom and when."""

    text: str
    value: str | None = None
    note: str | None = None


class Block(NamedTuple):
    """Lines under a heading of their own."""

    title: str
    lines: tuple[Line, ...]


def network(code: str | None) -> str:
    """Name a network."""
    return labels.network(code) if code else "Un réseau"


def on(value: date | datetime) -> str:
    """Say a day in a sentence: `le 4 janvier 2021`."""
    return f"le {words.day(value)}"


def at(value: datetime) -> str:
    """Say a day and hour in whole: `le mardi 20 avril 2021, à 10 heures 30`."""
    there = value.astimezone(paris())
    minutes = f"{NBSP}{there.minute:02}" if there.minute else ""
    day = f"{_WEEKDAYS[there.weekday()]} {words.day(value)}"
    return f"le {day}, à {there.hour}{NBSP}heure{'s' * (there.hour > 1)}{minutes}"


def label(code_list: str, code: str) -> str:
    """Give the words of a code."""
    return words.typed(codes.label(code_list, code))


def title(code: str) -> str:
    """Name a disability title: `l’allocation aux adultes handicapés`."""
    return TITLES.get(code) or label("title", code)

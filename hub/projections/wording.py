"""French words for the read models, their columns and their coded values, for whatever shows a row to an adviser."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hub.domain import codes
from hub.projections import labels, nomenclature
from hub.projections.column_words import COLUMNS

MODELS: Mapping[str, str] = MappingProxyType(
    {
        "pathway": "parcours",
        "leg": "dossier",
        "claim": "déclaration",
        "contradiction": "contradiction",
        "title": "titre BOE",
        "referent": "référent",
        "delegation": "délégation",
        "expertise": "appui",
        "re_referral": "réorientation",
        "diagnosis": "diagnostic",
        "crossed_diagnosis": "diagnostic croisé",
        "need": "besoin de compensation",
        "need_version": "version du besoin",
        "need_measure": "mesure de compensation",
        "plan": "plan d'action",
        "plan_action": "action du plan",
        "service": "prestation",
        "appointment": "rendez-vous",
        "candidacy": "mise en relation",
        "placement": "placement",
        "placement_report": "déclaration de placement",
        "follow_up": "suivi durable",
        "retention": "maintien dans l'emploi",
        "adaptation": "aménagement de poste",
        "transition": "transition professionnelle",
        "cep": "conseil en évolution professionnelle",
        "alert": "anomalie ou attente",
        "accompaniment": "accompagnement",
        "timeline": "événement",
        "link": "rapprochement",
        "employer_contact": "interlocuteur unique",
        "employer_action": "action envers un employeur",
        "site_mode": "mode du site",
        "territorial_diagnosis": "diagnostic territorial partagé",
        "territorial_figure": "chiffre du diagnostic territorial",
        "roadmap_target": "objectif de la feuille de route",
    }
)
"""The read models, and the tables `timeline` and `link` beside them."""

_NETWORK_COLUMNS = frozenset(
    (
        "answered_by",
        "from_network",
        "identified_by",
        "lead_network",
        "network",
        "opened_by",
        "owner",
        "prescribed_by",
        "referent_network",
        "to_network",
    )
)
OCCUPATIONS = frozenset({"project_rome", "requested_rome", "rome"})
"""Columns, and fields of events, that hold a ROME code."""
_FLAGS = frozenset({"closes_need", "joint"})
_CODES: Mapping[str, str] = MappingProxyType(
    {
        "abandon_motive": "closing_motive",
        "answer_motive": "delegation_motive",
        "decline_motive": "delegation_motive",
        "end_motive": "delegation_motive",
        "erased": "erasure_reason",
        "level": "cep_level",
        "origin": "retention_origin",
        "outcome": "retention_outcome",
        "reason": "lead_reason",
        "reopening_motive": "reopening_trigger",
        "result": "candidacy_result",
        "role": "referent_role",
        "state": "follow_up_state",
        "themes": "theme",
        **{name: name for name in sorted(codes.LISTS.keys() & COLUMNS.keys() - {"phase", "status", "title"})},
    }
)
_CODES_OF_MODEL: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("appointment", "mode"): "appointment_mode",
        ("appointment", "status"): "appointment_status",
        ("employer_action", "action"): "employer_action",
        ("employer_contact", "topic"): "employer_topic",
        ("expertise", "topic"): "expertise_topic",
        ("need", "phase"): "need_phase",
        ("need_version", "phase"): "need_phase",
        ("site_mode", "mode"): "site_mode",
        ("title", "title"): "title",
    }
)
_WORDS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("accepted_by", "settled"): "arbitrage",
        ("accepted_by", "latest_claim"): "dernière déclaration",
        ("capacity", "delegation"): "délégation",
        ("capacity", "diagnosis"): "diagnostic",
        ("capacity", "expertise"): "appui",
        ("capacity", "referent"): "référent",
        ("direction", "to_cap_emploi"): "de France Travail vers Cap emploi",
        ("direction", "to_france_travail"): "de Cap emploi vers France Travail",
        ("kind", "alert"): "attente",
        ("kind", "anomaly"): "anomalie",
        ("step", "identified"): "identification",
        ("step", "refined"): "affinement",
        ("rome_match", "exact"): "identique",
        ("rome_match", "same_domain"): "même domaine",
        ("rome_match", "other"): "autre domaine",
        ("rome_match", "unknown"): "métier demandé inconnu",
        ("skipped_because", "unlinked"): "paire dissociée",
        ("skipped_because", "separated"): "d'autres dossiers sont tenus à part",
        ("skipped_because", "ambiguous"): "plusieurs dossiers d'un réseau ont ces traits",
    }
)


def model(name: str) -> str:
    """Give the words for a read model."""
    return MODELS.get(name, name)


def column(name: str) -> str:
    """Give the words for a column."""
    return COLUMNS.get(name) or labels.FACTS.get(name, name)


def coded(model_name: str, column_name: str, value: Any) -> str | None:
    """Give the words for a coded value; None for one that is no code: a text, a day, a moment, a number."""
    if column_name in _FLAGS:
        return "oui" if value else "non"
    if not isinstance(value, str):
        return None
    if (column_name, value) in _WORDS:
        return _WORDS[column_name, value]
    if column_name in _NETWORK_COLUMNS:
        return labels.network(value)
    if column_name in OCCUPATIONS:
        return nomenclature.occupation_and_code(value)
    code_list = _CODES_OF_MODEL.get((model_name, column_name)) or _CODES.get(column_name)
    if code_list is not None:
        return ", ".join(codes.label(code_list, part) for part in value.split(","))
    return _named(model_name, column_name, value)


def _named(model_name: str, column_name: str, value: str) -> str | None:
    """Give the words that `labels` has for a phase, a status, a rule, a fact or an event type."""
    if (model_name, column_name) == ("pathway", "phase"):
        return labels.phase(value)
    if column_name == "status":
        return labels.status(model_name, value)
    if column_name == "rule":
        return labels.link_rule(value) if model_name == "link" else labels.rule(value)
    if column_name == "fact":
        return labels.fact(value)
    return labels.event_type(value) if column_name == "event_type" else None

"""French words for the read models, their columns and their coded values, for whatever shows a row to an adviser."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hub.domain import codes
from hub.projections import labels

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

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "abandon_motive": "motif d'abandon",
        "abandoned_at": "abandonnée le",
        "about": "à propos de",
        "accepted_at": "acceptée le",
        "accepted_by": "règle qui retient cette valeur",
        "action": "action",
        "action_id": "action",
        "actions": "nombre d'actions",
        "actor_id": "conseiller",
        "adaptation": "aménagement",
        "adapted_on": "réalisé le",
        "adviser": "conseiller",
        "agreed_at": "convenu le",
        "answer_due_on": "réponse attendue le",
        "answer_motive": "motif de la réponse",
        "answered_at": "répondu le",
        "answered_by": "répondu par",
        "baseline": "point de départ",
        "birth_date": "date de naissance",
        "cancelled_at": "annulée le",
        "cap_emploi_adviser": "conseiller Cap emploi",
        "cap_emploi_case": "dossier Cap emploi",
        "cap_emploi_contributed_at": "contribution de Cap emploi le",
        "cap_emploi_id": "identifiant chez Cap emploi",
        "cap_emploi_owner": "responsable Cap emploi",
        "cap_emploi_published_at": "publié par Cap emploi le",
        "cap_emploi_value": "selon Cap emploi",
        "case": "dossier",
        "case_record": "dossier",
        "category": "catégorie",
        "closed_at": "clos le",
        "closes_need": "couvre le besoin",
        "closing_motive": "motif de fin",
        "completed_at": "terminé le",
        "concluded_at": "conclu le",
        "contract": "contrat",
        "date_kind": "date",
        "decline_motive": "motif de refus",
        "declined_at": "refusé le",
        "delivered_at": "rendu le",
        "direction": "sens",
        "due_on": "échéance",
        "end_motive": "motif de fin",
        "ended_at": "terminée le",
        "ended_on": "dernier jour",
        "ends_on": "jusqu'au",
        "erased": "effacement",
        "event_count": "nombre d'événements",
        "event_type": "type",
        "fact": "donnée",
        "family_name": "nom d'usage",
        "france_travail_adviser": "conseiller France Travail",
        "france_travail_case": "dossier France Travail",
        "france_travail_contributed_at": "contribution de France Travail le",
        "france_travail_id": "identifiant chez France Travail",
        "france_travail_owner": "responsable France Travail",
        "france_travail_published_at": "publié par France Travail le",
        "france_travail_value": "selon France Travail",
        "from_case_record": "depuis le dossier",
        "from_date": "à partir du",
        "from_network": "demandé par",
        "funder": "financeur",
        "given_name": "prénom",
        "ground": "motif d'orientation",
        "held_on": "date",
        "identified_at": "identifié le",
        "identified_by": "identifié par",
        "implemented_at": "mise en place le",
        "indicator": "indicateur",
        "joint": "commun aux deux réseaux",
        "key_moment": "moment clé",
        "kind": "nature",
        "label": "libellé",
        "last_event_at": "dernier événement le",
        "lead_network": "réseau pilote",
        "left_case": "premier dossier",
        "level": "niveau",
        "measure": "mesure",
        "modality": "modalité",
        "mode": "mode",
        "need_id": "besoin",
        "network": "réseau",
        "networks": "réseaux",
        "occurred_at": "survenu le",
        "opened_at": "ouvert le",
        "opened_by": "ouvert par",
        "organisation": "organisme",
        "origin": "origine",
        "other_case": "dossier de l'autre réseau",
        "outcome": "issue",
        "owner": "porteur",
        "partner": "partenaire",
        "periods": "nombre de périodes",
        "person_id": "identifiant de la personne",
        "phase": "phase",
        "place": "lieu",
        "placed_at": "déclaré le",
        "placement_id": "placement",
        "plan_version": "version du plan",
        "planned_end": "fin prévue",
        "prescribed_at": "prescrite le",
        "prescribed_by": "prescrite par",
        "project_rome": "métier visé",
        "proposed_at": "proposée le",
        "public": "public",
        "reason": "raison",
        "recorded_at": "enregistré le",
        "referent_adviser": "référent",
        "referent_network": "réseau du référent",
        "referent_site": "site du référent",
        "registered_at": "inscrit le",
        "relevance": "pertinence",
        "reopening_motive": "motif de reprise",
        "replaced_at": "remplacé le",
        "requested_at": "demandé le",
        "requested_rome": "métier demandé",
        "result": "résultat",
        "retention_id": "maintien",
        "review_outcome": "issue du point d'étape",
        "reviewed_at": "point d'étape le",
        "right_case": "second dossier",
        "risk": "risque",
        "role": "rôle",
        "rome": "métier",
        "rome_match": "proximité du métier demandé",
        "rule": "règle",
        "service": "prestation",
        "set_at": "fixé le",
        "siret": "SIRET",
        "site": "site",
        "skipped_because": "retenu parce que",
        "started_at": "engagée le",
        "starts_at": "heure",
        "starts_on": "à partir du",
        "state": "constat",
        "stated_at": "énoncé le",
        "status": "état",
        "step": "étape",
        "target": "cible",
        "theme": "thème",
        "themes": "thèmes",
        "title": "titre",
        "to_network": "vers",
        "topic": "sujet",
        "transition_due_on": "transition attendue le",
        "transition_started_at": "transition engagée le",
        "unit": "unité",
        "until_date": "jusqu'au",
        "updated_at": "mis à jour le",
        "valid_to": "jusqu'au",
        "value": "valeur",
        "version": "version",
        "versions": "nombre de versions",
        "voided_by": "annulé par",
        "wave": "vague",
    }
)
"""The columns, in the singular of the line that shows them."""

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
        ("direction", "to_cap_emploi"): "de France Travail vers Cap emploi",
        ("direction", "to_france_travail"): "de Cap emploi vers France Travail",
        ("kind", "alert"): "attente",
        ("kind", "anomaly"): "anomalie",
        ("step", "identified"): "identification",
        ("step", "refined"): "affinement",
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

"""The fields of events in French: their names, and their values in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from hub.domain import codes
from hub.domain.events.base import CodeList
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.ids import NETWORKS
from hub.projections import labels, nomenclature, remarks, wording
from hub.web import words
from hub.web.naming.names import UNNAMED, Names
from hub.web.pathway import phrases
from hub.web.pathway.acts import Line

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "action_id": "identifiant de l’action",
        "actions": "actions",
        "adaptation": "aménagement",
        "adapted_on": "réalisé le",
        "adviser": "conseiller",
        "appointment_id": "identifiant du rendez-vous",
        "availability": "disponibilité",
        "birth_date": "date de naissance",
        "birth_name": "nom de naissance",
        "birth_place": "lieu de naissance",
        "candidacy_id": "identifiant de la mise en relation",
        "cap_emploi_adviser": "conseiller Cap emploi",
        "case": "dossier",
        "category": "catégorie",
        "cep_id": "identifiant du conseil en évolution professionnelle",
        "closes_need": "couvre le besoin",
        "comment": "commentaire",
        "commune": "commune de résidence",
        "constraints": "contraintes",
        "contract": "contrat",
        "contribution": "contribution",
        "crossed_diagnosis_id": "identifiant du diagnostic croisé",
        "delegation_id": "identifiant de la délégation",
        "description": "description",
        "due_on": "échéance",
        "email": "adresse électronique",
        "ended_on": "dernier jour",
        "ends_on": "jusqu’au",
        "evidence": "preuve",
        "fact": "donnée",
        "family_name": "nom d’usage",
        "france_travail_adviser": "conseiller France Travail",
        "from_date": "à partir du",
        "funder": "financeur",
        "given_name": "prénom",
        "ground": "motif d’orientation",
        "kept_network": "réseau retenu",
        "key_moment": "moment clé",
        "lead_network": "réseau pilote",
        "left": "premier dossier",
        "level": "niveau",
        "measure": "mesure",
        "modality": "modalité",
        "mode": "mode",
        "motive": "motif",
        "need_id": "identifiant du besoin",
        "needs": "besoins",
        "origin": "origine",
        "other_case": "dossier de l’autre réseau",
        "outcome": "issue",
        "owner": "porteur",
        "partner": "partenaire",
        "phase": "phase",
        "phone": "téléphone",
        "place": "lieu",
        "placement_id": "identifiant du placement",
        "plan_version": "version du plan",
        "planned_end": "fin prévue",
        "project": "projet",
        "project_rome": "métier visé",
        "public": "public",
        "reason": "raison",
        "relevance": "pertinence",
        "request_id": "identifiant de la demande d’appui",
        "requested_rome": "métier demandé",
        "result": "résultat",
        "retention_id": "identifiant du maintien",
        "right": "second dossier",
        "risk": "risque",
        "role": "rôle",
        "rome": "métier",
        "service": "prestation",
        "service_id": "identifiant de la prestation",
        "siret": "SIRET",
        "starts_at": "heure",
        "starts_on": "à partir du",
        "state": "constat",
        "status": "état",
        "summary": "synthèse",
        "theme": "thème",
        "themes": "thèmes",
        "title": "titre",
        "topic": "sujet",
        "trigger": "motif de reprise",
        "valid_from": "valable du",
        "valid_to": "valable jusqu’au",
        "voided_event_id": "événement annulé",
    }
)
"""The fields of the events about people."""
_OPENED = frozenset({"traits", "contact"})
"""Records whose fields stand beside the event's own."""
_RECORDS = frozenset({"other_case", "left", "right", "case"})


def lines_of(content: Mapping[str, Any], names: Names = UNNAMED) -> list[Line]:
    """Say the fields of an event, given as its JSON form, in words."""
    beside = {"network": content["meta"]["network"]}
    named = {name: names.held(name, value, beside) or value for name, value in content.items()}
    return list(_lines(named, EVENT_TYPES.get(content["type"])))


def _lines(record: Mapping[str, Any], model: type[BaseModel] | None) -> Iterator[Line]:
    for name, value in record.items():
        if name in {"type", "meta", "voided_event_id"}:
            continue
        if name in _OPENED:
            yield from _lines(value, None)
        elif name == "actions":
            yield from _actions(value, model)
        else:
            yield Line(WORDS.get(name, "autre champ"), said(name, value, _code_list(model, name)))


def _actions(actions: list[dict[str, Any]], model: type[BaseModel] | None) -> Iterator[Line]:
    (action,) = get_args(model.model_fields["actions"].annotation) if model is not None else (None,)
    for number, each in enumerate(actions, start=1):
        parts = [
            f"{line.term}{words.NBSP}: {line.value}" for line in _lines(each, action) if line.term != WORDS["action_id"]
        ]
        yield Line(f"action {number}", " ; ".join(parts))


def said(name: str, value: Any, code_list: str | None) -> str:
    """Say the value of a field; times and days are given as their JSON form."""
    if isinstance(value, list):
        return ", ".join(said(name, each, code_list) for each in value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name in _RECORDS and isinstance(value, dict):
        return phrases.case(f"{value['network']}/{value.get('scope', '')}/{value['local_id']}")
    if not isinstance(value, str):
        return str(value)
    if code_list is not None:
        return words.typed(codes.label(code_list, value))
    if value in NETWORKS:
        return labels.network(value)
    if name == "fact":
        return phrases.fact(value)
    return _text(name, value)


def _text(name: str, value: str) -> str:
    if name in remarks.CODED:
        return phrases.claimed(name, value)
    if name in wording.OCCUPATIONS:
        return words.typed(nomenclature.occupation_and_code(value))
    if name == "siret":
        return words.siret(value)
    try:
        if name == "starts_at":
            return words.moment(datetime.fromisoformat(value))
        if name.endswith(("_on", "_date", "_from", "_to", "_end")):
            day = date.fromisoformat(value)
            return words.day(day) if day.year < words.FOREVER else "sans fin"
    except ValueError:
        pass
    return value


def _code_list(model: type[BaseModel] | None, name: str) -> str | None:
    """Give the code list that a field takes its values from: marked on the field, or on the items of its list."""
    field = model.model_fields.get(name) if model is not None else None
    if field is None:
        return None
    marks = list(field.metadata)
    if get_origin(field.annotation) is list:
        (item,) = get_args(field.annotation)
        marks += get_args(item)[1:]
    return next((mark.name for mark in marks if isinstance(mark, CodeList)), None)

"""Versioned code lists: the values that text fields of the contract take, with their French labels.

A list grows without a new schema version. A value outside its list is not refused, since the fact happened upstream:
the pathway shows it as the anomaly `unknown_code`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

VERSION = "2026.1"

LISTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "public": {"job_seeker": "demandeur d'emploi", "employee": "salarié"},
        "category": {
            "1": "catégorie 1",
            "2": "catégorie 2",
            "3": "catégorie 3",
            "4": "catégorie 4",
            "5": "catégorie 5",
        },
        "availability": {
            "immediate": "disponible",
            "part_time": "temps partiel",
            "unavailable": "indisponible",
            "training": "en formation",
        },
        "closing_motive": {
            "employment": "reprise d'emploi",
            "cancelled_by_person": "à la demande de la personne",
            "not_renewed": "absence d'actualisation",
            "moved": "déménagement",
            "retirement": "retraite",
            "removed": "radiation",
            "health": "état de santé",
            "other": "autre motif",
        },
        "title": {
            "rqth": "RQTH",
            "aah": "AAH",
            "pension_invalidite": "pension d'invalidité",
            "at_mp": "rente AT-MP",
            "carte_mobilite_inclusion": "carte mobilité inclusion",
            "oeth_other": "autre titre BOE",
        },
        "theme": {
            "health": "santé",
            "mobility": "mobilité",
            "housing": "logement",
            "digital": "numérique",
            "language": "savoirs de base",
            "project": "projet professionnel",
            "training": "formation",
            "job_search": "recherche d'emploi",
            "rights": "accès aux droits",
            "compensation": "compensation du handicap",
        },
        "modality": {
            "follow": "suivi",
            "guided": "guidé",
            "reinforced": "renforcé",
            "global": "global",
            "cap_emploi": "suivi spécialisé Cap emploi",
            "joint": "accompagnement conjoint",
        },
        "need_phase": {
            "diagnosis": "diagnostic",
            "project": "projet",
            "transition": "évolution et transition",
            "access": "accès à l'emploi",
            "workstation": "poste de travail",
            "retention": "maintien",
        },
        "measure": {
            "workstation": "aménagement du poste",
            "equipment": "matériel",
            "transport": "transport",
            "human_help": "aide humaine",
            "interpreting": "interprétariat",
            "tutoring": "tutorat",
            "working_time": "aménagement du temps",
        },
        "funder": {"agefiph": "Agefiph", "fiphfp": "FIPHFP", "employer": "employeur", "other": "autre"},
        "referent_role": {"referent": "référent de parcours", "co_referent": "co-référent"},
        "ground": {
            "compensation": "compensation du handicap",
            "health_assessment": "évaluation de la situation de santé",
            "workstation": "aménagement du poste",
            "retention": "maintien dans l'emploi",
            "project": "projet professionnel lié au handicap",
        },
        "delegation_motive": {
            "fits": "adapté à la situation",
            "capacity": "capacité insuffisante",
            "not_concerned": "ne relève pas de l'expertise",
            "person_declined": "refus de la personne",
            "goal_reached": "objectif atteint",
            "returned": "retour au réseau d'origine",
            "moved": "déménagement",
            "error": "erreur de saisie",
        },
        "review_outcome": {"continue": "poursuite", "adjust": "ajustement", "end": "fin proposée"},
        "expertise_topic": {
            "compensation": "compensation",
            "job_search": "recherche d'emploi",
            "project": "projet professionnel",
            "training": "formation",
            "workstation": "poste de travail",
            "retention": "maintien dans l'emploi",
            "rights": "titre et droits",
        },
        "key_moment": {
            "diagnosis": "diagnostic",
            "project": "élaboration du projet",
            "training": "entrée en formation",
            "recruitment": "recrutement",
            "integration": "intégration dans l'emploi",
            "retention": "maintien",
        },
        "service": {
            "psop": "prestation spécifique d'orientation professionnelle",
            "pas": "prestation d'appui spécifique",
            "prestation_projet": "Activ'Projet",
            "job_search_workshop": "atelier de recherche d'emploi",
            "training": "formation",
            "immersion": "immersion professionnelle",
            "skills_assessment": "bilan de compétences",
            "emploi_accompagne": "emploi accompagné",
        },
        "appointment_status": {"held": "honoré", "missed": "non honoré", "planned": "prévu", "cancelled": "annulé"},
        "appointment_mode": {
            "on_site": "sur place",
            "phone": "téléphone",
            "video": "visioconférence",
            "email": "courriel",
        },
        "place": {
            "agency": "agence France Travail",
            "cap_emploi": "Cap emploi",
            "employer": "entreprise",
            "remote": "à distance",
            "other": "autre lieu",
        },
        "candidacy_result": {
            "hired": "embauche",
            "interview": "entretien",
            "rejected": "refus",
            "withdrawn": "désistement",
            "no_answer": "sans réponse",
        },
        "relevance": {"high": "forte", "medium": "moyenne", "low": "faible"},
        "contract": {
            "cdi": "CDI",
            "cdd": "CDD",
            "interim": "intérim",
            "apprenticeship": "apprentissage",
            "cui": "contrat aidé",
            "public": "fonction publique",
        },
        "follow_up_state": {
            "good": "tout va bien",
            "watch": "à surveiller",
            "difficult": "difficultés",
            "ended": "contrat rompu",
        },
        "retention_origin": {
            "employer": "employeur",
            "occupational_doctor": "médecin du travail",
            "person": "personne",
            "partner": "partenaire",
        },
        "retention_outcome": {
            "same_post": "maintien au même poste",
            "other_post": "maintien à un autre poste",
            "not_retained": "non maintenu",
        },
        "adaptation": {
            "equipment": "matériel",
            "organisation": "organisation du travail",
            "premises": "locaux",
            "software": "logiciel",
            "training": "formation",
        },
        "cep_level": {"1": "niveau 1", "2": "niveau 2", "3": "niveau 3"},
        "risk": {"none": "aucun risque", "low": "risque faible", "high": "risque élevé", "unknown": "non évalué"},
        "pathway_motive": {
            "lasting_employment": "emploi durable",
            "retained": "maintien réussi",
            "person_left": "départ de la personne",
            "retirement": "retraite",
            "moved": "déménagement",
            "other": "autre motif",
        },
        "reopening_trigger": {
            "person": "demande de la personne",
            "employer": "demande de l'employeur",
            "job_lost": "perte d'emploi",
            "health_change": "évolution de la santé",
        },
        "employer_topic": {
            "recruitment": "recrutement",
            "retention": "maintien",
            "accessibility": "accessibilité",
            "policy": "politique handicap",
        },
        "employer_action": {
            "job_dating": "job dating",
            "visit": "visite d'entreprise",
            "awareness": "sensibilisation",
            "duoday": "DuoDay",
            "forum": "forum emploi",
        },
        "site_mode": {"separate": "réseaux séparés", "pilot": "site pilote", "integrated": "généralisé"},
        "wave": {
            "pilots_2018": "13 sites pilotes 2018",
            "experiment_2018": "expérimentation 2018",
            "pilots_2020": "19 sites pilotes de janvier 2020",
            "rhone_2021": "Rhône, janvier 2021",
            "aura_2021": "Auvergne-Rhône-Alpes, avril 2021",
        },
        "date_kind": {"planned": "prévu", "actual": "réel"},
        "indicator": {
            "job_seekers": "demandeurs d'emploi",
            "beneficiaries": "demandeurs d'emploi BOE",
            "long_term": "BOE de longue durée",
            "employers_under_obligation": "employeurs assujettis",
            "unemployment_rate": "taux de chômage des personnes handicapées",
            "placements": "placements",
        },
        "unit": {
            "people": "personnes",
            "establishments": "établissements",
            "per_mille": "pour mille",
            "count": "nombre",
        },
        "void_reason": {
            "wrong_person": "mauvais dossier",
            "entry_error": "erreur de saisie",
            "did_not_happen": "n'a pas eu lieu",
        },
        "erasure_reason": {"request": "demande de la personne", "retention_over": "fin de la durée de conservation"},
        "link_evidence": {
            "identity_document": "pièce d'identité",
            "confirmed_by_person": "confirmé par la personne",
            "adviser_review": "examen par les conseillers",
        },
        "unlink_reason": {
            "different_people": "deux personnes distinctes",
            "entry_error": "erreur de saisie",
            "doubt": "doute sérieux",
        },
        "lead_reason": {
            "compensation_central": "compensation au centre du besoin",
            "job_search_central": "recherche d'emploi au centre du besoin",
            "person_choice": "choix de la personne",
            "autonomy": "autonomie de la personne",
        },
    }
)


def knows(code_list: str, value: str) -> bool:
    """Tell whether a value is in the current version of a list."""
    return value in LISTS[code_list]


def label(code_list: str, value: str) -> str:
    """Give the French label of a value, or the value itself when the list does not hold it yet."""
    return LISTS[code_list].get(value, value)

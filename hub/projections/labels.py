"""French words for what the read model holds: event types, phases, statuses, rules, facts and networks.

The words of code lists are in `hub.domain.codes`. A code without a word here shows as it is: a text never fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NETWORKS: Mapping[str, str] = MappingProxyType(
    {"france_travail": "France Travail", "cap_emploi": "Cap emploi", "hub": "Parcours Hub"}
)

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "CaseRegistered": "Inscription ou prise en charge",
        "CaseUpdated": "Actualisation",
        "CaseClosed": "Fin d'inscription ou de prise en charge",
        "CaseReopened": "Réinscription ou reprise de la prise en charge",
        "RecordsLinked": "Rapprochement de deux dossiers",
        "RecordsUnlinked": "Dissociation de deux dossiers",
        "MatchRejected": "Non-doublon confirmé",
        "DisabilityTitleRecorded": "Titre BOE enregistré",
        "DiagnosisCompleted": "Diagnostic réalisé",
        "CrossedDiagnosisOpened": "Diagnostic croisé ouvert",
        "CrossedDiagnosisContributed": "Contribution au diagnostic croisé",
        "CrossedDiagnosisConcluded": "Diagnostic croisé conclu",
        "CompensationNeedIdentified": "Besoin de compensation identifié",
        "CompensationNeedRefined": "Besoin de compensation affiné",
        "CompensationMeasureImplemented": "Mesure de compensation mise en place",
        "ReferentAssigned": "Référent désigné",
        "DelegationProposed": "Délégation proposée",
        "DelegationAccepted": "Délégation acceptée",
        "DelegationDeclined": "Délégation refusée",
        "DelegationReviewed": "Point d'étape de la délégation",
        "DelegationEnded": "Délégation terminée",
        "DelegationCancelled": "Délégation annulée",
        "ExpertiseRequested": "Appui demandé",
        "ExpertiseDelivered": "Appui rendu",
        "ExpertiseDeclined": "Appui refusé",
        "ActionPlanAgreed": "Plan d'action convenu",
        "ServicePrescribed": "Prestation prescrite",
        "ServiceCompleted": "Prestation terminée",
        "ServiceAbandoned": "Prestation abandonnée",
        "AppointmentRecorded": "Rendez-vous",
        "CandidacyProposed": "Mise en relation",
        "CandidacyAnswered": "Réponse à la mise en relation",
        "Placed": "Placement",
        "FollowUpStarted": "Suivi durable engagé",
        "FollowUpRecorded": "Point de suivi réalisé",
        "RetentionOpened": "Signalement pour maintien dans l'emploi",
        "WorkplaceAdapted": "Aménagement de poste réalisé",
        "RetentionConcluded": "Issue du maintien dans l'emploi",
        "TransitionStarted": "Transition professionnelle engagée",
        "CepOpened": "Conseil en évolution professionnelle ouvert",
        "CepConcluded": "Conseil en évolution professionnelle conclu",
        "PathwayClosed": "Sortie du parcours",
        "PathwayReopened": "Reprise du parcours",
        "EmployerContactAssigned": "Interlocuteur unique désigné",
        "EmployerActionHeld": "Action envers un employeur",
        "SiteModeChanged": "Mode du site",
        "TerritorialDiagnosisPublished": "Diagnostic territorial partagé publié",
        "RoadmapTargetSet": "Objectif de la feuille de route fixé",
        "ContradictionSettled": "Contradiction arbitrée",
        "EventVoided": "Événement annulé",
        "PersonErased": "Données de la personne effacées",
    }
)

PHASES: Mapping[str, str] = MappingProxyType(
    {
        "intake": "accueil",
        "diagnosis": "diagnostic",
        "accompaniment": "accompagnement",
        "job_search": "recherche d'emploi",
        "employment": "en emploi",
        "follow_up": "suivi durable",
        "retention": "maintien dans l'emploi",
        "transition": "transition professionnelle",
        "closed": "sortie du parcours",
    }
)

STATUSES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "leg": {"open": "ouvert", "closed": "clos"},
        "delegation": {
            "proposed": "proposée",
            "active": "en cours",
            "declined": "refusée",
            "ended": "terminée",
            "cancelled": "annulée",
        },
        "expertise": {"requested": "demandé", "delivered": "rendu", "declined": "refusé"},
        "crossed_diagnosis": {"opened": "ouvert", "contributed": "contribution reçue", "concluded": "conclu"},
        "need": {
            "identified": "identifié",
            "refined": "affiné",
            "advanced": "mesure en place, besoin ouvert",
            "closed": "couvert",
        },
        "service": {"prescribed": "prescrite", "completed": "terminée", "abandoned": "abandonnée"},
        "candidacy": {"proposed": "proposée", "answered": "réponse reçue"},
        "follow_up": {"awaited": "à faire", "held": "réalisé", "lapsed": "sans objet"},
        "territorial_diagnosis": {"stated": "publié par un seul réseau", "holds": "partagé", "differs": "divergent"},
        "roadmap_target": {"stated": "fixé par un seul réseau", "holds": "partagé", "differs": "divergent"},
        "link": {"linked": "rapprochés", "suggested": "à examiner", "separated": "dissociés"},
    }
)
"""The words of a status by the read model that has it."""

RULES: Mapping[str, str] = MappingProxyType(
    {
        "act_after_closing": "Acte après la sortie du parcours",
        "adaptation_for_nothing_named": "Aménagement de poste sans maintien ni placement indiqué",
        "adaptation_without_retention": "Aménagement de poste pour un maintien inconnu",
        "appointment_over_before_its_start": "Rendez-vous déclaré honoré ou manqué avant son heure",
        "candidacy_answered_without_proposal": "Réponse à une mise en relation inconnue",
        "case_closed_twice": "Dossier clos alors qu'il l'était déjà",
        "case_registered_twice": "Dossier inscrit plusieurs fois",
        "case_reopened_while_open": "Dossier rouvert alors qu'il était ouvert",
        "case_without_registration": "Dossier sans inscription",
        "cep_concluded_without_opening": "CEP conclu sans ouverture",
        "cep_of_employee_before_2018": "CEP d'un salarié avant le 1er janvier 2018",
        "cep_without_risk_assessment": "CEP conclu sans évaluation du risque de perte d'emploi",
        "clock_in_future": "Fait daté après son enregistrement",
        "concluded_without_both_contributions": "Diagnostic croisé conclu sans la contribution des deux réseaux",
        "conclusions_differ": "Conclusions du diagnostic croisé différentes selon le réseau",
        "crossed_diagnosis_without_opening": "Diagnostic croisé sans ouverture",
        "delegation_accepted_and_declined": "Délégation à la fois acceptée et refusée",
        "delegation_awaits_answer": "Délégation proposée en attente de réponse",
        "delegation_cancelled_after_answer": "Délégation annulée après sa réponse",
        "delegation_ended_without_acceptance": "Délégation terminée sans avoir été acceptée",
        "delegation_past_end": "Fin prévue de la délégation : à terminer ou à prolonger",
        "delegation_reviewed_without_acceptance": "Point d'étape d'une délégation non acceptée",
        "delegation_without_ground": "Délégation sans motif d'orientation",
        "delegation_without_proposal": "Délégation sans proposition",
        "employer_action_differs": "Action envers un employeur décrite différemment par les réseaux",
        "expertise_answered_by_requester": "Appui rendu par le réseau qui l'a demandé",
        "expertise_awaits_answer": "Demande d'appui en attente de réponse",
        "expertise_delivered_and_declined": "Appui à la fois rendu et refusé",
        "expertise_without_ground": "Demande d'appui sans motif",
        "expertise_without_request": "Appui sans demande",
        "follow_up_due": "Point de suivi durable attendu",
        "follow_up_not_due": "Point de suivi à une date qui n'était pas prévue",
        "follow_up_without_placement": "Suivi durable sans placement connu",
        "measure_without_identification": "Mesure pour un besoin jamais identifié",
        "need_identified_twice": "Besoin identifié deux fois",
        "need_refined_after_closing": "Besoin affiné après avoir été couvert",
        "need_refined_without_identification": "Besoin affiné sans avoir été identifié",
        "partner_awaits_answer": "Demande d'un partenaire en attente de réponse",
        "pathway_reopened_while_open": "Parcours repris alors qu'il était ouvert",
        "placement_ends": "Fin du contrat : suite à prévoir",
        "placement_reported_twice": "Placement déclaré deux fois par le même réseau",
        "placement_reports_differ": "Placement décrit différemment par les deux réseaux",
        "plan_version_goes_back": "Version du plan d'action antérieure à la précédente",
        "plan_version_with_other_content": "Même version du plan d'action, contenu différent",
        "repeated_diagnosis": "Diagnostic refait par l'autre réseau",
        "retention_concluded_without_opening": "Issue d'un maintien sans signalement",
        "roadmap_target_differs": "Objectif de la feuille de route différent selon le réseau",
        "second_open_delegation": "Deuxième délégation ouverte en même temps",
        "sequence_gap": "Numéro manquant dans la suite des événements du réseau",
        "sequence_reused": "Numéro d'ordre utilisé deux fois par le réseau",
        "service_completed_and_abandoned": "Prestation à la fois terminée et abandonnée",
        "service_without_prescription": "Prestation sans prescription",
        "settlement_without_claim": "Arbitrage en faveur d'une donnée que le réseau n'a pas déclarée",
        "territorial_diagnosis_differs": "Diagnostic territorial différent selon le réseau",
        "title_ends_before_start": "Titre dont la fin précède le début",
        "title_expires": "Titre BOE à renouveler",
        "transition_expected": "Transition attendue après un maintien sans succès",
        "transition_without_retention": "Transition après un maintien inconnu",
        "two_contacts_same_day": "Deux interlocuteurs désignés le même jour",
        "two_referents_same_day": "Deux référents désignés le même jour",
        "two_site_modes_same_day": "Deux modes du site le même jour",
        "unknown_code": "Code absent des listes connues",
        "void_of_a_decision": "Annulation d'une décision, qui ne s'annule pas",
        "void_of_a_void": "Annulation d'une annulation",
        "void_of_another_case": "Annulation d'un événement d'un autre dossier",
        "void_without_event": "Annulation d'un événement inconnu",
    }
)
"""The rules of anomalies and alerts."""

FACTS: Mapping[str, str] = MappingProxyType(
    {
        "family_name": "nom d'usage",
        "birth_name": "nom de naissance",
        "given_name": "prénom",
        "birth_date": "date de naissance",
        "birth_place": "lieu de naissance",
        "email": "adresse électronique",
        "phone": "téléphone",
        "commune": "commune de résidence",
        "availability": "disponibilité",
    }
)
"""The facts about a person that both networks may claim."""

LINK_RULES: Mapping[str, str] = MappingProxyType(
    {
        "decision": "décision d'une personne",
        "reference": "identifiant de l'autre réseau",
        "traits": "traits d'identité concordants",
        "linked": "rapprochement décidé",
        "unlinked": "dissociation décidée",
        "rejected": "non-doublon confirmé",
    }
)
"""Why two case records are linked, or kept apart."""


def network(code: str) -> str:
    """Give a network's name."""
    return NETWORKS.get(code, code)


def event_type(name: str) -> str:
    """Give the words for an event type, by its name in the catalogue."""
    return EVENTS.get(name, name)


def phase(code: str) -> str:
    """Give the words for the phase of a pathway."""
    return PHASES.get(code, code)


def status(model: str, code: str) -> str:
    """Give the words for a status, by the name of the read model that has it."""
    return STATUSES.get(model, {}).get(code, code)


def rule(code: str) -> str:
    """Give the words for the rule of an anomaly or alert."""
    return RULES.get(code, code)


def fact(code: str) -> str:
    """Give the words for a fact that networks claim."""
    return FACTS.get(code, code)


def link_rule(code: str) -> str:
    """Give the words for why two case records are linked, or kept apart."""
    return LINK_RULES.get(code, code)

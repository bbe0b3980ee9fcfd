"""What events are about, for a reader who looks for one kind of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

THEMES: Mapping[str, str] = MappingProxyType(
    {
        "diagnostic": "Diagnostic",
        "referent": "Référent",
        "delegation": "Délégation",
        "appui": "Appui",
        "besoin": "Besoins et compensation",
        "plan": "Plan et prestations",
        "rendez-vous": "Rendez-vous",
        "emploi": "Recherche et emploi",
        "suivi": "Suivi durable",
        "maintien": "Maintien et transition",
        "dossier": "Dossier administratif",
    }
)
"""The themes, as the address names them, in the order in which they are offered."""

_OF: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "DiagnosisCompleted",
                "CrossedDiagnosisOpened",
                "CrossedDiagnosisContributed",
                "CrossedDiagnosisConcluded",
            ),
            "diagnostic",
        ),
        "ReferentAssigned": "referent",
        **dict.fromkeys(
            (
                "DelegationProposed",
                "DelegationAccepted",
                "DelegationDeclined",
                "DelegationReviewed",
                "DelegationEnded",
                "DelegationCancelled",
            ),
            "delegation",
        ),
        **dict.fromkeys(("ExpertiseRequested", "ExpertiseDelivered", "ExpertiseDeclined"), "appui"),
        **dict.fromkeys(
            (
                "CompensationNeedIdentified",
                "CompensationNeedRefined",
                "CompensationMeasureImplemented",
                "WorkplaceAdapted",
            ),
            "besoin",
        ),
        **dict.fromkeys(("ActionPlanAgreed", "ServicePrescribed", "ServiceCompleted", "ServiceAbandoned"), "plan"),
        "AppointmentRecorded": "rendez-vous",
        **dict.fromkeys(("CandidacyProposed", "CandidacyAnswered", "Placed"), "emploi"),
        **dict.fromkeys(("FollowUpStarted", "FollowUpRecorded"), "suivi"),
        **dict.fromkeys(
            ("RetentionOpened", "RetentionConcluded", "TransitionStarted", "CepOpened", "CepConcluded"), "maintien"
        ),
    }
)


def theme_of(event_type: str) -> str:
    """Give the theme of an event; what is about nothing else is about the case record."""
    return _OF.get(event_type, "dossier")

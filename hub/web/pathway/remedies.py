"""What makes each anomaly go away, and who can do it: an anomaly is computed, so the missing fact is all it takes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

Who = Literal["emitter", "other", "france_travail", "cap_emploi", "either", "kept", "decide", "hub"]
"""Who acts: the network of the event, the other one, a network, one of both, the one whose claim was kept; whoever
decides in the hub; those who run it."""


class Remedy(NamedTuple):
    """What makes it go away, as the end of "Disparaît quand ...", and who can do that."""

    when: str
    who: Who


_VOID: Final = "le réseau annule l’événement de trop"


def _remedies(who: Who, **whens: str) -> dict[str, Remedy]:
    return {rule: Remedy(when, who) for rule, when in whens.items()}


REMEDIES: Mapping[str, Remedy] = MappingProxyType(
    {
        **_remedies(
            "emitter",
            act_after_closing="la reprise du parcours est enregistrée avant cet acte, ou que l’acte est annulé",
            adaptation_for_nothing_named="l’aménagement est envoyé de nouveau avec son maintien ou son placement",
            adaptation_without_retention="le signalement de ce maintien arrive",
            appointment_over_before_its_start="l’état du rendez-vous est corrigé",
            candidacy_answered_without_proposal="la mise en relation arrive",
            case_closed_twice=f"la réouverture intermédiaire arrive, ou que {_VOID}",
            case_registered_twice=_VOID,
            case_reopened_while_open=f"la clôture intermédiaire arrive, ou que {_VOID}",
            case_without_registration="l’inscription de ce dossier arrive",
            cep_concluded_without_opening="l’ouverture du conseil en évolution professionnelle arrive",
            cep_of_employee_before_2018="la date ou le public du conseil en évolution professionnelle est corrigé",
            cep_without_risk_assessment="la conclusion est envoyée avec l’évaluation du risque",
            clock_in_future="l’événement est annulé, puis envoyé avec sa vraie date",
            expertise_answered_by_requester="l’autre réseau rend l’appui, ou que cette réponse est annulée",
            expertise_without_ground="la demande d’appui est envoyée avec son motif",
            expertise_delivered_and_declined="l’une des deux réponses est annulée",
            follow_up_not_due="cette échéance est ajoutée au suivi, ou que le point est corrigé",
            follow_up_without_placement="le placement est déclaré",
            need_identified_twice=_VOID,
            need_refined_after_closing="la mesure qui couvrait le besoin, ou cette version, est annulée",
            need_refined_without_identification="l’identification du besoin arrive",
            pathway_reopened_while_open=f"la sortie du parcours arrive, ou que {_VOID}",
            placement_reported_twice=_VOID,
            plan_version_goes_back="le plan est envoyé avec un numéro de version plus grand",
            plan_version_with_other_content="le plan modifié est envoyé sous un nouveau numéro de version",
            retention_concluded_without_opening="le signalement du maintien arrive",
            sequence_gap="les événements qui manquent dans la suite arrivent",
            sequence_reused="l’un des deux événements est annulé, puis envoyé sous un autre numéro",
            service_completed_and_abandoned="l’une des deux issues de la prestation est annulée",
            service_without_prescription="la prescription arrive",
            title_ends_before_start="les dates du titre sont corrigées",
            transition_without_retention="le signalement de ce maintien arrive",
            two_referents_same_day="l’une des deux désignations est annulée",
            void_of_a_void="l’événement est envoyé de nouveau : une annulation ne s’annule pas",
            void_of_another_case="l’annulation est envoyée pour le dossier qui porte l’événement",
            void_without_event="l’événement annulé arrive",
        ),
        **_remedies(
            "france_travail",
            delegation_cancelled_after_answer="l’annulation ou la réponse est annulée",
            delegation_without_ground="la proposition est envoyée avec son motif d’orientation",
            delegation_without_proposal="la proposition de délégation arrive",
            second_open_delegation="l’une des deux délégations est terminée, refusée ou annulée",
        ),
        **_remedies(
            "cap_emploi",
            delegation_accepted_and_declined="l’une des deux réponses est annulée",
            delegation_ended_without_acceptance="l’acceptation de la délégation arrive",
            delegation_reviewed_without_acceptance="l’acceptation de la délégation arrive",
            measure_without_identification="l’identification du besoin arrive",
        ),
        **_remedies(
            "either",
            concluded_without_both_contributions="la contribution du réseau qui manque arrive",
            conclusions_differ="les deux réseaux envoient la même conclusion",
            crossed_diagnosis_without_opening="l’ouverture du diagnostic croisé arrive",
            placement_reports_differ="l’un des deux réseaux corrige sa déclaration",
            repeated_diagnosis="le diagnostic refait est annulé ; convenez plutôt d’un diagnostic croisé",
        ),
        **_remedies("other", expertise_without_request="la demande d’appui arrive"),
        **_remedies(
            "kept", settlement_without_claim="le réseau retenu déclare cette donnée à une date d’avant l’arbitrage"
        ),
        **_remedies("decide", void_of_a_decision="la décision contraire est prise : une décision ne s’annule pas"),
        **_remedies(
            "hub",
            unknown_code="le code est ajouté aux listes du hub, ou que le réseau envoie un code connu",
        ),
    }
)
"""By rule."""
UNKNOWN: Final = Remedy("le fait qui manque arrive", "emitter")

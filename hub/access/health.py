"""What is health data: of each column of the read models, and of each field of the events about people.

A new column or field counts as health until it is listed here as plain. Health is more than what the contract marks:
a disability title, a need, a measure, and every code that tells of one (the theme of an action, the ground of a
delegation, who raised a retention, the service for one kind of disability), and every free text, since advisers write
about health in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Split(NamedTuple):
    """The names that may be shown to whoever does not need health data, and those that may not."""

    plain: frozenset[str]
    health: frozenset[str]


def _split(plain: str, health: str = "") -> Split:
    return Split(frozenset(plain.split()), frozenset(health.split()))


HIDDEN = frozenset({"title", "need", "need_version", "need_measure", "adaptation"})
"""The read models that hold nothing else: none of their rows is shown, nor an alert about one of them."""

COLUMNS: Mapping[str, Split] = MappingProxyType(
    {
        "pathway": _split(
            "person_id phase opened_at last_event_at referent_network referent_adviser referent_site family_name "
            "given_name birth_date erased event_count"
        ),
        "leg": _split(
            "case_record network status site public category other_case registered_at opened_at closed_at updated_at "
            "periods",
            "reopening_motive closing_motive",
        ),
        "claim": _split("fact case_record network value accepted_by"),
        "contradiction": _split(
            "fact france_travail_case france_travail_value cap_emploi_case cap_emploi_value",
        ),
        "referent": _split("assignment_id role network adviser site from_date until_date"),
        "delegation": _split(
            "delegation_id status site proposed_at accepted_at declined_at answer_motive planned_end reviewed_at "
            "review_outcome ended_at cancelled_at end_motive",
            "ground",
        ),
        "expertise": _split(
            "request_id status from_network direction site key_moment requested_at answer_due_on delivered_at "
            "declined_at decline_motive answered_by",
            "topic ground partner",
        ),
        "re_referral": _split(
            "registration_id case_record to_network from_case_record from_network site registered_at"
        ),
        "diagnosis": _split("diagnosis_id network version completed_at adviser site", "themes"),
        "crossed_diagnosis": _split(
            "crossed_diagnosis_id status site opened_at opened_by france_travail_adviser cap_emploi_adviser "
            "france_travail_contributed_at cap_emploi_contributed_at concluded_at modality lead_network",
            "reason",
        ),
        "plan": _split("agreement_id plan_version agreed_at network adviser site actions joint replaced_at"),
        "plan_action": _split("position plan_version action_id owner due_on", "theme title"),
        "service": _split(
            "service_id status prescribed_by site prescribed_at starts_on ends_on completed_at abandoned_at ended_on",
            "service abandon_motive",
        ),
        "appointment": _split("appointment_id status starts_at mode place network adviser site"),
        "candidacy": _split(
            "candidacy_id status siret network site proposed_at rome requested_rome rome_match answered_at result "
            "relevance"
        ),
        "placement": _split("siret starts_on france_travail_id cap_emploi_id placed_at site contract ends_on rome"),
        "placement_report": _split(
            "report_id placement_id network siret starts_on ends_on contract rome site placed_at"
        ),
        "follow_up": _split("placement_id due_on status siret starts_on recorded_at", "state"),
        "retention": _split(
            "retention_id siret site opened_at concluded_at outcome transition_due_on transition_started_at",
            "origin risk",
        ),
        "transition": _split("transition_id network retention_id project_rome started_at"),
        "cep": _split("cep_id public level site opened_at concluded_at project_rome", "risk"),
        "alert": _split("kind rule about raised_by due_on"),
        "accompaniment": _split("accompaniment_id number capacity network adviser site about from_date until_date"),
        "link": _split("left_case right_case rule status skipped_because"),
        "timeline": _split(
            "event_id event_type network occurred_at recorded_at site actor_id organisation place_in_order voided_by",
            "label",
        ),
    }
)
"""The columns of each read model that is not hidden, its key's among them, and of `link` and `timeline` beside them."""

_TRAITS = "traits.family_name traits.birth_name traits.given_name traits.birth_date traits.birth_place"
_CONTACT = "contact.email contact.phone contact.commune"
_OTHER = "other_case.network other_case.scope other_case.local_id"
_PAIR = "left.network left.scope left.local_id right.network right.scope right.local_id"
_CASE = "case.network case.scope case.local_id"

EVENTS: Mapping[str, Split] = MappingProxyType(
    {
        "CaseRegistered": _split(f"{_TRAITS} {_CONTACT} {_OTHER} public category"),
        "CaseUpdated": _split(f"{_TRAITS} {_CONTACT} {_OTHER} availability category"),
        "CaseClosed": _split("", "motive"),
        "CaseReopened": _split("", "motive"),
        "RecordsLinked": _split(f"{_PAIR} evidence", "comment"),
        "RecordsUnlinked": _split(f"{_PAIR} reason", "comment"),
        "MatchRejected": _split(_PAIR, "comment"),
        "DisabilityTitleRecorded": _split("", "title valid_from valid_to"),
        "DiagnosisCompleted": _split("", "themes needs constraints"),
        "CrossedDiagnosisOpened": _split("crossed_diagnosis_id france_travail_adviser cap_emploi_adviser"),
        "CrossedDiagnosisContributed": _split("crossed_diagnosis_id", "contribution"),
        "CrossedDiagnosisConcluded": _split("crossed_diagnosis_id modality lead_network", "reason"),
        "CompensationNeedIdentified": _split("need_id", "phase description rome siret"),
        "CompensationNeedRefined": _split("need_id", "phase description rome siret"),
        "CompensationMeasureImplemented": _split("need_id", "measure funder closes_need"),
        "ReferentAssigned": _split("adviser role from_date"),
        "DelegationProposed": _split("delegation_id planned_end", "ground"),
        "DelegationAccepted": _split("delegation_id motive"),
        "DelegationDeclined": _split("delegation_id motive"),
        "DelegationReviewed": _split("delegation_id outcome planned_end"),
        "DelegationEnded": _split("delegation_id motive"),
        "DelegationCancelled": _split("delegation_id motive"),
        "ExpertiseRequested": _split("request_id key_moment", "topic ground partner"),
        "ExpertiseDelivered": _split("request_id", "summary"),
        "ExpertiseDeclined": _split("request_id motive"),
        "ActionPlanAgreed": _split(
            "plan_version actions.action_id actions.owner actions.due_on", "actions.theme actions.title"
        ),
        "ServicePrescribed": _split("service_id starts_on ends_on", "service"),
        "ServiceCompleted": _split("service_id ended_on"),
        "ServiceAbandoned": _split("service_id ended_on", "motive"),
        "AppointmentRecorded": _split("appointment_id starts_at status mode place"),
        "CandidacyProposed": _split("candidacy_id siret rome requested_rome"),
        "CandidacyAnswered": _split("candidacy_id result relevance"),
        "Placed": _split("placement_id siret contract starts_on ends_on rome"),
        "FollowUpStarted": _split("placement_id due_on"),
        "FollowUpRecorded": _split("placement_id due_on", "state comment"),
        "RetentionOpened": _split("retention_id siret", "origin risk"),
        "WorkplaceAdapted": _split("retention_id placement_id", "adaptation adapted_on need_id"),
        "RetentionConcluded": _split("retention_id outcome"),
        "TransitionStarted": _split("project_rome retention_id"),
        "CepOpened": _split("cep_id level public"),
        "CepConcluded": _split("cep_id project_rome", "project risk"),
        "PathwayClosed": _split("motive"),
        "PathwayReopened": _split("", "trigger"),
        "ContradictionSettled": _split(f"{_CASE} fact kept_network", "reason"),
        "EventVoided": _split("voided_event_id reason"),
        "PersonErased": _split(f"{_CASE} reason"),
    }
)
"""The fields of each event about people beside its metadata, which is plain; a field of a record by its path."""

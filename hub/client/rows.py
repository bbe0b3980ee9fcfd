"""The rows of the read models, as typed records.

Written by tools/write_client.py from the OpenAPI document: run it again. Members that a later hub adds are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import msgspec


class Row(msgspec.Struct):
    """A row of a read model."""


class PathwayRow(Row):
    """A row of `pathway`."""

    person_id: str | None
    phase: str | None
    opened_at: datetime | None
    last_event_at: datetime | None
    referent_network: str | None
    referent_adviser: str | None
    referent_site: str | None
    family_name: str | None
    given_name: str | None
    birth_date: str | None
    erased: str | None
    event_count: int | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class LegRow(Row):
    """A row of `leg`."""

    case_record: str
    network: str | None
    status: str | None
    site: str | None
    public: str | None
    category: str | None
    other_case: str | None
    registered_at: datetime | None
    opened_at: datetime | None
    reopening_motive: str | None
    closed_at: datetime | None
    closing_motive: str | None
    updated_at: datetime | None
    periods: int | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class ClaimRow(Row):
    """A row of `claim`."""

    fact: str
    case_record: str
    network: str | None
    value: str | None
    accepted_by: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class ContradictionRow(Row):
    """A row of `contradiction`."""

    fact: str
    france_travail_case: str | None
    france_travail_value: str | None
    cap_emploi_case: str | None
    cap_emploi_value: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class TitleRow(Row):
    """A row of `title`."""

    title: str
    valid_from: date
    network: str | None
    valid_to: date | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class ReferentRow(Row):
    """A row of `referent`."""

    assignment_id: str
    role: str | None
    network: str | None
    adviser: str | None
    site: str | None
    from_date: date | None
    until_date: date | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class DelegationRow(Row):
    """A row of `delegation`."""

    delegation_id: str
    status: str | None
    site: str | None
    ground: str | None
    proposed_at: datetime | None
    accepted_at: datetime | None
    declined_at: datetime | None
    answer_motive: str | None
    planned_end: date | None
    reviewed_at: datetime | None
    review_outcome: str | None
    ended_at: datetime | None
    cancelled_at: datetime | None
    end_motive: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class ExpertiseRow(Row):
    """A row of `expertise`."""

    request_id: str
    status: str | None
    from_network: str | None
    direction: str | None
    site: str | None
    topic: str | None
    key_moment: str | None
    ground: str | None
    partner: str | None
    requested_at: datetime | None
    answer_due_on: date | None
    delivered_at: datetime | None
    declined_at: datetime | None
    decline_motive: str | None
    answered_by: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class ReReferralRow(Row):
    """A row of `re_referral`."""

    registration_id: str
    case_record: str | None
    to_network: str | None
    from_case_record: str | None
    from_network: str | None
    site: str | None
    registered_at: datetime | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class DiagnosisRow(Row):
    """A row of `diagnosis`."""

    diagnosis_id: str
    network: str | None
    version: int | None
    completed_at: datetime | None
    adviser: str | None
    site: str | None
    themes: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class CrossedDiagnosisRow(Row):
    """A row of `crossed_diagnosis`."""

    crossed_diagnosis_id: str
    status: str | None
    site: str | None
    opened_at: datetime | None
    opened_by: str | None
    france_travail_adviser: str | None
    cap_emploi_adviser: str | None
    france_travail_contributed_at: datetime | None
    cap_emploi_contributed_at: datetime | None
    concluded_at: datetime | None
    modality: str | None
    lead_network: str | None
    reason: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class NeedRow(Row):
    """A row of `need`."""

    need_id: str
    status: str | None
    phase: str | None
    versions: int | None
    identified_at: datetime | None
    identified_by: str | None
    site: str | None
    rome: str | None
    siret: str | None
    measure: str | None
    funder: str | None
    implemented_at: datetime | None
    closed_at: datetime | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class NeedVersionRow(Row):
    """A row of `need_version`."""

    need_id: str
    version: int
    step: str | None
    phase: str | None
    stated_at: datetime | None
    network: str | None
    author: str | None
    site: str | None
    rome: str | None
    siret: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class NeedMeasureRow(Row):
    """A row of `need_measure`."""

    measure_id: str
    need_id: str | None
    measure: str | None
    funder: str | None
    implemented_at: datetime | None
    network: str | None
    author: str | None
    closes_need: int | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class PlanRow(Row):
    """A row of `plan`."""

    agreement_id: str
    plan_version: int | None
    agreed_at: datetime | None
    network: str | None
    adviser: str | None
    site: str | None
    actions: int | None
    joint: int | None
    replaced_at: datetime | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class PlanActionRow(Row):
    """A row of `plan_action`."""

    position: int
    plan_version: int | None
    action_id: str | None
    theme: str | None
    title: str | None
    owner: str | None
    due_on: date | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class ServiceRow(Row):
    """A row of `service`."""

    service_id: str
    status: str | None
    service: str | None
    prescribed_by: str | None
    site: str | None
    prescribed_at: datetime | None
    starts_on: date | None
    ends_on: date | None
    completed_at: datetime | None
    abandoned_at: datetime | None
    ended_on: date | None
    abandon_motive: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class AppointmentRow(Row):
    """A row of `appointment`."""

    appointment_id: str
    status: str | None
    starts_at: datetime | None
    mode: str | None
    place: str | None
    network: str | None
    adviser: str | None
    site: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class CandidacyRow(Row):
    """A row of `candidacy`."""

    candidacy_id: str
    status: str | None
    siret: str | None
    network: str | None
    site: str | None
    proposed_at: datetime | None
    rome: str | None
    requested_rome: str | None
    rome_match: str | None
    answered_at: datetime | None
    result: str | None
    relevance: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class PlacementRow(Row):
    """A row of `placement`."""

    siret: str
    starts_on: date
    france_travail_id: str | None
    cap_emploi_id: str | None
    placed_at: datetime | None
    site: str | None
    contract: str | None
    ends_on: date | None
    rome: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class PlacementReportRow(Row):
    """A row of `placement_report`."""

    report_id: str
    placement_id: str | None
    network: str | None
    siret: str | None
    starts_on: date | None
    ends_on: date | None
    contract: str | None
    rome: str | None
    site: str | None
    placed_at: datetime | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class FollowUpRow(Row):
    """A row of `follow_up`."""

    placement_id: str
    due_on: date
    status: str | None
    siret: str | None
    starts_on: date | None
    state: str | None
    recorded_at: datetime | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class RetentionRow(Row):
    """A row of `retention`."""

    retention_id: str
    siret: str | None
    site: str | None
    origin: str | None
    risk: str | None
    opened_at: datetime | None
    concluded_at: datetime | None
    outcome: str | None
    transition_due_on: date | None
    transition_started_at: datetime | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class AdaptationRow(Row):
    """A row of `adaptation`."""

    adaptation_id: str
    retention_id: str | None
    placement_id: str | None
    need_id: str | None
    adaptation: str | None
    adapted_on: date | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class TransitionRow(Row):
    """A row of `transition`."""

    transition_id: str
    network: str | None
    retention_id: str | None
    project_rome: str | None
    started_at: datetime | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class CepRow(Row):
    """A row of `cep`."""

    cep_id: str
    public: str | None
    level: str | None
    site: str | None
    opened_at: datetime | None
    concluded_at: datetime | None
    project_rome: str | None
    risk: str | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class AlertRow(Row):
    """A row of `alert`."""

    kind: str
    rule: str
    about: str
    raised_by: str
    due_on: date | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class AccompanimentRow(Row):
    """A row of `accompaniment`."""

    accompaniment_id: str
    number: int
    capacity: str | None
    network: str | None
    adviser: str | None
    site: str | None
    about: str | None
    from_date: date | None
    until_date: date | None
    event_id: str
    """The event that made the row or last changed it."""
    events: dict[str, str]
    """The columns that another event set, each with that event."""


class LinkRow(Row):
    """Why two case records are one person's, could be, or are not."""

    left_case: str
    right_case: str
    status: str
    """`linked`, `suggested` or `separated`."""
    rule: str
    skipped_because: str | None
    event_id: str
    events: dict[str, str]


SECTIONS: Mapping[type[Row], str] = {
    LegRow: "case-records",
    ClaimRow: "claims",
    ContradictionRow: "contradictions",
    TitleRow: "titles",
    ReferentRow: "referents",
    AccompanimentRow: "accompaniments",
    DelegationRow: "delegations",
    ExpertiseRow: "expertise",
    ReReferralRow: "re-referrals",
    DiagnosisRow: "diagnoses",
    CrossedDiagnosisRow: "crossed-diagnoses",
    NeedRow: "needs",
    NeedVersionRow: "need-versions",
    NeedMeasureRow: "need-measures",
    PlanRow: "plans",
    PlanActionRow: "plan-actions",
    ServiceRow: "services",
    AppointmentRow: "appointments",
    CandidacyRow: "candidacies",
    PlacementRow: "placements",
    PlacementReportRow: "placement-reports",
    FollowUpRow: "follow-ups",
    RetentionRow: "retentions",
    AdaptationRow: "adaptations",
    TransitionRow: "transitions",
    CepRow: "ceps",
    AlertRow: "alerts",
}
"""The section of a pathway that has rows of a kind."""

"""The whole catalogue: every event type by name, and the unions that folds and checks are written against."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Event
from hub.domain.events.candidacy import CandidacyAnswered, CandidacyProposed
from hub.domain.events.case import CaseClosed, CaseRegistered, CaseReopened, CaseUpdated
from hub.domain.events.cep import CepConcluded, CepOpened
from hub.domain.events.compensation import (
    CompensationMeasureImplemented,
    CompensationNeedIdentified,
    CompensationNeedRefined,
)
from hub.domain.events.correction import ContradictionSettled, EventVoided
from hub.domain.events.delegation import (
    DelegationAccepted,
    DelegationCancelled,
    DelegationDeclined,
    DelegationEnded,
    DelegationProposed,
    DelegationReviewed,
)
from hub.domain.events.diagnosis import (
    CrossedDiagnosisConcluded,
    CrossedDiagnosisContributed,
    CrossedDiagnosisOpened,
    DiagnosisCompleted,
)
from hub.domain.events.employer import EmployerActionHeld, EmployerContactAssigned
from hub.domain.events.erasure import PersonErased
from hub.domain.events.expertise import ExpertiseDeclined, ExpertiseDelivered, ExpertiseRequested
from hub.domain.events.link import MatchRejected, RecordsLinked, RecordsUnlinked
from hub.domain.events.pathway import PathwayClosed, PathwayReopened
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted, Placed
from hub.domain.events.plan import ActionPlanAgreed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.retention import RetentionConcluded, RetentionOpened, TransitionStarted, WorkplaceAdapted
from hub.domain.events.roadmap import RoadmapTargetSet
from hub.domain.events.service import ServiceAbandoned, ServiceCompleted, ServicePrescribed
from hub.domain.events.site import SiteModeChanged
from hub.domain.events.territory import TerritorialDiagnosisPublished
from hub.domain.events.title import DisabilityTitleRecorded

EVENT_TYPES: Mapping[str, type[Event]] = MappingProxyType(
    {
        event_type.__name__: event_type
        for event_type in (
            CaseRegistered,
            CaseUpdated,
            CaseClosed,
            CaseReopened,
            RecordsLinked,
            RecordsUnlinked,
            MatchRejected,
            DisabilityTitleRecorded,
            DiagnosisCompleted,
            CrossedDiagnosisOpened,
            CrossedDiagnosisContributed,
            CrossedDiagnosisConcluded,
            CompensationNeedIdentified,
            CompensationNeedRefined,
            CompensationMeasureImplemented,
            ReferentAssigned,
            DelegationProposed,
            DelegationAccepted,
            DelegationDeclined,
            DelegationReviewed,
            DelegationEnded,
            DelegationCancelled,
            ExpertiseRequested,
            ExpertiseDelivered,
            ExpertiseDeclined,
            ActionPlanAgreed,
            ServicePrescribed,
            ServiceCompleted,
            ServiceAbandoned,
            AppointmentRecorded,
            CandidacyProposed,
            CandidacyAnswered,
            Placed,
            FollowUpStarted,
            FollowUpRecorded,
            RetentionOpened,
            WorkplaceAdapted,
            RetentionConcluded,
            TransitionStarted,
            CepOpened,
            CepConcluded,
            PathwayClosed,
            PathwayReopened,
            EmployerContactAssigned,
            EmployerActionHeld,
            SiteModeChanged,
            TerritorialDiagnosisPublished,
            RoadmapTargetSet,
            ContradictionSettled,
            EventVoided,
            PersonErased,
        )
    }
)
"""Every event type by its name, in the catalogue's order."""

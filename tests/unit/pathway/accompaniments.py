"""Events by which advisers accompany a person, and the times that follow."""

from __future__ import annotations

from datetime import date
from typing import Any

from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.diagnosis import CrossedDiagnosisConcluded, CrossedDiagnosisContributed, CrossedDiagnosisOpened
from hub.domain.events.expertise import ExpertiseDelivered, ExpertiseRequested
from hub.domain.events.pathway import PathwayClosed, PathwayReopened
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CaseKey
from hub.domain.pathway.accompaniment import Accompaniment, accompaniments
from tests.unit.pathway.builders import CE, FT, event, pathway


def by(adviser: str, fact: Event) -> Any:
    """Let an adviser state an event."""
    return fact.model_copy(update={"meta": fact.meta.model_copy(update={"actor_id": adviser})})


def referent(
    adviser: str, from_date: str, at: str | None = None, case: CaseKey = FT, role: str = "referent", **fields: Any
) -> ReferentAssigned:
    day = date.fromisoformat(from_date)
    return event(ReferentAssigned, at or from_date, case, adviser=adviser, role=role, from_date=day, **fields)


def proposed(adviser: str = "FT-1", at: str = "2021-03-01", **fields: Any) -> DelegationProposed:
    return by(adviser, event(DelegationProposed, at, delegation_id="D-1", **fields))  # type: ignore[no-any-return]


def accepted(adviser: str = "CE-1", at: str = "2021-03-08", site: str | None = None) -> DelegationAccepted:
    return by(adviser, event(DelegationAccepted, at, site=site, delegation_id="D-1"))  # type: ignore[no-any-return]


def requested(adviser: str = "FT-1", at: str = "2021-03-01", case: CaseKey = FT) -> ExpertiseRequested:
    return by(adviser, event(ExpertiseRequested, at, case, request_id="E-1", topic="rights"))  # type: ignore[no-any-return]


def delivered(adviser: str = "CE-1", at: str = "2021-03-08", case: CaseKey = CE) -> ExpertiseDelivered:
    return by(adviser, event(ExpertiseDelivered, at, case, request_id="E-1", summary="."))  # type: ignore[no-any-return]


def opened(at: str = "2021-03-01") -> CrossedDiagnosisOpened:
    return event(
        CrossedDiagnosisOpened,
        at,
        crossed_diagnosis_id="X-1",
        france_travail_adviser="FT-1",
        cap_emploi_adviser="CE-1",
    )


def contributed(case: CaseKey, at: str) -> CrossedDiagnosisContributed:
    return event(CrossedDiagnosisContributed, at, case, crossed_diagnosis_id="X-1", contribution=".")


def concluded(at: str) -> CrossedDiagnosisConcluded:
    return event(
        CrossedDiagnosisConcluded,
        at,
        crossed_diagnosis_id="X-1",
        modality="joint",
        lead_network="cap_emploi",
        reason="autonomy",
    )


def left(at: str) -> PathwayClosed:
    return event(PathwayClosed, at, motive="other")


def taken_up(at: str) -> PathwayReopened:
    return event(PathwayReopened, at, trigger="person")


def closed(at: str, case: CaseKey = FT) -> CaseClosed:
    return event(CaseClosed, at, case, motive="moved")


def days(one: Accompaniment) -> tuple[str, str | None]:
    return one.from_date.value.isoformat(), one.until_date.value.isoformat() if one.until_date else None


def times(*events: Event) -> list[tuple[str | None, str, str | None]]:
    """Give adviser, first and last day of each time."""
    return [(one.adviser, *days(one)) for one in accompaniments(pathway(*events))]

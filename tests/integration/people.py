"""A person with a full history, health data planted in it, and those who ask for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from hub.api.routes.pathways import PATHS
from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.compensation import CompensationMeasureImplemented, CompensationNeedIdentified
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.diagnosis import CrossedDiagnosisContributed, CrossedDiagnosisOpened, DiagnosisCompleted
from hub.domain.events.erasure import PersonErased
from hub.domain.events.expertise import ExpertiseDelivered, ExpertiseRequested
from hub.domain.events.link import RecordsLinked, RecordsUnlinked
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted, Placed
from hub.domain.events.plan import ActionPlanAgreed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.retention import RetentionOpened, WorkplaceAdapted
from hub.domain.events.service import ServicePrescribed
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from tests.integration.apis import Api, an_api
from tests.integration.hubs import SteppingClock, take
from tests.unit.pathway.builders import CE, EMPLOYER, FT, OTHER_EMPLOYER, event, moment, ref, registered

STRANGER = CaseKey(FRANCE_TRAVAIL, "", "99999999990")
NOBODY = "0fffffff-0000-7000-8000-000000000000"
"""The id of no event."""
EVERYTHING = ("", "timeline?limit=500", "facts", *(path for path, _ in PATHS.values()))
"""Everything that can be got of a person, below their own path."""
NOW = "2021-04-15T12:00:00Z"
REFERENT = Reader("test|referent", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-1")
FORMER = Reader("test|former", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-0")
EXPERT = Reader("test|expert", frozenset({"adviser"}), CAP_EMPLOI, "C-1")
OTHER = Reader("test|other", frozenset({"adviser"}), CAP_EMPLOI, "C-9")
LEAD = Reader("test|lead", frozenset({"site_lead"}), FRANCE_TRAVAIL, None, sites=frozenset({"69244"}))
AUDITOR = Reader("test|auditor", frozenset({"auditor"}))
DPO = Reader("test|dpo", frozenset({"dpo"}))
MANAGER = Reader("test|manager", frozenset({"manager"}), FRANCE_TRAVAIL, None, departments=frozenset({"69"}))
HEALTH = (
    *("zz_title", "zz_theme", "zz needs", "zz constraints", "zz contribution", "zz_phase", "zz description", "N4105"),
    *(OTHER_EMPLOYER, "zz_measure", "zz_funder", "zz_ground", "zz_topic", "zz summary", "zz action", "zz_service"),
    *("zz_state", "zz comment", "zz_origin", "zz_risk", "zz_adaptation", "zz partner", "zz_action_theme"),
)
"""What stands in the fields that hold health data, and nowhere else."""


def a_life() -> list[Event]:
    """Give the events of one person with a case record of each network; the first one's id is theirs."""
    first = registered(FT, "2021-01-04", family_name="Zola", given_name="Ana", birth_date="1980-02-29")
    return [
        first,
        registered(CE, "2021-01-05", other=FT),
        event(ReferentAssigned, "2021-01-06", FT, adviser="A-0", role="referent", from_date="2021-01-06"),
        event(ReferentAssigned, "2021-03-01", FT, adviser="A-1", role="referent", from_date="2021-03-01"),
        event(DisabilityTitleRecorded, "2021-01-07", FT, title="zz_title", valid_from="2021-01-01", valid_to=None),
        event(
            DiagnosisCompleted, "2021-01-08", FT, themes=["zz_theme"], needs="zz needs", constraints="zz constraints"
        ),
        *_together(),
        *_compensation(),
        *_employment(),
    ]


def _together() -> list[Event]:
    crossed: dict[str, Any] = {"crossed_diagnosis_id": "X-1"}
    plan = {"action_id": "P-1", "owner": CAP_EMPLOI, "due_on": "2021-06-01"}
    both: dict[str, Any] = {"france_travail_adviser": "A-1", "cap_emploi_adviser": "C-1"}
    return [
        event(CrossedDiagnosisOpened, "2021-01-11", FT, **crossed, **both),
        event(CrossedDiagnosisContributed, "2021-01-12", CE, **crossed, contribution="zz contribution"),
        event(DelegationProposed, "2021-01-13", FT, delegation_id="D-12", ground="zz_ground", planned_end="2021-10-01"),
        event(DelegationAccepted, "2021-01-14", CE, delegation_id="D-12", motive=None),
        event(
            ExpertiseRequested,
            "2021-01-15",
            FT,
            request_id="E-1",
            topic="zz_topic",
            key_moment=None,
            ground="zz_ground",
            partner="zz partner",
        ),
        event(ExpertiseDelivered, "2021-01-16", CE, request_id="E-1", summary="zz summary"),
        event(
            ActionPlanAgreed,
            "2021-01-18",
            FT,
            plan_version=1,
            actions=[{**plan, "theme": "zz_action_theme", "title": "zz action"}],
        ),
    ]


def _compensation() -> list[Event]:
    need: dict[str, Any] = {"need_id": "N-1"}
    said: dict[str, Any] = {
        "phase": "zz_phase",
        "description": "zz description",
        "rome": "N4105",
        "siret": OTHER_EMPLOYER,
    }
    undated: dict[str, Any] = {"starts_on": None, "ends_on": None}
    measure: dict[str, Any] = {"measure": "zz_measure", "funder": "zz_funder", "closes_need": False}
    return [
        event(CompensationNeedIdentified, "2021-01-19", CE, **need, **said),
        event(CompensationMeasureImplemented, "2021-01-20", CE, **need, **measure),
        event(ServicePrescribed, "2021-01-21", CE, service_id="S-1", service="zz_service", **undated),
    ]


def _employment() -> list[Event]:
    placed: dict[str, Any] = {"placement_id": "L-1", "siret": EMPLOYER, "contract": "cdi", "starts_on": "2021-02-01"}
    adapted: dict[str, Any] = {"retention_id": "R-1", "placement_id": None, "adapted_on": "2021-02-10", "need_id": None}
    opened: dict[str, Any] = {"retention_id": "R-1", "siret": EMPLOYER}
    due: dict[str, Any] = {"placement_id": "L-1", "due_on": "2021-03-01"}
    return [
        event(Placed, "2021-02-01", FT, **placed, ends_on=None, rome=None),
        event(FollowUpStarted, "2021-02-02", CE, placement_id="L-1", due_on=["2021-03-01", "2021-04-01"]),
        event(FollowUpRecorded, "2021-03-01", CE, **due, state="zz_state", comment="zz comment"),
        event(RetentionOpened, "2021-02-05", CE, **opened, origin="zz_origin", risk="zz_risk"),
        event(WorkplaceAdapted, "2021-02-10", CE, **adapted, adaptation="zz_adaptation"),
    ]


def a_stranger() -> list[Event]:
    """Give the events of somebody whom another adviser accompanies."""
    return [
        registered(STRANGER, "2021-01-04", family_name="Verne", given_name="Jo", birth_date="1990-01-01"),
        event(ReferentAssigned, "2021-01-05", STRANGER, adviser="A-7", role="referent", from_date="2021-01-05"),
    ]


def linked(left: CaseKey, right: CaseKey, at: str) -> RecordsLinked:
    """Decide that two case records are one person's."""
    return event(RecordsLinked, at, left=ref(left), right=ref(right), evidence="identity_document", comment=None)


def unlinked(left: CaseKey, right: CaseKey, at: str) -> RecordsUnlinked:
    """Decide that two case records are not one person's."""
    return event(RecordsUnlinked, at, left=ref(left), right=ref(right), reason="different_people", comment=None)


def erased(case: CaseKey, at: str) -> PersonErased:
    """Erase a person."""
    return event(PersonErased, at, case, reason="request")


class People:
    """A running API with people in it."""

    def __init__(self, api: Api, clock: SteppingClock, life: Sequence[Event], stranger: Sequence[Event]) -> None:
        self.api = api
        self.clock = clock
        self.life = life
        self.person_id = life[0].meta.event_id
        self.stranger_id = stranger[0].meta.event_id

    def at(self, now: str) -> None:
        """Set the clock."""
        self.clock.moment = moment(now)

    def take(self, *events: Event) -> None:
        """Take more events in."""
        take(self.api.hub, events)

    def get(self, reader: Reader, path: str, **options: Any) -> httpx2.Response:
        """Read something of the person; a path that begins with a slash is whole."""
        whole = path if path.startswith("/") else f"/api/v1/pathways/{self.person_id}{'/' * bool(path)}{path}"
        return self.api.client(reader).get(whole, **options)

    def read(self, reader: Reader, path: str = "", **params: Any) -> Any:
        """Read something of the person that the reader may read."""
        answer = self.get(reader, path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state_reason(self, reader: Reader, person_id: str | None = None, **stated: Any) -> httpx2.Response:
        """State a reason."""
        body = {"code": "emergency", "text": "La personne est à l'accueil.", **stated}
        return self.api.client(reader).post(f"/api/v1/pathways/{person_id or self.person_id}/reasons", json=body)

    def explain(self, reader: Reader, fact: str, **params: Any) -> httpx2.Response:
        """Ask why a fact is as it is."""
        path = f"/api/v1/pathways/{self.person_id}/explanations"
        return self.api.client(reader).post(path, json={"fact": fact}, params=params)


@contextmanager
def people(folder: Path, **settings: Any) -> Iterator[People]:
    """Serve a hub that holds the person and a stranger, on the evening after their last event."""
    clock = SteppingClock(moment("2021-03-02T08:00:00Z"))
    life, stranger = a_life(), a_stranger()
    with an_api(folder, clock=clock, **settings) as api:
        take(api.hub, [*life, *stranger])
        found = People(api, clock, life, stranger)
        found.at(NOW)
        yield found

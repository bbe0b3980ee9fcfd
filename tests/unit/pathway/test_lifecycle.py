"""The lifecycle: phase, leaving and taking up again (M11, M12)."""

from __future__ import annotations

from itertools import permutations
from typing import Any, get_args

import pytest

from hub.domain.events.base import CaseEvent, Event
from hub.domain.events.case import CaseClosed, CaseReopened, CaseUpdated
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.events.correction import EventVoided
from hub.domain.events.pathway import PathwayClosed, PathwayReopened
from hub.domain.events.placement import FollowUpRecorded
from hub.domain.events.retention import RetentionConcluded
from hub.domain.pathway import lifecycle
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.lifecycle import Lifecycle
from hub.domain.pathway.pathway import Pathway
from tests.unit.pathway.builders import (
    CE,
    EMPLOYER,
    OTHER_EMPLOYER,
    arriving,
    event,
    moment,
    pathway,
    registered,
    rules,
    shown_by,
)

FIELDS: dict[str, dict[str, Any]] = {
    "DiagnosisCompleted": {"themes": ["project"]},
    "CrossedDiagnosisOpened": {
        "crossed_diagnosis_id": "X-1",
        "france_travail_adviser": "A-1",
        "cap_emploi_adviser": "A-2",
    },
    "CrossedDiagnosisContributed": {"crossed_diagnosis_id": "X-1", "contribution": "Avis"},
    "CrossedDiagnosisConcluded": {
        "crossed_diagnosis_id": "X-1",
        "modality": "joint",
        "lead_network": "cap_emploi",
        "reason": "autonomy",
    },
    "ActionPlanAgreed": {"plan_version": 1, "actions": []},
    "DelegationAccepted": {"delegation_id": "D-1"},
    "ServicePrescribed": {"service_id": "S-1", "service": "training"},
    "CompensationMeasureImplemented": {"need_id": "N-1", "measure": "equipment"},
    "CepOpened": {"cep_id": "C-1", "level": "2", "public": "employee"},
    "CandidacyProposed": {"candidacy_id": "K-1", "siret": EMPLOYER, "rome": "M1607"},
    "Placed": {"placement_id": "P-1", "siret": EMPLOYER, "contract": "cdi", "starts_on": "2020-06-01"},
    "FollowUpStarted": {"placement_id": "P-1", "due_on": ["2020-09-01"]},
    "FollowUpRecorded": {"placement_id": "P-1", "due_on": "2020-09-01", "state": "good"},
    "RetentionOpened": {"retention_id": "R-1", "siret": EMPLOYER, "origin": "employer"},
    "RetentionConcluded": {"retention_id": "R-1", "outcome": "same_post"},
    "TransitionStarted": {},
}


def act(name: str, at: str, **fields: Any) -> Event:
    return event(EVENT_TYPES[name], at, **{**FIELDS[name], **fields})


def story(*names: str) -> list[Event]:
    return [registered(), *(act(name, f"2020-02-{day:02}") for day, name in enumerate(names, 1))]


def left(at: str) -> PathwayClosed:
    return event(PathwayClosed, at, motive="lasting_employment")


def taken_up(at: str) -> PathwayReopened:
    return event(PathwayReopened, at, CE, trigger="job_lost")


def phase(state: Pathway) -> str | None:
    return state.lifecycle.phase.value if state.lifecycle.phase else None


def test_the_first_event_opens_the_pathway_at_intake() -> None:
    intake = registered()

    state = pathway(intake, registered(CE, "2020-02-03")).lifecycle

    assert state.opened == Fact(moment("2020-01-06"), intake.meta.event_id)
    assert state.phase == Fact("intake", intake.meta.event_id)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["DiagnosisCompleted"], "diagnosis"),
        (["CrossedDiagnosisOpened"], "diagnosis"),
        (["CrossedDiagnosisContributed"], "diagnosis"),
        (["CrossedDiagnosisOpened", "CrossedDiagnosisConcluded"], "accompaniment"),
        (["DelegationAccepted"], "accompaniment"),
        (["CompensationMeasureImplemented"], "accompaniment"),
        (["CepOpened"], "accompaniment"),
        (["ActionPlanAgreed", "DiagnosisCompleted"], "accompaniment"),
        (["ServicePrescribed", "CandidacyProposed"], "job_search"),
        (["CandidacyProposed", "DiagnosisCompleted", "ActionPlanAgreed", "ServicePrescribed"], "job_search"),
        (["CandidacyProposed", "Placed"], "employment"),
        (["Placed", "ServicePrescribed", "CandidacyProposed"], "employment"),
        (["Placed", "FollowUpStarted", "FollowUpRecorded"], "follow_up"),
        (["Placed", "FollowUpRecorded"], "follow_up"),
        (["RetentionOpened"], "retention"),
        (["Placed", "FollowUpStarted", "RetentionOpened", "FollowUpRecorded"], "retention"),
        (["RetentionOpened", "RetentionConcluded"], "employment"),
        (["RetentionOpened", "TransitionStarted", "RetentionConcluded"], "transition"),
        (["RetentionOpened", "TransitionStarted", "CandidacyProposed"], "job_search"),
    ],
)
def test_events_lead_from_phase_to_phase(names: list[str], expected: str) -> None:
    assert phase(pathway(*story(*names))) == expected


def test_the_phase_names_the_event_that_reached_it() -> None:
    events = story("ActionPlanAgreed", "ServicePrescribed", "DelegationAccepted")

    assert pathway(*events).lifecycle.phase == Fact("accompaniment", events[1].meta.event_id)


def test_a_placement_reported_again_by_the_other_network_does_not_end_the_follow_up() -> None:
    events = [*story("Placed", "FollowUpStarted"), act("Placed", "2020-03-02", case=CE, placement_id="P-9")]

    assert phase(pathway(*events)) == "follow_up"
    assert phase(pathway(*events, act("Placed", "2020-04-06", siret=OTHER_EMPLOYER))) == "employment"


def test_a_broken_contract_leads_back_to_the_search_for_work() -> None:
    broken = event(FollowUpRecorded, "2020-09-01", placement_id="P-1", due_on="2020-09-01", state="ended")

    assert phase(pathway(*story("Placed", "FollowUpStarted"), broken)) == "job_search"


def test_someone_not_retained_is_accompanied_until_a_transition_starts() -> None:
    failed = event(RetentionConcluded, "2020-03-02", retention_id="R-1", outcome="not_retained")
    events = [*story("RetentionOpened"), failed]

    assert phase(pathway(*events)) == "accompaniment"
    assert phase(pathway(*events, act("TransitionStarted", "2020-03-09"))) == "transition"


def test_reopening_keeps_the_pathway_and_its_history() -> None:
    events = story("ActionPlanAgreed")
    end, again = left("2020-06-01"), taken_up("2021-02-01")

    state = pathway(*events, end, again)

    assert state.person_id == events[0].meta.event_id
    assert phase(pathway(*events, end)) == "closed"
    assert state.lifecycle.phase == Fact("accompaniment", again.meta.event_id)
    (exit_,) = state.lifecycle.exits
    assert (exit_.closed_at, exit_.motive) == (
        Fact(moment("2020-06-01"), end.meta.event_id),
        Fact("lasting_employment", end.meta.event_id),
    )
    assert exit_.trigger == Fact("job_lost", again.meta.event_id)
    assert rules(state) == []


def test_both_networks_may_state_the_same_exit() -> None:
    state = pathway(registered(), left("2020-06-01"), left("2020-06-02"))

    assert len(state.lifecycle.exits) == 1
    assert rules(state) == []


def test_reopening_an_open_pathway_is_an_anomaly_until_the_closing_arrives() -> None:
    events = [registered(), taken_up("2021-02-01")]

    assert shown_by(pathway(*events), "pathway_reopened_while_open") == [events[1].meta.event_id]
    assert phase(pathway(*events)) == "intake"
    assert rules(arriving([events, [left("2020-06-01")]])) == []


def test_the_first_act_after_closing_is_an_anomaly_until_the_reopening_arrives() -> None:
    acts = [act("ServicePrescribed", "2021-03-01"), act("CandidacyProposed", "2021-04-05")]
    events = [registered(), left("2020-06-01"), *acts]

    state = pathway(*events)

    assert shown_by(state, "act_after_closing") == [acts[0].meta.event_id]
    assert phase(state) == "closed"
    reopened = arriving([events, [taken_up("2021-02-01")]])
    assert (rules(reopened), phase(reopened)) == ([], "job_search")


def test_records_kept_after_closing_are_no_acts() -> None:
    closing = event(CaseClosed, "2020-06-08", motive="employment")

    state = pathway(registered(), left("2020-06-01"), event(CaseUpdated, "2020-06-02", category="5"), closing)

    assert rules(state) == []


def test_a_leg_taken_up_again_does_not_reopen_the_pathway() -> None:
    events = [
        registered(),
        event(CaseClosed, "2020-05-04", motive="employment"),
        left("2020-06-01"),
        event(CaseReopened, "2021-02-01"),
    ]

    state = pathway(*events)

    assert (phase(state), rules(state)) == ("closed", ["act_after_closing"])


def test_the_lifecycle_is_the_same_in_any_order_of_arrival() -> None:
    events = (registered(), act("Placed", "2020-02-03"), left("2020-06-01"), taken_up("2021-02-01"))
    expected = pathway(*events).lifecycle

    for order in permutations(events):
        assert arriving([one] for one in order).lifecycle == expected


def test_every_event_of_a_case_counts_for_the_lifecycle() -> None:
    of_cases = {kind for kind in EVENT_TYPES.values() if issubclass(kind, CaseEvent)} - {EventVoided}

    assert {kind for kind in get_args(lifecycle.Handled) if issubclass(kind, CaseEvent)} == of_cases


def test_an_empty_lifecycle_has_no_phase() -> None:
    assert (Lifecycle().phase, Lifecycle().is_closed) == (None, False)

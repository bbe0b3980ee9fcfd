"""Retention in employment, adaptation of the workplace, and transition when retention fails: M11, M21."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.domain.events.retention import RetentionConcluded, RetentionOpened, TransitionStarted, WorkplaceAdapted
from hub.domain.ids import CaseKey
from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.pathway import alerts as all_alerts
from hub.domain.pathway.retention import alerts, anomalies
from hub.projections.retention import MODELS
from tests.unit.pathway.builders import (
    CE,
    EMPLOYER,
    FT,
    SITE,
    event,
    explained,
    moment,
    named,
    pathway,
    same_in_any_order,
    table,
    voided,
)

RETENTION, ADAPTATION, TRANSITION = MODELS


def opened(at: str = "2021-03-01", **fields: Any) -> RetentionOpened:
    told = {"retention_id": "R-1", "siret": EMPLOYER, "origin": "occupational_doctor", "risk": "high"}
    return event(RetentionOpened, at, **{**told, **fields})


def concluded(outcome: str = "not_retained", at: str = "2021-06-01", retention_id: str = "R-1") -> RetentionConcluded:
    return event(RetentionConcluded, at, retention_id=retention_id, outcome=outcome)


def adapted(at: str = "2021-04-12", **fields: Any) -> WorkplaceAdapted:
    told = {"retention_id": "R-1", "adaptation": "equipment", "adapted_on": "2021-04-10", "need_id": "N-1"}
    return event(WorkplaceAdapted, at, **{**told, **fields})


def transition(at: str = "2021-06-15", case: CaseKey = FT, **fields: Any) -> TransitionStarted:
    return event(TransitionStarted, at, case, **{"project_rome": "M1607", **fields})


def rules(state: Pathway) -> list[str]:
    return named(anomalies(state.retentions))


def test_a_transition_is_expected_within_thirty_days_of_a_failed_retention() -> None:
    failed = concluded(at="2021-06-01")

    state = pathway(opened(), failed)

    (alert,) = alerts(state.retentions)
    assert alert == ("transition_expected", "retention:R-1", failed.meta.event_id, date(2021, 7, 1))
    assert alert in set(all_alerts(state))


@pytest.mark.parametrize("outcome", ["same_post", "other_post"])
def test_nothing_is_expected_after_a_retention_that_held(outcome: str) -> None:
    assert list(alerts(pathway(opened(), concluded(outcome)).retentions)) == []


@pytest.mark.parametrize("started", [{"retention_id": "R-1"}, {}])
def test_a_transition_by_either_network_ends_the_wait_until_it_is_voided(started: dict[str, Any]) -> None:
    failed, move = (opened(), concluded()), transition(**started)

    assert list(alerts(pathway(*failed, move).retentions)) == []
    assert len(list(alerts(pathway(*failed, move, voided(move)).retentions))) == 1


@pytest.mark.parametrize("started", [{"at": "2021-05-31"}, {"retention_id": "R-2"}])
def test_a_transition_before_the_conclusion_or_of_another_retention_does_not_end_the_wait(
    started: dict[str, Any],
) -> None:
    state = pathway(opened(), opened(retention_id="R-2"), concluded(), transition(**started))

    assert [alert.about for alert in alerts(state.retentions)] == ["retention:R-1"]


def test_a_transition_that_names_its_retention_counts_even_from_before_the_conclusion() -> None:
    state = pathway(opened(), concluded(), transition("2021-05-31", retention_id="R-1"))

    assert list(alerts(state.retentions)) == []


def test_a_later_conclusion_stands() -> None:
    state = pathway(opened(), concluded(at="2021-06-01"), concluded("other_post", at="2021-06-10"))

    assert list(alerts(state.retentions)) == []
    assert table(RETENTION, state)[0]["outcome"] == "other_post"


def test_a_conclusion_without_opening_is_an_anomaly_until_the_opening_arrives() -> None:
    end = concluded("same_post")

    assert list(anomalies(pathway(end).retentions)) == [
        ("retention_concluded_without_opening", "retention:R-1", end.meta.event_id)
    ]
    assert rules(pathway(end, opened())) == []


def test_an_adaptation_for_an_unknown_retention_is_an_anomaly_until_it_is_known() -> None:
    done = adapted()

    assert rules(pathway(done)) == ["adaptation_without_retention"]
    assert rules(pathway(done, opened())) == []


def test_an_adaptation_for_a_placement_needs_no_retention() -> None:
    assert rules(pathway(adapted(retention_id=None, placement_id="P-1"))) == []


def test_an_adaptation_that_names_neither_retention_nor_placement_is_an_anomaly() -> None:
    assert rules(pathway(adapted(retention_id=None))) == ["adaptation_for_nothing_named"]


def test_a_transition_after_an_unknown_retention_is_an_anomaly_until_it_is_known() -> None:
    move = transition(retention_id="R-1")

    assert rules(pathway(move)) == ["transition_without_retention"]
    assert rules(pathway(move, opened())) == []


def test_an_adaptation_leads_from_its_need_to_its_day() -> None:
    done = adapted()

    assert table(ADAPTATION, pathway(opened(), done)) == [
        {
            "adaptation_id": done.meta.event_id,
            "retention_id": "R-1",
            "placement_id": None,
            "need_id": "N-1",
            "adaptation": "equipment",
            "adapted_on": date(2021, 4, 10),
        }
    ]


def test_a_retention_shows_every_step_with_its_event() -> None:
    start, end, move = opened(), concluded(), transition()

    state = pathway(start, end, move)

    assert table(RETENTION, state) == [
        {
            "retention_id": "R-1",
            "siret": EMPLOYER,
            "site": SITE,
            "origin": "occupational_doctor",
            "risk": "high",
            "opened_at": moment("2021-03-01"),
            "concluded_at": moment("2021-06-01"),
            "outcome": "not_retained",
            "transition_due_on": date(2021, 7, 1),
            "transition_started_at": moment("2021-06-15"),
        }
    ]
    opening, conclusion = start.meta.event_id, end.meta.event_id
    assert explained(RETENTION, state) == [
        {
            **dict.fromkeys(("siret", "site", "origin", "risk", "opened_at"), opening),
            **dict.fromkeys(("concluded_at", "outcome", "transition_due_on"), conclusion),
            "transition_started_at": move.meta.event_id,
        }
    ]


def test_a_transition_has_a_row_with_its_project() -> None:
    move = transition(case=CE)

    assert table(TRANSITION, pathway(move)) == [
        {
            "transition_id": move.meta.event_id,
            "network": "cap_emploi",
            "retention_id": None,
            "project_rome": "M1607",
            "started_at": moment("2021-06-15"),
        }
    ]


def test_events_in_any_order_give_the_same_retentions() -> None:
    state = same_in_any_order(opened(), adapted(), concluded(), transition(retention_id="R-1"))

    assert rules(state) == []

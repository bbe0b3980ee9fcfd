"""Conseil en évolution professionnelle of job seekers and employees, with its assessment of risk: M10."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain.events.cep import CepConcluded, CepOpened
from hub.domain.ids import CaseKey
from hub.domain.pathway.cep import anomalies
from hub.domain.pathway.pathway import Pathway
from hub.projections.cep import MODEL
from tests.unit.pathway.builders import (
    CE,
    SITE,
    event,
    explained,
    moment,
    named,
    pathway,
    same_in_any_order,
    table,
)

PROJECT = "Passer de la vente au secrétariat."


def opened(at: str = "2021-03-01", case: CaseKey = CE, **fields: Any) -> CepOpened:
    return event(CepOpened, at, case, **{"cep_id": "CEP-1", "level": "2", "public": "employee", **fields})


def concluded(at: str = "2021-06-01", case: CaseKey = CE, **fields: Any) -> CepConcluded:
    told = {"cep_id": "CEP-1", "project": PROJECT, "project_rome": "M1607", "risk": "low"}
    return event(CepConcluded, at, case, **{**told, **fields})


def rules(state: Pathway) -> list[str]:
    return named(anomalies(state.ceps))


@pytest.mark.parametrize(
    ("at", "public", "expected"),
    [
        ("2017-12-31T23:59:59+01:00", "employee", ["cep_of_employee_before_2018"]),
        ("2018-01-01T00:00:00+01:00", "employee", []),
        ("2017-06-01", "job_seeker", []),
    ],
)
def test_ceps_of_employees_exist_since_2018_those_of_job_seekers_before(
    at: str, public: str, expected: list[str]
) -> None:
    assert rules(pathway(opened(at, public=public))) == expected


@pytest.mark.parametrize(("risk", "expected"), [(None, 1), ("unknown", 1), ("none", 0), ("low", 0), ("high", 0)])
def test_no_cep_concludes_without_the_risk_assessment(risk: str | None, expected: int) -> None:
    end = concluded(risk=risk)

    found = list(anomalies(pathway(opened(), end).ceps))

    assert found == [("cep_without_risk_assessment", "cep:CEP-1", end.meta.event_id)] * expected


def test_the_assessment_given_later_ends_the_anomaly() -> None:
    state = pathway(opened(), concluded(risk=None), concluded("2021-06-08", risk="none"))

    assert rules(state) == []


def test_a_conclusion_without_opening_is_an_anomaly_until_the_opening_arrives() -> None:
    end = concluded()

    assert rules(pathway(end)) == ["cep_concluded_without_opening"]
    assert rules(pathway(end, opened())) == []


def test_a_cep_shows_both_steps_each_with_its_event() -> None:
    start, end = opened(), concluded()

    state = pathway(start, end)

    assert table(MODEL, state) == [
        {
            "cep_id": "CEP-1",
            "public": "employee",
            "level": "2",
            "site": SITE,
            "opened_at": moment("2021-03-01"),
            "concluded_at": moment("2021-06-01"),
            "project_rome": "M1607",
            "risk": "low",
        }
    ]
    assert explained(MODEL, state) == [
        {
            **dict.fromkeys(("public", "level", "site", "opened_at"), start.meta.event_id),
            **dict.fromkeys(("concluded_at", "project_rome", "risk"), end.meta.event_id),
        }
    ]


def test_the_adviser_can_read_the_project_but_the_table_does_not_hold_it() -> None:
    state = pathway(opened(), concluded())

    project = state.ceps.by_id["CEP-1"].project
    assert project is not None
    assert project.value == PROJECT
    assert PROJECT not in str(list(MODEL.rows(state)))


def test_events_in_any_order_give_the_same_ceps() -> None:
    state = same_in_any_order(opened(), concluded(), opened("2021-05-01", cep_id="CEP-2"))

    assert sorted(state.ceps.by_id) == ["CEP-1", "CEP-2"]

"""Candidacies: how well they match what the employer asked for, and what became of them: M20."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain.events.candidacy import CandidacyAnswered, CandidacyProposed
from hub.domain.ids import CaseKey
from hub.domain.pathway.candidacy import Candidacy, anomalies
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.projections.candidacy import MODEL
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
)


def proposed(at: str = "2021-03-01", case: CaseKey = FT, **fields: Any) -> CandidacyProposed:
    told = {"candidacy_id": "C-1", "siret": EMPLOYER, "rome": "M1607", "requested_rome": "M1607"}
    return event(CandidacyProposed, at, case, **{**told, **fields})


def answered(at: str = "2021-03-20", case: CaseKey = FT, **fields: Any) -> CandidacyAnswered:
    return event(
        CandidacyAnswered, at, case, **{"candidacy_id": "C-1", "result": "hired", "relevance": "high", **fields}
    )


def the(state: Pathway) -> Candidacy:
    return state.candidacies.by_id["C-1"]


@pytest.mark.parametrize(
    ("requested", "match"),
    [("M1607", "exact"), ("M1602", "same_domain"), ("M1707", "other"), ("D1607", "other"), (None, "unknown")],
)
def test_a_candidacy_is_matched_with_the_occupation_asked_for(requested: str | None, match: str) -> None:
    offer = proposed(requested_rome=requested)

    state = pathway(offer)

    assert the(state).rome_match == Fact(match, offer.meta.event_id)
    assert table(MODEL, state)[0]["rome_match"] == match


def test_a_candidacy_is_open_until_the_employer_answers() -> None:
    offer, answer = proposed(), answered()

    assert the(pathway(offer)).is_open
    assert the(pathway(offer)).status == Fact("proposed", offer.meta.event_id)
    assert not the(pathway(offer, answer)).is_open
    assert the(pathway(offer, answer)).status == Fact("answered", answer.meta.event_id)


def test_the_last_answer_stands_and_keeps_the_relevance_told_before() -> None:
    interview, hired = answered("2021-03-10", result="interview"), answered("2021-03-20", relevance=None)

    state = pathway(proposed(), hired, interview)

    assert the(state).result == Fact("hired", hired.meta.event_id)
    assert the(state).relevance == Fact("high", interview.meta.event_id)


def test_an_answer_without_candidacy_is_an_anomaly_until_it_arrives() -> None:
    answer = answered("2021-02-26")
    lonely = pathway(answer)

    assert [(found.rule, found.event_id) for found in anomalies(lonely.candidacies)] == [
        ("candidacy_answered_without_proposal", answer.meta.event_id)
    ]
    assert table(MODEL, lonely)[0]["rome_match"] is None
    assert named(anomalies(pathway(answer, proposed()).candidacies)) == []
    assert the(pathway(answer, proposed())).status.value == "answered"


def test_a_row_names_the_event_of_every_column() -> None:
    offer, answer = proposed(case=CE), answered()
    state = pathway(offer, answer)

    assert table(MODEL, state) == [
        {
            "candidacy_id": "C-1",
            "status": "answered",
            "siret": EMPLOYER,
            "network": "cap_emploi",
            "site": SITE,
            "proposed_at": moment("2021-03-01"),
            "rome": "M1607",
            "requested_rome": "M1607",
            "rome_match": "exact",
            "answered_at": moment("2021-03-20"),
            "result": "hired",
            "relevance": "high",
        }
    ]
    (events,) = explained(MODEL, state)
    answering = {"status", "answered_at", "result", "relevance"}
    assert {name for name, by in events.items() if by == answer.meta.event_id} == answering
    assert {by for name, by in events.items() if name not in answering} == {offer.meta.event_id}


def test_any_order_of_arrival_gives_the_same_candidacy() -> None:
    state = same_in_any_order(
        proposed(), answered("2021-03-10", result="interview"), answered(), proposed("2021-03-02", requested_rome=None)
    )

    assert the(state).rome_match is not None
    assert the(state).requested_rome is None, "a proposal repeated replaces the one before"
    assert the(state).result is not None

"""Who accompanies the person because of a delegation, an expertise or a diagnosis, from when until when."""

from __future__ import annotations

import pytest

from hub.domain.events.base import Event
from hub.domain.events.delegation import DelegationCancelled, DelegationDeclined, DelegationEnded, DelegationReviewed
from hub.domain.events.diagnosis import DiagnosisCompleted
from hub.domain.events.expertise import ExpertiseDeclined
from hub.domain.ids import CaseKey
from hub.domain.pathway.accompaniment import accompaniments
from tests.unit.pathway.accompaniments import (
    accepted,
    by,
    concluded,
    contributed,
    days,
    delivered,
    opened,
    proposed,
    requested,
    times,
)
from tests.unit.pathway.builders import CE, FT, event, pathway

FT_SITE, CE_SITE = "69244", "69001"


def test_a_proposal_is_its_proposers_and_asks_the_other_network_at_its_site() -> None:
    first, asked = accompaniments(pathway(proposed(site=CE_SITE)))
    assert (first.adviser, first.network, days(first)) == ("FT-1", "france_travail", ("2021-03-01", None))
    assert (asked.adviser, asked.network, days(asked)) == (None, "cap_emploi", ("2021-03-01", None))
    assert asked.site is not None
    assert (asked.site.value, asked.capacity, asked.about) == (CE_SITE, "delegation", "delegation:D-1")


@pytest.mark.parametrize(
    "answer",
    [
        accepted(at="2021-03-08"),
        event(DelegationDeclined, "2021-03-08", delegation_id="D-1"),
        event(DelegationCancelled, "2021-03-08", delegation_id="D-1", motive="error"),
    ],
)
def test_an_answered_or_cancelled_proposal_asks_nobody_any_more(answer: Event) -> None:
    assert (None, "2021-03-01", "2021-03-08") in times(proposed(), answer)


def test_both_advisers_of_a_delegation_accompany_until_it_ends() -> None:
    end = event(DelegationEnded, "2021-09-06", CE, delegation_id="D-1", motive="goal_reached")
    assert times(proposed(), accepted(), end) == [
        ("FT-1", "2021-03-01", "2021-09-06"),
        ("CE-1", "2021-03-08", "2021-09-06"),
        (None, "2021-03-01", "2021-03-08"),
    ]


def test_who_declines_a_delegation_takes_nothing_on() -> None:
    refusal = by("CE-1", event(DelegationDeclined, "2021-03-08", delegation_id="D-1"))
    assert times(proposed(), refusal) == [("FT-1", "2021-03-01", "2021-03-08"), (None, "2021-03-01", "2021-03-08")]


def test_who_reviews_a_delegation_accompanies_from_then_on_and_once() -> None:
    reviews = [
        by("CE-2", event(DelegationReviewed, at, CE, delegation_id="D-1", outcome="continue"))
        for at in ("2021-06-07", "2021-07-05")
    ]
    assert ("CE-2", "2021-06-07", None) in times(proposed(), accepted(), *reviews)
    assert len(times(proposed(), accepted(), *reviews)) == 4


def test_an_acceptance_without_a_site_is_at_the_delegations() -> None:
    _, taken, _ = accompaniments(pathway(proposed(site=FT_SITE), accepted(site=None)))
    assert taken.site is not None
    assert (taken.adviser, taken.site.value) == ("CE-1", FT_SITE)
    _, taken, _ = accompaniments(pathway(proposed(site=FT_SITE), accepted(site=CE_SITE)))
    assert taken.site is not None
    assert taken.site.value == CE_SITE


def test_a_request_is_its_requesters_until_the_answer_and_the_experts_on_that_day() -> None:
    assert times(requested()) == [("FT-1", "2021-03-01", None), (None, "2021-03-01", None)]
    assert times(requested(), delivered()) == [
        ("FT-1", "2021-03-01", "2021-03-08"),
        (None, "2021-03-01", "2021-03-08"),
        ("CE-1", "2021-03-08", "2021-03-08"),
    ]


@pytest.mark.parametrize(("case", "asked"), [(FT, "cap_emploi"), (CE, "france_travail")])
def test_a_request_asks_the_other_network_in_either_direction(case: CaseKey, asked: str) -> None:
    assert [one.network for one in accompaniments(pathway(requested(case=case))) if one.adviser is None] == [asked]


def test_a_declined_request_leaves_nobody_but_the_requesters_time() -> None:
    refusal = by("CE-1", event(ExpertiseDeclined, "2021-03-08", CE, request_id="E-1", motive="capacity"))
    assert times(requested(), refusal) == [("FT-1", "2021-03-01", "2021-03-08"), (None, "2021-03-01", "2021-03-08")]


def test_the_author_of_a_diagnosis_has_that_day() -> None:
    done = by("CE-1", event(DiagnosisCompleted, "2021-03-01", CE, themes=[]))
    assert times(done) == [("CE-1", "2021-03-01", "2021-03-01")]


def test_both_advisers_of_a_crossed_diagnosis_accompany_until_its_conclusion_holds() -> None:
    pair = (opened(), contributed(FT, "2021-03-08"), concluded("2021-03-09"))
    assert times(*pair) == [("FT-1", "2021-03-01", None), ("CE-1", "2021-03-01", None)]
    assert times(*pair, contributed(CE, "2021-03-15")) == [
        ("FT-1", "2021-03-01", "2021-03-15"),
        ("CE-1", "2021-03-01", "2021-03-15"),
    ]

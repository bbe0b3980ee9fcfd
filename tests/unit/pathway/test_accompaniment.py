"""Who accompanies the person, from when until when."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed, CaseReopened
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
from hub.domain.events.erasure import PersonErased
from hub.domain.events.expertise import ExpertiseDeclined, ExpertiseDelivered, ExpertiseRequested
from hub.domain.events.pathway import PathwayClosed, PathwayReopened
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CaseKey
from hub.domain.pathway.accompaniment import Accompaniment, accompaniments
from hub.projections import accompaniment as table
from tests.unit.pathway.builders import CE, FT, arriving, event, pathway, registered, voided
from tests.unit.pathway.builders import table as rows_of

FT_2 = CaseKey(FT.network, "", "22345678901")
FT_SITE, CE_SITE = "69244", "69001"


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


def test_a_referent_accompanies_until_the_next_one() -> None:
    assert times(referent("FT-1", "2021-03-01"), referent("CE-1", "2021-06-01", case=CE)) == [
        ("FT-1", "2021-03-01", "2021-06-01"),
        ("CE-1", "2021-06-01", None),
    ]


def test_a_co_referent_does_not_end_the_referents_time() -> None:
    co_referent = referent("CE-1", "2021-06-01", case=CE, role="co_referent")
    assert times(referent("FT-1", "2021-03-01"), co_referent) == [
        ("FT-1", "2021-03-01", None),
        ("CE-1", "2021-06-01", None),
    ]


def test_a_referent_replaced_on_the_same_day_never_was_one() -> None:
    first, second = referent("FT-1", "2021-03-01"), referent("FT-2", "2021-03-01", "2021-03-02")
    assert times(first, second) == [("FT-2", "2021-03-01", None)]


def test_the_exit_ends_the_referents_time_and_the_reopening_gives_it_back() -> None:
    events = (referent("FT-1", "2021-03-01"), left("2021-06-01"), taken_up("2021-09-01"))
    assert times(*events[:2]) == [("FT-1", "2021-03-01", "2021-06-01")]
    assert times(*events) == [("FT-1", "2021-03-01", "2021-06-01"), ("FT-1", "2021-09-01", None)]


def test_each_time_names_the_events_that_began_and_ended_it() -> None:
    assigned, exit_, back = referent("FT-1", "2021-03-01"), left("2021-06-01"), taken_up("2021-09-01")
    first, second = accompaniments(pathway(assigned, exit_, back))
    assert first.until_date is not None
    assert (first.from_date.event_id, first.until_date.event_id) == (assigned.meta.event_id, exit_.meta.event_id)
    assert (second.from_date.event_id, second.until_date) == (back.meta.event_id, None)
    assert first.event_id == second.event_id == assigned.meta.event_id


def test_a_referent_named_before_the_exit_for_a_day_after_it_begins_at_the_reopening() -> None:
    events = (left("2021-06-01"), referent("FT-1", "2021-07-01", at="2021-05-25"))
    assert times(*events) == []
    assert times(*events, taken_up("2021-09-01")) == [("FT-1", "2021-09-01", None)]


def test_a_referent_named_after_the_exit_accompanies_all_the_same() -> None:
    events = (referent("FT-1", "2021-03-01"), left("2021-06-01"), referent("FT-2", "2021-07-01"))
    assert times(*events) == [("FT-1", "2021-03-01", "2021-06-01"), ("FT-2", "2021-07-01", None)]


def test_a_network_that_closes_its_record_leaves_its_own_advisers_alone() -> None:
    co_referent = referent("CE-1", "2021-03-01", case=CE, role="co_referent")
    events = (registered(FT), registered(CE), referent("FT-1", "2021-03-01"), co_referent, closed("2021-06-01"))
    assert set(times(*events)) == {("FT-1", "2021-03-01", "2021-06-01"), ("CE-1", "2021-03-01", None)}


def test_a_network_is_back_with_its_record() -> None:
    events = (registered(FT), referent("FT-1", "2021-03-01"), closed("2021-06-01"))
    back = event(CaseReopened, "2021-09-01", FT)
    assert times(*events, back) == [("FT-1", "2021-03-01", "2021-06-01"), ("FT-1", "2021-09-01", None)]


def test_a_network_is_back_with_the_pathway_even_if_its_record_stays_closed() -> None:
    events = (registered(FT), referent("FT-1", "2021-03-01"), closed("2021-06-01"), left("2021-06-01"))
    assert times(*events, taken_up("2021-09-01")) == [
        ("FT-1", "2021-03-01", "2021-06-01"),
        ("FT-1", "2021-09-01", None),
    ]


def test_a_network_stays_while_another_of_its_records_is_open() -> None:
    events = (registered(FT), registered(FT_2), referent("FT-1", "2021-03-01"), closed("2021-06-01"))
    assert times(*events) == [("FT-1", "2021-03-01", None)]
    assert times(*events, closed("2021-07-01", FT_2)) == [("FT-1", "2021-03-01", "2021-07-01")]


def test_absences_that_overlap_are_one() -> None:
    events = (registered(FT), referent("FT-1", "2021-03-01"), closed("2021-06-01"), left("2021-06-15"))
    reopened = (event(CaseReopened, "2021-08-01", FT), taken_up("2021-09-01"))
    assert times(*events, *reopened) == [("FT-1", "2021-03-01", "2021-06-01"), ("FT-1", "2021-09-01", None)]


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


def test_an_end_before_the_start_leaves_no_time() -> None:
    assert times(proposed(at="2021-03-10"), event(DelegationDeclined, "2021-03-09", delegation_id="D-1")) == []


def test_a_voided_event_gives_no_time() -> None:
    one = referent("FT-1", "2021-03-01")
    assert times(one, voided(one)) == []


def test_an_erased_person_is_accompanied_by_nobody() -> None:
    assert times(referent("FT-1", "2021-03-01"), event(PersonErased, "2021-06-01", FT, reason="request")) == []


def test_the_times_are_the_same_whatever_order_the_events_arrive_in() -> None:
    events = [referent("FT-1", "2021-03-01"), proposed(), accepted(), left("2021-06-01"), taken_up("2021-09-01")]
    expected = rows_of(table.MODEL, pathway(*events))
    assert len(expected) == 7
    for order in permutations(events):
        assert rows_of(table.MODEL, arriving([each] for each in order)) == expected


def test_rows_are_numbered_among_those_of_one_event() -> None:
    rows = rows_of(table.MODEL, pathway(proposed(), left("2021-06-01"), taken_up("2021-09-01")))
    assert [row["number"] for row in rows] == [1, 2, 3, 4]
    assert len({row["accompaniment_id"] for row in rows}) == 1


def test_the_last_day_of_the_calendar_is_a_day_like_others() -> None:
    events = (referent("FT-1", "2021-03-01"), referent("FT-2", "9999-12-31", at="2021-04-01"))
    assert times(*events) == [("FT-1", "2021-03-01", "9999-12-31"), ("FT-2", "9999-12-31", None)]

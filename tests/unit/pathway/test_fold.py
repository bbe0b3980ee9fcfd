"""The fold: a function of the set of events, whatever their arrival (P1), stored and taken up again, erased."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed, CaseReopened, CaseUpdated
from hub.domain.events.correction import ContradictionSettled, EventVoided
from hub.domain.events.delegation import DelegationAccepted, DelegationEnded, DelegationProposed
from hub.domain.events.diagnosis import DiagnosisCompleted
from hub.domain.events.erasure import PersonErased
from hub.domain.events.pathway import PathwayClosed, PathwayReopened
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.order import order_key
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import EMPTY, Pathway, alerts, anomalies, evolve, fold, must_refold
from tests.unit.pathway.builders import CE, FT, arriving, event, moment, pathway, registered, rules, voided


def story() -> list[Event]:
    wrong = event(CaseUpdated, "2020-02-04", FT, contact={"phone": "06 00 00 00 09"}, category="2")
    return [
        registered(FT, "2020-01-06", family_name="Durand", contact={"phone": "06 00 00 00 01"}),
        wrong,
        registered(CE, "2020-02-10", family_name="Durant", contact={"phone": "06 00 00 00 02"}),
        event(ReferentAssigned, "2020-01-07", FT, adviser="A-1", role="referent", from_date="2020-01-07"),
        event(DisabilityTitleRecorded, "2020-01-08", FT, title="rqth", valid_from="2020-01-01", valid_to="2024-12-31"),
        event(DelegationAccepted, "2020-03-02", CE, delegation_id="D-1"),
        event(DelegationProposed, "2020-03-02", FT, delegation_id="D-1", ground="compensation"),
        event(ReferentAssigned, "2020-03-03", CE, adviser="A-2", role="referent", from_date="2020-03-03"),
        event(
            AppointmentRecorded,
            "2020-03-10",
            CE,
            appointment_id="R-1",
            starts_at=moment("2020-03-10"),
            status="held",
            mode="on_site",
            place="agency",
        ),
        event(
            ContradictionSettled, "2020-04-06", FT, fact="family_name", kept_network="france_travail", reason="Vérifié"
        ),
        event(DelegationEnded, "2020-09-01", CE, delegation_id="D-1", motive="goal_reached"),
        event(CaseClosed, "2020-10-05", FT, motive="employment"),
        event(PathwayClosed, "2020-10-05", FT, motive="lasting_employment"),
        event(PathwayReopened, "2021-02-01", CE, trigger="job_lost"),
        event(CaseReopened, "2021-02-02", FT, motive="job_lost"),
        voided(wrong, "2021-03-01"),
        voided(wrong, "2021-03-02", case=CE),
    ]


STORY = story()
WHOLE = pathway(*STORY)


def test_a_late_event_gives_what_it_would_have_given_in_time() -> None:
    late = STORY[2]
    others = [one for one in STORY if one is not late]

    assert arriving([others, [late]]) == WHOLE


@given(st.permutations(STORY), st.lists(st.integers(1, 5), min_size=1))
def test_any_arrival_in_any_batches_gives_the_same_pathway(order: list[Event], sizes: list[int]) -> None:
    batches, rest = [], list(order)
    for size in sizes:
        batches.append(rest[:size])
        rest = rest[size:]
    batches.append(rest)

    arrived = arriving(batch for batch in batches if batch)

    assert arrived == WHOLE
    assert list(anomalies(arrived)) == list(anomalies(WHOLE))
    assert list(alerts(arrived)) == list(alerts(WHOLE))


@given(st.integers(1, len(STORY) - 1))
def test_a_stored_pathway_can_be_folded_on(place: int) -> None:
    ordered = sorted((one for one in STORY if not isinstance(one, EventVoided)), key=order_key)
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(fold(ordered[:place])), type=Pathway)

    assert fold(ordered[place:], stored) == fold(ordered)


def test_folding_one_by_one_gives_the_same_as_all_at_once() -> None:
    ordered = sorted((one for one in STORY if not isinstance(one, EventVoided)), key=order_key)

    assert reduce(evolve, ordered, EMPTY) == fold(ordered)


def test_no_events_change_nothing() -> None:
    assert fold([], WHOLE) is WHOLE


def test_an_empty_pathway_has_no_id() -> None:
    with pytest.raises(ValueError, match="without events"):
        _ = EMPTY.person_id


def test_a_pathway_is_known_by_its_canonically_first_event() -> None:
    assert WHOLE.person_id == STORY[0].meta.event_id


def test_only_a_late_event_a_void_or_an_erasure_asks_for_a_refold() -> None:
    intake = registered(FT, "2020-01-06")
    state = pathway(intake)

    assert not must_refold(state, [registered(CE, "2020-02-10")])
    assert must_refold(state, [registered(CE, "2019-12-02")])
    assert must_refold(state, [voided(intake)])
    assert must_refold(state, [event(PersonErased, "2021-04-05", reason="request")])


def test_an_erased_person_leaves_only_the_fact_of_it() -> None:
    erasure = event(PersonErased, "2021-04-05", reason="request")

    state = arriving([STORY, [erasure]])

    assert state.lifecycle.erased == Fact("request", erasure.meta.event_id)
    assert (state.legs.by_case, state.claims.by_fact, state.source.runs) == ({}, {}, {})
    assert rules(state) == []
    assert "Durand" not in msgspec.json.encode(state).decode()


@given(st.permutations([*STORY[:4], event(PersonErased, "2021-04-05", reason="request")]))
def test_an_erasure_holds_in_any_order_of_arrival(order: list[Event]) -> None:
    state = arriving([one] for one in order)

    assert state == pathway(*order)
    assert state.legs.by_case == {}


def test_what_comes_after_an_erasure_is_forgotten_too() -> None:
    erasure = event(PersonErased, "2021-04-05", reason="request")

    state = arriving([[registered(FT)], [erasure], [registered(FT, "2021-05-03", family_name="Durand")]])

    assert state.legs.by_case == {}
    assert state.events == 3


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_record_heard_of_only_after_an_erasure_is_a_new_life(order: Sequence[int]) -> None:
    anew = registered(CE, "2021-05-03", family_name="Durand")
    seen = event(DiagnosisCompleted, "2021-05-10", CE, themes=["health"])
    erasure = event(PersonErased, "2021-04-05", reason="request")
    events = [registered(FT), erasure, anew, seen]

    state = arriving([[events[place]] for place in order])

    assert [leg.case for leg in state.legs.by_case.values()] == [CE]
    assert (state.lifecycle.erased, state.lifecycle.phase) == (None, pathway(anew, seen).lifecycle.phase)
    assert state == pathway(*events)

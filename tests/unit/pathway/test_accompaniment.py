"""Who accompanies the person as a referent, from when until when, and what holds of every time."""

from __future__ import annotations

from itertools import permutations

from hub.domain.events.case import CaseReopened
from hub.domain.events.delegation import DelegationDeclined
from hub.domain.events.erasure import PersonErased
from hub.domain.ids import CaseKey
from hub.domain.pathway.accompaniment import accompaniments
from hub.projections import accompaniment as table
from tests.unit.pathway.accompaniments import accepted, closed, left, proposed, referent, taken_up, times
from tests.unit.pathway.builders import CE, FT, arriving, event, pathway, registered, voided
from tests.unit.pathway.builders import table as rows_of

FT_2 = CaseKey(FT.network, "", "22345678901")


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

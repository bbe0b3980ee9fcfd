"""Referents over time: one adviser at any date (M13)."""

from __future__ import annotations

from datetime import date
from itertools import permutations

from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CaseKey
from hub.domain.pathway.referent import current, of_role
from hub.projections import referent as table
from tests.unit.pathway.builders import CE, FT, arriving, event, pathway, rules, shown_by


def assigned(
    adviser: str, from_date: str, at: str = "2021-03-01", case: CaseKey = FT, role: str = "referent"
) -> ReferentAssigned:
    return event(ReferentAssigned, at, case, adviser=adviser, role=role, from_date=from_date)


def test_a_new_referent_ends_the_one_before_and_keeps_it() -> None:
    first, second = assigned("A-1", "2020-01-06"), assigned("A-2", "2021-03-01", case=CE)

    state = pathway(first, second).referents

    now = current(state)
    assert now is not None
    assert (now.adviser, now.network) == ("A-2", "cap_emploi")
    periods = [(one.adviser, following and following.from_date) for one, following in of_role(state, "referent")]
    assert periods == [("A-1", date(2021, 3, 1)), ("A-2", None)]


def test_an_assignment_recorded_late_takes_its_place_by_its_day() -> None:
    state = pathway(assigned("A-2", "2021-03-01"), assigned("A-1", "2020-01-06", at="2021-04-05")).referents

    assert [one.adviser for one in state.assignments] == ["A-1", "A-2"]


def test_a_co_referent_ends_no_referent() -> None:
    state = pathway(assigned("A-1", "2020-01-06"), assigned("A-2", "2021-03-01", role="co_referent")).referents

    now = current(state)
    assert now is not None
    assert now.adviser == "A-1"
    assert of_role(state, "referent")[0][1] is None


def test_a_pathway_may_have_no_referent() -> None:
    state = pathway(assigned("A-2", "2021-03-01", role="co_referent"))

    assert current(state.referents) is None
    assert rules(state) == []


def test_referents_are_the_same_in_any_order_of_arrival() -> None:
    events = (
        assigned("A-1", "2021-03-01"),
        assigned("A-2", "2021-03-01", at="2021-03-02"),
        assigned("A-3", "2020-01-06", at="2021-03-03", case=CE),
    )
    expected = pathway(*events).referents

    for order in permutations(events):
        assert arriving([one] for one in order).referents == expected


def test_two_referents_for_the_same_day_are_an_anomaly_of_the_one_replaced() -> None:
    first, second = assigned("A-1", "2021-03-01"), assigned("A-2", "2021-03-01", at="2021-03-02")

    assert shown_by(pathway(first, second), "two_referents_same_day") == [first.meta.event_id]


def test_the_same_referent_stated_twice_is_no_anomaly() -> None:
    state = pathway(assigned("A-1", "2021-03-01"), assigned("A-1", "2021-03-01", at="2021-03-02", case=CE))

    assert rules(state) == []


def test_a_row_ends_when_the_next_one_of_its_role_starts() -> None:
    first, second = assigned("A-1", "2020-01-06"), assigned("A-2", "2021-03-01")

    rows = {row[0]: row for row in table.rows(pathway(first, second))}

    by = second.meta.event_id
    assert rows[first.meta.event_id][5:] == (
        date(2020, 1, 6),
        date(2021, 3, 1),
        first.meta.event_id,
        f'{{"until_date":"{by}"}}',
    )
    assert rows[by][5:] == (date(2021, 3, 1), None, by, None)

"""Voids: as if the event had not been, whenever the void was written."""

from __future__ import annotations

from itertools import permutations

from hub.domain.events.case import CaseUpdated
from hub.domain.events.correction import ContradictionSettled, EventVoided
from hub.domain.events.erasure import PersonErased
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted
from hub.domain.pathway.claim import accepted
from hub.domain.pathway.correction import effective, undone
from hub.domain.pathway.pathway import Pathway
from tests.unit.pathway.builders import CE, FT, arriving, event, nth_id, pathway, registered, rules, shown_by, voided


def phoned(number: str, at: str = "2020-02-03") -> CaseUpdated:
    return event(CaseUpdated, at, FT, contact={"phone": number})


def phone(state: Pathway) -> str | None:
    found = accepted(state.claims, "phone")
    return found.value if found else None


def test_a_voided_event_counts_as_if_it_had_not_been() -> None:
    right, wrong = phoned("06 00 00 00 01"), phoned("06 00 00 00 02", "2020-03-02")
    void = voided(wrong)

    state = pathway(registered(), right, wrong, void)

    assert phone(state) == "06 00 00 00 01"
    assert effective(state.corrections) == {wrong.meta.event_id: void.meta.event_id}
    assert rules(state) == []


def test_a_void_works_in_any_order_of_arrival() -> None:
    wrong = phoned("06 00 00 00 02")
    events = (registered(), wrong, voided(wrong))
    expected = pathway(*events)

    for order in permutations(events):
        assert arriving([one] for one in order) == expected


def test_a_void_dated_before_its_event_works() -> None:
    wrong = phoned("06 00 00 00 02", "2020-03-02")

    assert phone(pathway(registered(), wrong, voided(wrong, "2020-02-03"))) is None


def test_a_void_of_an_event_not_seen_is_an_anomaly_until_it_arrives() -> None:
    wrong = phoned("06 00 00 00 02")
    void = voided(wrong)
    intake = registered()

    assert shown_by(arriving([[intake], [void]]), "void_without_event") == [void.meta.event_id]
    assert shown_by(arriving([[intake], [void], [wrong]]), "void_without_event") == []


def test_one_network_cannot_void_the_others_event() -> None:
    right = phoned("06 00 00 00 01")
    void = voided(right, case=CE)

    state = pathway(registered(), registered(CE), right, void)

    assert phone(state) == "06 00 00 00 01"
    assert shown_by(state, "void_of_another_case") == [void.meta.event_id]
    assert effective(state.corrections) == {}


def test_a_void_from_another_case_does_not_stop_the_emitters_own() -> None:
    wrong = phoned("06 00 00 00 01")
    foreign, own = voided(wrong, "2021-01-04", case=CE), voided(wrong, "2022-01-03")

    state = pathway(registered(), registered(CE), wrong, foreign, own)

    assert phone(state) is None
    assert shown_by(state, "void_of_another_case") == [foreign.meta.event_id]
    assert effective(state.corrections) == {wrong.meta.event_id: own.meta.event_id}


def test_the_first_of_two_voids_stands() -> None:
    wrong = phoned("06 00 00 00 01")
    first, second = voided(wrong, "2021-01-04"), voided(wrong, "2022-01-03")

    state = arriving([[second], [wrong], [first]])

    assert effective(state.corrections) == {wrong.meta.event_id: first.meta.event_id}


def test_a_void_cannot_be_voided() -> None:
    wrong = phoned("06 00 00 00 01")
    void = voided(wrong, "2021-01-04")
    second = voided(void, "2022-01-03")

    state = pathway(registered(), wrong, void, second)

    assert phone(state) is None
    assert shown_by(state, "void_of_a_void") == [second.meta.event_id]


def test_a_decision_about_a_case_is_not_for_its_network_to_void() -> None:
    ft, ce = phoned("06 00 00 00 01"), event(CaseUpdated, "2020-03-02", CE, contact={"phone": "06 00 00 00 02"})
    kept = event(ContradictionSettled, "2020-04-06", fact="phone", kept_network="france_travail", reason="Vérifié")
    erased = event(PersonErased, "2021-04-05", FT, reason="request")

    settled = pathway(registered(), registered(CE), ft, ce, kept, voided(kept))

    assert phone(settled) == "06 00 00 00 01"
    assert rules(settled) == ["void_of_a_decision"]
    assert pathway(registered(), erased, voided(erased)).lifecycle.erased is not None


def test_a_void_of_nothing_names_itself() -> None:
    void = event(EventVoided, "2022-01-03", FT, voided_event_id=nth_id(2**31), reason="wrong_person")

    assert shown_by(pathway(registered(), void), "void_without_event") == [void.meta.event_id]


def test_an_answer_voided_says_what_is_expected_again_and_why() -> None:
    wrong = event(FollowUpRecorded, "2021-03-02", placement_id="P-1", due_on="2021-03-01", state="in_post")
    void = voided(wrong, "2021-03-09", CE)
    events = (
        registered(CE),
        event(FollowUpStarted, "2020-12-01", placement_id="P-1", due_on=["2021-03-01"]),
        wrong,
        void,
    )
    for order in permutations(events):
        (found,) = undone(arriving([one] for one in order).corrections, "follow_up:P-1:2021-03-01")
        assert (found.event_id, found.void_id) == (wrong.meta.event_id, void.meta.event_id)
    assert undone(pathway(*events).corrections, "follow_up:P-1:2021-06-01") == []


def test_a_void_of_what_answers_nothing_leaves_nothing_expected() -> None:
    wrong = phoned("06 00 00 00 02")
    assert pathway(registered(), wrong, voided(wrong)).corrections.undone == ()

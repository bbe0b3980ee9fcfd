"""Case records into people: by decision, by reference, by equal traits, and kept apart."""

from __future__ import annotations

from itertools import permutations

import pytest

from hub.domain.events.link import PairDecision
from hub.domain.identity.evidence import Evidence
from hub.domain.identity.resolve import MOST_HOLDERS, Link, Resolution, decision_of, resolve
from hub.domain.pathway.fact import Fact
from tests.unit.identity_cases import (
    CLAIRE,
    HUB_CASE,
    ce,
    decided,
    ft,
    meta,
    people,
    record,
    ref,
    together,
    uuid,
)


def test_a_second_networks_intake_joins_by_the_id_that_it_names() -> None:
    resolution = people([record(ft(1)), record(ce(1), other=ft(1), number=2)])

    assert resolution.clusters == ((ce(1), ft(1)),)
    assert resolution.links == (Link(ce(1), ft(1), "reference", (uuid(2),)),)
    assert resolution.suggestions == ()


def test_a_second_networks_intake_joins_by_equal_traits() -> None:
    resolution = people([record(ft(1), CLAIRE), record(ce(1), CLAIRE, number=2)])

    assert resolution.links == (Link(ce(1), ft(1), "traits", (uuid(1), uuid(2))),)
    assert together(resolution, ce(1), ft(1))


def test_every_rule_that_holds_is_named() -> None:
    records = [record(ft(1), CLAIRE, other=ce(1)), record(ce(1), CLAIRE, other=ft(1), number=2)]

    resolution = people(records, decided("linked", 3, ft(1), ce(1)))

    assert [(link.rule, link.event_ids) for link in resolution.links] == [
        ("decision", (uuid(3),)),
        ("reference", (uuid(1), uuid(2))),
        ("traits", (uuid(1), uuid(2))),
    ]


def test_a_reference_to_a_record_not_here_yet_does_nothing_yet() -> None:
    waiting = record(ce(1), other=ft(1))

    assert people([waiting, record(ft(2))]).clusters == ((ce(1),), (ft(2),))
    assert together(people([waiting, record(ft(2)), record(ft(1))]), ce(1), ft(1))


def test_a_decision_about_a_record_not_here_yet_does_nothing_yet() -> None:
    decision = decided("linked", 5, ft(1), ce(1))

    assert people([record(ft(1))], decision) == Resolution(((ft(1),),), (), (), ())


def test_a_chain_of_references_and_decisions_is_one_person() -> None:
    records = [record(ft(1)), record(ce(1), other=ft(1)), record(ft(2), other=ce(2)), record(ce(2)), record(ft(3))]

    resolution = people(records, decided("linked", 1, ce(1), ce(2)), decided("linked", 2, ft(2), ft(3)))

    assert resolution.clusters == ((ce(1), ce(2), ft(1), ft(2), ft(3)),)


def test_the_last_decision_about_a_pair_counts_in_whatever_order_they_arrive() -> None:
    history = [
        decided("linked", 1, ft(1), ce(1)),
        decided("unlinked", 2, ce(1), ft(1)),
        decided("linked", 3, ft(1), ce(1)),
    ]
    records = [record(ft(1)), record(ce(1))]

    for known, linked in ((1, True), (2, False), (3, True)):
        answers = {people(records, *order) for order in permutations(history[:known])}
        assert len(answers) == 1
        assert together(answers.pop(), ft(1), ce(1)) is linked


def test_an_unlinked_pair_is_not_linked_again_but_remains_a_suggestion() -> None:
    records = [record(ft(1), CLAIRE), record(ce(1), CLAIRE, number=2)]
    unlinked = decided("unlinked", 3, ft(1), ce(1))

    resolution = people(records, unlinked)

    assert resolution.clusters == ((ce(1),), (ft(1),))
    assert resolution.suggestions == (Link(ce(1), ft(1), "traits", (uuid(1), uuid(2)), "unlinked"),)
    assert resolution.separations == (unlinked,)


def test_a_rejected_pair_is_never_proposed_again() -> None:
    records = [record(ft(1), CLAIRE, other=ce(1)), record(ce(1), CLAIRE), record(ft(2), CLAIRE)]

    resolution = people(records, decided("rejected", 3, ft(1), ce(1)))

    assert resolution.links == ()
    assert {(link.left, link.right) for link in resolution.suggestions} == {(ce(1), ft(2)), (ft(1), ft(2))}


def test_a_link_after_a_rejection_counts() -> None:
    decisions = [decided("rejected", 1, ft(1), ce(1)), decided("linked", 2, ft(1), ce(1))]

    assert together(people([record(ft(1)), record(ce(1))], *decisions), ft(1), ce(1))


def test_a_third_record_after_a_broken_pair_joins_one_side_and_is_proposed_to_the_other() -> None:
    records = [record(ft(1), other=ce(1)), record(ft(2), other=ce(1), number=2), record(ce(1))]

    resolution = people(records, decided("unlinked", 3, ft(1), ft(2)))

    assert resolution.clusters == ((ce(1), ft(1)), (ft(2),))
    assert resolution.suggestions == (Link(ce(1), ft(2), "reference", (uuid(2),), "separated"),)


def test_a_third_record_does_not_bring_a_broken_pair_together_through_a_chain() -> None:
    records = [record(ft(1), other=ce(1)), record(ce(1)), record(ft(2), other=ce(2)), record(ce(2)), record(ft(3))]
    decisions = [
        decided("unlinked", 1, ce(1), ce(2)),
        decided("linked", 2, ft(3), ft(1)),
        decided("linked", 3, ft(3), ft(2)),
    ]

    resolution = people(records, *decisions)

    assert not together(resolution, ce(1), ce(2))
    assert [(link.rule, link.skipped_because) for link in resolution.suggestions] == [("reference", "separated")]


def test_unlinking_gives_each_record_back_what_it_had() -> None:
    records = [record(ft(1), other=ce(1)), record(ce(1)), record(ft(2), CLAIRE), record(ce(2), CLAIRE)]
    before = people(records)
    linked = decided("linked", 1, ft(1), ft(2))

    assert together(people(records, linked), ft(1), ft(2), ce(1), ce(2))
    after = people(records, linked, decided("unlinked", 2, ft(1), ft(2)))

    assert (after.clusters, after.links, after.suggestions) == (before.clusters, before.links, ())


def test_a_person_who_matches_two_others_is_linked_to_neither() -> None:
    records = [record(ce(1), CLAIRE), record(ft(1), CLAIRE), record(ft(2), CLAIRE)]

    resolution = people(records)

    assert resolution.clusters == ((ce(1),), (ft(1),), (ft(2),))
    assert resolution.links == ()
    assert [(link.left, link.right, link.skipped_because) for link in resolution.suggestions] == [
        (ce(1), ft(1), "ambiguous"),
        (ce(1), ft(2), "ambiguous"),
        (ft(1), ft(2), "ambiguous"),
    ]


def test_a_person_who_matches_two_others_follows_the_reference_to_one() -> None:
    records = [record(ce(1), CLAIRE, other=ft(2)), record(ft(1), CLAIRE), record(ft(2), CLAIRE)]

    resolution = people(records)

    assert resolution.clusters == ((ce(1), ft(2)), (ft(1),))
    assert {(link.left, link.right) for link in resolution.suggestions} == {(ce(1), ft(1)), (ft(1), ft(2))}


def test_two_records_that_a_person_declared_one_are_ambiguous_no_more() -> None:
    records = [record(ce(1), CLAIRE), record(ft(1), CLAIRE), record(ft(2), CLAIRE)]
    linked = decided("linked", 1, ft(1), ft(2))

    assert people(records, linked).clusters == ((ce(1), ft(1), ft(2)),)
    assert people(records, linked, decided("unlinked", 2, ft(1), ft(2))).clusters == people(records).clusters


def test_two_records_of_one_network_are_never_linked_by_their_traits() -> None:
    resolution = people([record(ft(1), CLAIRE), record(ft(2), CLAIRE)])

    assert resolution.clusters == ((ft(1),), (ft(2),))
    assert [link.skipped_because for link in resolution.suggestions] == ["ambiguous"]


def test_traits_that_crowds_of_records_share_suggest_nothing() -> None:
    crowd = [record(ft(number), CLAIRE) for number in range(MOST_HOLDERS + 1)]

    assert people(crowd[:-1]).suggestions
    assert people(crowd).suggestions == ()


def test_twins_stay_two_people() -> None:
    twin = CLAIRE.model_copy(update={"given_name": "Julie"})
    records = [record(ft(1), CLAIRE), record(ft(2), twin), record(ce(1), twin), record(ce(2), CLAIRE)]

    assert people(records).clusters == ((ce(1), ft(2)), (ce(2), ft(1)))


def test_twins_whose_compound_names_begin_alike_stay_two_people() -> None:
    one = CLAIRE.model_copy(update={"given_name": "MARIE ANNE"})
    other = CLAIRE.model_copy(update={"given_name": "Marie-Laure"})

    assert people([record(ft(1), one), record(ce(1), other)]).links == ()


def test_a_placeholder_links_nobody() -> None:
    nobody = CLAIRE.model_copy(update={"birth_name": "INCONNU", "family_name": "X"})

    assert people([record(ft(1), nobody), record(ce(1), nobody)]).links == ()


def test_contradicting_decisions_keep_the_separation() -> None:
    records = [record(ft(1)), record(ft(2)), record(ce(1))]
    decisions = [
        decided("linked", 1, ft(1), ce(1)),
        decided("rejected", 2, ft(1), ft(2)),
        decided("linked", 3, ft(2), ce(1)),
    ]

    resolution = people(records, *decisions)

    assert resolution.clusters == ((ce(1), ft(1)), (ft(2),))
    assert resolution.suggestions == (Link(ce(1), ft(2), "decision", (uuid(3),), "separated"),)


def test_a_decision_reads_its_pair_in_order_and_stands_where_it_was_recorded() -> None:
    decision = decided("unlinked", 7, ft(1), ce(1))

    assert (decision.kind, decision.left, decision.right, decision.event_id) == ("unlinked", ce(1), ft(1), uuid(7))
    assert decision.key[0] == meta(7, HUB_CASE).recorded_at


def test_an_event_that_decides_nothing_is_refused() -> None:
    undecided = PairDecision(meta=meta(1, HUB_CASE), left=ref(ft(1)), right=ref(ce(1)))

    with pytest.raises(TypeError, match="PairDecision"):
        decision_of(undecided)


def test_ten_thousand_records_kept_apart_from_one_resolve_at_once() -> None:
    """A quadratic resolution would need 10^8 steps here."""
    many = [Evidence(ft(number), reference=Fact(ce(1), uuid(number))) for number in range(10_000)]
    apart = [decided("rejected", number + 1, ft(number), ce(1)) for number in range(5_000)]

    resolution = resolve([*many, record(ce(1))], {}, apart)

    assert len(resolution.clusters) == 5_001


def test_a_third_file_cannot_undo_what_was_kept_apart_before() -> None:
    records = [record(ft(1)), record(ft(2)), record(ce(1), other=ft(1)), record(ce(2), other=ft(2))]

    resolution = people(records, decided("rejected", 1, ce(1), ce(2)), decided("linked", 2, ft(1), ft(2)))

    assert not together(resolution, ce(1), ce(2))
    assert together(resolution, ft(1), ft(2))

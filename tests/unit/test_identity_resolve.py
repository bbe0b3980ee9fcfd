"""Case records into people: by decision, by reference, by equal traits, and kept apart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events.link import PairDecision
from hub.domain.identity.evidence import Evidence
from hub.domain.identity.resolve import MOST_HOLDERS, Decision, Link, Resolution, decision_of, resolve
from hub.domain.ids import CaseKey
from hub.domain.pathway.fact import Fact
from tests.unit.identity_cases import CLAIRE, HUB_CASE, ce, decided, ft, meta, people, record, ref, uuid

CASES = [ft(1), ft(2), ft(3), ce(1), ce(2), ce(3)]


def together(resolution: Resolution, *cases: CaseKey) -> bool:
    return any(set(cases) <= set(cluster) for cluster in resolution.clusters)


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


Group = tuple[CaseKey, ...]


def joined(cases: Iterable[CaseKey], pairs: Iterable[tuple[CaseKey, CaseKey]]) -> tuple[Group, ...]:
    """Join cases by pairs, the slow and obvious way."""
    groups = [{case} for case in cases]
    for left, right in pairs:
        met = [group for group in groups if left in group or right in group]
        groups = [group for group in groups if group not in met] + [set().union(*met)]
    return tuple(sorted(tuple(sorted(group)) for group in groups))


def by_hand(records: list[Evidence], keys: dict[CaseKey, bytes | None], decisions: list[Decision]) -> tuple[Group, ...]:
    """Carry out the rule of identity as it is written down, with no care for speed."""
    cases = {evidence.case for evidence in records}
    last: dict[tuple[CaseKey, CaseKey], str] = {}
    for decision in sorted(decisions, key=lambda decision: decision.key):
        if {decision.left, decision.right} <= cases:
            last[decision.left, decision.right] = decision.kind
    apart = [pair for pair, kind in last.items() if kind != "linked"]
    taken: list[tuple[CaseKey, CaseKey]] = []

    def add(edges: Iterable[tuple[CaseKey, CaseKey]]) -> None:
        for edge in sorted(edges):
            groups = joined(cases, [*taken, edge])
            if not any(set(pair) <= set(group) for pair in apart for group in groups):
                taken.append(edge)

    add(pair for pair, kind in last.items() if kind == "linked")
    named = [(evidence.case, evidence.reference.value) for evidence in records if evidence.reference]
    add((min(pair), max(pair)) for pair in named if set(pair) <= cases)
    groups = joined(cases, taken)
    equal: list[tuple[CaseKey, CaseKey]] = []
    for key in {key for key in keys.values() if key}:
        holders = sorted(case for case in cases if keys[case] == key)
        by_network = [
            [case for case in holders if case.network == network] for network in ("cap_emploi", "france_travail")
        ]
        if all(any(set(same) <= set(group) for group in groups) for same in by_network) and all(by_network):
            equal.append((by_network[0][0], by_network[1][0]))
    add(equal)
    return joined(cases, taken)


def neighbourhoods(
    records: list[Evidence], keys: dict[CaseKey, bytes | None], decisions: list[Decision]
) -> tuple[Group, ...]:
    """Group cases that share a decision, a reference or a trait key, directly or through others."""
    cases = [evidence.case for evidence in records]
    decided_pairs = [(decision.left, decision.right) for decision in decisions]
    named = [(evidence.case, evidence.reference.value) for evidence in records if evidence.reference]
    equal = [
        (one, other) for one, other in combinations(cases, 2) if keys[one] is not None and keys[one] == keys[other]
    ]
    return joined(cases, [pair for pair in [*decided_pairs, *named, *equal] if set(pair) <= set(cases)])


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(CASES),
        st.one_of(st.none(), st.sampled_from(CASES)),
        st.sampled_from([None, b"k1", b"k2", b"k3"]),
    ),
    unique_by=lambda drawn: drawn[0],
    max_size=6,
)
DECISIONS = st.lists(
    st.tuples(
        st.sampled_from(["linked", "unlinked", "rejected"]),
        st.lists(st.sampled_from(CASES), min_size=2, max_size=2, unique=True),
    ),
    max_size=8,
)
Drawn = list[tuple[CaseKey, CaseKey | None, bytes | None]]
Choices = list[tuple[str, list[CaseKey]]]


def given_input(drawn: Drawn, choices: Choices) -> tuple[list[Evidence], dict[CaseKey, bytes | None], list[Decision]]:
    records = [
        Evidence(case, reference=Fact(other, uuid(index)) if other and other.network != case.network else None)
        for index, (case, other, _) in enumerate(drawn)
    ]
    decisions = [decided(kind, number, *pair) for number, (kind, pair) in enumerate(choices, start=100)]
    return records, {case: key for case, _, key in drawn}, decisions


@given(RECORDS, DECISIONS, st.data())
def test_neither_order_nor_repetition_matters(drawn: Drawn, choices: Choices, data: st.DataObject) -> None:
    records, keys, decisions = given_input(drawn, choices)
    shuffled = data.draw(st.permutations(records + records))
    decided_again = data.draw(st.permutations(decisions + decisions))
    other_keys = dict(data.draw(st.permutations(list(keys.items()))))

    assert resolve(shuffled, other_keys, decided_again) == resolve(records, keys, decisions)


@given(RECORDS, DECISIONS)
def test_a_pair_kept_apart_is_never_one_person(drawn: Drawn, choices: Choices) -> None:
    resolution = resolve(*given_input(drawn, choices))

    for decision in resolution.separations:
        assert not together(resolution, decision.left, decision.right)


@given(RECORDS, DECISIONS)
def test_clusters_are_what_the_links_join_and_suggestions_are_what_they_do_not(drawn: Drawn, choices: Choices) -> None:
    resolution = resolve(*given_input(drawn, choices))

    assert resolution.clusters == joined(
        [case for case, *_ in drawn], [(link.left, link.right) for link in resolution.links]
    )
    assert all(link.skipped_because is None for link in resolution.links)
    assert all(link.skipped_because for link in resolution.suggestions)
    assert not any(together(resolution, link.left, link.right) for link in resolution.suggestions)
    rejected = {(decision.left, decision.right) for decision in resolution.separations if decision.kind == "rejected"}
    assert not any((link.left, link.right) in rejected for link in resolution.suggestions)


@given(RECORDS, DECISIONS, st.lists(st.sampled_from(CASES), min_size=2, max_size=2, unique=True))
def test_a_link_undone_leaves_no_trace(drawn: Drawn, choices: Choices, pair: list[CaseKey]) -> None:
    records, keys, decisions = given_input(drawn, choices)
    before = resolve(records, keys, decisions)
    linked, unlinked = decided("linked", 500, *pair), decided("unlinked", 501, *pair)

    after = resolve(records, keys, [*decisions, linked, unlinked])

    if not together(before, *pair):
        assert (after.clusters, after.links) == (before.clusters, before.links)


@given(RECORDS, DECISIONS, st.lists(st.sampled_from(CASES), min_size=2, max_size=2, unique=True))
def test_a_link_undone_and_made_again_is_the_link(drawn: Drawn, choices: Choices, pair: list[CaseKey]) -> None:
    records, keys, decisions = given_input(drawn, choices)
    once = [decided("linked", 502, *pair)]
    again = [decided("linked", 500, *pair), decided("unlinked", 501, *pair), *once]

    assert resolve(records, keys, [*decisions, *again]) == resolve(records, keys, [*decisions, *once])


@given(RECORDS, DECISIONS)
def test_records_that_share_nothing_do_not_affect_each_other(drawn: Drawn, choices: Choices) -> None:
    records, keys, decisions = given_input(drawn, choices)
    whole = resolve(records, keys, decisions)
    parts = [
        resolve([evidence for evidence in records if evidence.case in group], keys, decisions)
        for group in neighbourhoods(records, keys, decisions)
    ]

    assert sorted(cluster for part in parts for cluster in part.clusters) == list(whole.clusters)
    assert {link for part in parts for link in part.links} == set(whole.links)
    assert {link for part in parts for link in part.suggestions} == set(whole.suggestions)
    assert {decision for part in parts for decision in part.separations} == set(whole.separations)


@given(RECORDS, DECISIONS)
def test_the_clusters_are_those_of_the_rule_carried_out_by_hand(drawn: Drawn, choices: Choices) -> None:
    records, keys, decisions = given_input(drawn, choices)

    assert resolve(records, keys, decisions).clusters == by_hand(records, keys, decisions)

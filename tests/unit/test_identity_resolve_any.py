"""Case records into people, whatever is recorded: the same in any order, and as by hand."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.identity.evidence import Evidence
from hub.domain.identity.resolve import Decision, resolve
from hub.domain.ids import CaseKey
from hub.domain.pathway.fact import Fact
from tests.unit.identity_cases import CASES, decided, together, uuid

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

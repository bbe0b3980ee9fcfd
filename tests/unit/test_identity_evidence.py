"""What a record says about whose it is, and the keys by which records meet."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events.case import CaseClosed, CaseRegistered, CaseUpdated, Traits
from hub.domain.identity.evidence import (
    Evidence,
    case_presence_key,
    gather,
    learn,
    presence_keys,
    trait_events,
    trait_key,
)
from hub.domain.order import order_key
from hub.domain.pathway.fact import Fact
from tests.unit.identity_cases import CLAIRE, ce, ft, keyed_hash, meta, record, registered, updated, uuid

TRAITS = st.builds(
    Traits,
    family_name=st.sampled_from([None, "Durand", "X"]),
    birth_name=st.sampled_from([None, "Lefèvre", "INCONNU"]),
    given_name=st.sampled_from([None, "Claire", "Claire Anne", "TEST"]),
    birth_date=st.sampled_from([None, date(1980, 5, 17), date(1980, 1, 1), date(1900, 1, 1)]),
    birth_place=st.sampled_from([None, "69244", "99352", "99999", "69383", "69123"]),
)
OTHER = st.sampled_from([None, ft(1), ft(2), ce(1), ce(2)])
CLAIMS = st.lists(st.tuples(TRAITS, OTHER), min_size=1, max_size=5)


def events_of(number: int, claims: list[tuple[Traits, object]]) -> list[CaseRegistered | CaseUpdated]:
    case = ft(1) if number == 1 else ce(1)
    return [
        updated(100 * number + index, case, traits, other)  # type: ignore[arg-type]
        for index, (traits, other) in enumerate(claims)
    ]


def test_each_trait_names_the_event_that_claimed_it_last() -> None:
    moved = Traits(family_name="Martin")

    evidence = gather(ft(1), [registered(1, ft(1), CLAIRE), updated(2, ft(1), moved)])

    assert evidence.traits == {
        "family_name": Fact("Martin", uuid(2)),
        "birth_name": Fact("Lefèvre", uuid(1)),
        "given_name": Fact("Claire", uuid(1)),
        "birth_date": Fact("1980-05-17", uuid(1)),
        "birth_place": Fact("69244", uuid(1)),
    }
    assert trait_events(evidence) == (uuid(1),)


def test_a_placeholder_takes_nothing_back() -> None:
    before = record(ft(1), CLAIRE)

    after = learn(before, updated(2, ft(1), Traits(birth_name="X", birth_date=date(1900, 1, 1), birth_place="99999")))

    assert after.traits == before.traits


def test_the_latest_reference_wins_and_an_update_without_one_keeps_it() -> None:
    evidence = gather(ce(1), [registered(1, ce(1), other=ft(1)), updated(2, ce(1), other=ft(2)), updated(3, ce(1))])

    assert evidence.reference == Fact(ft(2), uuid(2))
    assert evidence.last == order_key(updated(3, ce(1)))


def test_a_case_of_the_own_network_is_no_reference() -> None:
    assert gather(ce(1), [registered(1, ce(1), other=ft(1)), updated(2, ce(1), other=ce(2))]).reference == Fact(
        ft(1), uuid(1)
    )


def test_events_that_say_nothing_about_identity_leave_the_evidence_alone() -> None:
    closed = CaseClosed(meta=meta(2, ft(1)), motive="other")

    assert gather(ft(1), [registered(1, ft(1), CLAIRE), closed]) == record(ft(1), CLAIRE)
    assert gather(ft(1), [closed]) == Evidence(ft(1))


def test_evidence_survives_storage() -> None:
    evidence = record(ce(1), CLAIRE, other=ft(1))

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(evidence), type=Evidence) == evidence


def test_both_networks_spellings_of_one_person_have_one_trait_key() -> None:
    legacy = Traits(
        family_name="LEFEVRE", given_name="CLAIRE SOPHIE", birth_date=CLAIRE.birth_date, birth_place="69244"
    )

    assert trait_key(record(ft(1), legacy), keyed_hash) == trait_key(record(ce(1), CLAIRE), keyed_hash)
    assert trait_key(record(ce(1), CLAIRE), keyed_hash) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"given_name": "Clara"},
        {"birth_name": "Lefort"},
        {"birth_date": date(1980, 5, 18)},
        {"birth_place": "69123"},
    ],
)
def test_any_other_trait_gives_another_key(change: dict[str, object]) -> None:
    other = CLAIRE.model_copy(update=change)

    assert trait_key(record(ft(1), other), keyed_hash) != trait_key(record(ft(1), CLAIRE), keyed_hash)


@pytest.mark.parametrize(
    "change",
    [
        {"birth_name": None, "family_name": None},
        {"birth_name": "INCONNU", "family_name": "X"},
        {"given_name": None},
        {"given_name": "TEST"},
        {"birth_date": None},
        {"birth_date": date(1970, 1, 1)},
        {"birth_date": date(1900, 1, 1)},
        {"birth_place": None},
        {"birth_place": "99999"},
    ],
)
def test_without_all_four_traits_there_is_no_key(change: dict[str, object]) -> None:
    assert trait_key(record(ft(1), CLAIRE.model_copy(update=change)), keyed_hash) is None


def test_an_unknown_birth_name_leaves_the_family_name_to_speak() -> None:
    unknown = CLAIRE.model_copy(update={"birth_name": "NC"})
    absent = CLAIRE.model_copy(update={"birth_name": None})

    assert trait_key(record(ft(1), unknown), keyed_hash) == trait_key(record(ft(1), absent), keyed_hash)


def test_a_case_and_one_that_once_named_it_share_a_presence_key() -> None:
    named_then_corrected = [registered(1, ce(1), other=ft(1)), updated(2, ce(1), other=ft(2))]

    keys = presence_keys(named_then_corrected, keyed_hash)

    assert keys == {case_presence_key(case, keyed_hash) for case in (ce(1), ft(1), ft(2))}


def test_a_case_without_identity_events_has_its_own_presence_key() -> None:
    closed = CaseClosed(meta=meta(1, ft(1)), motive="other")

    assert presence_keys([closed], keyed_hash) == {case_presence_key(ft(1), keyed_hash)}


def test_a_placeholder_birth_brings_no_cases_together() -> None:
    nowhere = Traits(birth_date=date(1900, 1, 1), birth_place="99999")

    assert presence_keys([registered(1, ft(1), nowhere)], keyed_hash) == {case_presence_key(ft(1), keyed_hash)}


@given(CLAIMS)
def test_presence_keys_do_not_depend_on_order(claims: list[tuple[Traits, object]]) -> None:
    events = events_of(1, claims[:3])

    assert len({presence_keys(order, keyed_hash) for order in permutations(events)}) == 1


@given(CLAIMS, CLAIMS, st.data())
def test_whatever_links_two_records_at_any_time_was_among_their_presence_keys(
    left: list[tuple[Traits, object]], right: list[tuple[Traits, object]], data: st.DataObject
) -> None:
    left_events, right_events = events_of(1, left), events_of(2, right)
    known_left = gather(ft(1), [event for event in left_events if data.draw(st.booleans())])
    known_right = gather(ce(1), [event for event in right_events if data.draw(st.booleans())])
    shared = presence_keys(left_events, keyed_hash) & presence_keys(right_events, keyed_hash)

    left_key, right_key = trait_key(known_left, keyed_hash), trait_key(known_right, keyed_hash)

    if left_key is not None and left_key == right_key:
        assert shared
    if known_left.reference and known_left.reference.value == ce(1):
        assert shared

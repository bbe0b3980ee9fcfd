"""Near matches: their score, their reasons in French, and the keys that bring them together."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events.case import Traits
from hub.domain.identity.suggest import SUGGEST_FROM, blocking_keys, reasons, score
from tests.unit.identity_cases import CLAIRE, ce, ft, keyed_hash, record

SOME_TRAITS = st.builds(
    Traits,
    family_name=st.sampled_from([None, "Durand", "Durant", "Martin-Durand", "Claire", "X", "Ng"]),
    birth_name=st.sampled_from([None, "Lefèvre", "Lefebvre", "LE FEVRE", "Dupont"]),
    given_name=st.sampled_from([None, "Claire", "Clara", "Claire Marie", "Jean-Pierre", "Jean", "TEST"]),
    birth_date=st.one_of(st.none(), st.dates(date(1979, 1, 1), date(1981, 12, 31))),
    birth_place=st.sampled_from([None, "69244", "69383", "69123", "99352", "97411", "2A004"]),
)


def near(**changes: object) -> tuple[int, tuple[str, ...], bool]:
    """Compare Claire with a changed record of her: score, reasons, and whether a self-join would find the pair."""
    left, right = record(ft(1), CLAIRE), record(ce(1), CLAIRE.model_copy(update=changes))
    found = set(blocking_keys(left, keyed_hash)) & set(blocking_keys(right, keyed_hash))
    return score(left, right), reasons(left, right), bool(found)


def test_equal_traits_score_a_hundred() -> None:
    assert near() == (
        100,
        ("même nom", "même date de naissance", "même prénom", "même commune de naissance"),
        True,
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"birth_name": "Lefebvre", "family_name": None}, "noms proches"),
        ({"birth_name": None}, "même nom"),
        ({"birth_name": "Durand", "family_name": None}, "même nom"),
        ({"birth_name": "Lefevre-Martin", "family_name": None}, "noms proches"),
        ({"given_name": "Clair"}, "prénoms proches"),
        ({"given_name": "Claire-Marie"}, "prénoms proches"),
        ({"birth_name": "Claire", "family_name": None, "given_name": "Lefèvre"}, "nom et prénom inversés"),
        ({"birth_date": date(1980, 5, 11)}, "dates de naissance proches"),
        ({"birth_date": date(1981, 5, 17)}, "dates de naissance proches"),
        ({"birth_place": "69123"}, "même département de naissance"),
        ({"birth_place": "13055"}, "même date de naissance"),
        ({"birth_place": None}, "même date de naissance"),
    ],
)
def test_one_slip_is_suggested_with_its_reason_and_found(changes: dict[str, object], reason: str) -> None:
    points, why, found = near(**changes)

    assert points >= SUGGEST_FROM
    assert reason in why
    assert found


def test_day_and_month_swapped_are_suggested() -> None:
    swapped = CLAIRE.model_copy(update={"birth_date": date(1980, 7, 5)})
    straight = CLAIRE.model_copy(update={"birth_date": date(1980, 5, 7)})
    left, right = record(ft(1), swapped), record(ce(1), straight)

    assert score(left, right) >= SUGGEST_FROM
    assert "jour et mois de naissance inversés" in reasons(left, right)
    assert set(blocking_keys(left, keyed_hash)) & set(blocking_keys(right, keyed_hash))


@pytest.mark.parametrize(
    "changes",
    [
        {"given_name": "Julie"},
        {"birth_date": date(1991, 2, 3)},
        {"birth_name": "Moreau", "family_name": "Moreau"},
        {"birth_date": None},
        {"birth_date": date(1900, 1, 1)},
        {"given_name": None, "birth_place": None},
        {"birth_name": "X", "family_name": "INCONNU"},
    ],
)
def test_twins_namesakes_and_records_that_say_too_little_are_not_suggested(changes: dict[str, object]) -> None:
    points, _, _ = near(**changes)

    assert points < SUGGEST_FROM


def test_two_empty_records_have_nothing_in_common() -> None:
    nobody = record(ft(1), Traits(family_name="X", given_name="TEST", birth_date=date(1900, 1, 1)))

    assert score(nobody, nobody) < 10
    assert reasons(nobody, nobody) == ()
    assert blocking_keys(nobody, keyed_hash) == ()


def test_reasons_never_repeat_a_trait() -> None:
    _, why, _ = near(given_name="Clair")

    assert not any(word in " ".join(why) for word in ("Claire", "Clair", "Lefèvre", "1980", "69244"))


@given(SOME_TRAITS, SOME_TRAITS)
def test_it_does_not_matter_which_record_comes_first(one: Traits, other: Traits) -> None:
    left, right = record(ft(1), one), record(ce(1), other)

    assert score(left, right) == score(right, left)
    assert reasons(left, right) == reasons(right, left)
    assert 0 <= score(left, right) <= 100


@given(SOME_TRAITS)
def test_blocking_keys_are_few_distinct_and_sorted(one: Traits) -> None:
    keys = blocking_keys(record(ft(1), one), keyed_hash)

    assert list(keys) == sorted(set(keys))
    assert len(keys) <= 8


@given(st.dates(date(1950, 1, 1), date(2005, 12, 31)), st.dates(date(1950, 1, 1), date(2005, 12, 31)))
def test_every_pair_with_equal_names_that_is_suggested_is_found(one: date, other: date) -> None:
    left = record(ft(1), CLAIRE.model_copy(update={"birth_date": one}))
    right = record(ce(1), CLAIRE.model_copy(update={"birth_date": other}))

    if score(left, right) >= SUGGEST_FROM:
        assert set(blocking_keys(left, keyed_hash)) & set(blocking_keys(right, keyed_hash))

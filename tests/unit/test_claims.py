"""From claims to who asks: what counts, what is left out, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.api.tokens.claims import (
    MOST_SITES,
    ClaimNames,
    Standing,
    claim_names,
    client_of,
    is_of_system,
    reader_of,
    standing_of,
)
from hub.domain.access import ROLES, SYSTEM_ROLES, Reader
from hub.errors import TokenInvalid, Usage

ISSUER = "https://issuer.example"
EVERYTHING = Standing(roles=frozenset(ROLES), network="cap_emploi", adviser="C-4", sites=frozenset({"69123"}))


def standing(names: ClaimNames | None = None, **claims: Any) -> Standing:
    return standing_of(claims, names or ClaimNames())


def reader(given: Standing, *, is_system: bool = False, **claims: Any) -> Reader:
    return reader_of(ISSUER, {"sub": "s-1", **claims}, given, is_system=is_system)


def test_every_claim_has_its_place() -> None:
    found = standing(
        roles=["site_lead", "adviser"],
        network="france_travail",
        adviser="A-17",
        organisation="73282932000074",
        sites=["69123", "01001"],
        departments=["69", "2A"],
    )
    assert reader(found) == Reader(
        reader_id=f"{ISSUER}|s-1",
        roles=frozenset({"site_lead", "adviser"}),
        network="france_travail",
        adviser="A-17",
        organisation="73282932000074",
        sites=frozenset({"69123", "01001"}),
        departments=frozenset({"69", "2A"}),
    )


def test_without_claims_someone_is_nobody() -> None:
    assert reader(standing()) == Reader(f"{ISSUER}|s-1", frozenset())


def test_claims_are_found_by_a_path_and_by_a_name_with_dots() -> None:
    names = claim_names({"roles": "realm_access.roles", "network": "https://hub.example/network", "adviser": "uid"})
    claims = {
        "realm_access": {"roles": ["manager"]},
        "https://hub.example/network": "cap_emploi",
        "uid": "C-4",
        "roles": ["dpo"],
        "adviser": "C-5",
    }
    found = standing_of(claims, names)
    assert (found.roles, found.network, found.adviser) == (frozenset({"manager"}), "cap_emploi", "C-4")


@pytest.mark.parametrize("found", ["x", ["roles"], {"role": ["dpo"]}, 7, None])
def test_a_path_that_leads_nowhere_finds_nothing(found: Any) -> None:
    assert standing(claim_names({"roles": "realm_access.roles"}), realm_access=found).roles == frozenset()


@pytest.mark.parametrize(
    "roles", [["adviser", "uma_authorization", "offline_access"], "adviser offline_access", ["adviser", 7, {}]]
)
def test_roles_of_other_applications_are_left_out(roles: Any) -> None:
    assert standing(roles=roles).roles == frozenset({"adviser"})


@pytest.mark.parametrize("roles", ["ADVISER", "advisers", ["dpo "], [["dpo"]], {"dpo": True}, True, None])
def test_what_is_not_exactly_a_role_is_none(roles: Any) -> None:
    assert standing(roles=roles).roles == frozenset()


def test_a_list_of_one_is_the_one() -> None:
    assert standing(network=["cap_emploi"], adviser=["C-4"], sites="69123").network == "cap_emploi"


MALFORMED: dict[str, list[Any]] = {
    "network": ["hub", "pole_emploi", "", ["cap_emploi", "france_travail"], 7, {}],
    "adviser": ["", "a b", "é", "x" * 65, "a\n", "a@b", 7, ["A", "B"], "../../é"],
    "organisation": ["a b", {}, 7],
    "sites": [
        *(["6912"], ["69123", 7], ["６９１２３"], {}, [[]], "69123;69124"),
        [f"{number:05}" for number in range(MOST_SITES + 1)],
    ],
    "departments": [["20"], ["99"], [69], ["69", "69x"]],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in MALFORMED.items() for value in values])
def test_a_malformed_claim_is_named_and_not_repeated(name: str, value: Any) -> None:
    with pytest.raises(TokenInvalid, match=f"`claim_{name}`") as failure:
        standing(claim_names({name: f"claim_{name}"}), **{f"claim_{name}": value})
    assert len(str(value)) < 4 or str(value) not in str(failure.value)
    assert failure.value.__cause__ is None


def test_a_system_publishes_and_nothing_else() -> None:
    found = reader(EVERYTHING, is_system=True)
    assert found.is_system
    assert found.roles == SYSTEM_ROLES
    assert found.network == "cap_emploi"
    assert found.adviser is None


def test_a_person_never_publishes() -> None:
    assert reader(EVERYTHING).roles == frozenset(ROLES) - {"publisher"}


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "feed", "client_id": "feed"},
        {"sub": "feed", "azp": "feed"},
        {"sub": "8a-1", "azp": "Feed", "preferred_username": "service-account-feed"},
        {"sub": "8a-1", "azp": "feed", "idtyp": "app"},
        {"sub": "feed@clients", "azp": "feed", "gty": "client-credentials"},
    ],
)
def test_a_token_that_a_client_got_for_itself_is_a_systems(claims: dict[str, Any]) -> None:
    assert is_of_system(claims)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "person"},
        {"sub": "person", "azp": "web"},
        {"sub": "person", "client_id": "web", "azp": "person"},
        {"sub": "person", "azp": "web", "preferred_username": "service-account-feed"},
        {"sub": "person", "preferred_username": "service-account-"},
        {"sub": None, "azp": None, "idtyp": "app"},
        {"sub": ["web"], "azp": ["web"]},
    ],
)
def test_every_other_token_is_a_persons(claims: dict[str, Any]) -> None:
    assert not is_of_system(claims)
    assert client_of(claims) in {None, "web"}


@pytest.mark.parametrize("subject", ["s", "auth0|5f", "x" * 255, "a@b.example", "f:8a:uid"])
def test_subjects_of_every_provider_are_taken(subject: str) -> None:
    assert reader(EVERYTHING, sub=subject).reader_id == f"{ISSUER}|{subject}"


@pytest.mark.parametrize("subject", ["", None, 7, ["s"], "a b", "a\tb", "a\x00", "é", "x" * 256, "\ud800"])
def test_a_subject_that_is_none_is_refused(subject: Any) -> None:
    with pytest.raises(TokenInvalid, match="`sub`"):
        reader(EVERYTHING, sub=subject)


def test_a_name_that_no_claim_has_is_refused() -> None:
    with pytest.raises(Usage, match="role"):
        claim_names({"role": "x"})


@given(st.dictionaries(st.sampled_from(ClaimNames._fields), st.text() | st.lists(st.text(max_size=6), max_size=3)))
def test_a_standing_holds_only_what_the_domain_knows(claims: dict[str, Any]) -> None:
    try:
        found = standing_of(claims, ClaimNames())
    except TokenInvalid:
        return
    assert found.roles <= set(ROLES)
    assert found.network in {None, "cap_emploi", "france_travail"}
    assert all(len(site) == 5 and site.isascii() and site.isdigit() for site in found.sites)

"""Claims of both networks about the same fact, and their contradictions (M25)."""

from __future__ import annotations

from itertools import permutations

import pytest

from hub.domain.events.case import CaseUpdated
from hub.domain.events.correction import ContradictionSettled
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.domain.pathway.claim import accepted, contradictions, normalised, rule
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.leg import case_text
from hub.domain.pathway.pathway import Pathway
from hub.projections import claim as tables
from tests.unit.pathway.builders import CE, FT, arriving, event, pathway, registered, rules, shown_by


def settled(at: str, kept: str = FRANCE_TRAVAIL, fact: str = "phone") -> ContradictionSettled:
    return event(ContradictionSettled, at, FT, fact=fact, kept_network=kept, reason="Pièce d'identité présentée")


def phoned(case: CaseKey, at: str, number: str) -> CaseUpdated:
    return event(CaseUpdated, at, case, contact={"phone": number})


def open_facts(state: Pathway) -> list[str]:
    return [contradiction.fact for contradiction in contradictions(state.claims)]


FT_PHONE = phoned(FT, "2020-02-03", "06 00 00 00 01")
CE_PHONE = phoned(CE, "2020-03-02", "06 00 00 00 02")
BOTH = (registered(FT), registered(CE, "2020-01-13"), FT_PHONE, CE_PHONE)


def test_a_contradiction_shows_both_claims() -> None:
    (found,) = contradictions(pathway(*BOTH).claims)

    assert found.fact == "phone"
    assert found.claims == (
        (FRANCE_TRAVAIL, case_text(FT), "06 00 00 00 01", FT_PHONE.meta.event_id),
        (CAP_EMPLOI, case_text(CE), "06 00 00 00 02", CE_PHONE.meta.event_id),
    )


def test_the_latest_claim_is_shown_while_nobody_has_settled() -> None:
    claims = pathway(*BOTH).claims

    assert accepted(claims, "phone") == Fact("06 00 00 00 02", CE_PHONE.meta.event_id)
    assert rule(claims, "phone") == Fact("latest_claim", CE_PHONE.meta.event_id)


def test_a_settlement_ends_the_contradiction_and_keeps_that_networks_claim() -> None:
    decision = settled("2020-04-06")
    state = pathway(*BOTH, decision)

    assert open_facts(state) == []
    assert accepted(state.claims, "phone") == Fact("06 00 00 00 01", FT_PHONE.meta.event_id)
    assert rule(state.claims, "phone") == Fact("settled", decision.meta.event_id)


@pytest.mark.parametrize("case", [FT, CE])
def test_a_new_claim_of_either_network_opens_the_contradiction_again(case: CaseKey) -> None:
    newer = phoned(case, "2020-05-04", "06 00 00 00 03")
    state = pathway(*BOTH, settled("2020-04-06"), newer)

    assert open_facts(state) == ["phone"]
    assert accepted(state.claims, "phone") == Fact("06 00 00 00 03", newer.meta.event_id)


@pytest.mark.parametrize("number", ["06 00 00 00 02", "+33600000002"])
def test_a_network_that_repeats_its_claim_claims_nothing_new(number: str) -> None:
    state = pathway(*BOTH, settled("2020-04-06"), phoned(CE, "2020-05-04", number))

    assert open_facts(state) == []
    assert accepted(state.claims, "phone") == Fact("06 00 00 00 01", FT_PHONE.meta.event_id)


def test_a_repeated_value_keeps_the_event_that_set_it() -> None:
    claims = pathway(registered(), FT_PHONE, phoned(FT, "2020-05-04", "06 00 00 00 01")).claims

    assert accepted(claims, "phone") == Fact("06 00 00 00 01", FT_PHONE.meta.event_id)


def test_a_claim_taken_back_to_an_older_value_is_new() -> None:
    changes = phoned(CE, "2020-04-06", "06 00 00 00 04"), phoned(CE, "2020-06-01", "06 00 00 00 02")
    state = pathway(*BOTH, changes[0], settled("2020-05-04"), changes[1])

    assert open_facts(state) == ["phone"]


def test_claims_that_agree_once_normalised_are_no_contradiction() -> None:
    state = pathway(
        registered(FT, family_name="LE GOFF-BŒUF", given_name="Hélène", birth_date="1980-05-04"),
        registered(CE, "2020-02-03", family_name="Le Goff Boeuf", given_name="HELENE", birth_date="1980-05-04"),
    )

    assert open_facts(state) == []


def test_every_fact_that_differs_is_a_contradiction() -> None:
    state = pathway(
        registered(
            FT,
            family_name="Durand",
            birth_name="Petit",
            given_name="Anne",
            birth_date="1980-05-04",
            birth_place="69381",
            contact={"email": "anne@example.org", "commune": "69244"},
        ),
        registered(
            CE,
            "2020-02-03",
            family_name="Durant",
            birth_name="Petite",
            given_name="Anna",
            birth_date="1980-05-05",
            birth_place="2A004",
            contact={"email": "anna@example.org", "commune": "69381"},
        ),
        event(CaseUpdated, "2020-03-02", FT, availability="immediate"),
        event(CaseUpdated, "2020-03-02", CE, availability="training"),
    )

    assert open_facts(state) == [
        "family_name",
        "birth_name",
        "given_name",
        "birth_date",
        "birth_place",
        "email",
        "commune",
    ]


def test_a_monthly_availability_is_claimed_and_never_contradicted() -> None:
    told = (
        event(CaseUpdated, "2020-03-02", availability="immediate"),
        event(CaseUpdated, "2020-03-03", CE, availability="training"),
    )
    state = pathway(registered(), registered(CE), *told)

    assert open_facts(state) == []
    words = [(row[0], row[2], row[3]) for row in tables.claim_rows(state) if row[0] == "availability"]
    assert words == [("availability", FRANCE_TRAVAIL, "immediate"), ("availability", CAP_EMPLOI, "training")]


def test_two_records_of_one_network_do_not_contradict_each_other() -> None:
    other = CaseKey(CAP_EMPLOI, "51234567900017", "7")
    older, newer = phoned(other, "2020-04-06", "06 00 00 00 05"), phoned(CE, "2020-05-04", "06 00 00 00 01")

    assert open_facts(pathway(registered(CE), registered(other), CE_PHONE, older)) == []
    assert open_facts(pathway(*BOTH, older, newer)) == []


def test_a_fact_nobody_claims_has_no_value_and_no_rule() -> None:
    claims = pathway(registered()).claims

    assert (accepted(claims, "email"), rule(claims, "email")) == (None, None)


def test_claims_are_the_same_in_any_order_of_arrival() -> None:
    events = (*BOTH[2:], settled("2020-04-06"), phoned(FT, "2020-05-04", "06 00 00 00 03"))
    expected = pathway(*events)

    for order in permutations(events):
        state = arriving([one] for one in order)
        assert list(tables.claim_rows(state)) == list(tables.claim_rows(expected))
        assert contradictions(state.claims) == contradictions(expected.claims)


def test_a_settlement_of_a_claim_nobody_made_is_an_anomaly_until_the_claim_arrives() -> None:
    decision = settled("2020-04-06", CAP_EMPLOI)
    before = (*BOTH[:3], decision)

    assert shown_by(pathway(*before), "settlement_without_claim") == [decision.meta.event_id]
    assert rules(arriving([before, [CE_PHONE]])) == []


def test_a_settlement_of_something_that_is_no_fact_is_an_anomaly() -> None:
    assert rules(pathway(registered(), settled("2020-04-06", fact="shoe_size"))) == ["settlement_without_claim"]


@pytest.mark.parametrize(
    ("fact", "one", "other"),
    [
        ("phone", "+33 6 00 00 00 01", "06.00.00.00.01"),
        ("phone", "0033600000001", "06-00-00-00-01"),
        ("email", "Anne@Example.org", "anne@example.org"),
        ("family_name", "D'ARC", "d’Arc"),
        ("given_name", "Jean-François", "JEAN FRANCOIS"),
    ],
)
def test_spellings_of_one_value_are_equal(fact: str, one: str, other: str) -> None:
    assert normalised(fact, one) == normalised(fact, other)


def test_the_rows_say_which_claim_is_shown_and_by_which_rule() -> None:
    decision = settled("2020-04-06")
    state = pathway(*BOTH, decision)

    rows = {row[1]: row[2:] for row in tables.claim_rows(state)}

    ft = (FRANCE_TRAVAIL, "06 00 00 00 01", "settled", FT_PHONE.meta.event_id)
    assert rows[case_text(FT)] == (*ft, f'{{"accepted_by":"{decision.meta.event_id}"}}')
    assert rows[case_text(CE)] == (CAP_EMPLOI, "06 00 00 00 02", None, CE_PHONE.meta.event_id, None)
    assert list(tables.contradiction_rows(state)) == []


def test_an_open_contradiction_is_a_row_with_both_claims_and_their_events() -> None:
    assert list(tables.contradiction_rows(pathway(*BOTH))) == [
        (
            "phone",
            case_text(FT),
            "06 00 00 00 01",
            case_text(CE),
            "06 00 00 00 02",
            CE_PHONE.meta.event_id,
            f'{{"france_travail_case":"{FT_PHONE.meta.event_id}","france_travail_value":"{FT_PHONE.meta.event_id}"}}',
        )
    ]

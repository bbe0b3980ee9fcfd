"""The search for people over HTTP: found by full traits or a case record, by those who may, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hub.access.recording import Person
from hub.api.documents.searching import SearchResult
from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.erasure import PersonErased
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from tests.integration.apis import Api, Noted, an_api
from tests.integration.hubs import folder, take
from tests.unit.pathway.builders import OPS, event, registered

PATH = "/api/v1/cases/search"
BORN = {"birth_date": "1985-03-12", "birth_place": "69244"}
ZOE = {"family_name": "Lefèvre", "given_name": "Zoé", **BORN}
REASON = {"code": "replacement", "text": "Remplace A-17, en congé jusqu'à vendredi."}
MINE = Reader("mine", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-17")
OTHER = Reader("other", frozenset({"adviser"}), network=CAP_EMPLOI, adviser="C-4")
LEAD = Reader("lead", frozenset({"site_lead"}), network=FRANCE_TRAVAIL, sites=frozenset({"69123"}))
AUDITOR = Reader("auditor", frozenset({"auditor"}))
DPO = Reader("dpo", frozenset({"dpo"}))


def ft(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def referent(case: CaseKey, adviser: str) -> Event:
    return event(
        ReferentAssigned, "2021-01-11", case, adviser=adviser, role="referent", from_date="2021-01-11", site="69123"
    )


def history() -> list[Event]:
    """Give Zoé with a case in each network, her namesake, Tomáš, Łucja, a person erased, and one without a date."""
    return [
        registered(ft(1), family_name="Lefèvre", given_name="Zoé", birth_date="1985-03-12", birth_place="69244"),
        registered(
            CaseKey(CAP_EMPLOI, OPS, "CE-1"), "2020-02-03", other=ft(1),
            family_name="LEFEVRE", given_name="ZOE", birth_date="1985-03-12", birth_place="69244",
        ),
        referent(ft(1), "A-17"),
        registered(ft(2), family_name="Lefèvre", given_name="Zoé", birth_date="1991-11-02", birth_place="01053"),
        referent(ft(2), "A-18"),
        registered(ft(3), family_name="Dvořák", given_name="Tomáš", birth_date="1979-08-30", birth_place="99116"),
        registered(ft(4), family_name="Łuczak-Żółw", given_name="Łucja", birth_date="1990-05-05", birth_place="75112"),
        registered(ft(5), family_name="Martin", given_name="Paul", birth_date="1970-02-02", birth_place="69381"),
        event(PersonErased, "2021-03-01", ft(5), reason="request"),
        registered(ft(6), family_name="Sansdate", given_name="Marie"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def noted() -> Noted:
    return Noted()


@pytest.fixture(scope="module")
def api(engine: str, noted: Noted) -> Iterator[Api]:
    assert engine
    with folder() as path, an_api(path, recorder=noted) as running:
        take(running.hub, history())
        yield running


def search(api: Api, reader: Reader, **body: Any) -> list[dict[str, Any]]:
    answer = api.client(reader).post(PATH, json=body)
    assert answer.status_code == 200, answer.text
    SearchResult.model_validate_json(answer.content)
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_who_accompanies_a_person_finds_them_and_sees_who_leads(api: Api) -> None:
    (found,) = search(api, MINE, **ZOE)

    assert (found["family_name"], found["given_name"], found["birth_year"]) == ("LEFEVRE", "ZOE", 1985)
    assert found["networks"] == ["cap_emploi", "france_travail"]
    assert (found["ground"], found["score"], found["phase"]) == ("referent", 100, "intake")
    assert found["referent"] == {"network": "france_travail", "adviser": "A-17", "site": "69123"}
    assert "birth_date" not in found


@pytest.mark.parametrize(
    "body",
    [
        {"family_name": "Lefevre", "birth_date": "1985-03-12"},
        {"given_name": "zoe", "birth_date": "1985-03-12"},
        {"family_name": "LEFÉVRE", "given_name": "Zoë", "birth_date": "1985-03-12"},
        {"family_name": "Lefebvre", "given_name": "Zoé", "birth_date": "1985-03-12"},
        {"family_name": "Lefèvre", "given_name": "Zoé", "birth_date": "1985-12-03"},
        {"birth_name": "Zoé", "given_name": "Lefèvre", "birth_date": "1985-03-12"},
        {"case": {"network": "france_travail", "local_id": "00000000001"}},
        {"case": {"network": "cap_emploi", "scope": OPS, "local_id": "CE-1"}, "family_name": "Lefèvre"},
    ],
)
def test_a_person_is_found_by_two_traits_in_any_spelling_or_by_a_case(api: Api, body: dict[str, Any]) -> None:
    assert [found["birth_year"] for found in search(api, MINE, **body)] == [1985]


def test_a_case_that_does_not_agree_with_the_traits_beside_it_finds_nobody(api: Api) -> None:
    case = {"network": "france_travail", "local_id": "00000000001"}

    assert search(api, MINE, case=case, family_name="Martin", birth_date="1985-03-12") == []


def test_without_a_reason_nobody_else_finds_them_and_cannot_tell_that_they_exist(api: Api) -> None:
    client = api.client(OTHER)

    known, unknown = (
        client.post(PATH, json=body) for body in (ZOE, {**ZOE, "family_name": "Personne", "given_name": "Nulle"})
    )

    assert known.content == unknown.content == b'{"items":[]}'
    assert known.headers.keys() == unknown.headers.keys()


def test_with_a_reason_who_they_are_is_shown_and_no_more(api: Api) -> None:
    (found,) = search(api, OTHER, **ZOE, reason=REASON)

    assert (found["family_name"], found["ground"]) == ("LEFEVRE", "break_glass")
    assert (found["phase"], found["referent"]) == (None, None)


def test_a_search_with_a_reason_is_recorded_with_it_and_counts_as_another_person(api: Api, noted: Noted) -> None:
    search(api, OTHER, **ZOE, reason=REASON)

    asked, entry = noted.entries[-1]
    assert (asked.reader, asked.through) == (OTHER, "POST /api/v1/cases/search")
    assert (entry.kind, entry.code, entry.reason) == ("search", REASON["code"], REASON["text"])
    ((person, shown),) = entry.people.items()
    assert len(person.refs) == 2
    assert (shown.ground, shown.counted) == ("break_glass", "other")


def test_a_search_that_finds_nobody_counts_as_well_and_the_same_one_is_the_same(api: Api, noted: Noted) -> None:
    for body in (ZOE, dict(reversed(ZOE.items()))):
        search(api, OTHER, **body)

    (_, first), (_, second) = noted.entries[-2:]
    ((nobody, shown),) = first.people.items()
    assert nobody.refs == ()
    assert shown.counted == "other"
    assert list(second.people) == [nobody] != [Person.nobody("")]


def test_the_lead_of_a_site_finds_its_people(api: Api) -> None:
    (found,) = search(api, LEAD, **ZOE)

    assert (found["ground"], found["phase"]) == ("site", "intake")
    assert search(api, LEAD, family_name="Dvořák", birth_date="1979-08-30") == []


def test_an_auditor_finds_anyone_and_the_data_protection_officer_with_a_reason(api: Api) -> None:
    assert [found["ground"] for found in search(api, AUDITOR, **ZOE)] == ["audit"]
    assert search(api, DPO, **ZOE) == []
    assert [found["ground"] for found in search(api, DPO, **ZOE, reason=REASON)] == ["data_protection"]


@pytest.mark.parametrize(
    "body",
    [
        {"family_name": "Dvorak", "given_name": "Tomas", "birth_date": "1979-08-30"},
        {"family_name": "DVOŘÁK", "birth_date": "1979-08-30"},
        {"family_name": "Dvor\u030ca\u0301k", "birth_date": "1979-08-30"},
    ],
)
def test_names_are_found_whatever_their_letters(api: Api, body: dict[str, Any]) -> None:
    assert [found["family_name"] for found in search(api, AUDITOR, **body)] == ["Dvořák"]
    (found,) = search(api, AUDITOR, family_name="Luczak Zolw", birth_date="1990-05-05")
    assert found["family_name"] == "Łuczak-Żółw"


def test_an_erased_person_is_not_found(api: Api) -> None:
    assert search(api, AUDITOR, family_name="Martin", given_name="Paul", birth_date="1970-02-02") == []
    assert search(api, AUDITOR, case={"network": "france_travail", "local_id": "00000000005"}) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"family_name": "Lefèvre"},
        {"family_name": "Lefèvre", "given_name": "Zoé"},
        {"family_name": "Lefèvre", "given_name": "Zoé", "birth_place": "69244"},
        {"birth_date": "1985-03-12"},
        {"birth_date": "1985-03-12", "birth_place": "69244"},
        {"birth_date": "1970-01-01", "family_name": "Lefèvre"},
        {"birth_date": "1985-03-12", "family_name": "inconnu"},
        {"birth_date": "1985-03-12", "family_name": "%"},
        {"birth_date": "1985-03-12", "family_name": "*"},
        {"birth_date": "1985-03-12", "family_name": "_" * 20},
    ],
)
def test_nobody_can_list_people_by_less_than_that(api: Api, body: dict[str, Any]) -> None:
    answer = api.client(AUDITOR).post(PATH, json={**body, "reason": REASON})

    assert answer.status_code == 400
    assert answer.json()["type"].endswith(":usage")


@pytest.mark.parametrize(
    "name",
    [
        "L%", "L______", "Lef*", "' OR '1'='1", "'; DROP TABLE g1_pathway; --", "Lefèvre' UNION SELECT 1 --",
        "L\\%", "${jndi:ldap://x}", "{{7*7}}", "<script>", "../../etc", "L.*", "^L", "é" * 200, "𝕷𝖊𝖋",
    ],
)  # fmt: skip
def test_no_text_finds_more_than_the_name_it_is(api: Api, name: str) -> None:
    body = {"family_name": name, "birth_date": "1985-03-12", "reason": REASON}

    answer = api.client(AUDITOR).post(PATH, json=body)

    assert answer.status_code in {200, 400}, answer.text
    assert answer.status_code == 400 or answer.json() == {"items": []}
    assert len(search(api, AUDITOR, **ZOE)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"family_name": "Le\x00fevre", "birth_date": "1985-03-12"},
        {"family_name": "L" * 201, "birth_date": "1985-03-12"},
        {"family_name": ["Lefèvre"], "birth_date": "1985-03-12"},
        {"family_name": {"$ne": ""}, "birth_date": "1985-03-12"},
        {"family_name": "Lefèvre", "birth_date": "1985-13-12"},
        {"family_name": "Lefèvre", "birth_date": "1985-03-12", "limit": 1_000},
        {"case": {"network": "france_travail", "local_id": "%"}},
        {"case": {"network": "hub", "local_id": "00000000001"}},
        {**ZOE, "reason": {"code": "curiosity", "text": REASON["text"]}},
        {**ZOE, "reason": {"code": "audit", "text": "vu"}},
    ],
)
def test_what_is_malformed_is_refused_without_repeating_it(api: Api, body: dict[str, Any]) -> None:
    answer = api.client(AUDITOR).post(PATH, json=body)

    assert answer.status_code == 422
    assert "Lef" not in answer.text
    assert "curiosity" not in answer.text


@pytest.mark.parametrize("role", ["manager", "publisher", "operator"])
def test_roles_that_read_nobody_may_not_search(api: Api, role: Any) -> None:
    reader = Reader("r", frozenset({role}), network=FRANCE_TRAVAIL, adviser="A-17", sites=frozenset({"69123"}))

    assert api.client(reader).post(PATH, json=ZOE).status_code == 403

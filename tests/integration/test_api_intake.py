"""The intake look-up over HTTP: a network learns who leads a pathway and how to join it, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event

from hub.access.recording import Entry
from hub.api.documents.searching import Match, NoMatch
from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.diagnosis import DiagnosisCompleted
from hub.domain.events.erasure import PersonErased
from hub.domain.events.pathway import PathwayClosed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.figures import figures
from tests.integration.apis import Api, Noted, an_api
from tests.integration.hubs import folder, take
from tests.unit.pathway.builders import OPS, event, registered

PATH = "/api/v1/intake-lookups"
BORN: dict[str, Any] = {"birth_date": "1985-03-12", "birth_place": "69244"}
ZOE = {"family_name": "Lefèvre", "given_name": "Zoé", **BORN}
AT_CAP_EMPLOI = Reader("c", frozenset({"adviser"}), network=CAP_EMPLOI, adviser="C-4")
AT_FRANCE_TRAVAIL = Reader("f", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-9")
SYSTEM = Reader("s", frozenset({"publisher"}), network=CAP_EMPLOI, is_system=True)


def ft(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def ce(number: int) -> CaseKey:
    return CaseKey(CAP_EMPLOI, OPS, f"CE-{number}")


def history() -> list[Event]:
    """Give Zoé whom France Travail leads, two records of equal traits, Aya known to both, Léo who left, Ida erased."""
    twice: dict[str, Any] = {
        "family_name": "Moreau",
        "given_name": "Paul",
        "birth_date": "1972-04-04",
        "birth_place": "01053",
    }
    aya: dict[str, Any] = {
        "family_name": "Diallo",
        "given_name": "Aya",
        "birth_date": "1994-09-19",
        "birth_place": "69381",
    }
    leo: dict[str, Any] = {
        "family_name": "Petit",
        "given_name": "Léo",
        "birth_date": "1988-08-08",
        "birth_place": "69123",
    }
    return [
        registered(ft(1), birth_name="Lefèvre", given_name="Zoé", site="69123", **BORN),
        event(
            ReferentAssigned, "2021-01-11", ft(1), adviser="A-17", role="referent", from_date="2021-01-11", site="69123"
        ),
        event(DiagnosisCompleted, "2021-01-12", ft(1), themes=["health"], needs="Fauteuil"),
        registered(ft(2), **twice),
        registered(ft(3), **twice),
        registered(ft(4), **aya),
        registered(ce(4), "2020-02-03", other=ft(4), **aya),
        event(DelegationProposed, "2020-02-01", ft(4), delegation_id="D-4", ground="compensation"),
        event(DelegationAccepted, "2020-02-04", ce(4), delegation_id="D-4"),
        registered(ft(5), **leo),
        event(CaseClosed, "2021-02-01", ft(5), motive="employment"),
        event(PathwayClosed, "2021-02-01", ft(5), motive="employment"),
        registered(ft(6), family_name="Roy", given_name="Ida", birth_date="1990-06-06", birth_place="69123"),
        event(PersonErased, "2021-03-01", ft(6), reason="request"),
    ]


@pytest.fixture(scope="module")
def noted() -> Noted:
    return Noted()


@pytest.fixture(scope="module")
def api(engine: str, noted: Noted) -> Iterator[Api]:
    assert engine
    with folder() as path, an_api(path, recorder=noted) as running:
        take(running.hub, history())
        yield running


def ask(api: Api, reader: Reader, **identity: Any) -> dict[str, Any]:
    answer = api.client(reader).post(PATH, json=identity)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    (Match if document["match"] else NoMatch).model_validate_json(answer.content)
    return document


def test_the_other_network_learns_who_leads_and_which_case_to_name(api: Api) -> None:
    found = ask(api, AT_CAP_EMPLOI, family_name="LEFEVRE", given_name="ZOE", **BORN)

    assert (found["match"], found["is_open"]) == (True, True)
    assert found["leads"] == {"network": "france_travail", "adviser": "A-17", "site": "69123"}
    (leg,) = found["networks"]
    assert (leg["network"], leg["status"], leg["site"]) == ("france_travail", "open", "69123")
    assert found["join"] == {
        "step": "register",
        "your_case": None,
        "other_case": {"network": "france_travail", "scope": "", "local_id": "00000000001"},
    }


def test_a_look_up_tells_nothing_of_health_and_no_trait(api: Api) -> None:
    client = api.client(AT_CAP_EMPLOI)

    answer = client.post(PATH, json=ZOE)

    for word in ("Lef", "LEF", "Zo", "1985", "69244", "Fauteuil", "health", "intake", "diagnosis", "phase"):
        assert word not in answer.text


def test_who_has_a_case_already_is_told_to_use_it_and_gets_no_other_id(api: Api) -> None:
    aya = {"family_name": "Diallo", "given_name": "Aya", "birth_date": "1994-09-19", "birth_place": "69381"}

    found = ask(api, AT_CAP_EMPLOI, **aya)

    assert found["join"] == {
        "step": "use_your_case",
        "your_case": {"network": "cap_emploi", "scope": OPS, "local_id": "CE-4"},
        "other_case": None,
    }
    assert ask(api, AT_FRANCE_TRAVAIL, **aya)["join"]["your_case"]["local_id"] == "00000000004"
    assert "00000000004" not in str(found)


def test_a_closed_pathway_is_one_to_join_too(api: Api) -> None:
    found = ask(api, SYSTEM, family_name="Petit", given_name="Leo", birth_date="1988-08-08", birth_place="69123")

    assert (found["match"], found["is_open"], found["leads"]) == (True, False, None)
    assert [leg["status"] for leg in found["networks"]] == ["closed"]


@pytest.mark.parametrize(
    "identity",
    [
        {"family_name": "Nobody", "given_name": "Here", **BORN},
        {"family_name": "Moreau", "given_name": "Paul", "birth_date": "1972-04-04", "birth_place": "01053"},
        {**ZOE, "family_name": "Lefebvre"},
        {**ZOE, "given_name": "Zoée"},
        {**ZOE, "birth_date": "1985-03-21"},
        {**ZOE, "birth_place": "69123"},
        {"family_name": "Roy", "given_name": "Ida", "birth_date": "1990-06-06", "birth_place": "69123"},
        {"family_name": "Zoé", "given_name": "Lefèvre", **BORN},
    ],
)
def test_nobody_several_erased_and_almost_alike_get_the_same_answer(api: Api, identity: dict[str, Any]) -> None:
    unknown = {"family_name": "Inexistant", "given_name": "Jeanne", "birth_date": "1960-06-15", "birth_place": "75112"}
    client = api.client(AT_CAP_EMPLOI)

    none, answer = client.post(PATH, json=unknown), client.post(PATH, json=identity)

    assert answer.content == none.content == b'{"match":false}'
    assert answer.status_code == none.status_code == 200
    assert answer.headers.keys() == none.headers.keys()


@pytest.mark.parametrize(
    ("identity", "matches"), [(ZOE, True), ({**ZOE, "family_name": "Lefebvre"}, False)], ids=["match", "no match"]
)
def test_every_look_up_is_recorded_and_counts_as_another_person(
    api: Api, noted: Noted, identity: dict[str, Any], matches: bool
) -> None:
    before = len(noted.entries)

    assert ask(api, SYSTEM, **identity)["match"] is matches
    assert ask(api, SYSTEM, **dict(reversed(identity.items())))["match"] is matches

    entries = [entry for _, entry in noted.entries[before:]]
    assert len(entries) == 2
    for entry in entries:
        assert entry.kind == "look_up"
        ((person, shown),) = entry.people.items()
        assert bool(person.refs) is matches
        assert shown.counted == "other"
    first, second = entries
    assert first.people == second.people


@contextmanager
def statements_of(api: Api) -> Iterator[list[str]]:
    """Note the statements that the store is sent."""
    made: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        made.append(statement)

    sqlalchemy_event.listen(api.hub.store, "before_cursor_execute", note)
    try:
        yield made
    finally:
        sqlalchemy_event.remove(api.hub.store, "before_cursor_execute", note)


def counted(entry: Entry) -> int:
    return sum(1 for shown in entry.people.values() if shown.counted == "other")


def test_a_look_up_does_the_same_work_whether_or_not_it_matches(api: Api, noted: Noted) -> None:
    statements: list[list[str]] = []
    nobody = {**ZOE, "family_name": "Inexistant", "birth_date": "1950-02-02"}
    for identity in (ZOE, {**ZOE, "family_name": "Inexistant"}, nobody):
        with statements_of(api) as made:
            ask(api, AT_CAP_EMPLOI, **identity)
        statements.append(made)

    assert statements[0] == statements[1] == statements[2]
    assert [counted(entry) for _, entry in noted.entries[-3:]] == [1, 1, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"family_name": "inconnu"},
        {"given_name": "X"},
        {"birth_date": "1970-01-01"},
        {"birth_date": "1900-01-01"},
        {"birth_place": "69000"},
        {"birth_place": "99999"},
        {"birth_place": "99352", "birth_date": "1985-01-01"},
        {"birth_name": "NC"},
        {"family_name": None},
    ],
)
def test_a_placeholder_is_no_full_identity(api: Api, noted: Noted, wrong: dict[str, Any]) -> None:
    before = len(noted.entries)

    answer = api.client(AT_CAP_EMPLOI).post(PATH, json={**ZOE, **wrong})

    assert answer.status_code == 400
    assert "not a full identity" in answer.json()["detail"]
    assert len(noted.entries) == before


@pytest.mark.parametrize("missing", ["given_name", "birth_date", "birth_place"])
def test_a_trait_that_is_missing_is_named(api: Api, missing: str) -> None:
    answer = api.client(AT_CAP_EMPLOI).post(PATH, json={name: value for name, value in ZOE.items() if name != missing})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].endswith(missing)


@pytest.mark.parametrize(
    "reader",
    [
        Reader("n", frozenset({"adviser"}), adviser="A-1"),
        Reader("m", frozenset({"manager"}), network=FRANCE_TRAVAIL),
        Reader("d", frozenset({"dpo", "auditor"}), network=FRANCE_TRAVAIL),
        Reader("o", frozenset({"operator"}), network=FRANCE_TRAVAIL, is_system=True),
    ],
)
def test_who_opens_no_cases_may_not_ask(api: Api, reader: Reader) -> None:
    answer = api.client(reader).post(PATH, json=ZOE)

    assert answer.status_code == 403
    assert answer.content == api.client(reader).post(PATH, json={**ZOE, "family_name": "Personne"}).content


def test_a_case_registered_as_the_answer_says_joins_the_pathway_and_is_no_re_referral(api: Api) -> None:
    identity: dict[str, Any] = {
        "family_name": "Garnier",
        "given_name": "Inès",
        "birth_date": "1977-07-17",
        "birth_place": "38185",
    }
    take(api.hub, [registered(ft(7), **identity)])
    join = ask(api, AT_CAP_EMPLOI, **identity)["join"]
    named = CaseKey(join["other_case"]["network"], join["other_case"]["scope"], join["other_case"]["local_id"])
    before = figures_of(api)

    take(api.hub, [registered(ce(7), "2021-03-01", other=named, **identity)])

    after = figures_of(api)
    assert (after.pathways, after.re_referrals) == (before.pathways, before.re_referrals)
    assert after.joint_pathways == before.joint_pathways + 1
    assert ask(api, AT_CAP_EMPLOI, **identity)["join"]["your_case"]["local_id"] == "CE-7"


def figures_of(api: Api) -> Any:
    with reading(api.hub.store) as connection:
        return figures(connection, generations.live(connection), api.hub.now().date())

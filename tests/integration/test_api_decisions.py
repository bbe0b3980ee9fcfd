"""Suggestions and decisions over HTTP: pairs of one's own people, decided, taken in, and undone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Flag
from threading import Semaphore
from typing import Any, get_args

import pytest

from hub.api.documents import decisions as documents
from hub.domain.access import Reader
from hub.domain.codes import LISTS
from hub.domain.events.base import Event
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.domain.pathway.claim import SETTLED
from hub.errors import RecordTooLarge
from hub.producers.submissions import Refused
from tests.integration.apis import Api, Noted, an_api
from tests.integration.feeds import ledger_of
from tests.integration.hubs import consume, folder, take
from tests.unit.pathway.builders import OPS, event, registered

DECISIONS, SUGGESTIONS = "/api/v1/decisions", "/api/v1/suggestions"
BORN: dict[str, Any] = {"given_name": "Zoé", "birth_date": "1985-03-12", "birth_place": "69244"}
FT, CE = CaseKey(FRANCE_TRAVAIL, "", "00000000001"), CaseKey(CAP_EMPLOI, OPS, "CE-1")
STRANGER = CaseKey(CAP_EMPLOI, OPS, "CE-9")
PAIR: dict[str, Any] = {"left": FT._asdict(), "right": CE._asdict()}
MINE = Reader("mine", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-17", organisation="ft-69")
OTHERS = Reader("others", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-99")
LEAD = Reader("lead", frozenset({"site_lead"}), network=FRANCE_TRAVAIL, adviser="L-1", sites=frozenset({"69123"}))
UNKNOWN = "01890a5d-0000-7000-8000-00000000ffff"


def history() -> list[Event]:
    """Give Zoé, whose name the networks spell differently, with a referent at France Travail; and a stranger."""
    return [
        registered(FT, family_name="Lefèvre", **BORN),
        registered(CE, "2020-03-02", family_name="Lefebvre", **BORN),
        registered(STRANGER, family_name="Durand", given_name="Luc", birth_date="1970-05-06", birth_place="01053"),
        event(
            ReferentAssigned, "2021-01-11", FT, adviser="A-17", role="referent", from_date="2021-01-11", site="69123"
        ),
    ]


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def api(engine: str, noted: Noted, tmp_path: Path) -> Iterator[Api]:
    assert engine
    with an_api(tmp_path, recorder=noted) as running:
        take(running.hub, history())
        yield running


@pytest.fixture(scope="module")
def refusing_log() -> Noted:
    return Noted()


@pytest.fixture(scope="module")
def refusing(engine: str, refusing_log: Noted) -> Iterator[Api]:
    """An API for the tests in which nothing is decided."""
    assert engine
    with folder() as path, an_api(path, recorder=refusing_log) as running:
        take(running.hub, history())
        yield running


def suggested(api: Api, reader: Reader = MINE) -> list[dict[str, Any]]:
    answer = api.client(reader).get(SUGGESTIONS)
    assert answer.status_code == 200, answer.text
    documents.Suggestions.model_validate_json(answer.content)
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def decide(api: Api, kind: str, reader: Reader = MINE, **fields: Any) -> str:
    """Take a decision, let a worker take it in, and give its event id."""
    answer = api.client(reader).post(DECISIONS, json={"kind": kind, **fields})
    assert answer.status_code == 202, answer.text
    documents.Taken.model_validate_json(answer.content)
    consume(api.hub)
    event_id: str = answer.json()["event_id"]
    return event_id


def state(api: Api, event_id: str, reader: Reader = MINE) -> dict[str, Any]:
    answer = api.client(reader).get(f"{DECISIONS}/{event_id}")
    assert answer.status_code == 200, answer.text
    documents.State.model_validate_json(answer.content)
    document: dict[str, Any] = answer.json()
    return document


def test_a_pair_of_ones_own_is_shown_side_by_side_and_recorded_for_both(api: Api, noted: Noted) -> None:
    (pair,) = suggested(api)

    assert (pair["rule"], pair["held_back"]) == ("near", None)
    assert 80 <= pair["score"] < 100
    assert pair["reasons"][0] == "même date de naissance"
    left, right = pair["left"], pair["right"]
    assert (left["case"], left["family_name"], left["person_id"]) == (CE._asdict(), "Lefebvre", None)
    assert (right["case"], right["family_name"]) == (FT._asdict(), "Lefèvre")
    assert right["person_id"] is not None
    _, entry = noted.entries[-1]
    assert sorted((str(shown.ground), str(shown.counted)) for shown in entry.people.values()) == [
        ("None", "other"),
        ("referent", "None"),
    ]


def test_nobody_gets_pairs_of_people_they_do_not_accompany(refusing: Api) -> None:
    assert suggested(refusing, OTHERS) == []
    assert len(suggested(refusing, LEAD)) == 1


def test_a_link_is_published_under_the_advisers_name_and_joins_the_histories(api: Api) -> None:
    event_id = decide(api, "link", **PAIR, evidence="confirmed_by_person", comment="Vu ensemble.")

    found = state(api, event_id)
    assert (found["state"], found["kind"]) == ("taken_in", "link")
    assert found["effect"] == {"one_pathway": True, "kept_network": None}
    (decision,) = (each for each in ledger_of(api.hub) if each.meta.event_id == event_id)
    meta = decision.meta
    assert (meta.network, meta.actor_id, meta.organisation) == ("france_travail", "A-17", "ft-69")
    assert suggested(api) == []


def test_a_link_is_undone_by_an_unlink_and_that_by_a_link(api: Api) -> None:
    linked = decide(api, "link", **PAIR, evidence="adviser_review")

    unlinked = decide(api, "unlink", **PAIR, reason="different_people")
    assert state(api, unlinked)["effect"]["one_pathway"] is False
    assert state(api, linked)["effect"]["one_pathway"] is False

    decide(api, "link", **PAIR, evidence="identity_document")
    assert state(api, linked)["effect"]["one_pathway"] is True


def test_a_rejected_pair_is_not_proposed_again_and_a_link_undoes_that(api: Api) -> None:
    rejected = decide(api, "reject", **PAIR)

    assert state(api, rejected)["effect"]["one_pathway"] is False
    assert suggested(api) == []
    decide(api, "link", **PAIR, evidence="adviser_review")
    assert state(api, rejected)["effect"]["one_pathway"] is True


def test_a_decision_waits_for_a_worker(api: Api) -> None:
    answer = api.client(MINE).post(DECISIONS, json={"kind": "reject", **PAIR})

    assert answer.status_code == 202
    assert answer.json()["place"]["topic"] == "hub.decisions.v1"
    where = answer.headers["Location"]
    assert where == f"{DECISIONS}/{answer.json()['event_id']}"
    waiting = api.client(MINE).get(where)
    assert waiting.json()["state"] == "published"
    consume(api.hub)
    done = api.client(MINE).get(where).json()
    assert (done["state"], done["ledger_position"]) == ("taken_in", len(history()) + 1)


def test_a_contradiction_is_settled_and_settled_again_for_the_other_network(api: Api) -> None:
    decide(api, "link", **PAIR, evidence="adviser_review")
    contradictions = "/api/v1/caseload/contradictions"
    (found,) = api.client(MINE).get(contradictions).json()["items"]
    assert (found["fact"], found["france_travail"]["value"], found["cap_emploi"]["value"]) == (
        "family_name",
        "Lefèvre",
        "Lefebvre",
    )
    settled: dict[str, Any] = {"case": CE._asdict(), "fact": "family_name", "reason": "Vu sur sa carte d'identité."}

    first = decide(api, "settle", **settled, kept_network="france_travail")

    assert state(api, first)["effect"] == {"one_pathway": None, "kept_network": "france_travail"}
    assert api.client(MINE).get(contradictions).json()["items"] == []
    second = decide(api, "settle", **settled, kept_network="cap_emploi")
    assert state(api, second)["effect"]["kept_network"] == "cap_emploi"


def test_what_both_networks_do_not_claim_cannot_be_settled(refusing: Api) -> None:
    body = {"kind": "settle", "case": FT._asdict(), "fact": "phone", "kept_network": "cap_emploi", "reason": "Vu."}

    assert refusing.client(MINE).post(DECISIONS, json=body).status_code == 400


@pytest.mark.parametrize(
    ("reader", "left", "right"),
    [
        (OTHERS, FT, CE),
        (MINE, CE, STRANGER),
        (MINE, FT, STRANGER),
        (MINE, FT, CaseKey(CAP_EMPLOI, OPS, "CE-404")),
        (MINE, CaseKey(FRANCE_TRAVAIL, "", "00000000404"), CE),
        (OTHERS, CaseKey(FRANCE_TRAVAIL, "", "00000000404"), CaseKey(CAP_EMPLOI, OPS, "CE-404")),
    ],
)
def test_nobody_decides_about_strangers_nor_learns_that_they_exist(
    refusing: Api, refusing_log: Noted, reader: Reader, left: CaseKey, right: CaseKey
) -> None:
    body = {"kind": "link", "left": left._asdict(), "right": right._asdict(), "evidence": "adviser_review"}

    answer = refusing.client(reader).post(DECISIONS, json=body)

    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("you do not accompany this person, or there is no such person")
    _, entry = refusing_log.entries[-1]
    assert (entry.kind, entry.is_refused) == ("decide", True)
    assert any(shown.counted == "other" for shown in entry.people.values())
    consume(refusing.hub)
    assert len(ledger_of(refusing.hub)) == len(history())


def test_a_stated_reason_opens_the_other_record_to_a_decision(api: Api, noted: Noted) -> None:
    body = {"kind": "link", "left": FT._asdict(), "right": STRANGER._asdict(), "evidence": "identity_document"}
    client = api.client(MINE)
    assert client.post(DECISIONS, json=body).status_code == 403
    _, entry = noted.entries[-1]
    (stranger,) = entry.people

    noted.reasons.add((MINE.reader_id, stranger))

    assert client.post(DECISIONS, json=body).status_code == 202


def test_an_id_that_is_no_decision_of_ones_own_tells_nothing(api: Api) -> None:
    known = ledger_of(api.hub)[0].meta.event_id
    decided = decide(api, "reject", **PAIR)

    asked = ((MINE, UNKNOWN), (MINE, known), (OTHERS, known), (OTHERS, decided))
    answers = [api.client(reader).get(f"{DECISIONS}/{event_id}") for reader, event_id in asked]

    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    "reader",
    [
        Reader("a", frozenset({"adviser"}), adviser="A-17"),
        Reader("b", frozenset({"site_lead"}), network=FRANCE_TRAVAIL, sites=frozenset({"69123"})),
        Reader("c", frozenset({"auditor", "dpo", "manager", "operator"}), network=FRANCE_TRAVAIL, adviser="A-17"),
        Reader("d", frozenset({"publisher", "adviser"}), network=FRANCE_TRAVAIL, adviser="A-17", is_system=True),
    ],
)
def test_only_an_adviser_of_a_network_decides(refusing: Api, reader: Reader) -> None:
    body = {"kind": "link", **PAIR, "evidence": "adviser_review"}

    assert refusing.client(reader).post(DECISIONS, json=body).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "merge", **PAIR},
        {"kind": "link", **PAIR},
        {"kind": "link", **PAIR, "evidence": "hunch"},
        {"kind": "unlink", **PAIR, "reason": "adviser_review"},
        {"kind": "reject", "left": FT._asdict(), "right": FT._asdict()},
        {"kind": "reject", **PAIR, "comment": "x" * 4_001},
        {"kind": "reject", **PAIR, "comment": "a\x00b"},
        {"kind": "reject", **PAIR, "actor_id": "A-1"},
        {"kind": "settle", "case": FT._asdict(), "fact": "availability", "kept_network": "cap_emploi", "reason": "Vu."},
        {"kind": "settle", "case": FT._asdict(), "fact": "family_name", "kept_network": "hub", "reason": "Vu."},
    ],
)
def test_a_malformed_decision_is_refused(refusing: Api, body: dict[str, Any]) -> None:
    assert refusing.client(MINE).post(DECISIONS, json=body).status_code == 422


def test_the_codes_are_those_of_the_lists() -> None:
    for model, field, code_list in (
        (documents.Link, "evidence", "link_evidence"),
        (documents.Unlink, "reason", "unlink_reason"),
    ):
        assert get_args(model.model_fields[field].annotation) == tuple(LISTS[code_list])
    assert get_args(documents.Settle.model_fields["fact"].annotation) == SETTLED


def test_a_log_that_does_not_answer_holds_up_nobody_who_reads(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    is_back, begun = Flag(), Semaphore(0)

    def waits(*_: Any) -> list[Refused]:
        begun.release()
        is_back.wait()
        return [Refused(None, RecordTooLarge("the log takes nothing"))]

    monkeypatch.setattr(api.services.submissions, "submit", waits)
    decision = {"kind": "reject", **PAIR}
    with ThreadPoolExecutor(16) as deciders:
        try:
            answers = [deciders.submit(lambda: api.client(MINE).post(DECISIONS, json=decision)) for _ in range(16)]
            assert all(begun.acquire(timeout=30) for _ in range(8))
            assert api.client(MINE).get("/api/v1/me", timeout=15).status_code == 200
        finally:
            is_back.set()
    assert {each.result().status_code for each in answers} <= {413, 429}

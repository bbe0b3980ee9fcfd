"""Explanations over HTTP: every fact leads to its event and its rule, as far as the reader sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.people import (
    AUDITOR,
    NOBODY,
    NOW,
    OTHER,
    REFERENT,
    STRANGER,
    People,
    linked,
    people,
    unlinked,
)
from tests.unit.pathway.builders import CE, FT, registered


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(tmp_path_factory.mktemp("people")) as found:
        yield found


@pytest.fixture
def hub(shared: People) -> People:
    """People whom all tests of the module read; each begins at the same moment."""
    shared.at(NOW)
    return shared


@pytest.fixture
def own(tmp_path: Path) -> Iterator[People]:
    """People of a test that changes them."""
    with people(tmp_path) as found:
        yield found


def id_of(hub: People, event_type: str) -> str:
    return next(each.meta.event_id for each in hub.life if type(each).__name__ == event_type)


def test_a_fact_leads_to_its_event_and_its_rule(hub: People) -> None:
    found = hub.explain(REFERENT, "delegation:D-12.status").json()

    assert (found["model"], found["column"], found["value"]) == ("delegation", "status", "active")
    assert found["set_by"] == {"status": id_of(hub, "DelegationAccepted")}
    assert found["event"]["content"]["type"] == "DelegationAccepted"
    assert found["event"]["content"]["delegation_id"] == "D-12"
    assert found["event"]["position"] > 0
    assert found["event"]["topic"].endswith("cap-emploi.case-events.v1")
    assert "délégation" in hub.explain(REFERENT, "delegation:D-12").json()["rule"]


def test_every_fact_that_is_listed_can_be_explained(hub: People) -> None:
    for reader in (REFERENT, AUDITOR):
        for fact in hub.read(reader, "facts")["items"]:
            found = hub.explain(reader, fact["fact"])
            assert found.status_code == 200, (fact, found.text)
            assert found.json()["value"] == fact["value"]
            assert found.json()["event"]["content"]["meta"]["event_id"] in found.json()["set_by"].values()


def test_a_fact_of_the_past_is_explained_as_it_was(hub: People) -> None:
    found = hub.explain(REFERENT, "delegation:D-12.status", as_of="2021-01-13").json()
    assert (found["value"], found["event"]["content"]["type"]) == ("proposed", "DelegationProposed")


@pytest.mark.parametrize("name", ["delegation:D-13.status", "phas", "x", "../..", "é" * 400, "\x00", "need:", ":", "."])
def test_a_fact_that_is_not_there_is_not_found(hub: People, name: str) -> None:
    answer = hub.explain(REFERENT, name)
    assert answer.status_code == 404
    assert "GET .../facts" in answer.json()["detail"]


def test_what_is_spelt_nearly_so_is_named_as_far_as_it_is_seen(hub: People) -> None:
    assert "need:N-1.phase" in hub.explain(REFERENT, "need:N-1.phas").json()["detail"]
    assert "need:N-1" not in hub.explain(AUDITOR, "need:N-1.phas").json()["detail"].partition("near it")[2]
    assert hub.explain(AUDITOR, "need:N-1.phase").status_code == 404


def test_a_fact_that_was_not_found_is_recorded_as_a_reading(own: People) -> None:
    own.explain(REFERENT, "phas")
    last = own.read(AUDITOR, "accesses", limit=1)["items"][0]
    assert (last["reader_id"], last["outcome"]) == (REFERENT.reader_id, "shown")


@pytest.mark.parametrize("body", [{}, {"fact": ""}, {"fact": 1}, {"fact": "x" * 401}, {"fact": "phase", "more": 1}, []])
def test_a_request_that_breaks_the_contract_is_refused(hub: People, body: object) -> None:
    path = f"/api/v1/pathways/{hub.person_id}/explanations"
    assert hub.api.client(REFERENT).post(path, json=body).status_code == 422


def test_nobody_explains_whom_they_do_not_see(hub: People) -> None:
    answers = [
        hub.api.client(OTHER).post(f"/api/v1/pathways/{person_id}/explanations", json={"fact": "phase"})
        for person_id in (hub.person_id, NOBODY)
    ]
    assert [each.status_code for each in answers] == [403, 403]
    assert answers[0].content == answers[1].content


def test_an_event_says_what_it_set_and_where_it_stands(hub: People) -> None:
    found = hub.read(REFERENT, f"events/{id_of(hub, 'DelegationAccepted').upper()}")
    assert found["event"]["content"]["type"] == "DelegationAccepted"
    assert {"fact": "delegation:D-12.status", "value": "active"} in found["sets"]
    assert found["voided_by"] is None


def test_an_event_of_someone_else_is_as_unknown_as_none(hub: People) -> None:
    for event_id in (hub.stranger_id, NOBODY):
        answer = hub.get(REFERENT, f"events/{event_id}")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "no event about this person has that id"


def test_a_link_with_someone_elses_record_is_shown_to_an_auditor_alone(own: People) -> None:
    own.at("2021-04-16T12:00:00Z")
    theirs = CE._replace(local_id="CE-99")
    evidence = registered(theirs, "2021-04-01", other=FT, family_name="Verne")
    own.take(evidence, unlinked(FT, theirs, "2021-04-16"))
    (link,) = [each for each in own.read(AUDITOR)["links"] if each["skipped_because"] == "unlinked"]
    name = f"link:{link['left_case']}/{link['right_case']}/{link['rule']}.status"

    explained = own.explain(AUDITOR, name)
    assert (explained.status_code, explained.json()["event"]) == (200, None)
    assert own.explain(REFERENT, name).status_code == 404
    assert own.get(REFERENT, f"events/{evidence.meta.event_id}").status_code == 404
    told = own.get(REFERENT, "").text + own.get(REFERENT, "facts").text
    assert theirs.local_id not in told
    assert "Verne" not in told + own.get(AUDITOR, "").text + explained.text


def test_a_decision_about_two_people_is_shown_to_an_auditor_alone(own: People) -> None:
    own.at("2021-04-16T12:00:00Z")
    decision = unlinked(FT, STRANGER, "2021-04-16")
    own.take(linked(FT, STRANGER, "2021-04-15"), decision)
    found = own.read(AUDITOR, f"events/{decision.meta.event_id}")
    assert found["event"]["content"]["type"] == "RecordsUnlinked"
    assert own.get(REFERENT, f"events/{decision.meta.event_id}").status_code == 404

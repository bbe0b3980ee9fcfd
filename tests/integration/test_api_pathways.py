"""The pathway over HTTP: who reads what of whom, page by page."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.api.documents.accesses import Accesses, ReasonStated, Report
from hub.api.documents.explanations import EventOfPerson, Explanation, Facts
from hub.api.documents.pathways import SECTIONS, Document, Pathway, Timeline
from hub.api.routes.pathways import PATHS
from hub.domain.access import Reader
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import FRANCE_TRAVAIL
from tests.integration.people import (
    AUDITOR,
    DPO,
    EVERYTHING,
    EXPERT,
    FORMER,
    HEALTH,
    LEAD,
    MANAGER,
    NOBODY,
    NOW,
    OTHER,
    REFERENT,
    People,
    people,
)
from tests.unit.pathway.builders import CE, FT, event

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(scope="module")
def shared(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(tmp_path_factory.mktemp(engine)) as found:
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


def everything(hub: People, reader: Reader) -> str:
    """Give all that a reader gets of the person, with every event, as one text."""
    bodies = []
    for path in EVERYTHING:
        answer = hub.get(reader, path)
        assert answer.status_code == 200, (path, answer.text)
        bodies.append(answer.text)
    for each in hub.life:
        answer = hub.get(reader, f"events/{each.meta.event_id}")
        assert answer.status_code == 200
        bodies.append(answer.text)
    one_of_each = {each["fact"].partition(":")[0]: each["fact"] for each in hub.read(reader, "facts")["items"]}
    for fact in one_of_each.values():
        explained = hub.explain(reader, fact)
        assert explained.status_code == 200, (fact, explained.text)
        bodies.append(explained.text)
    return "\n".join(bodies)


def test_whoever_accompanies_the_person_reads_all_of_them(hub: People) -> None:
    found = hub.read(REFERENT)

    assert found["person_id"] == hub.person_id
    assert found["seen"] == {"sight": "full", "ground": "referent", "until": None}
    assert (found["referent"]["adviser"], found["referent"]["from_date"]) == ("A-1", "2021-03-01")
    assert {each["fact"] for each in found["open"]} >= {"delegation:D-12", "need:N-1", "crossed_diagnosis:X-1"}
    assert [(each["rule"], each["due_on"], each["is_overdue"]) for each in found["due"]] == [
        ("follow_up_due", "2021-04-01", True),
        ("delegation_past_end", "2021-10-01", False),
    ]
    assert "zz needs" in {each["text"] for each in found["free_texts"]}
    assert [(each["network"], each["local_id"]) for each in found["cases"]] == [
        ("cap_emploi", CE.local_id),
        ("france_travail", FT.local_id),
    ]
    assert hub.read(EXPERT)["seen"]["ground"] in {"delegation", "expertise", "diagnosis"}


def test_every_section_is_the_rows_of_its_read_model(hub: People) -> None:
    whole = hub.read(REFERENT)["tables"]
    assert set(SECTIONS) == set(PATHS)
    for model, (path, _) in PATHS.items():
        assert hub.read(REFERENT, path)["items"] == whole[model]
    assert whole["delegation"][0]["events"]["ground"] == _proposal(hub)


def _proposal(hub: People) -> str:
    return next(each.meta.event_id for each in hub.life if type(each).__name__ == "DelegationProposed")


def test_every_answer_keeps_its_document(hub: People) -> None:
    documents: dict[str, type[Document]] = {
        "": Pathway,
        "timeline": Timeline,
        "facts": Facts,
        f"events/{hub.person_id}": EventOfPerson,
    }
    documents |= {path: SECTIONS[model] for model, (path, _) in PATHS.items()}
    for reader in (REFERENT, AUDITOR):
        for path, model in documents.items():
            model.model_validate_json(hub.get(reader, path).content)
        Explanation.model_validate_json(hub.explain(reader, "phase").content)
    Accesses.model_validate_json(hub.get(AUDITOR, "accesses").content)
    dpo = DPO._replace(reader_id="test|second dpo")
    ReasonStated.model_validate_json(hub.state_reason(dpo, code="data_request").content)
    Report.model_validate_json(hub.get(dpo, "report").content)


def test_nobody_learns_whether_a_person_is_there(hub: People) -> None:
    for reader in (OTHER, REFERENT, DPO):
        for path in ("", "/timeline", "/facts", "/needs", f"/events/{hub.stranger_id}"):
            known = hub.get(reader, f"/api/v1/pathways/{hub.stranger_id}{path}")
            unknown = hub.get(reader, f"/api/v1/pathways/{NOBODY}{path}")
            assert (known.status_code, unknown.status_code) == (403, 403)
            assert known.content == unknown.content
            assert known.headers.keys() == unknown.headers.keys()


def test_whoever_has_no_role_that_reads_people_reads_none(hub: People) -> None:
    for reader in (MANAGER, Reader("test|publisher", frozenset({"publisher"}), "france_travail", is_system=True)):
        for person_id in (hub.person_id, NOBODY):
            assert hub.get(reader, f"/api/v1/pathways/{person_id}").status_code == 403
    assert hub.api.client().get(f"/api/v1/pathways/{hub.person_id}").status_code == 401


def test_whoever_accompanied_the_person_reads_them_for_30_more_days_of_france(hub: People) -> None:
    hub.at("2021-03-29T12:00:00Z")
    until = hub.read(FORMER)["seen"]["until"]
    assert until == "2021-03-31T22:00:00Z"  # the end of 31 March there, 30 days after the change of referents
    hub.at("2021-03-31T21:59:59Z")
    assert hub.read(FORMER)["seen"]["until"] == until
    hub.at(until)
    assert hub.get(FORMER, "").status_code == 403


def test_the_next_referent_reads_from_midnight_in_france_on(own: People) -> None:
    named: dict[str, Any] = {"adviser": "A-77", "role": "referent", "from_date": "2021-05-01"}
    own.take(event(ReferentAssigned, "2021-04-14", FT, **named))
    following = Reader("test|following", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-77")
    own.at("2021-04-30T21:59:59Z")
    assert own.get(following, "").status_code == 403
    own.at("2021-04-30T22:00:00Z")
    assert own.read(following)["seen"]["ground"] == "referent"


def test_health_is_in_no_answer_to_whoever_does_not_need_it(hub: People) -> None:
    seen_whole = everything(hub, REFERENT)
    assert [marker for marker in HEALTH if marker not in seen_whole] == []
    for reader in (AUDITOR, LEAD):
        seen = everything(hub, reader)
        assert [marker for marker in HEALTH if marker in seen] == []
        assert "zz" not in seen.lower()
        assert "DelegationProposed" in seen


def test_a_reason_shows_an_auditor_health_too(hub: People) -> None:
    auditor = AUDITOR._replace(reader_id="test|second auditor")
    assert hub.read(auditor)["seen"]["sight"] == "without_health"
    assert hub.state_reason(auditor, code="audit").status_code == 201
    assert hub.read(auditor)["seen"]["sight"] == "full"


def test_any_event_of_the_person_leads_to_them(hub: People) -> None:
    last = hub.life[-1].meta.event_id
    answer = hub.get(REFERENT, f"/api/v1/pathways/{last.upper()}/needs")
    assert answer.json()["person_id"] == hub.person_id
    assert answer.headers["Content-Location"] == f"/api/v1/pathways/{hub.person_id}/needs"
    assert "Content-Location" not in hub.get(REFERENT, "needs").headers


@pytest.mark.parametrize(
    "person_id",
    [
        "12345678901",
        "%2e%2e",
        "..%2f..%2fhealthz",
        "%00",
        "00000000-0000-7000-8000-00000000000%00",
        "{00000000-0000-7000-8000-000000000000}",
        "00000000000070008000000000000000",
        "urn:uuid:00000000-0000-7000-8000-000000000000",
        "00000000-0000-7000-8000-00000000000%0A",
        "٠٠٠٠٠٠٠٠-0000-7000-8000-000000000000",
        "00000000-0000-7000-8000-000000000000%27%20or%201=1--",
        "france_travail%2F%2F12345678901",
    ],
)
def test_what_is_no_uuid_names_nobody(hub: People, person_id: str) -> None:
    for path in ("", "/timeline", "/events/" + person_id):
        answer = hub.get(REFERENT, f"/api/v1/pathways/{person_id}{path}")
        assert answer.status_code in {404, 422}
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert "12345678901" not in answer.text


def test_a_page_goes_on_where_the_last_one_ended(hub: People) -> None:
    whole = hub.read(REFERENT, "timeline", limit=500)["items"]
    assert len(whole) == len(hub.life)
    for order in ("asc", "desc"):
        expected = whole if order == "asc" else whole[::-1]
        answer = hub.get(REFERENT, f"timeline?limit=4&order={order}")
        found = answer.json()["items"]
        while answer.json()["next"] is not None:
            answer = hub.get(REFERENT, answer.links["next"]["url"])
            assert len(answer.json()["items"]) <= 4
            found += answer.json()["items"]
        assert "Link" not in answer.headers
        assert found == expected


def test_a_long_history_is_read_page_by_page(own: People) -> None:
    planned: dict[str, Any] = {
        "starts_at": "2021-05-01T10:00:00Z",
        "status": "planned",
        "mode": "phone",
        "place": "agency",
    }
    times = [(n, f"2021-03-01T10:{n // 60:02}:{n % 60:02}") for n in range(1_200)]
    own.take(*(event(AppointmentRecorded, at, FT, **planned, appointment_id=f"M-{n}") for n, at in times))
    answer = own.get(REFERENT, "timeline?limit=500&type=AppointmentRecorded")
    found = [each["event_id"] for each in answer.json()["items"]]
    while answer.json()["next"] is not None:
        answer = own.get(REFERENT, answer.links["next"]["url"])
        found += [each["event_id"] for each in answer.json()["items"]]
    assert len(found) == len(set(found)) == 1_200
    assert len(own.read(REFERENT, "appointments")["items"]) == 1_200


def test_what_a_page_ended_with_says_nothing_of_the_person(hub: People) -> None:
    link = hub.get(REFERENT, "timeline?limit=1").headers["Link"]
    cursor = link.partition("cursor=")[2].partition(">")[0]
    assert FT.local_id.encode() not in base64.urlsafe_b64decode(cursor + "==")


def test_a_cursor_counts_for_its_person_and_its_operation_alone(hub: People) -> None:
    cursor = hub.read(REFERENT, "timeline", limit=1)["next"]
    assert hub.get(AUDITOR, f"/api/v1/pathways/{hub.stranger_id}/timeline?cursor={cursor}").status_code == 400
    for wrong in (cursor[:-2], cursor[::-1], "a", "é", "AAAA"):
        assert hub.get(REFERENT, "timeline", params={"cursor": wrong}).status_code == 400


def test_the_timeline_is_filtered(hub: People) -> None:
    def types(**params: Any) -> set[str]:
        return {each["event_type"] for each in hub.read(REFERENT, "timeline", limit=500, **params)["items"]}

    assert types(type="Placed") == {"Placed"}
    assert types(type=["Placed", "CaseRegistered"]) == {"Placed", "CaseRegistered"}
    assert {each["network"] for each in hub.read(REFERENT, "timeline", network="cap_emploi")["items"]} == {"cap_emploi"}
    assert types(**{"from": "2021-03-01"}) == {"ReferentAssigned", "FollowUpRecorded"}
    assert types(**{"from": "2021-01-04", "to": "2021-01-05"}) == {"CaseRegistered"}
    assert types(voided="true") == set()
    assert len(types(voided="false")) > 5
    for wrong in ({"type": "Nothing"}, {"network": "ours"}, {"limit": "0"}, {"limit": "501"}, {"order": "up"}):
        assert hub.get(REFERENT, "timeline", params=wrong).status_code == 422


def test_who_has_it_already_is_told_so_and_recorded(hub: People) -> None:
    for path in ("", "timeline", "needs", "facts", f"events/{hub.person_id}"):
        first = hub.get(REFERENT, path)
        before = _last_access(hub)
        again = hub.get(REFERENT, path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert _last_access(hub)["at"] > before["at"]
    assert hub.get(REFERENT, "", headers={"If-None-Match": '"other"'}).status_code == 200


def _last_access(hub: People) -> dict[str, Any]:
    hub.clock.moment += timedelta(seconds=1)
    items: list[dict[str, Any]] = hub.read(AUDITOR, "accesses", limit=2)["items"]
    return next(each for each in items if each["reader_id"] == REFERENT.reader_id)

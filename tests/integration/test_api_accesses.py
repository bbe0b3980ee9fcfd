"""The access log over HTTP: who looked at whom, who was stopped for looking at many, and the hub's own state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel

from hub.api.documents.accesslog import Alarms, Entries
from hub.api.documents.operations import Me, Status
from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from tests.integration.apis import Api, an_api
from tests.integration.hubs import SteppingClock, take
from tests.unit.pathway.builders import OPS, event, registered

ENTRIES, ALARMS = "/api/v1/access-entries", "/api/v1/access-alarms"
LOOK_UPS, NOTICES = "/api/v1/intake-lookups", "/api/v1/caseload/notices"
MODELS: dict[str, type[BaseModel]] = {ENTRIES: Entries, ALARMS: Alarms, "/api/v1/me": Me, "/api/v1/status": Status}
NOW = datetime(2021, 7, 2, 9, tzinfo=UTC)
SITE = "69123"
BORN: dict[str, Any] = {"given_name": "Zoé", "birth_date": "1985-03-12", "birth_place": "69244"}
FT, CE = CaseKey(FRANCE_TRAVAIL, "", "00000000001"), CaseKey(CAP_EMPLOI, OPS, "CE-1")
MINE = Reader("mine", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-17", organisation="ft-69")
OTHER = Reader("other", frozenset({"adviser"}), network=CAP_EMPLOI, adviser="C-4", organisation=OPS)
DPO = Reader("dpo", frozenset({"dpo"}))
AUDITOR = Reader("auditor", frozenset({"auditor"}))
OPERATOR = Reader("operator", frozenset({"operator"}))
REASON = {"code": "replacement", "text": "Remplace A-17, en congé jusqu'à vendredi."}
LIMITS: dict[str, Any] = {"volume_other_slow_per_hour": 3, "volume_other_stop_per_day": 5}
RELEASE = {"reason": "Permanence vérifiée avec la responsable du site."}


def history() -> list[Event]:
    """Give Zoé with a case in each network and a referent at France Travail."""
    return [
        registered(FT, family_name="Lefèvre", site=SITE, **BORN),
        registered(CE, "2020-02-03", other=FT, family_name="Lefèvre", site=None, **BORN),
        event(ReferentAssigned, "2021-01-11", FT, adviser="A-17", role="referent", from_date="2021-01-11", site=SITE),
    ]


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(NOW)


@pytest.fixture
def api(engine: str, tmp_path: Path, clock: SteppingClock) -> Iterator[Api]:
    """An API with the hub's own access log, that slows after 3 other people in an hour and stops after 5 in a day."""
    assert engine
    with an_api(tmp_path, clock=clock, **LIMITS) as running:
        take(running.hub, history())
        yield running


@pytest.fixture(scope="module")
def refusing(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One whose log holds refusals alone, of tests that none of them concerns."""
    with an_api(tmp_path_factory.mktemp(engine), clock=SteppingClock(NOW), **LIMITS) as running:
        take(running.hub, history())
        yield running


def given(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    if (model := MODELS.get(answer.url.path)) is not None:
        model.model_validate_json(answer.content)
    return answer.json()


def entries(api: Api, reader: Reader = DPO, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = given(api.client(reader).get(ENTRIES, params=query))["items"]
    return items


def person_id(api: Api) -> str:
    found: str = given(api.client(MINE).get("/api/v1/caseload"))["items"][0]["person_id"]
    return found


def look_up(api: Api, number: int) -> httpx2.Response:
    identity = {**BORN, "family_name": "Personne", "given_name": f"Jeanne{'abcdefghij'[number]}"}
    return api.client(OTHER).post(LOOK_UPS, json=identity)


def test_the_officer_sees_who_asked_for_whom_and_on_which_ground(api: Api) -> None:
    found = person_id(api)
    given(api.client(MINE).get(f"/api/v1/pathways/{found}"))

    latest = entries(api)[0]

    assert (latest["reader_id"], latest["roles"], latest["kind"]) == ("mine", ["adviser"], "read")
    assert (latest["network"], latest["organisation"], latest["outcome"]) == ("france_travail", "ft-69", "shown")
    assert latest["through"] == "GET /api/v1/pathways/{person_id}"
    assert latest["people"] == [{"person_id": found, "sight": "full", "ground": "referent", "counted": "own"}]


def test_entries_are_chosen_by_person_reader_kind_and_time(api: Api, clock: SteppingClock) -> None:
    found = person_id(api)
    clock.moment = NOW + timedelta(hours=2)
    given(api.client(MINE).get(f"/api/v1/pathways/{found}"))
    assert look_up(api, 1).status_code == 200

    assert [each["kind"] for each in entries(api, reader_id="mine")] == ["read", "list"]
    assert [each["kind"] for each in entries(api, person_id=found, reader_id="mine")] == ["read", "list"]
    assert [each["reader_id"] for each in entries(api, kind="look_up")] == ["other"]
    after: dict[str, Any] = {"since": (NOW + timedelta(hours=1)).isoformat(), "reader_id": "mine"}
    assert [each["kind"] for each in entries(api, **after)] == ["read"]
    before: dict[str, Any] = {"until": (NOW + timedelta(hours=1)).isoformat(), "reader_id": "mine"}
    assert [each["kind"] for each in entries(api, **before)] == ["list"]


def test_the_pages_of_the_log_together_are_the_log(api: Api) -> None:
    for _ in range(3):
        person_id(api)
    whole = [each["entry_id"] for each in entries(api, reader_id="mine")]
    client, seen = api.client(DPO), list[str]()
    answer = client.get(ENTRIES, params={"reader_id": "mine", "limit": 2})
    while True:
        seen += [each["entry_id"] for each in given(answer)["items"]]
        if "next" not in answer.links:
            break
        answer = client.get(answer.links["next"]["url"])

    assert seen == whole
    assert len(whole) == 3


def test_reading_the_log_is_an_entry_itself_with_the_people_shown(api: Api) -> None:
    found = person_id(api)
    entries(api, AUDITOR)

    (read,) = entries(api, kind="access_log")

    assert (read["reader_id"], read["outcome"]) == ("auditor", "shown")
    assert [(each["person_id"], each["sight"], each["counted"]) for each in read["people"]] == [
        (found, "nothing", None)
    ]


def test_no_reason_text_and_no_trait_stands_in_the_answer(api: Api) -> None:
    given(api.client(OTHER).post("/api/v1/cases/search", json={"family_name": "Lefèvre", **BORN, "reason": REASON}))

    answer = api.client(DPO).get(ENTRIES)

    (found,) = (each for each in given(answer)["items"] if each["kind"] == "search")
    assert found["code"] == "replacement"
    for word in ("Remplace", "Lef", "Zo", "1985", "00000000001", "CE-1"):
        assert word not in answer.text


def test_look_ups_found_or_not_slow_then_stop_and_raise_an_alarm_that_the_officer_releases(api: Api) -> None:
    zoe = {"family_name": "Lefèvre", **BORN}
    client = api.client(OTHER)
    assert given(client.post(LOOK_UPS, json=zoe))["match"] is True
    assert [look_up(api, number).status_code for number in (1, 2)] == [200, 200]
    slowed = look_up(api, 3)
    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) > 0

    statuses = [look_up(api, number).status_code for number in (4, 5, 6)]

    assert statuses[-1] == 403
    assert client.post(LOOK_UPS, json=zoe).status_code == 403
    (alarm,) = given(api.client(DPO).get(ALARMS, params={"open": True}))["items"]
    assert (alarm["reader_id"], alarm["counted"], alarm["most"]) == ("other", "other", 5)
    assert alarm["people"] == 6
    assert alarm["released_at"] is None

    released = given(api.client(DPO).post(f"{ALARMS}/{alarm['alarm_no']}/release", json=RELEASE))

    assert released["released_by"] == "dpo"
    assert given(api.client(DPO).get(ALARMS, params={"open": True}))["items"] == []
    assert given(api.client(AUDITOR).get(ALARMS))["items"] == [released]
    assert given(client.post(LOOK_UPS, json=zoe))["match"] is True
    outcomes = [each["outcome"] for each in entries(api, kind="look_up")]
    assert sorted(set(outcomes)) == ["shown", "slowed", "stopped"]
    again = api.client(DPO).post(f"{ALARMS}/{alarm['alarm_no']}/release", json=RELEASE)
    assert again.status_code == 400


@pytest.mark.parametrize("reader", [AUDITOR, OTHER, OPERATOR])
def test_only_the_officer_releases(refusing: Api, reader: Reader) -> None:
    assert refusing.client(reader).post(f"{ALARMS}/1/release", json=RELEASE).status_code == 403


def test_what_is_no_alarm_cannot_be_released(refusing: Api) -> None:
    client = refusing.client(DPO)

    assert client.post(f"{ALARMS}/404/release", json=RELEASE).status_code == 404
    for number in ("0", "-1", "x", "99999999999999999999"):
        assert client.post(f"{ALARMS}/{number}/release", json=RELEASE).status_code == 422
    for body in ({}, {"reason": ""}, {"reason": "ok"}, {"reason": "x" * 1_001}, {**RELEASE, "alarm_no": 2}):
        assert client.post(f"{ALARMS}/1/release", json=body).status_code == 422


def test_the_referent_is_told_who_stated_a_reason_for_their_person(api: Api) -> None:
    found = person_id(api)
    answer = api.client(OTHER).post(f"/api/v1/pathways/{found}/reasons", json=REASON)
    assert answer.status_code == 201

    (notice,) = given(api.client(MINE).get(NOTICES))["items"]

    assert (notice["person_id"], notice["reader_id"], notice["organisation"]) == (found, "other", OPS)
    assert (notice["reason"], notice["label"]) == ("replacement", "remplacement d'un collègue")
    assert given(api.client(OTHER).get(NOTICES))["items"] == []
    assert given(api.client(MINE).get(NOTICES, params={"since": "2021-07-02T09:00:01Z"}))["items"] == []


@pytest.mark.parametrize("reader", [MINE, OTHER, OPERATOR, Reader("m", frozenset({"manager", "publisher"}))])
def test_the_access_log_is_for_the_officer_and_auditors(refusing: Api, reader: Reader) -> None:
    assert refusing.client(reader).get(ENTRIES).status_code == 403
    assert refusing.client(reader).get(ALARMS).status_code == 403


def test_a_person_who_is_not_there_is_denied_as_any(refusing: Api) -> None:
    answer = refusing.client(DPO).get(ENTRIES, params={"person_id": "01890a5d-0000-7000-8000-00000000ffff"})

    assert answer.status_code == 403
    for query in ({"person_id": "x"}, {"kind": "steal"}, {"since": "2021-07-02"}, {"limit": 101}, {"name": "Zoé"}):
        assert refusing.client(DPO).get(ENTRIES, params=query).status_code == 422, query


def test_the_operator_reads_the_state_and_no_person(api: Api) -> None:
    answer = api.client(OPERATOR).get("/api/v1/status")

    found = given(answer)
    assert (found["ledger_position"], found["accounting"]["accepted"]) == (3, 3)
    assert (found["accounting"]["adds_up"], found["lag"]["total_events"], found["lag"]["seconds"]) == (True, 0, 0.0)
    assert (found["quarantine"]["held"], found["generation"]["number"]) == (0, 1)
    assert len(found["lag"]["topics"]) == 3
    assert "Lef" not in answer.text
    for reader in (MINE, DPO, AUDITOR):
        assert api.client(reader).get("/api/v1/status").status_code == 403


def test_anyone_learns_who_the_hub_takes_them_for(refusing: Api) -> None:
    found = given(refusing.client(MINE).get("/api/v1/me"))

    assert (found["reader_id"], found["roles"], found["adviser"]) == ("mine", ["adviser"], "A-17")
    assert found["may"] == ["break_glass", "caseload", "decide", "follow", "look_up", "read_person", "search"]
    system = Reader("s", frozenset({"publisher", "adviser"}), network=CAP_EMPLOI, is_system=True)
    found = given(refusing.client(system).get("/api/v1/me"))
    assert (found["roles"], found["may"]) == (["publisher"], ["look_up", "publish"])
    assert refusing.client(token="made up").get("/api/v1/me").status_code == 401

"""A person's history over HTTP: what each event changed, in either order, as far as the reader sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.api.documents.histories import History
from hub.domain.access import Reader
from tests.integration.people import (
    AUDITOR,
    DPO,
    HEALTH,
    LEAD,
    NOBODY,
    OTHER,
    REFERENT,
    STRANGER,
    People,
    erased,
    linked,
    people,
    unlinked,
)
from tests.unit.pathway.builders import CE, FT, voided

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def own(engine: str, tmp_path: Path) -> Iterator[People]:
    assert engine
    with people(tmp_path) as found:
        yield found


def history(hub: People, reader: Reader = REFERENT, **params: Any) -> dict[str, Any]:
    answer = hub.get(reader, "history", params=params)
    assert answer.status_code == 200, answer.text
    History.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


def step(found: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(each for each in found["items"] if each["event_type"] == kind)


def test_each_event_says_what_it_changed(own: People) -> None:
    found = history(own, limit=100)
    assert found["total"] == len(found["items"]) == len(own.life)
    accepted = step(found, "DelegationAccepted")
    (change,) = [each for each in accepted["changes"] if each["model"] == "delegation"]
    assert {"column": "status", "before": "proposed", "after": "active"} in change["columns"]
    assert [each["rule"] for each in accepted["cleared"]] == ["delegation_awaits_answer"]
    assert (accepted["phase"], accepted["referent"]["adviser"]) == ("accompaniment", "A-0")
    assert accepted["position"] > 0


def test_pages_together_are_the_history_in_either_order(own: People) -> None:
    for order in ("effect", "acceptance"):
        whole = history(own, limit=100, order=order)["items"]
        client, seen = own.api.client(REFERENT), list[Any]()
        answer = client.get(f"/api/v1/pathways/{own.person_id}/history", params={"order": order, "limit": 7})
        while True:
            seen += answer.json()["items"]
            if "next" not in answer.links:
                break
            answer = client.get(answer.links["next"]["url"])
        assert seen == whole
        key = "position" if order == "acceptance" else "number"
        assert [each[key] for each in whole] == sorted(each[key] for each in whole)


def test_a_page_of_one_order_does_not_lead_on_to_one_of_the_other(own: People) -> None:
    cursor = history(own, limit=2)["next"]
    assert own.get(REFERENT, "history", params={"order": "acceptance", "cursor": cursor}).status_code == 400
    assert own.get(REFERENT, "history", params={"order": "chance"}).status_code == 422
    assert own.get(REFERENT, "history", params={"limit": 101}).status_code == 422


@pytest.mark.parametrize("reader", [AUDITOR, LEAD])
def test_who_sees_no_health_data_learns_none_and_that_there_is_more(own: People, reader: Reader) -> None:
    for order in ("effect", "acceptance"):
        answer = own.get(reader, "history", params={"limit": 100, "order": order})
        assert [word for word in HEALTH if word in answer.text] == []
        found = answer.json()
        assert step(found, "DisabilityTitleRecorded")["changes"] == [
            each for each in step(found, "DisabilityTitleRecorded")["changes"] if each["model"] == "pathway"
        ]
        assert step(found, "DisabilityTitleRecorded")["hides"] is True
    assert [
        word for word in ("zz_title", "zz_measure", "zz_ground") if word not in own.get(REFERENT, "history").text
    ] == []


def test_nobody_replays_whom_they_do_not_see(own: People) -> None:
    answers = [own.get(OTHER, f"/api/v1/pathways/{each}/history") for each in (own.person_id, NOBODY)]
    assert [each.status_code for each in answers] == [403, 403]
    assert answers[0].content == answers[1].content
    assert own.get(DPO, "history").status_code == 403
    own.state_reason(DPO)
    assert own.get(DPO, "history").status_code == 200


def test_a_void_shows_in_both_orders(own: People) -> None:
    named = own.life[2]
    own.at("2021-04-16T12:00:00Z")
    own.take(voided(named, "2021-04-16"))
    effect, learned = history(own, limit=100), history(own, limit=100, order="acceptance")
    assert step(effect, "ReferentAssigned")["voided_by"]
    assert "referent" not in {each["model"] for each in step(effect, "ReferentAssigned")["changes"]}
    assert ("referent", "removed") in {
        (each["model"], each["kind"]) for each in step(learned, "EventVoided")["changes"]
    }


def test_of_an_erased_person_only_the_erasure_is_left(own: People) -> None:
    own.at("2021-04-16T12:00:00Z")
    own.take(erased(FT, "2021-04-16"))
    for order in ("effect", "acceptance"):
        answer = own.get(AUDITOR, "history", params={"order": order})
        assert [each["event_type"] for each in answer.json()["items"]] == ["PersonErased"]
        assert [word for word in (*HEALTH, "Zola", FT.local_id, CE.local_id) if word in answer.text] == []
    assert own.get(REFERENT, "history").status_code == 403


def test_decisions_that_name_someone_else_are_shown_to_an_auditor_alone(own: People) -> None:
    own.at("2021-04-17T12:00:00Z")
    own.take(linked(FT, STRANGER, "2021-04-15"), unlinked(FT, STRANGER, "2021-04-16"), linked(FT, CE, "2021-04-17"))
    told = [each["event_type"] for each in history(own, limit=100)["items"]]
    assert "RecordsUnlinked" not in told
    assert told.count("RecordsLinked") == 1
    found = history(own, AUDITOR, limit=100)
    assert ("link", "added") in {(each["model"], each["kind"]) for each in step(found, "RecordsUnlinked")["changes"]}

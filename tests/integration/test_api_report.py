"""Who looked at a person, and the report that a person may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.people import (
    AUDITOR,
    DPO,
    HEALTH,
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
from tests.unit.pathway.builders import CE, FT

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[People]:
    with people(tmp_path) as found:
        yield found


def test_the_report_holds_every_event_and_every_access(hub: People) -> None:
    hub.read(REFERENT, "needs")
    hub.get(OTHER, "")
    assert hub.get(DPO, "report").status_code == 403
    hub.state_reason(DPO, code="data_request")
    answer = hub.get(DPO, "report")
    report = answer.json()

    assert [each["content"]["meta"]["event_id"] for each in report["events"]] == [
        each["event_id"] for each in hub.read(DPO, "timeline", limit=500)["items"]
    ]
    assert [marker for marker in HEALTH if marker not in answer.text] == []
    assert report["tables"] == hub.read(DPO)["tables"]
    assert [(each["reader_id"], each["outcome"], each["kind"]) for each in report["accesses"]] == [
        (DPO.reader_id, "shown", "break_glass"),
        (DPO.reader_id, "refused", "read"),
        (OTHER.reader_id, "refused", "read"),
        (REFERENT.reader_id, "shown", "read"),
    ]
    assert report["accesses"][3]["through"] == "GET /api/v1/pathways/{person_id}/needs"


def test_the_report_of_one_person_holds_nothing_of_another(hub: People) -> None:
    hub.take(linked(FT, STRANGER, "2021-04-10"), unlinked(FT, STRANGER, "2021-04-11"))
    hub.state_reason(DPO, code="data_request")
    answer = hub.get(DPO, "report")
    assert "Verne" not in answer.text
    assert "RecordsUnlinked" in answer.text


def test_only_the_data_protection_officer_makes_a_report(hub: People) -> None:
    for reader in (REFERENT, AUDITOR, OTHER):
        for person_id in (hub.person_id, NOBODY):
            assert hub.get(reader, f"/api/v1/pathways/{person_id}/report").status_code == 403


def test_of_an_erased_person_the_report_holds_the_erasure_and_who_looked(hub: People) -> None:
    hub.read(REFERENT)
    hub.take(erased(FT, "2021-04-10"), erased(CE, "2021-04-10"))
    hub.state_reason(DPO, code="data_request")
    answer = hub.get(DPO, "report")
    report = answer.json()
    assert {each["content"]["type"] for each in report["events"]} == {"PersonErased"}
    assert [marker for marker in (*HEALTH, "Zola", FT.local_id, CE.local_id) if marker in answer.text] == []
    assert REFERENT.reader_id in {each["reader_id"] for each in report["accesses"]}


def test_who_looked_is_told_page_by_page_newest_first(hub: People) -> None:
    for path in ("", "needs", "timeline", "facts", "alerts"):
        hub.read(REFERENT, path)
    answer = hub.get(AUDITOR, "accesses?limit=2")
    found = answer.json()["items"]
    while answer.json()["next"] is not None:
        answer = hub.get(AUDITOR, answer.links["next"]["url"])
        found += answer.json()["items"]
    mine = [each["through"] for each in found if each["reader_id"] == REFERENT.reader_id]
    assert mine == [
        "GET /api/v1/pathways/{person_id}" + path for path in ("/alerts", "/facts", "/timeline", "/needs", "")
    ]
    assert "GET /api/v1/pathways/{person_id}/accesses" in {
        each["through"] for each in hub.read(DPO, "accesses")["items"]
    }


def test_who_looked_shows_nothing_of_the_person(hub: People) -> None:
    hub.read(REFERENT)
    text = hub.get(AUDITOR, "accesses").text
    assert [marker for marker in (*HEALTH, "Zola", FT.local_id, CE.local_id) if marker in text] == []
    for reader in (REFERENT, OTHER):
        assert hub.get(reader, "accesses").status_code == 403


def test_an_event_of_nobody_has_no_accesses(hub: People) -> None:
    assert hub.get(DPO, f"/api/v1/pathways/{NOBODY}/accesses").status_code == 403

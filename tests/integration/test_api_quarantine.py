"""The quarantine over HTTP: what is held, how it is made, and redriving it beside workers, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hub.api.documents.quarantine import HeldRecordOpened, HeldRecords, Redriven
from hub.domain.access import Reader
from hub.domain.ids import FRANCE_TRAVAIL
from hub.ledger import accessqueries
from hub.ledger.database import reading, writing
from hub.ledger.quarantine import Rejected
from tests.integration.apis import Api, an_api
from tests.integration.feeds import ledger_of
from tests.integration.hubs import consume, digest_of, digest_of_all, publish, sums_of
from tests.integration.test_quarantine_flow import (
    BAD,
    CODEC,
    EMAIL,
    FT_TOPIC,
    NAME,
    NIR,
    a_delegation,
    append,
    held,
    held_for_an_unknown_schema,
)
from tests.unit.pathway import builders

PATH = "/api/v1/quarantine"
OPERATOR = Reader("test|operator", frozenset({"operator"}))


@pytest.fixture
def api(engine: str, tmp_path: Path) -> Iterator[Api]:
    assert engine
    with an_api(tmp_path) as running:
        yield running


def listed(api: Api, **query: Any) -> list[dict[str, Any]]:
    """Give all pages of a list."""
    items: list[dict[str, Any]] = []
    while True:
        answer = api.client(OPERATOR).get(PATH, params=query)
        assert answer.status_code == 200, answer.text
        page = HeldRecords.model_validate_json(answer.content)
        items += answer.json()["items"]
        if page.next is None:
            return items
        query["cursor"] = page.next


def redrive(api: Api, entry: int, note: str = "The schema is released.") -> dict[str, Any]:
    answer = api.client(OPERATOR).post(f"{PATH}/{entry}/redrive", json={"note": note})
    assert answer.status_code == 200, answer.text
    Redriven.model_validate_json(answer.content)
    document: dict[str, Any] = answer.json()
    return document


def test_what_broke_the_contract_is_listed_page_by_page(api: Api) -> None:
    append(api.hub, *(each() for each in BAD.values()))
    consume(api.hub)
    of_hub = held(api.hub)

    everything = listed(api, limit=3)
    assert [each["entry_id"] for each in everything] == [each.entry_id for each in of_hub]
    assert [each["detail"] for each in everything] == [each.detail for each in of_hub]
    some = listed(api, state="held", reason="undecodable", topic=FT_TOPIC, limit=2)
    assert [each["entry_id"] for each in some] == [e.entry_id for e in of_hub if e.reason == "undecodable"]
    assert listed(api, state="discarded") == []


def test_a_record_is_outlined_without_what_it_says(api: Api) -> None:
    append(api.hub, *(each() for each in BAD.values()))
    consume(api.hub)

    for entry in held(api.hub):
        answer = api.client(OPERATOR).get(f"{PATH}/{entry.entry_id}")
        assert answer.status_code == 200
        found = HeldRecordOpened.model_validate_json(answer.content)
        assert (found.entry.reason, found.decisions) == (entry.reason, [])
        assert [
            word for word in (NAME, EMAIL, NIR, builders.FT.local_id, builders.EMPLOYER) if word in answer.text
        ] == []
    with reading(api.hub.store) as connection:
        logged = accessqueries.entries(connection, reader_id=OPERATOR.reader_id)
    assert {(each.kind, each.people) for each in logged} == {("quarantine", ())}
    assert sorted(int(each.code or 0) for each in logged) == [each.entry_id for each in held(api.hub)]


def test_once_the_schema_is_released_the_record_comes_in_exactly_once(api: Api, tmp_path: Path) -> None:
    events = a_delegation()
    entry = held_for_an_unknown_schema(api.hub, events, tmp_path)

    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: api.client(OPERATOR).post(f"{PATH}/{entry}/redrive", json={"note": "x"}), range(4))
        )

    taken = [answer.json()["result"] for answer in answers if answer.status_code == 200]
    # Of the others, each finds it decided, or that the first one is at it.
    assert taken.count("accepted") == 1
    assert {answer.status_code for answer in answers} <= {200, 400}
    assert set(taken) <= {"accepted", "busy"}
    assert len(ledger_of(api.hub)) == 3
    assert digest_of(api.hub) == digest_of_all(events)
    assert sums_of(api.hub).adds_up
    opened = api.client(OPERATOR).get(f"{PATH}/{entry}").json()
    assert [(each["state"], each["decided_by"]) for each in opened["decisions"]] == [("redriven", OPERATOR.reader_id)]


def test_records_are_redriven_while_a_worker_takes_others_of_the_same_people(api: Api) -> None:
    cases = [builders.FT._replace(local_id=f"{number:011d}") for number in range(12)]
    registered = [builders.registered(case) for case in cases]
    with writing(api.hub.store) as connection:
        items = [
            Rejected(FT_TOPIC, 0, 10_000 + at, "unknown_schema", "not known yet", None, CODEC.encode(each), [])
            for at, each in enumerate(registered)
        ]
        entries = api.hub.quarantine.hold(connection, items, now=api.hub.now, random_bytes=bytes)
    later = [
        builders.event(
            type(a_delegation()[1]), "2021-02-01", case, delegation_id=f"D-{n}", ground="x", planned_end="2021-12-31"
        )
        for n, case in enumerate(cases)
    ]
    publish(api.hub, later)

    with ThreadPoolExecutor(3) as pool:
        consuming = pool.submit(consume, api.hub)
        halves = [
            pool.submit(lambda half: [redrive(api, entry)["result"] for entry in half], half)
            for half in (entries[::2], entries[1::2])
        ]
        consuming.result()
        results = [result for half in halves for result in half.result()]

    while "busy" in results:
        results = [redrive(api, each.entry_id)["result"] for each in held(api.hub)]
    assert held(api.hub) == []
    assert len(ledger_of(api.hub)) == 24
    assert digest_of(api.hub) == digest_of_all([*registered, *later])


def test_what_still_breaks_the_contract_stays_held_with_why(api: Api) -> None:
    append(api.hub, BAD["a network on the other's topic"]())
    consume(api.hub)
    (entry,) = held(api.hub)

    outcome = redrive(api, entry.entry_id)

    assert (outcome["result"], outcome["reason"]) == ("still_held", "forbidden_network")
    assert [each.state for each in held(api.hub)] == ["held"]


@pytest.mark.parametrize("reader", [None, Reader("m", frozenset({"manager", "adviser"}), network=FRANCE_TRAVAIL)])
def test_the_quarantine_is_for_operators_alone(api: Api, reader: Reader | None) -> None:
    client = api.client(reader)
    answers = [client.get(PATH), client.get(f"{PATH}/1"), client.post(f"{PATH}/1/redrive", json={"note": "x"})]

    assert {answer.status_code for answer in answers} == {401 if reader is None else 403}


def test_what_is_no_entry_or_no_filter_is_refused(api: Api) -> None:
    client = api.client(OPERATOR)

    assert client.get(f"{PATH}/77").status_code == 404
    assert client.post(f"{PATH}/77/redrive", json={"note": "x"}).status_code == 404
    assert client.get(f"{PATH}/{2**63}").status_code == 422
    assert client.get(PATH, params={"reason": "x"}).status_code == 422
    assert client.get(PATH, params={"topic": "x' OR 1=1"}).status_code == 422
    assert client.get(PATH, params={"cursor": "AAAA"}).status_code == 400
    for body in ({}, {"note": ""}, {"note": "n" * 1_001}, {"note": NIR}, {"note": "x", "by": "someone"}):
        assert client.post(f"{PATH}/1/redrive", json=body).status_code == 422

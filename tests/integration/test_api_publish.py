"""Publishing over HTTP: what is told to be accepted is in the ledger once, alone or in a batch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from hub.api.submitted import MOST_EVENTS
from hub.codec.jsonform import to_json
from hub.domain.topics import FRANCE_TRAVAIL_EVENTS
from tests.integration.apis import Api, Noted, an_api
from tests.integration.feeds import ledger_of
from tests.integration.hubs import consume, read_more, take
from tests.integration.submitting import (
    OF_FT,
    an_id,
    closed,
    code_of,
    post,
    publish,
    publish_batch,
    publish_lines,
    publish_record,
    publish_records,
    statuses,
)
from tests.unit.pathway.builders import CE, FT, registered


@pytest.fixture(scope="module")
def api(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:  # noqa: ARG001 the engine that it is on
    with an_api(tmp_path_factory.mktemp("publish"), recorder=Noted()) as running:
        yield running


def place_of(result: dict[str, Any]) -> tuple[str, int, int]:
    return result["topic"], result["partition"], result["offset"]


def test_an_event_is_durable_where_the_answer_says_and_gets_into_the_ledger(api: Api) -> None:
    read_more(api.hub)
    stated = closed()
    answer = publish(api.client(OF_FT), stated)

    assert answer.status_code == 202
    assert answer.json()["status"] == "accepted"
    assert answer.json()["event_id"] == stated.meta.event_id
    assert place_of(answer.json())[0] == FRANCE_TRAVAIL_EVENTS
    assert read_more(api.hub) == (1, 0, 0)
    assert stated in ledger_of(api.hub)


def test_an_event_sent_again_is_a_duplicate_with_its_place_before_and_after_a_worker_took_it(api: Api) -> None:
    read_more(api.hub)
    client, stated = api.client(OF_FT), closed()
    first = publish(client, stated)
    before = publish(client, stated)
    counted = read_more(api.hub)
    after = publish(client, stated)

    assert [each.status_code for each in (first, before, after)] == [202, 202, 202]
    assert [each.json()["status"] for each in (first, before, after)] == ["accepted", "duplicate", "duplicate"]
    assert place_of(first.json()) == place_of(before.json()) == place_of(after.json())
    assert counted[0] == 1
    assert read_more(api.hub) == (0, 0, 0), "what the ledger holds is not appended again"


def test_what_is_not_in_the_ledger_yet_is_appended_again_for_the_log_may_have_lost_it(api: Api) -> None:
    read_more(api.hub)
    client, stated = api.client(OF_FT), closed()
    assert [publish(client, stated).status_code for _ in range(3)] == [202] * 3
    assert read_more(api.hub) == (1, 2, 0)


@pytest.mark.parametrize("is_consumed", [False, True])
def test_an_id_stands_for_its_first_content(api: Api, *, is_consumed: bool) -> None:
    read_more(api.hub)
    client, stated = api.client(OF_FT), closed("employment")
    publish(client, stated)
    if is_consumed:
        consume(api.hub)
    answer = publish(client, closed("moved", event_id=stated.meta.event_id))

    assert answer.status_code == 409
    assert code_of(answer) == "content_conflict"
    assert publish(client, stated).status_code == 202
    assert read_more(api.hub)[2] == 0


def test_an_id_that_came_another_way_is_known_too(api: Api) -> None:
    read_more(api.hub)
    stated = closed("employment")
    take(api.hub, [stated])
    client = api.client(OF_FT)
    assert publish(client, stated).json()["status"] == "duplicate"
    assert publish(client, closed("moved", event_id=stated.meta.event_id)).status_code == 409
    assert read_more(api.hub) == (0, 0, 0)


def test_the_same_event_written_otherwise_is_the_same(api: Api) -> None:
    client, stated = api.client(OF_FT), closed()
    form: dict[str, Any] = to_json(stated)
    publish(client, form)
    form["meta"] |= {
        "occurred_at": "2021-03-01T01:00:00+01:00",
        "event_id": stated.meta.event_id.upper(),
        "site": "69244",
    }
    form["meta"]["causation_id"] = None
    form["meta"]["sequence"] = float(stated.meta.sequence)
    assert publish(client, form).json()["status"] == "duplicate"


def test_a_batch_is_published_in_its_order_and_each_item_answered_for(api: Api) -> None:
    read_more(api.hub)
    client = api.client(OF_FT)
    known = closed()
    publish(client, known)
    consume(api.hub)
    good, other = closed(), closed(at="2021-03-02")
    invalid_id = an_id()
    invalid = to_json(closed(event_id=invalid_id)) | {"motive": None}
    conflicting = closed("moved", event_id=known.meta.event_id)
    answer = publish_batch(client, [good, invalid, known, conflicting, closed(case=CE), other, "text"])

    assert answer.status_code == 207
    document = answer.json()
    assert statuses(answer) == ["accepted", "invalid", "duplicate", "conflict", "forbidden", "accepted", "invalid"]
    assert (document["accepted"], document["duplicates"], document["refused"]) == (2, 1, 4)
    results = document["results"]
    assert [result["event_id"] for result in results[:3]] == [
        good.meta.event_id,
        invalid_id,
        known.meta.event_id,
    ]
    assert results[-1]["event_id"] is None
    assert results[0]["partition"] == results[5]["partition"], "one case, one partition"
    assert results[0]["offset"] < results[5]["offset"]
    assert [result["problem"]["status"] for result in results if "problem" in result] == [422, 409, 403, 422]
    assert read_more(api.hub) == (2, 0, 0)


def test_a_batch_of_new_and_known_events_alone_is_accepted(api: Api) -> None:
    client, known = api.client(OF_FT), closed()
    publish(client, known)
    answer = publish_batch(client, [known, closed()])
    assert answer.status_code == 202
    assert statuses(answer) == ["duplicate", "accepted"]


def test_an_id_twice_in_a_batch_is_published_once(api: Api) -> None:
    read_more(api.hub)
    stated = closed("employment")
    other = closed("moved", event_id=stated.meta.event_id)
    consume(api.hub)
    answer = publish_batch(api.client(OF_FT), [stated, stated, other])

    assert statuses(answer) == ["accepted", "duplicate", "conflict"]
    assert place_of(answer.json()["results"][0]) == place_of(answer.json()["results"][1])
    assert read_more(api.hub) == (1, 0, 0)


def test_the_first_content_counts_wherever_in_the_batch_the_known_one_stands(api: Api) -> None:
    client, stated = api.client(OF_FT), closed("employment")
    publish(client, stated)
    answer = publish_batch(client, [closed("moved", event_id=stated.meta.event_id), stated])
    assert statuses(answer) == ["conflict", "duplicate"]


@pytest.mark.parametrize("events", [[], [{}] * (MOST_EVENTS + 1), {}, None, "text"])
def test_a_batch_without_events_or_with_too_many_is_refused_whole(api: Api, events: Any) -> None:
    answer = post(api.client(OF_FT), json.dumps({"events": events}).encode())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/events"


def test_a_batch_has_no_other_field(api: Api) -> None:
    answer = post(api.client(OF_FT), json.dumps({"events": [{}], "partial": True}).encode())
    assert answer.status_code == 422


def test_a_batch_may_have_a_thousand_events(api: Api) -> None:
    read_more(api.hub)
    consume(api.hub)
    answer = publish_batch(api.client(OF_FT), [closed() for _ in range(MOST_EVENTS)])
    assert answer.status_code == 202
    assert answer.json()["accepted"] == MOST_EVENTS
    assert read_more(api.hub) == (MOST_EVENTS, 0, 0)


def test_json_lines_are_a_batch(api: Api) -> None:
    read_more(api.hub)
    consume(api.hub)
    lines = [
        msgspec.json.encode(to_json(closed())),
        b"",
        b'{"type": "Placed"',
        b"\r",
        msgspec.json.encode(to_json(closed())),
    ]
    answer = publish_lines(api.client(OF_FT), *lines)
    assert statuses(answer) == ["accepted", "invalid", "accepted"]
    assert read_more(api.hub) == (2, 0, 0)


def test_avro_is_taken_as_it_stands_on_the_topic(api: Api) -> None:
    client, stated = api.client(OF_FT), closed()
    encoded = api.services.submissions.codec.encode(stated)
    assert publish_record(client, encoded).json()["status"] == "accepted"
    assert publish(client, stated).json()["status"] == "duplicate"
    answer = publish_records(client, encoded, api.services.submissions.codec.encode(closed()), b"\x00\x00", b"")
    assert statuses(answer) == ["duplicate", "accepted", "invalid", "invalid"]


def test_the_records_carry_the_requests_trace(api: Api) -> None:
    consume(api.hub)
    good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    client = api.client(OF_FT)
    places = [
        place_of(publish(client, closed(), traceparent=header).json())
        for header in (good, "00-bad", good.replace("00-", "ff-"), good.upper())
    ]
    found = [_header(api, place, "traceparent") for place in places]
    assert found == [good, None, None, None]


def _header(api: Api, place: tuple[str, int, int], name: str) -> str | None:
    consumer = api.hub.consumer(lambda _: None)
    try:
        while batches := consumer.poll(1_000, 5_000):
            for batch in batches:
                for record in batch.records:
                    if (record.topic, record.partition, record.offset) == place:
                        return next((value.decode() for key, value in record.headers if key == name and value), None)
    finally:
        consumer.close()
    raise AssertionError(f"{place} is not on the log")


def test_nothing_personal_is_in_the_answer_or_the_log(api: Api) -> None:
    stated = registered(FT, family_name="Montgolfier", given_name="Étienne")
    answer = publish(api.client(OF_FT), stated)
    assert answer.status_code == 202
    for name in ("Montgolfier", "Étienne", FT.local_id):
        assert name not in answer.text
        assert name not in json.dumps(api.log, ensure_ascii=False)

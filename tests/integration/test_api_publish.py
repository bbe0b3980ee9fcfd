"""Publishing over HTTP: what is told to be accepted is in the ledger once, and what is refused says why."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from hub.api.submitted import AVRO, AVRO_BATCH, JSON, MOST_EVENTS, NDJSON
from hub.codec.jsonform import to_json
from hub.domain.access import ROLES, Reader
from hub.domain.events.employer import EmployerActionHeld
from hub.domain.events.link import RecordsLinked
from hub.domain.ids import FRANCE_TRAVAIL
from hub.domain.topics import DECISIONS, FRANCE_TRAVAIL_EVENTS
from tests.integration.apis import Api, Noted, an_api
from tests.integration.feeds import ledger_of
from tests.integration.hubs import consume, sums_of, take
from tests.integration.submitting import (
    OF_CE,
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
from tests.unit.pathway.builders import CE, EMPLOYER, FT, event, ref, registered


@pytest.fixture(scope="module")
def api(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:  # noqa: ARG001 the engine that it is on
    with an_api(tmp_path_factory.mktemp("publish"), recorder=Noted()) as running:
        yield running


def read_more(api: Api) -> tuple[int, int, int]:
    """Consume what is new; give how many records were accepted, repeated and quarantined of it.

    A test that counts does so first too: tests share the log, and others leave events on it.
    """
    before = sums_of(api.hub)
    consume(api.hub)
    after = sums_of(api.hub)
    accepted, duplicates = after.accepted - before.accepted, after.duplicate - before.duplicate
    return accepted, duplicates, after.quarantined - before.quarantined


def place_of(result: dict[str, Any]) -> tuple[str, int, int]:
    return result["topic"], result["partition"], result["offset"]


def test_an_event_is_durable_where_the_answer_says_and_gets_into_the_ledger(api: Api) -> None:
    read_more(api)
    stated = closed()
    answer = publish(api.client(OF_FT), stated)

    assert answer.status_code == 202
    assert answer.json()["status"] == "accepted"
    assert answer.json()["event_id"] == stated.meta.event_id
    assert place_of(answer.json())[0] == FRANCE_TRAVAIL_EVENTS
    assert read_more(api) == (1, 0, 0)
    assert stated in ledger_of(api.hub)


def test_an_event_sent_again_is_a_duplicate_with_its_place_before_and_after_a_worker_took_it(api: Api) -> None:
    read_more(api)
    client, stated = api.client(OF_FT), closed()
    first = publish(client, stated)
    before = publish(client, stated)
    counted = read_more(api)
    after = publish(client, stated)

    assert [each.status_code for each in (first, before, after)] == [202, 202, 202]
    assert [each.json()["status"] for each in (first, before, after)] == ["accepted", "duplicate", "duplicate"]
    assert place_of(first.json()) == place_of(before.json()) == place_of(after.json())
    assert counted[0] == 1
    assert read_more(api) == (0, 0, 0), "what the ledger holds is not appended again"


def test_what_is_not_in_the_ledger_yet_is_appended_again_for_the_log_may_have_lost_it(api: Api) -> None:
    read_more(api)
    client, stated = api.client(OF_FT), closed()
    assert [publish(client, stated).status_code for _ in range(3)] == [202] * 3
    assert read_more(api) == (1, 2, 0)


@pytest.mark.parametrize("is_consumed", [False, True])
def test_an_id_stands_for_its_first_content(api: Api, *, is_consumed: bool) -> None:
    read_more(api)
    client, stated = api.client(OF_FT), closed("employment")
    publish(client, stated)
    if is_consumed:
        consume(api.hub)
    answer = publish(client, closed("moved", event_id=stated.meta.event_id))

    assert answer.status_code == 409
    assert code_of(answer) == "content_conflict"
    assert publish(client, stated).status_code == 202
    assert read_more(api)[2] == 0


def test_an_id_that_came_another_way_is_known_too(api: Api) -> None:
    read_more(api)
    stated = closed("employment")
    take(api.hub, [stated])
    client = api.client(OF_FT)
    assert publish(client, stated).json()["status"] == "duplicate"
    assert publish(client, closed("moved", event_id=stated.meta.event_id)).status_code == 409
    assert read_more(api) == (0, 0, 0)


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
    read_more(api)
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
    assert read_more(api) == (2, 0, 0)


def test_a_batch_of_new_and_known_events_alone_is_accepted(api: Api) -> None:
    client, known = api.client(OF_FT), closed()
    publish(client, known)
    answer = publish_batch(client, [known, closed()])
    assert answer.status_code == 202
    assert statuses(answer) == ["duplicate", "accepted"]


def test_an_id_twice_in_a_batch_is_published_once(api: Api) -> None:
    read_more(api)
    stated = closed("employment")
    other = closed("moved", event_id=stated.meta.event_id)
    consume(api.hub)
    answer = publish_batch(api.client(OF_FT), [stated, stated, other])

    assert statuses(answer) == ["accepted", "duplicate", "conflict"]
    assert place_of(answer.json()["results"][0]) == place_of(answer.json()["results"][1])
    assert read_more(api) == (1, 0, 0)


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
    read_more(api)
    consume(api.hub)
    answer = publish_batch(api.client(OF_FT), [closed() for _ in range(MOST_EVENTS)])
    assert answer.status_code == 202
    assert answer.json()["accepted"] == MOST_EVENTS
    assert read_more(api) == (MOST_EVENTS, 0, 0)


def test_json_lines_are_a_batch(api: Api) -> None:
    read_more(api)
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
    assert read_more(api) == (2, 0, 0)


def test_avro_is_taken_as_it_stands_on_the_topic(api: Api) -> None:
    client, stated = api.client(OF_FT), closed()
    encoded = api.services.submissions.codec.encode(stated)
    assert publish_record(client, encoded).json()["status"] == "accepted"
    assert publish(client, stated).json()["status"] == "duplicate"
    answer = publish_records(client, encoded, api.services.submissions.codec.encode(closed()), b"\x00\x00", b"")
    assert statuses(answer) == ["duplicate", "accepted", "invalid", "invalid"]


def test_another_networks_event_is_forbidden_in_every_form(api: Api) -> None:
    read_more(api)
    consume(api.hub)
    client, foreign = api.client(OF_FT), closed(case=CE)
    encoded = api.services.submissions.codec.encode(foreign)
    answers = [publish(client, foreign), publish_record(client, encoded)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert {code_of(answer) for answer in answers} == {"forbidden_network"}
    assert statuses(publish_batch(client, [foreign])) == ["forbidden"]
    assert statuses(publish_records(client, encoded)) == ["forbidden"]
    assert CE.local_id not in "".join(answer.text for answer in answers)
    assert read_more(api) == (0, 0, 0)
    assert publish(api.client(OF_CE), foreign).status_code == 202


def test_a_network_states_its_own_peoples_decisions_and_nobody_the_hubs(api: Api) -> None:
    read_more(api)

    def linked(network: str) -> dict[str, Any]:
        decided = event(RecordsLinked, left=ref(FT), right=ref(CE), evidence="documents", event_id=an_id())
        form: dict[str, Any] = to_json(decided)
        form["meta"]["network"] = network
        return form

    client = api.client(OF_FT)
    assert publish(client, linked("france_travail")).json()["topic"] == DECISIONS
    assert publish(client, linked("cap_emploi")).status_code == 403
    assert publish(client, linked("hub")).status_code == 403
    read_more(api)


def test_what_is_about_no_case_goes_to_the_networks_topic(api: Api) -> None:
    held = event(
        EmployerActionHeld,
        siret=EMPLOYER,
        action_id="a",
        action="visit",
        networks=["france_travail"],
        held_on="2021-03-01",
        event_id=an_id(),
    )
    assert publish(api.client(OF_FT), held).json()["topic"] == FRANCE_TRAVAIL_EVENTS


def test_only_a_publisher_with_a_network_publishes(api: Api) -> None:
    for role in set(ROLES) - {"publisher"}:
        reader = Reader(f"of-{role}", frozenset({role}), network=FRANCE_TRAVAIL)
        assert publish(api.client(reader), closed()).status_code == 403
    lost = Reader("lost", frozenset({"publisher"}))
    assert code_of(publish(api.client(lost), closed())) == "denied"
    assert publish(api.client(), closed()).status_code == 401


def test_a_defect_names_its_field_and_no_value(api: Api) -> None:
    secret = "Zoe-1980"
    form = to_json(registered(FT)) | {"traits": {"birth_place": secret, "given_name": "Zoe"}, "public": 7}
    answer = publish(api.client(OF_FT), form)

    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/traits/birth_place", "/public"}
    assert secret not in answer.text
    assert secret not in json.dumps(api.log)


def test_a_social_security_number_is_refused_and_not_repeated(api: Api) -> None:
    number = f"1{80:02}{5:02}{69:02}{123:03}{456:03}"
    key = 97 - int(number) % 97
    form = to_json(registered(FT)) | {"traits": {"family_name": f"Durand {number}{key:02}"}}
    answer = publish(api.client(OF_FT), form)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/traits/family_name"
    assert number not in answer.text + json.dumps(api.log)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'{"type": NaN}',
        b'{"type": 1e400}',
        b'{"type": "Placed", "type": "Placed"}',
        b'{"type": "Placed", "meta": ' + b"9" * 5_000 + b"}",
        b'{"events": ' * 50 + b"1" + b"}" * 50 + b"x",
    ],
    ids=["nothing", "cut", "no UTF-8", "NaN", "infinite", "a key twice", "many digits", "more after it"],
)
def test_what_is_not_strict_json_is_refused(api: Api, body: bytes) -> None:
    answer = post(api.client(OF_FT), body)
    assert answer.status_code == 422
    assert code_of(answer) == "invalid_request"


def test_a_deep_nest_is_refused_in_a_body_and_in_a_line(api: Api) -> None:
    nest = b'{"type": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    client = api.client(OF_FT)
    assert post(client, nest).status_code == 422
    lines = publish_lines(client, msgspec.json.encode(to_json(closed())), nest)
    assert statuses(lines) == ["accepted", "invalid"]


@pytest.mark.parametrize("document", [None, 7, "text", [], [{}], {}, {"type": "Unheard"}, {"type": "CaseClosed"}])
def test_json_that_is_no_event_is_invalid(api: Api, document: Any) -> None:
    answer = post(api.client(OF_FT), json.dumps(document).encode())
    assert answer.status_code == 422
    assert code_of(answer) == "invalid_event"


@pytest.mark.parametrize("name", ["é", "x" * 10_000, "a/b~c", 'a"b'])
def test_an_unknown_fields_name_is_not_repeated_unless_it_can_be_one(api: Api, name: str) -> None:
    answer = publish(api.client(OF_FT), to_json(closed()) | {name: 1})
    assert answer.status_code == 422
    assert name not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/xml"},
        {"Content-Type": ""},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_other_media_types_and_encodings_are_refused(api: Api, headers: dict[str, str]) -> None:
    body = msgspec.json.encode(to_json(closed()))
    if "Content-Encoding" in headers:
        body = gzip.compress(body)
    media_type, *_ = headers.values()
    answer = post(api.client(OF_FT), body, media_type, **{"Content-Encoding": "identity", **headers})
    assert answer.status_code == 415
    assert "Content-Encoding" in headers or JSON in answer.headers["Accept"]


def test_a_media_type_may_say_utf_8(api: Api) -> None:
    body = msgspec.json.encode(to_json(closed()))
    assert post(api.client(OF_FT), body, 'Application/JSON; charset="UTF-8"').status_code == 202


def test_a_record_larger_than_the_contract_allows_is_refused_alone(api: Api) -> None:
    large = b"\x00\x00\x00\x00\x01" + bytes(1_048_576)
    client = api.client(OF_FT)
    assert publish_record(client, large).status_code == 413
    answer = publish_records(client, large, api.services.submissions.codec.encode(closed()))
    assert statuses(answer) == ["invalid", "accepted"]
    assert answer.json()["results"][0]["problem"]["type"].endswith(":record_too_large")


@pytest.mark.parametrize("body", [b"\x00\x00\x00", b"\x00\x00\x00\x05abc", b"\xff\xff\xff\xff", b""])
def test_a_batch_of_records_that_ends_early_is_refused_whole(api: Api, body: bytes) -> None:
    assert post(api.client(OF_FT), body, AVRO_BATCH).status_code == 422


@pytest.mark.parametrize("media_type", [AVRO, AVRO_BATCH, NDJSON])
def test_random_bytes_are_refused(api: Api, media_type: str) -> None:
    for body in (b"\x00" * 40, b"\xff" * 40, bytes(range(256)), b"\n\n\n"):
        assert post(api.client(OF_FT), body, media_type).status_code in {207, 422}


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

"""What may not be published over HTTP: whose event it is, what is no event, and what no refusal repeats."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from hub.api.submitted import AVRO, AVRO_BATCH, JSON, NDJSON
from hub.codec.jsonform import to_json
from hub.domain.access import ROLES, Reader
from hub.domain.events.employer import EmployerActionHeld
from hub.domain.events.link import RecordsLinked
from hub.domain.ids import FRANCE_TRAVAIL
from hub.domain.topics import DECISIONS, FRANCE_TRAVAIL_EVENTS
from tests.integration.apis import Api, Noted, an_api
from tests.integration.hubs import consume, read_more
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


def test_another_networks_event_is_forbidden_in_every_form(api: Api) -> None:
    read_more(api.hub)
    consume(api.hub)
    client, foreign = api.client(OF_FT), closed(case=CE)
    encoded = api.services.submissions.codec.encode(foreign)
    answers = [publish(client, foreign), publish_record(client, encoded)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert {code_of(answer) for answer in answers} == {"forbidden_network"}
    assert statuses(publish_batch(client, [foreign])) == ["forbidden"]
    assert statuses(publish_records(client, encoded)) == ["forbidden"]
    assert CE.local_id not in "".join(answer.text for answer in answers)
    assert read_more(api.hub) == (0, 0, 0)
    assert publish(api.client(OF_CE), foreign).status_code == 202


def test_a_network_states_its_own_peoples_decisions_and_nobody_the_hubs(api: Api) -> None:
    read_more(api.hub)

    def linked(network: str) -> dict[str, Any]:
        decided = event(RecordsLinked, left=ref(FT), right=ref(CE), evidence="documents", event_id=an_id())
        form: dict[str, Any] = to_json(decided)
        form["meta"]["network"] = network
        return form

    client = api.client(OF_FT)
    assert publish(client, linked("france_travail")).json()["topic"] == DECISIONS
    assert publish(client, linked("cap_emploi")).status_code == 403
    assert publish(client, linked("hub")).status_code == 403
    read_more(api.hub)


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

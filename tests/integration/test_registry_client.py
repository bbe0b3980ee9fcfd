"""What a schema registry may answer, and what the client makes of it; the replies are those of real registries."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.codec.confluent import ConfluentApi
from hub.codec.confluent_registry import ConfluentRegistry
from hub.errors import HubError, RegistryUnavailable, SchemaIncompatible, UnknownSchema
from tests.integration.registry_apis import CALLS, SCHEMA, SUBJECT, an_api, each_call
from tests.integration.registry_replies import Replies, Reply, replying
from tests.unit.codec_records import REGISTRY
from tests.unit.test_codec_layout import AVRO_LIKE, JSON


@pytest.fixture
def replies() -> Iterator[Replies]:
    with replying() as served:
        yield served


def test_a_schema_is_registered_found_and_read(replies: Replies) -> None:
    api = an_api(replies.url)
    assert api.subjects() == frozenset()
    assert api.find(SUBJECT, SCHEMA) is None
    assert api.is_compatible(SUBJECT, SCHEMA)
    assert api.level(SUBJECT) is None
    api.set_level(SUBJECT, "FULL_TRANSITIVE")
    assert api.level(SUBJECT) == "FULL_TRANSITIVE"
    schema_id = api.register(SUBJECT, SCHEMA)
    assert api.register(SUBJECT, SCHEMA) == schema_id == api.find(SUBJECT, SCHEMA)
    assert json.loads(api.schema(schema_id)) == REGISTRY.current("RecordsLinked").definition
    assert api.subjects() == {SUBJECT}
    assert {asked.headers["Content-Type"] for asked in replies.asked} == {"application/vnd.schemaregistry.v1+json"}


def test_a_name_is_quoted_in_a_path(replies: Replies) -> None:
    assert an_api(f"{replies.url}/").find("../a b?c", SCHEMA) is None
    assert replies.asked[0].path == "/subjects/..%2Fa%20b%3Fc"


def test_an_unknown_id_is_not_an_absent_registry(replies: Replies) -> None:
    with pytest.raises(UnknownSchema, match=r"no schema 1$"):
        an_api(replies.url).schema(1)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            Reply(409, {"error_code": 409, "message": "Incompatible schema, compatibility_mode=FULL_TRANSITIVE"}),
            "compatibility_mode=FULL_TRANSITIVE",
        ),
        (Reply(422, {"error_code": 42201, "message": "Invalid AVRO schema. Error: \x1b[31mred"}), "Error:  .31mred"),
        (Reply(409, {"message": ["no", "text"]}), "no reason"),
        (Reply(409, [1]), "no reason"),
    ],
)
def test_a_refused_schema_is_incompatible_in_the_registrys_words(replies: Replies, reply: Reply, words: str) -> None:
    replies.always = reply
    with pytest.raises(SchemaIncompatible, match=words):
        an_api(replies.url).register(SUBJECT, SCHEMA)
    assert not an_api(replies.url).is_compatible(SUBJECT, SCHEMA)


@each_call
@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"error_code": 50001, "message": "Error in the backend data store"}),
        Reply(503, b"<html>Service Unavailable</html>"),
        Reply(429, {"error_code": 42901, "message": "slow down"}),
        Reply(200, b"<!DOCTYPE html><title>Log in</title>"),
        Reply(200, b""),
        Reply(200, b"\xff\xfe"),
        Reply(200, b"[" * 100_000),
        Reply(200, b"7" * 10_000),
        Reply(404, b""),
        Reply(404, {"error_code": 404, "message": "HTTP 404 Not Found"}),
        Reply(404, {"error_code": True}),
        Reply(404, {"error_code": "40403"}),
        Reply(404, []),
        Reply(405, {"error_code": 405, "message": "HTTP 405 Method Not Allowed"}),
        Reply(200, b"\x1f\x8b broken", headers={"Content-Encoding": "gzip"}),
        Reply(200, b"{}", headers={"Content-Length": "99"}),
        Reply(200, b"", headers={"X": "y" * 200_000}),
    ],
    ids=lambda reply: f"{reply.status} {str(reply.content)[:30]}",
)
def test_whatever_is_no_answer_counts_as_away(
    replies: Replies, call: Callable[[ConfluentApi], object], reply: Reply
) -> None:
    replies.always = reply
    with pytest.raises(RegistryUnavailable) as raised:
        call(an_api(replies.url))
    assert replies.url in str(raised.value)
    assert raised.value.retriable


@pytest.mark.parametrize("call", [CALLS[name] for name in CALLS if name != "set_level"])
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"id": True, "schema": 7, "is_compatible": "yes", "compatibilityLevel": None},
        {"id": 0},
        {"id": 2**31},
        {"id": 1.0},
        {"id": "1"},
        7,
        None,
    ],
)
def test_an_answer_without_what_was_asked_counts_as_away(
    replies: Replies, call: Callable[[ConfluentApi], object], content: object
) -> None:
    replies.always = Reply(200, content)
    with pytest.raises(RegistryUnavailable, match="unlike a schema registry"):
        call(an_api(replies.url))


ANSWERS = (
    JSON
    | st.binary()
    | st.fixed_dictionaries({"schema": (AVRO_LIKE | JSON).map(json.dumps) | st.text()})
    | st.fixed_dictionaries({"error_code": st.sampled_from([40403, 40401, 404, "40403"])})
)


@given(st.lists(st.tuples(st.sampled_from([200, 404, 409, 422, 500, 204, 418]), ANSWERS), min_size=1, max_size=5))
def test_whatever_a_registry_answers_about_an_id_is_an_error_of_the_hub(answers: list[tuple[int, Any]]) -> None:
    with replying() as replies:
        an_api(replies.url).register(SUBJECT, SCHEMA)
        replies.below = "/schemas/ids/"
        registry = ConfluentRegistry(REGISTRY, an_api(replies.url), topic_prefix="", clock=time.monotonic)
        for schema_id, (status, content) in enumerate(answers, start=1):
            replies.always = Reply(status, content)
            with pytest.raises(HubError) as raised:
                registry.by_id(schema_id)
            fields = content if isinstance(content, dict) else {}
            is_known_to_be_foreign = (status == 200 and isinstance(fields.get("schema"), str)) or (
                status == 404 and fields.get("error_code") == 40403
            )
            assert isinstance(raised.value, UnknownSchema if is_known_to_be_foreign else RegistryUnavailable)

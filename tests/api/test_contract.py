"""The OpenAPI document against the running API: whatever the document allows or forbids, the API keeps to it.

schemathesis makes the requests, valid and invalid, and holds each answer against the document. `HUB_TEST_EXAMPLES=500`
makes it a long hunt; without it the requests are the same each time.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from schemathesis.checks import CHECKS

from hub.access.appending import AccessLog
from hub.access.asking import Asked
from hub.access.recording import Entry, Person
from hub.api import following
from hub.api.app import Application
from hub.api.followers import Follower
from hub.api.following import Following
from hub.api.routes.pathways import PATHS
from hub.api.submitted import AVRO, AVRO_BATCH, NDJSON
from hub.domain.access import DENIED, Limits, Reader
from hub.errors import ReadingStopped
from hub.ledger.accesslog import AccessKeys
from tests.api.regions import DPO, FREE, MANAGER, OPERATOR, PUBLISHER, Region, a_region

EXAMPLES = int(os.environ.get("HUB_TEST_EXAMPLES", "0"))
PEOPLE = 60
TIMEOUT_S = 30
STREAM = "/api/v1/changes"
_ANY_HEADER = "x-schemathesis-unknown-property"
USAGE = ["2xx", "304", "400", "401", "403", "404", "409"]
"""A request that keeps the document may still ask for what cannot be: its problem says what is asked for."""
REFUSED = ["207", "400", "401", "403", "404", "405", "409", "415", "422"]
"""Where some of several events are refused, 207 says which."""

NO_COVERAGE = {"coverage": {"enabled": False}}
DOCUMENT = Application().openapi()
OFTEN = {
    "max-examples": EXAMPLES or 15,
    "database": "none",
    "no-shrink": not EXAMPLES,
    "deterministic": not EXAMPLES,
}
ALIKE = [f"read_{path.replace('-', '_')}" for path, _ in PATHS.values() if path != "needs"]
"""The sections of a pathway: one operation, made for each read model."""
SHORTER: list[dict[str, Any]] = [
    {"include-operation-id": ALIKE, "generation": {**OFTEN, "max-examples": 3}, "phases": NO_COVERAGE},
    # What covers every form of 41 events takes half a minute to think of; test_api_publish.py has each event.
    {"include-operation-id": ["publish"], "phases": NO_COVERAGE},
]
SCHEMA = schemathesis.openapi.from_dict(
    DOCUMENT,
    config=schemathesis.Config.from_dict(
        {
            **({} if EXAMPLES else {"seed": 1}),
            "generation": OFTEN,
            "checks": {
                "positive_data_acceptance": {"expected-statuses": USAGE},
                "negative_data_rejection": {"expected-statuses": REFUSED},
            },
            "operations": [] if EXAMPLES else SHORTER,
        }
    ),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with pytest.MonkeyPatch.context() as patch, a_region(tmp_path_factory.mktemp("region"), PEOPLE, **FREE) as region:
        # A stream that ends at once can be read to its end.
        patch.setattr(following, "HEARTBEAT_S", 0.0)
        patch.setattr(Following, "check", _end)
        _raise_an_alarm(region)
        yield region


async def _end(_: Following, follower: Follower) -> None:
    follower.end("token_invalid")
    await asyncio.sleep(0)


def _raise_an_alarm(region: Region) -> None:
    hub = region.api.hub
    strict = AccessLog(
        hub.store, AccessKeys(hub.master), limits=Limits(*[1] * 6), reason_hours=4, random_bytes=os.urandom
    )
    entry = Entry()
    for number in range(2):
        entry.read(Person.nobody(str(number)), DENIED)
    with pytest.raises(ReadingStopped):
        strict.record(Asked(Reader("test|thief", frozenset({"adviser"})), "test"), entry, region.clock())


def reader_of(path: str, region: Region) -> Reader:
    """Give a reader who may use an operation."""
    match path.removeprefix("/api/v1/").split("/"):
        case ["events"]:
            return PUBLISHER
        case ["figures", *_]:
            return MANAGER
        case ["status" | "quarantine", *_]:
            return OPERATOR
        case ["access-entries" | "access-alarms", *_] | ["pathways", _, "accesses" | "report"]:
            return DPO
        case _:
            return region.adviser


def with_people(case: schemathesis.Case[Any], region: Region) -> None:
    """Let most valid requests be about somebody who is there."""
    people = (*region.own, *region.own, *region.others[:3])
    for parameters in (case.path_parameters, case.query):
        if parameters and "person_id" in parameters:
            parameters["person_id"] = chosen(people, parameters["person_id"])
    for number in ("alarm_no", "entry_id"):
        if case.path_parameters and number in case.path_parameters:
            case.path_parameters[number] = 1
    if not isinstance(case.body, dict):
        return
    if case.body.get("birth_date"):
        case.body |= chosen(region.identities, case.body)
    for name, cases in (("case", region.cases), ("left", region.cases[::2]), ("right", region.cases[1::2])):
        if case.body.get(name):
            case.body[name] = chosen(cases, case.body)


def chosen(among: Sequence[Any], value: object) -> Any:
    return among[crc32(str(value).encode(errors="replace")) % len(among)]


@schemathesis.serializer(NDJSON, AVRO, AVRO_BATCH)
def _as_it_is(_: schemathesis.SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


def not_for(case: schemathesis.Case[Any], answer: schemathesis.Response) -> list[Any]:
    """Give the checks that ask for what HTTP or OpenAPI do not promise."""
    found = []
    if case.media_type in {NDJSON, AVRO, AVRO_BATCH} or "Luhn" in answer.text:
        # The document can say neither which texts and bytes are events, nor a check digit.
        found.append("positive_data_acceptance")
    if case.operation.path == STREAM:
        # They take the text of a stream for one document, and the headers that anyone may add for a defect.
        found.append("response_schema_conformance")
        if _ANY_HEADER in case.headers:
            found.append("negative_data_rejection")
    return CHECKS.get_by_names(found)


@SCHEMA.parametrize()
def test_every_answer_keeps_to_the_document_and_no_failure_names_anybody(
    case: schemathesis.Case[Any], served: Region
) -> None:
    meta = case.meta
    if meta is None or not meta.generation.mode.is_negative:
        with_people(case, served)
    token = served.api.token(reader_of(case.operation.path, served))

    given: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token}"}, "timeout": TIMEOUT_S}
    answer = case.call(served.api.url, **given)
    if answer.status_code >= 500:
        pytest.fail(f"{case.as_curl_command()}\n{served.api.log[-3:]}")
    transport = {"base_url": served.api.url, **given}
    case.validate_response(
        answer, headers=given["headers"], excluded_checks=not_for(case, answer), transport_kwargs=transport
    )

    if answer.status_code >= 400:
        assert served.personal.search(answer.text) is None
        assert "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == ["nosniff"]

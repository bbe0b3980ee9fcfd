"""What holds of every registry: the files of the release, Apicurio, and a server that answers as Confluent's does."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.codec.avro import Codec
from hub.codec.confluent import ConfluentApi
from hub.codec.confluent_registry import ConfluentRegistry, subjects_of
from hub.codec.framing import frame, unframe
from hub.codec.jsonform import from_json
from hub.codec.registration import LEVEL, register
from hub.codec.registry import FileRegistry, RegisteredSchema, SchemaRegistry, bundled_schemas, read_json
from hub.codec.registry_http import RegistryHttp
from hub.codec.updates import UpdateCodec, update_from_json
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.topics import OUTBOUND, OUTBOUND_OF, topic_of, topics_of
from hub.domain.update import UPDATE_TYPES
from hub.errors import UnknownSchema
from tests.integration.registry_replies import replying
from tests.servers.registry import Registry

RELEASED = FileRegistry(bundled_schemas())
_prefixes = itertools.count(1)


def an_api(url: str) -> ConfluentApi:
    return ConfluentApi(RegistryHttp(url, sleep=time.sleep, clock=time.monotonic))


@contextmanager
def a_server(kind: str, request: pytest.FixtureRequest) -> Iterator[ConfluentApi]:
    """Give a server, empty or with what other tests left."""
    if kind == "apicurio":
        shared: Registry = request.getfixturevalue("registry")
        yield an_api(shared.url)
    else:
        with replying() as replies:
            yield an_api(replies.url)


@pytest.fixture(scope="module", params=["replies", "apicurio"])
def api(request: pytest.FixtureRequest) -> Iterator[ConfluentApi]:
    """Every kind of registry server, in turn."""
    with a_server(request.param, request) as server:
        yield server


@pytest.fixture(scope="module", params=["files", "replies", "apicurio"])
def known(request: pytest.FixtureRequest) -> Iterator[SchemaRegistry]:
    """Every kind of registry, in turn; on a server, the schemas were registered under a prefix of its own."""
    if request.param == "files":
        yield RELEASED
        return
    prefix = f"contract{next(_prefixes)}."
    with a_server(request.param, request) as server:
        assert all(not outcome.failed for outcome in register(server, RELEASED.all(), prefix, dry_run=False))
        yield ConfluentRegistry(RELEASED, server, topic_prefix=prefix, clock=time.monotonic)


def golden(schema: RegisteredSchema) -> tuple[bytes, object]:
    stem = bundled_schemas() / "golden" / f"{schema.event_type}.v{schema.version}"
    return Path(f"{stem}.bin").read_bytes(), read_json(Path(f"{stem}.json"))


def test_the_id_of_every_schema_on_every_topic_leads_back_to_it(known: SchemaRegistry) -> None:
    for schema in known.all():
        is_update = schema.event_type in UPDATE_TYPES
        for topic in OUTBOUND if is_update else topics_of(EVENT_TYPES[schema.event_type]):
            assert known.by_id(known.wire_id(schema, topic)) == schema


def test_golden_bytes_mean_the_same_under_the_ids_of_the_wire(known: SchemaRegistry) -> None:
    codec = Codec(known)
    for schema in known.all():
        if schema.event_type in UPDATE_TYPES:
            continue
        value, said = golden(schema)
        event = from_json(said)
        released_id, body = unframe(value)
        wire_id = known.wire_id(schema, topic_of(event))
        assert codec.decode(frame(wire_id, body)) == event
        assert codec.released_id(wire_id) == released_id == schema.id
        if schema == known.current(schema.event_type):
            assert codec.encode(event) == frame(wire_id, body)


def test_golden_updates_mean_the_same_under_the_ids_of_the_wire(known: SchemaRegistry) -> None:
    codec = UpdateCodec(known)
    for schema in known.all():
        if schema.event_type in UPDATE_TYPES:
            value, said = golden(schema)
            update = update_from_json(said)
            wire_id = known.wire_id(schema, OUTBOUND_OF[update.network])
            assert codec.decode(frame(wire_id, unframe(value)[1])) == update
            if schema == known.current(schema.event_type):
                assert codec.encode(update) == frame(wire_id, unframe(value)[1])


def test_what_is_released_does_not_depend_on_the_registry(known: SchemaRegistry) -> None:
    assert known.all() == RELEASED.all()
    assert [known.current(event_type) for event_type in EVENT_TYPES] == [
        RELEASED.current(event_type) for event_type in EVENT_TYPES
    ]


@pytest.mark.parametrize("schema_id", [0, 2_000_000_000, 2**32 - 1])
def test_an_id_that_was_never_given_is_unknown(known: SchemaRegistry, schema_id: int) -> None:
    with pytest.raises(UnknownSchema):
        known.by_id(schema_id)


def test_every_released_version_is_registered_once_and_found_again(api: ConfluentApi) -> None:
    prefix = f"again{next(_prefixes)}."
    subjects = {subject for schema in RELEASED.all() for subject in subjects_of(schema, prefix)}

    tried = list(register(api, RELEASED.all(), prefix, dry_run=True))
    assert {outcome.state for outcome in tried} == {"new"}
    assert not subjects & api.subjects()
    assert api.level(tried[0].subject) is None

    new = list(register(api, RELEASED.all(), prefix, dry_run=False))
    again = list(register(api, RELEASED.all(), prefix, dry_run=False))
    assert {outcome.state for outcome in new} == {"new"}
    assert {outcome.state for outcome in again} == {"there"}
    assert [outcome.id for outcome in again] == [outcome.id for outcome in new]
    assert {outcome.subject for outcome in new} == subjects <= api.subjects()
    assert {api.level(subject) for subject in subjects} == {LEVEL}

"""Ids of a server for the released schemas: what is asked, what is remembered, and for how long."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.codec import confluent_registry
from hub.codec.avro import Codec
from hub.codec.confluent_registry import UNKNOWN_FOR_S, UNKNOWN_KEPT, ConfluentRegistry
from hub.codec.framing import LARGEST_SCHEMA_ID, frame, unframe
from hub.domain.events.base import Event
from hub.domain.topics import topic_of
from hub.errors import HubError, RegistryUnavailable, UnknownSchema
from tests.strategies import events
from tests.unit.codec_records import CODEC, REGISTRY
from tests.unit.pathway.builders import FT, registered
from tests.unit.test_codec_layout import AVRO_LIKE, JSON

TOPIC = "france-travail.case-events.v1"
SUBJECT = f"{TOPIC}-fr.parcours.delegation.DelegationProposed"
PROPOSED = REGISTRY.current("DelegationProposed")


class FakeServer:
    """A server in memory that counts what it is asked."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.ids: dict[tuple[str, str], int] = {}
        self.asked: list[int | str] = []
        self.away = False
        self.shown = frozenset({SUBJECT})

    def put(self, schema_id: int, definition: Any) -> None:
        self.texts[schema_id] = json.dumps(definition)

    def schema(self, schema_id: int) -> str:
        self._ask(schema_id)
        if schema_id not in self.texts:
            raise UnknownSchema(f"no schema {schema_id}")
        return self.texts[schema_id]

    def find(self, subject: str, schema: str) -> int | None:
        self._ask(subject)
        return self.ids.get((subject, schema))

    def subjects(self) -> frozenset[str]:
        if self.away:
            raise RegistryUnavailable("away")
        return self.shown

    def _ask(self, what: int | str) -> None:
        self.asked.append(what)
        if self.away:
            raise RegistryUnavailable("away")


class EveryId(FakeServer):
    """A server that holds every released schema, each under an id of its own per subject."""

    def find(self, subject: str, schema: str) -> int | None:
        self._ask(subject)
        key = (subject, schema)
        if key not in self.ids:
            self.ids[key] = 5_000 + len(self.ids)
            self.texts[self.ids[key]] = schema
        return self.ids[key]


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def a_registry(server: FakeServer, clock: Clock | None = None, prefix: str = "") -> ConfluentRegistry:
    return ConfluentRegistry(REGISTRY, server, topic_prefix=prefix, clock=clock or Clock())


def test_an_id_is_asked_for_once_and_stands_for_the_released_schema() -> None:
    server = FakeServer()
    server.put(700, PROPOSED.definition)
    registry = a_registry(server)
    assert registry.by_id(700) is registry.by_id(700)
    assert registry.by_id(700) == PROPOSED
    assert server.asked == [700]


def test_several_ids_may_stand_for_one_schema() -> None:
    server = FakeServer()
    undocumented = {key: value for key, value in PROPOSED.definition.items() if key != "doc"}
    server.put(700, PROPOSED.definition)
    server.put(701, undocumented)
    registry = a_registry(server)
    assert registry.by_id(701) == registry.by_id(700)


def test_the_id_of_a_release_means_nothing_on_the_wire() -> None:
    with pytest.raises(UnknownSchema):
        a_registry(FakeServer()).by_id(PROPOSED.id)


def test_an_unknown_id_is_asked_for_again_after_a_while() -> None:
    server, clock = FakeServer(), Clock()
    registry = a_registry(server, clock)
    for _ in range(3):
        with pytest.raises(UnknownSchema, match="no schema 700"):
            registry.by_id(700)
    assert server.asked == [700]

    clock.seconds += UNKNOWN_FOR_S
    server.put(700, PROPOSED.definition)
    assert registry.by_id(700) == PROPOSED


def test_unknown_ids_are_remembered_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confluent_registry, "UNKNOWN_KEPT", 3)
    server = FakeServer()
    registry = a_registry(server)
    for schema_id in (1, 2, 3, 4, 3, 1):
        with pytest.raises(UnknownSchema):
            registry.by_id(schema_id)
    assert server.asked == [1, 2, 3, 4, 1]
    assert UNKNOWN_KEPT > 3


@pytest.mark.parametrize("schema_id", [-1, 0, LARGEST_SCHEMA_ID + 1, 2**32 - 1])
def test_what_no_registry_gives_is_not_asked_for(schema_id: int) -> None:
    server = FakeServer()
    with pytest.raises(UnknownSchema, match="no schema id"):
        a_registry(server).by_id(schema_id)
    assert server.asked == []


@pytest.mark.parametrize("shown", [frozenset(), frozenset({"other", f"prefix.{SUBJECT}"})])
def test_a_server_that_shows_nothing_of_the_hubs_is_not_believed_about_what_is_unknown(shown: frozenset[str]) -> None:
    server = FakeServer()
    server.put(701, "string")
    server.shown = shown
    registry = a_registry(server)
    for schema_id in (700, 701):
        with pytest.raises(RegistryUnavailable, match="shows none of the hub's schemas"):
            registry.by_id(schema_id)
    server.shown = shown | {SUBJECT}
    for schema_id in (700, 701):
        with pytest.raises(UnknownSchema):
            registry.by_id(schema_id)
    assert server.asked == [700, 701, 700, 701]


def test_a_version_of_a_later_release_says_to_upgrade_and_redrive() -> None:
    newer = copy.deepcopy(dict(PROPOSED.definition))
    newer["fields"].append({"name": "more", "type": "string", "default": ""})
    server = FakeServer()
    server.put(700, newer)
    with pytest.raises(UnknownSchema, match="upgrade the hub, then redrive"):
        a_registry(server).by_id(700)


def test_a_server_that_is_away_is_asked_again_at_once() -> None:
    server = FakeServer()
    server.put(700, PROPOSED.definition)
    server.away = True
    registry = a_registry(server)
    with pytest.raises(RegistryUnavailable):
        registry.by_id(700)
    server.away = False
    assert registry.by_id(700) == PROPOSED


def test_a_schema_is_looked_up_once_under_the_subject_of_its_topic() -> None:
    server = EveryId()
    registry = a_registry(server, prefix="test.")
    first = registry.wire_id(PROPOSED, TOPIC)
    assert registry.wire_id(PROPOSED, TOPIC) == first
    assert registry.wire_id(PROPOSED, "cap-emploi.case-events.v1") != first
    assert server.asked == [
        "test.france-travail.case-events.v1-fr.parcours.delegation.DelegationProposed",
        "test.cap-emploi.case-events.v1-fr.parcours.delegation.DelegationProposed",
    ]


def test_a_schema_that_is_not_registered_says_what_to_run() -> None:
    with pytest.raises(UnknownSchema, match="hub schemas register"):
        a_registry(FakeServer()).wire_id(PROPOSED, TOPIC)


@given(events())
def test_an_event_goes_round_by_the_servers_ids_and_is_kept_by_the_released_one(event: Event) -> None:
    server = EveryId()
    codec = Codec(a_registry(server))
    value = codec.encode(event)
    wire_id, body = unframe(value)
    released_id, same_body = unframe(CODEC.encode(event))
    assert wire_id >= 5_000
    assert codec.decode(value) == event
    assert codec.released_id(wire_id) == released_id
    assert body == same_body
    assert codec.content(event) == CODEC.content(event)
    assert CODEC.decode_body(released_id, body) == event
    assert [each for each in server.asked if isinstance(each, str)] == [
        f"{topic_of(event)}-{REGISTRY.by_id(released_id).subject}"
    ]


def test_reading_needs_no_registration_of_the_current_version() -> None:
    event = registered(FT)
    server = FakeServer()
    server.put(700, REGISTRY.current("CaseRegistered").definition)
    value = frame(700, unframe(CODEC.encode(event))[1])
    assert Codec(a_registry(server)).decode(value) == event
    assert server.asked == [700]


@given(st.text() | JSON.map(json.dumps) | AVRO_LIKE.map(json.dumps) | st.just("[" * 100_000))
def test_whatever_text_the_server_holds_is_the_schema_or_unknown(text: str) -> None:
    server = FakeServer()
    server.texts[700] = text
    with pytest.raises(HubError) as raised:
        a_registry(server).by_id(700)
    assert isinstance(raised.value, UnknownSchema)

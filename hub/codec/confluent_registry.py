"""The registry whose ids stand on the wire where a server gives them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Protocol

from hub.codec.framing import LARGEST_SCHEMA_ID
from hub.codec.layout import layout
from hub.codec.registry import RegisteredSchema, SchemaIndex
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.topics import OUTBOUND, topics_of
from hub.domain.update import UPDATE_TYPES
from hub.errors import RegistryUnavailable, SchemaIncompatible, UnknownSchema

UNKNOWN_FOR_S = 30.0
"""How long an id that the server did not know is not asked for again."""
UNKNOWN_KEPT = 10_000
"""How many such ids are remembered: some 3 MB."""


class RegistryServer(Protocol):
    """What is asked of the server, as `hub.codec.confluent.ConfluentApi` does it."""

    def schema(self, schema_id: int) -> str:
        """Give the text of the schema with an id, or raise `UnknownSchema`."""
        ...

    def find(self, subject: str, schema: str) -> int | None:
        """Give the id of a schema under a subject, None if it is not there."""
        ...

    def subjects(self) -> frozenset[str]:
        """Give the names of all subjects."""
        ...


class ConfluentRegistry:
    """The released schemas, by the ids of a server with Confluent's API. Threads may share it.

    What is released comes from the hub's own files: the server only says which of them an id stands for. What it
    answered about an id is kept for ever, since ids never change; that it does not know one, for a short time. A server
    that shows none of the hub's subjects is not believed when it says so: it is another one, it lost what it held, or
    it hides it from a user who may not read it, as Karapace does.

    Args:
        released: the schemas of this version of the hub.
        topic_prefix: what stands before the names of the topics, and so of the subjects.
        clock: seconds that only grow.
    """

    def __init__(
        self, released: SchemaIndex, server: RegistryServer, *, topic_prefix: str, clock: Callable[[], float]
    ) -> None:
        self._released = released
        self._by_layout = {layout(schema.definition): schema for schema in released.all()}
        self._server = server
        self._topic_prefix = topic_prefix
        self._clock = clock
        self._known: dict[int, RegisteredSchema] = {}
        self._unknown: dict[int, tuple[float, str]] = {}
        self._wire_ids: dict[tuple[int, str], int] = {}
        self._shows_ours = False
        self._lock = Lock()

    def by_id(self, schema_id: int) -> RegisteredSchema:
        """Give the released schema that the server's id stands for, whoever registered it and however it is written.

        Raises:
            UnknownSchema: the server does not hold it, or it is no schema of this release.
            RegistryUnavailable: the server did not answer, or holds nothing of the hub's.
        """
        known = self._known.get(schema_id)
        if known is None:
            self._refuse_unknown(schema_id)
            try:
                known = self._known[schema_id] = self._ask(schema_id)
            except UnknownSchema as error:
                self._ensure_ours()
                self._remember_unknown(schema_id, str(error))
                raise
        return known

    def wire_id(self, schema: RegisteredSchema, topic: str) -> int:
        """Give the server's id of a released schema under the subject of a topic.

        Raises:
            UnknownSchema: it is not registered there.
            RegistryUnavailable: the server did not answer.
        """
        known = self._wire_ids.get((schema.id, topic))
        if known is None:
            subject = subject_of(schema, topic, self._topic_prefix)
            known = self._server.find(subject, text_of(schema))
            if known is None:
                raise UnknownSchema(
                    f"version {schema.version} of {schema.event_type} is not in the schema registry under {subject}; "
                    "run `hub schemas register`, then publish again"
                )
            self._wire_ids[(schema.id, topic)] = known
        return known

    def current(self, event_type: str) -> RegisteredSchema:
        """Give the newest released version of an event's schema, or raise `UnknownSchema`; the server is not asked."""
        return self._released.current(event_type)

    def all(self) -> Sequence[RegisteredSchema]:
        """Give every released version, by the id of the release; the server is not asked."""
        return self._released.all()

    def _ask(self, schema_id: int) -> RegisteredSchema:
        try:
            found = self._by_layout.get(layout(json.loads(self._server.schema(schema_id))))
        except (ValueError, RecursionError, SchemaIncompatible):
            found = None
        if found is None:
            raise UnknownSchema(
                f"schema {schema_id} of the schema registry is not of this release of the hub; if it is a newer "
                "version of an event, upgrade the hub, then redrive the record"
            )
        return found

    def _ensure_ours(self) -> None:
        if self._shows_ours:
            return
        ours = {subject for schema in self._released.all() for subject in subjects_of(schema, self._topic_prefix)}
        if not ours & self._server.subjects():
            raise RegistryUnavailable(
                "the schema registry shows none of the hub's schemas; check that HUB_REGISTRY_URL names the right one "
                "and that the hub may read it, or run `hub schemas register`"
            )
        self._shows_ours = True

    def _refuse_unknown(self, schema_id: int) -> None:
        if not 1 <= schema_id <= LARGEST_SCHEMA_ID:
            raise UnknownSchema(f"{schema_id} is no schema id; expected 1 to {LARGEST_SCHEMA_ID}")
        until, reason = self._unknown.get(schema_id, (0.0, ""))
        if reason and self._clock() < until:
            raise UnknownSchema(reason)

    def _remember_unknown(self, schema_id: int, reason: str) -> None:
        with self._lock:
            self._unknown.pop(schema_id, None)
            if len(self._unknown) >= UNKNOWN_KEPT:
                del self._unknown[next(iter(self._unknown))]
            self._unknown[schema_id] = (self._clock() + UNKNOWN_FOR_S, reason)


def subject_of(schema: RegisteredSchema, topic: str, topic_prefix: str) -> str:
    """Name the subject by Confluent's TopicRecordName strategy: the topic as the log has it, the record's full name."""
    return f"{topic_prefix}{topic}-{schema.subject}"


def subjects_of(schema: RegisteredSchema, topic_prefix: str) -> list[str]:
    """Name the subjects of an event's or an update's schema: one for each topic on which it may stand.

    Raises:
        SchemaIncompatible: this hub has no such event.
    """
    if schema.event_type in UPDATE_TYPES:
        return [subject_of(schema, topic, topic_prefix) for topic in OUTBOUND]
    model = EVENT_TYPES.get(schema.event_type)
    if model is None:
        raise SchemaIncompatible(f"there is no model of {schema.event_type}; run `hub schemas check`")
    return [subject_of(schema, topic, topic_prefix) for topic in topics_of(model)]


def text_of(schema: RegisteredSchema) -> str:
    """Give the text under which a released schema is registered and looked up: always the same.

    Some servers take another spacing or order of keys for another schema.
    """
    return json.dumps(schema.definition, separators=(",", ":"), ensure_ascii=False)

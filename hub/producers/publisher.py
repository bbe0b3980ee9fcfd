"""The publisher: what other systems import to put their events on the log."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from hub.codec.avro import Codec
from hub.codec.framing import MAX_RECORD_BYTES
from hub.codec.headers import headers
from hub.codec.jsonform import from_json
from hub.codec.registry import SchemaRegistry
from hub.domain.events.base import Event
from hub.domain.ids import Subject
from hub.domain.topics import topic_of
from hub.errors import ForbiddenNetwork, LogUnavailable, RecordTooLarge
from hub.log.port import Message, Producer, TopicPartition
from hub.telemetry.tracing import publishing, tracer_of_process

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

ATTEMPTS = 5
FIRST_PAUSE_S = 0.1


class Receipt(NamedTuple):
    """Where an event is, durably, from now on."""

    event_id: str
    topic: str
    partition: int
    offset: int


class Publisher:
    """Validates, encodes and appends events, in the order given; acknowledged means durable.

    It tries again by itself when the log does not answer. That is safe, and so is publishing the same event again
    later: the hub takes each event id once.

    Args:
        network: the network this system speaks for; events of another are refused. None for a relay of several.
        token_key: the secret from which the opaque topic keys are made; keep it, or the order per case is lost.
        sleep: waits that many seconds between attempts.
        tracer: OpenTelemetry's, if not the one that the process has set up.
        attempts: how often a log that does not answer is tried, before the caller is told.
    """

    def __init__(
        self,
        producer: Producer,
        registry: SchemaRegistry,
        *,
        token_key: bytes,
        sleep: Callable[[float], None],
        network: str | None = None,
        tracer: Tracer | None = None,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._producer = producer
        self._registry = registry
        self._codec = Codec(registry)
        self._token_key = token_key
        self._sleep = sleep
        self._network = network
        self._tracer = tracer or tracer_of_process()
        self._attempts = attempts

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the log; what was acknowledged stays."""
        self._producer.close()

    def publish(self, event: Event | Mapping[str, object], *, traceparent: str | None = None) -> Receipt:
        """Publish one event, given as a model or in its JSON form.

        The record carries `traceparent`, or else the context of this call's own span, if anything traces.

        Raises:
            InvalidEvent: a field is missing or malformed.
            ForbiddenNetwork: it is not this publisher's network that the event speaks for.
            RecordTooLarge: the event is larger than a record may be.
            LogUnavailable: the log did not answer; publish the same event again.
            RegistryUnavailable: a schema registry did not answer, and nothing was sent; publish the event again.
            UnknownSchema: the schema registry does not hold the event's schema; run `hub schemas register`.
        """
        return self.publish_batch([event], traceparent=traceparent)[0]

    def publish_batch(
        self, events: Sequence[Event | Mapping[str, object]], *, traceparent: str | None = None
    ) -> list[Receipt]:
        """Publish events in their order, all or none; one that is invalid stops them all before anything is sent."""
        checked = [event if isinstance(event, Event) else from_json(event) for event in events]
        with self.tracing(checked, traceparent) as sent:
            places = self.append([self.message(event, sent) for event in checked])
        return [
            Receipt(event.meta.event_id, partition.topic, partition.partition, offset)
            for event, (partition, offset) in zip(checked, places, strict=True)
        ]

    @contextmanager
    def tracing(self, events: Sequence[Event], traceparent: str | None) -> Iterator[str | None]:
        """Trace the publishing of events done inside; gives the `traceparent` of their records."""
        with publishing(self._tracer, map(topic_of, events), len(events), traceparent) as (_, sent):
            yield sent

    def message(self, event: Event, traceparent: str | None) -> Message:
        """Give the record of an event, to append.

        Raises:
            ForbiddenNetwork: it is not this publisher's network that the event speaks for.
            RecordTooLarge: the event is larger than a record may be.
            RegistryUnavailable: a schema registry did not answer.
            UnknownSchema: the schema registry does not hold the event's schema.
        """
        if self._network is not None and event.meta.network != self._network:
            raise ForbiddenNetwork(
                f"event {event.meta.event_id} speaks for {event.meta.network}, this publisher for {self._network}"
            )
        value = self._codec.encode(event)
        if len(value) > MAX_RECORD_BYTES:
            raise RecordTooLarge(
                f"event {event.meta.event_id} takes {len(value)} bytes, the contract allows {MAX_RECORD_BYTES}; "
                "shorten its texts or split its lists"
            )
        schema = self._registry.current(type(event).__name__)
        sent = tuple(headers(event, schema, traceparent))
        return Message(topic_of(event), topic_key(self._token_key, event.subject), value, sent)

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        """Append records in their order and give their places, once all are durable.

        Raises:
            LogUnavailable: the log did not answer; they may have landed.
        """
        pause = FIRST_PAUSE_S
        for _ in range(self._attempts - 1):
            try:
                return self._producer.append(messages)
            except LogUnavailable:
                self._sleep(pause)
                pause *= 2
        return self._producer.append(messages)


def topic_key(token_key: bytes, subject: Subject) -> bytes:
    """Give the opaque key of a subject: stable for it, and saying nothing about it to who lacks the secret."""
    return hmac.digest(token_key, "\x1f".join(subject).encode(), "sha256")[:16]

"""Traces by OpenTelemetry: one goes from the publisher's call to the commit that makes its events visible.

Contexts travel in the `traceparent` header (W3C Trace Context). Attributes follow OpenTelemetry's semantic conventions
for messaging, as far as they say nothing about a person: event ids and topics do not, topic keys and contents are left
out, and so are the texts of failures. Without an SDK every call here does next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from hub.errors import HubError
from hub.telemetry.observer import Read
from hub.telemetry.watching import Taken

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Tracer
    from opentelemetry.util.types import AttributeValue

TRACED_EVENTS = 200
"""Events of one batch that get spans of their own: a bulk load must not be slowed down by its traces."""
MOST_LINKS = 100
HEADER = "traceparent"

_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_SYSTEM = {"messaging.system": "parcours_hub"}


def tracer_of_process() -> Tracer:
    """Give the tracer of the SDK that the process has set up, if it has."""
    return trace.get_tracer("parcours-hub")


def context_of(headers: Iterable[tuple[str, bytes | None]]) -> SpanContext | None:
    """Give the context that a record came with; None without one, or with one that is malformed."""
    for name, value in headers:
        if name == HEADER and value is not None:
            return parsed(value.decode("latin-1"))
    return None


def parsed(traceparent: str) -> SpanContext | None:
    """Read a `traceparent` of version 00."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags & TraceFlags.SAMPLED))


def written(context: SpanContext) -> str:
    """Write a context as `traceparent`."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags & TraceFlags.SAMPLED:02x}"


def _within(context: SpanContext | None) -> Context | None:
    return None if context is None else trace.set_span_in_context(NonRecordingSpan(context))


@contextmanager
def publishing(
    tracer: Tracer, topics: Iterable[str], messages: int, traceparent: str | None
) -> Iterator[tuple[Span, str | None]]:
    """Trace a publish call; gives its span and the `traceparent` of its records: the caller's own, if it gave one."""
    names = sorted(set(topics))
    attributes: dict[str, AttributeValue] = {
        **_SYSTEM,
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.batch.message_count": messages,
    }
    if len(names) == 1:
        attributes["messaging.destination.name"] = names[0]
    parent = None if traceparent is None else _within(parsed(traceparent))
    with _span(tracer, " ".join(("publish", *names[:1])), SpanKind.PRODUCER, attributes, parent) as span:
        context = span.get_span_context()
        own = written(context) if context.is_valid else None
        yield span, own if traceparent is None else traceparent


@contextmanager
def answering(tracer: Tracer, method: str, traceparent: str | None) -> Iterator[Span]:
    """Trace a request over HTTP, in its client's trace; `answered` says how it ended."""
    parent = None if traceparent is None else _within(parsed(traceparent))
    with _span(tracer, method, SpanKind.SERVER, {"http.request.method": method}, parent) as span:
        yield span


def answered(span: Span, method: str, route: str, status: int, code: str | None) -> None:
    """Say how a request ended; `code` is its failure's."""
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.route": route, "http.response.status_code": status})
    if code is not None:
        span.set_attribute("error.type", code)
    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))


@contextmanager
def redriving(tracer: Tracer, record: Read) -> Iterator[Span]:
    """Trace a record that is taken from quarantine, in its publisher's trace."""
    attributes = {**_place(record.topic, record.partition), "messaging.operation.name": "redrive"}
    parent = _within(context_of(record.headers))
    with _span(tracer, f"redrive {record.topic}", SpanKind.CONSUMER, attributes, parent) as span:
        yield span


@contextmanager
def _span(
    tracer: Tracer, name: str, kind: SpanKind, attributes: Mapping[str, AttributeValue], parent: Context | None
) -> Iterator[Span]:
    with tracer.start_as_current_span(
        name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except HubError as error:
            _fail(span, error.code)
            raise
        except BaseException as error:
            _fail(span, type(error).__qualname__)
            raise


def _fail(span: Span, code: str) -> None:
    span.set_attribute("error.type", code)
    span.set_status(Status(StatusCode.ERROR))


def _place(topic: str, partition: int) -> dict[str, AttributeValue]:
    return {
        **_SYSTEM,
        "messaging.operation.type": "process",
        "messaging.destination.name": topic,
        "messaging.destination.partition.id": str(partition),
    }


class BatchTrace:
    """Writes a span for each batch, linked to its records' contexts, and for sampled ones a span in their own trace.

    The spans are written once the batch is committed, with the times measured: a batch that rolls back leaves none.
    """

    def __init__(self, tracer: Tracer, group: str) -> None:
        self._tracer = tracer
        self._group: dict[str, AttributeValue] = {"messaging.consumer.group.name": group}

    def polled(self, records: int, seconds: float) -> None:
        """Leave polls out: they belong to no trace."""

    def retried(self, topic: str, partition: int, code: str) -> None:
        """Leave attempts to the batch's span, which counts them."""

    def overtaken(self, topic: str, partition: int) -> None:
        """Leave it to the worker that was faster."""

    def taken(self, batch: Taken) -> None:
        """Write a batch's spans."""
        contexts = {record.offset: context_of(record.headers) for record in batch.records}
        place = {**_place(batch.topic, batch.partition), **self._group, "messaging.operation.name": "process"}
        known = {(context.trace_id, context.span_id): context for context in contexts.values() if context is not None}
        span = self._tracer.start_span(
            f"process {batch.topic}",
            kind=SpanKind.CONSUMER,
            attributes={
                **place,
                "messaging.batch.message_count": len(batch.records),
                "hub.accepted": batch.accepted,
                "hub.duplicates": batch.duplicates,
                "hub.quarantined": batch.quarantined,
                "hub.attempts": batch.attempts,
            },
            links=[Link(context) for context in list(known.values())[:MOST_LINKS]],
            start_time=batch.begun_ns,
        )
        of_batch = [Link(span.get_span_context())]
        for record, name, result in _results(batch):
            context = contexts[record.offset]
            if context is not None and context.trace_flags.sampled:
                self._of_event(batch, record, name, {**place, **result}, context, of_batch)
        span.end(_ended(batch))

    def _of_event(
        self,
        batch: Taken,
        record: Read,
        name: str,
        attributes: dict[str, AttributeValue],
        parent: SpanContext,
        links: Sequence[Link],
    ) -> None:
        attributes["messaging.kafka.offset"] = record.offset
        span = self._tracer.start_span(
            f"process {name}", _within(parent), SpanKind.CONSUMER, attributes, links, batch.begun_ns
        )
        if "error.type" in attributes:
            span.set_status(Status(StatusCode.ERROR))
        inside = trace.set_span_in_context(span)
        judged_ns = batch.begun_ns + batch.judge_ns
        self._tracer.start_span("judge", inside, start_time=batch.begun_ns).end(judged_ns)
        self._tracer.start_span("commit ledger and projection", inside, start_time=judged_ns).end(_ended(batch))
        span.end(_ended(batch))


def _ended(batch: Taken) -> int:
    return batch.begun_ns + batch.judge_ns + batch.commit_ns


def _results(batch: Taken) -> list[tuple[Read, str, dict[str, AttributeValue]]]:
    """Give the records that may get a span of their own, each with its name and its result."""
    passed: list[tuple[Read, str, dict[str, AttributeValue]]] = [
        (each.record, type(each.event).__name__, {"messaging.message.id": each.event.meta.event_id})
        for each in batch.passed[:TRACED_EVENTS]
    ]
    refused: list[tuple[Read, str, dict[str, AttributeValue]]] = [
        (each.record, batch.topic, {"error.type": each.reason}) for each in batch.refused[:TRACED_EVENTS]
    ]
    return [*refused, *passed][:TRACED_EVENTS]

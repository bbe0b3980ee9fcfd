"""One trace goes from the publisher's call to the commit; contexts that are malformed or not sampled harm nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode, Tracer

from hub.consumers.redrive import redrive
from hub.domain.events.base import Event
from hub.domain.topics import FRANCE_TRAVAIL_EVENTS
from hub.errors import ContractError, LogUnavailable
from hub.log.port import Message
from hub.producers.publisher import Publisher
from hub.telemetry.exporting import exporting
from hub.telemetry.tracing import TRACED_EVENTS, BatchTrace, context_of, parsed, publishing, tracer_of_process, written
from hub.telemetry.watching import Watch
from hub.wiring import Hub
from tests.integration.hubs import a_hub, sums_of
from tests.unit.pathway.builders import registered

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE_ID = 0x0AF7651916CD43DD8448EB211C80319C


def raised(error: Exception) -> None:
    raise error


class Traced(NamedTuple):
    """A hub and the spans that were written of it."""

    hub: Hub
    tracer: Tracer
    exporter: InMemorySpanExporter

    def publisher(self) -> Publisher:
        return Publisher(
            self.hub.producer(), self.hub.registry, token_key=bytes(32), sleep=time.sleep, tracer=self.tracer
        )

    def publish(self, *events: Event, traceparent: str | None = None) -> None:
        with self.publisher() as publisher:
            publisher.publish_batch(events, traceparent=traceparent)

    def consume(self) -> None:
        watch = Watch([BatchTrace(self.tracer, "workers")], time.perf_counter_ns, time.time_ns, raised)
        ingest = self.hub.ingest(observer=watch)
        ingest.until_caught_up(lambda _: None)
        ingest.close()

    @property
    def spans(self) -> dict[str, list[ReadableSpan]]:
        found: dict[str, list[ReadableSpan]] = {}
        for span in self.exporter.get_finished_spans():
            found.setdefault(span.name, []).append(span)
        return found


@pytest.fixture
def traced() -> Iterator[Traced]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with a_hub() as hub:
        yield Traced(hub, provider.get_tracer("test"), exporter)


def trace_id(span: ReadableSpan) -> int:
    assert span.context
    found: int = span.context.trace_id
    return found


def parent_id(span: ReadableSpan) -> int:
    assert span.parent
    return span.parent.span_id


def span_id(span: ReadableSpan) -> int:
    assert span.context
    found: int = span.context.span_id
    return found


def test_one_trace_goes_from_publish_to_projection(traced: Traced) -> None:
    event = registered()
    traced.publish(event)
    traced.consume()

    spans = traced.spans
    (publish,) = spans[f"publish {FRANCE_TRAVAIL_EVENTS}"]
    (process,) = spans["process CaseRegistered"]
    (judge,), (commit,) = spans["judge"], spans["commit ledger and projection"]
    (batch,) = spans[f"process {FRANCE_TRAVAIL_EVENTS}"]
    assert trace_id(publish) == trace_id(process) == trace_id(judge) == trace_id(commit)
    assert parent_id(process) == span_id(publish)
    assert parent_id(judge) == parent_id(commit) == span_id(process)
    assert (publish.kind, process.kind, batch.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.CONSUMER)
    assert trace_id(batch) != trace_id(publish)
    assert [link.context.span_id for link in batch.links] == [span_id(publish)]
    assert [link.context.span_id for link in process.links] == [span_id(batch)]
    assert judge.end_time == commit.start_time
    assert commit.end_time == process.end_time
    assert (process.start_time or 0) < (judge.end_time or 0) < (commit.end_time or 0)


def test_attributes_are_those_of_messaging_and_say_nothing_of_a_person(traced: Traced) -> None:
    event = registered()
    traced.publish(event)
    traced.consume()

    (process,) = traced.spans["process CaseRegistered"]
    partition = (process.attributes or {})["messaging.destination.partition.id"]
    assert dict(process.attributes or {}) == {
        "messaging.system": "parcours_hub",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": FRANCE_TRAVAIL_EVENTS,
        "messaging.destination.partition.id": partition,
        "messaging.consumer.group.name": "workers",
        "messaging.message.id": event.meta.event_id,
        "messaging.kafka.offset": 0,
    }
    (batch,) = traced.spans[f"process {FRANCE_TRAVAIL_EVENTS}"]
    assert (batch.attributes or {})["messaging.batch.message_count"] == 1
    assert (batch.attributes or {})["hub.accepted"] == 1


def test_a_callers_own_context_is_carried_as_it_is(traced: Traced) -> None:
    traced.publish(registered(), traceparent=SAMPLED)
    traced.consume()

    (publish,) = traced.spans[f"publish {FRANCE_TRAVAIL_EVENTS}"]
    (process,) = traced.spans["process CaseRegistered"]
    assert trace_id(publish) == trace_id(process) == TRACE_ID
    assert parent_id(process) == parent_id(publish) == 0xB7AD6B7169203331


def test_what_the_publisher_does_not_sample_gets_no_span_of_its_own(traced: Traced) -> None:
    traced.publish(registered(), traceparent=SAMPLED[:-1] + "0")
    traced.consume()

    assert "process CaseRegistered" not in traced.spans
    (batch,) = traced.spans[f"process {FRANCE_TRAVAIL_EVENTS}"]
    assert [link.context.trace_id for link in batch.links] == [TRACE_ID]


def test_a_sampler_that_takes_nothing_says_so_in_the_header() -> None:
    tracer = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False).get_tracer("test")
    with publishing(tracer, ["t"], 1, None) as (_, header):
        assert header is not None
        assert header.endswith("-00")


def test_without_an_sdk_nothing_is_added_to_the_records() -> None:
    with publishing(tracer_of_process(), ["t"], 1, None) as (_, header):
        assert header is None


def test_a_large_batch_has_spans_for_some_of_its_events(traced: Traced) -> None:
    traced.publish(*(registered() for _ in range(TRACED_EVENTS + 50)))
    traced.consume()

    batches = len(traced.spans[f"process {FRANCE_TRAVAIL_EVENTS}"])
    assert batches == 1
    assert len(traced.spans["process CaseRegistered"]) == TRACED_EVENTS
    assert sums_of(traced.hub).accepted == TRACED_EVENTS + 50


def test_a_publish_that_fails_shows_its_code_and_not_its_text(traced: Traced) -> None:
    with (
        traced.publisher() as publisher,
        patch.object(publisher, "append", side_effect=LogUnavailable("Zqx")),
        pytest.raises(LogUnavailable),
    ):
        publisher.publish(registered())

    (publish,) = traced.spans[f"publish {FRANCE_TRAVAIL_EVENTS}"]
    assert publish.status.status_code is StatusCode.ERROR
    assert (publish.attributes or {})["error.type"] == "log_unavailable"
    assert "Zqx" not in publish.to_json()


def _quarantined(traced: Traced, value: bytes, headers: Sequence[tuple[str, bytes]]) -> int:
    producer = traced.hub.producer()
    producer.append([Message(FRANCE_TRAVAIL_EVENTS, None, value, tuple(headers), 0)])
    producer.close()
    traced.consume()
    return sums_of(traced.hub).quarantined


def test_what_is_refused_shows_why_in_its_publishers_trace(traced: Traced) -> None:
    assert _quarantined(traced, b"no Avro", [("traceparent", SAMPLED.encode())]) == 1

    refused = next(span for span in traced.spans[f"process {FRANCE_TRAVAIL_EVENTS}"] if trace_id(span) == TRACE_ID)
    assert (refused.attributes or {})["error.type"] == "undecodable"
    assert refused.status.status_code is StatusCode.ERROR


def test_a_redrive_goes_on_in_the_publishers_trace(traced: Traced) -> None:
    _quarantined(traced, b"no Avro", [("traceparent", SAMPLED.encode())])
    hub = traced.hub
    with pytest.raises(ContractError):
        redrive(
            hub.store,
            hub.quarantine,
            hub.gate,
            hub.acceptance,
            1,
            by="C-4",
            note="",
            now=hub.now,
            tracer=traced.tracer,
        )

    (span,) = traced.spans[f"redrive {FRANCE_TRAVAIL_EVENTS}"]
    assert trace_id(span) == TRACE_ID
    assert (span.attributes or {})["error.type"] == "undecodable"


malformed = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")),
    st.builds(
        lambda text, at, sign: (text[:at] + sign + text[at:]).encode(),
        st.just(SAMPLED),
        st.integers(0, 55),
        st.characters(codec="utf-8"),
    ),
    st.sampled_from(
        [b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01", SAMPLED.upper().encode(), b"ff" + SAMPLED[2:].encode()]
    ),
)


@given(malformed)
def test_a_malformed_context_is_no_context(value: bytes) -> None:
    found = context_of([("traceparent", value)])
    if found is not None:
        assert found.is_valid
        assert value.decode("ascii").startswith(written(found)[:-2])


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.booleans())
def test_a_context_survives_its_header(trace: int, span: int, sampled: bool) -> None:
    text = f"00-{trace:032x}-{span:016x}-{'01' if sampled else '00'}"
    found = parsed(text)
    assert found is not None
    assert written(found) == text


def test_malformed_contexts_never_stop_ingest(traced: Traced) -> None:
    hostile = [b"", b"\xff" * 55, SAMPLED[:-1].encode(), b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01", b"x" * 10_000]
    event = registered()
    producer = traced.hub.producer()
    value = traced.hub.codec.encode(event)
    producer.append(
        [
            Message(FRANCE_TRAVAIL_EVENTS, None, value, (("traceparent", bad), ("traceparent", bad)), 0)
            for bad in hostile
        ]
    )
    producer.close()
    traced.consume()

    sums = sums_of(traced.hub)
    assert (sums.accepted, sums.duplicate, sums.quarantined) == (1, len(hostile) - 1, 0)
    assert list(traced.spans) == [f"process {FRANCE_TRAVAIL_EVENTS}"]


def test_a_collector_that_is_away_stops_nothing() -> None:
    with patch("opentelemetry.trace.set_tracer_provider"), exporting("http://127.0.0.1:9", "0.1.0") as tracer:
        tracer.start_span("x").end()

"""The front around an application: streams, defects halfway, clients that are gone, and spans."""

from __future__ import annotations

import asyncio
import json
from io import StringIO
from typing import Any
from unittest.mock import patch

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api import bodies
from hub.api.bodies import Bodies, BodyLimits
from hub.api.front import Front, Watch
from hub.telemetry.apimetrics import ApiMetrics
from hub.telemetry.logs import log_to
from hub.wiring import now

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
SECRET = "Dupont"


class Sent:
    """What a front sent and logged for one request."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self._lines = StringIO()
        self.metrics = ApiMetrics(version="0")
        self.watch = Watch(log_to(self._lines, as_json=True, now=now), self.metrics, {})

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._lines.getvalue().splitlines()]

    @property
    def status(self) -> int:
        status: int = self.messages[0]["status"]
        return status

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])


def asked(app: ASGIApp, method: str = "GET", received: list[Message] | None = None, **headers: str) -> Sent:
    """Let a front answer a request of this application."""
    sent = Sent()
    waiting = list(received or [])

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.messages.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/", "scheme": "http", "headers": named}
    asyncio.run(Front(app, sent.watch, bytes)(scope, receive, send))
    return sent


async def endless(scope: Scope, _receive: Receive, send: Send) -> None:
    assert scope["method"] == "GET"
    await send(START)
    while True:
        await send({"type": "http.response.body", "body": b"event", "more_body": True})


async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ValueError(SECRET)


async def failing_halfway(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"event", "more_body": True})
    raise ValueError(SECRET)


async def answering(_scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": (await receive()).get("body", b"")})


def test_head_of_a_stream_ends_it() -> None:
    sent = asked(endless, "HEAD")

    assert (sent.status, sent.body) == (200, b"")
    assert not sent.messages[-1].get("more_body")
    assert sent.lines[-1]["method"] == "HEAD"


def test_a_defect_halfway_breaks_the_answer_off_and_is_told() -> None:
    sent = asked(failing_halfway)

    assert [message["type"] for message in sent.messages] == ["http.response.start", "http.response.body"]
    assert sent.messages[-1]["more_body"], "the server closes a connection whose answer has no end"
    assert [line["event"] for line in sent.lines] == ["request_failed", "request"]
    assert sent.lines[-1]["code"] == "internal_error"
    assert SECRET not in str(sent.lines)


def test_a_body_of_many_at_once_that_does_not_fit_is_refused_and_counted_no_longer() -> None:
    limited = Bodies(answering, BodyLimits(100, 1))
    body: list[Message] = [{"type": "http.request", "body": b"x" * 60, "more_body": False}]
    with patch.object(bodies, "HELD_BYTES", 50):
        refused = asked(limited, "POST", body, content_length="60")
        assert refused.status == 503
        assert (b"retry-after", b"5") in refused.messages[0]["headers"]
    assert asked(limited, "POST", body, content_length="60").body == b"x" * 60
    assert limited._held_bytes == 0


def test_a_client_that_goes_while_it_sends_is_answered_by_nobody() -> None:
    body: list[Message] = [{"type": "http.request", "body": b"x", "more_body": True}]
    sent = asked(Bodies(failing, BodyLimits(100, 1)), "POST", body, content_length="60")

    assert sent.messages == []
    assert sent.lines[-1]["status"] == 499


def test_a_request_is_a_span_in_its_clients_trace_without_a_value() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with patch("hub.api.front.tracer_of_process", lambda: provider.get_tracer("test")):
        asked(answering, traceparent=traceparent, authorization=SECRET)
        asked(failing, traceparent=SECRET)
    good, bad = exporter.get_finished_spans()

    assert good.context is not None
    assert good.context.trace_id == 0x0AF7651916CD43DD8448EB211C80319C
    assert (good.name, good.kind, good.status.status_code) == ("GET (none)", SpanKind.SERVER, StatusCode.UNSET)
    assert dict(good.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "(none)",
        "http.response.status_code": 200,
    }
    assert bad.status.status_code is StatusCode.ERROR
    assert dict(bad.attributes or {})["error.type"] == "internal_error"
    assert SECRET not in good.to_json() + bad.to_json()

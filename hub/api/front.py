"""The front: what every request passes, whatever operation it is for; each is counted, logged and answered by it.

A line of the log holds the route's template, never a path, a query, a header or a person's value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import NamedTuple

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api import problems
from hub.api.exchange import Exchange, begun, header, template_of
from hub.telemetry.apimetrics import ApiMetrics
from hub.telemetry.logs import Log
from hub.telemetry.places import of_traceback
from hub.telemetry.serving import Page
from hub.telemetry.tracing import answered, answering, tracer_of_process

_UNLESS_SET = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
CLIENT_GONE = 499
"""The status, in log and metrics alone, of a request whose client did not wait for the answer."""


class Watch(NamedTuple):
    """Where requests are logged and counted, and what a monitor is told at which path."""

    log: Log
    metrics: ApiMetrics
    pages: Mapping[str, Callable[[], Page]]


class _Answered(Exception):
    """The head of a stream was sent, and nobody wants the rest."""


class Front:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, watch: Watch, random_bytes: Callable[[int], bytes]) -> None:
        self._app = app
        self._watch = watch
        self._random_bytes = random_bytes
        self._tracer = tracer_of_process()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif (page := self._watch.pages.get(scope["path"])) is not None:
            await _show(page, scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        exchange = begun(scope, self._random_bytes)
        is_head = scope["method"] == "HEAD"
        # The server keeps the scope too, and by its method decides whether the answer has a body.
        inner: Scope = {**scope, "method": "GET"} if is_head else scope
        sending = _Sending(send, exchange, is_https=scope["scheme"] == "https", is_head=is_head)
        metrics, method = self._watch.metrics, scope["method"]
        traceparent = (header(scope, b"traceparent") or b"").decode("latin-1") or None
        metrics.in_flight.inc()
        with answering(self._tracer, method, traceparent) as span:
            try:
                await self._app(inner, receive, sending)
            except _Answered:
                pass
            except Exception as error:  # noqa: BLE001 a defect; its text may repeat a value
                await self._defect(error, exchange, inner, receive, sending)
            finally:
                metrics.in_flight.dec()
                route = template_of(inner)
                self._note(method, route, sending, exchange, perf_counter() - began)
                answered(span, method, route, sending.status or CLIENT_GONE, exchange.code)

    async def _defect(
        self, error: Exception, exchange: Exchange, scope: Scope, receive: Receive, sending: _Sending
    ) -> None:
        stack = of_traceback(error.__traceback__)
        self._watch.log.error("request_failed", error=error, stack=stack, request_id=exchange.request_id)
        exchange.code = problems.DEFECT
        if sending.status is None:
            await problems.problem(problems.DEFECT, problems.DEFECT_TEXT)(scope, receive, sending)

    def _note(self, method: str, route: str, sending: _Sending, exchange: Exchange, seconds: float) -> None:
        status = sending.status or CLIENT_GONE
        self._watch.metrics.answered(method, route, status, sending.headed_s or seconds)
        values: dict[str, object] = {"code": exchange.code} if exchange.code else {}
        write = self._watch.log.error if status >= 500 else self._watch.log.info
        write(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1_000, 1),
            request_id=exchange.request_id,
            **values,
        )


class _Sending:
    """Sends an answer with the headers that every answer has."""

    def __init__(self, send: Send, exchange: Exchange, *, is_https: bool, is_head: bool) -> None:
        self._send = send
        self._exchange = exchange
        self._is_https = is_https
        self._is_head = is_head
        self._began = perf_counter()
        self.status: int | None = None
        self.headed_s: float | None = None
        """How long the head of a stream took: its end says nothing about the hub."""

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.start":
            await self._send(message)
            return
        self.status = message["status"]
        names = {name for name, _ in message["headers"]}
        await self._send({**message, "headers": [*message["headers"], *self._more(names)]})
        if b"content-length" not in names and self.status not in {204, 304}:
            self.headed_s = perf_counter() - self._began
            if self._is_head:
                await self._send({"type": "http.response.body", "body": b""})
                raise _Answered

    def _more(self, names: set[bytes]) -> list[tuple[bytes, bytes]]:
        noted = ((name.lower().encode(), value.encode()) for name, value in self._exchange.headers.items())
        found = [(b"x-request-id", self._exchange.request_id.encode()), *noted]
        if self._is_https:
            found.append(_HTTPS_ONLY)
        return [*found, *(header for header in _UNLESS_SET if header[0] not in names)]


async def _show(page: Callable[[], Page], scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] not in {"GET", "HEAD"}:
        headers = {"Allow": "GET, HEAD"}
        await problems.problem("method_not_allowed", "GET or HEAD", headers=headers)(scope, receive, send)
        return
    found = page()
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    response = Response(found.body, found.status, headers, found.content_type)
    await response(scope, receive, send)

"""Requests' bodies: received whole before an operation sees them, in time, and neither too large nor too deep."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api import problems
from hub.api.exchange import PREFIX, exchange_of, header

HELD_BYTES = 256 * 1024 * 1024
"""Of all requests in hand: who holds many connections open must not take the memory of all others."""
LARGEST_QUESTION = 64 * 1024
"""Of any body but a batch of events: the framework reads it on the loop that all requests share, before it looks at
the token, and 8 MiB of it held everyone up for 0.4 s (measured). The longest text that may stand in one takes 48 kB."""
_BATCHES = frozenset({f"{PREFIX}/events"})
"""Where as much is taken as the settings say: these bodies are read in threads of their own."""
_LINGER_S = 1.0
"""For what a client goes on sending after it was refused: a connection closed meanwhile loses it the answer."""
_CLOSE = {"Connection": "close"}


class BodyLimits(NamedTuple):
    """What a client may send, and in what time."""

    max_bytes: int
    timeout_s: float


class _Refused(Exception):
    def __init__(self, code: str, text: str, *, close: bool = True) -> None:
        super().__init__(text)
        self.code = code
        self.headers = dict(_CLOSE) if close else {}


class _Gone(Exception):
    """The client did not wait."""


class _Held:
    """How many bytes of one request are in memory."""

    size = 0


class Bodies:
    """Receives a request's body, then hands the request on."""

    def __init__(self, app: ASGIApp, limits: BodyLimits) -> None:
        self._app = app
        self._limits = limits
        self._held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request with its body."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        held = _Held()
        try:
            body = await self._received(scope, receive, held)
            if header(scope, b"content-encoding") not in {None, b"identity"}:
                text = "the body is compressed; send it without Content-Encoding"
                raise _Refused("unsupported_media_type", text, close=False)
            if is_json(scope):
                _check_json(body)
            await self._app(scope, _once(body, receive), send)
        except _Gone:
            return
        except _Refused as refused:
            exchange_of(scope).code = refused.code
            headers = refused.headers | problems.retry_headers(refused.code)
            await problems.problem(refused.code, str(refused), headers=headers)(scope, receive, send)
        finally:
            self._held_bytes -= held.size

    async def _received(self, scope: Scope, receive: Receive, held: _Held) -> bytes:
        most, timeout_s = self._most_of(scope), self._limits.timeout_s
        declared = header(scope, b"content-length") or b""
        if declared.isdigit() and int(declared[:20]) > most:
            await _linger(receive)
            raise _too_large(most)
        try:
            async with asyncio.timeout(timeout_s):
                body, is_whole = await self._read(receive, held, most)
        except TimeoutError:
            text = f"the request was not received within {timeout_s:g} s"
            raise _Refused("request_timeout", text) from None
        if len(body) > most:
            if not is_whole:
                await _linger(receive)
            raise _too_large(most)
        return body

    def _most_of(self, scope: Scope) -> int:
        most = self._limits.max_bytes
        return most if scope["path"] in _BATCHES else min(most, LARGEST_QUESTION)

    async def _read(self, receive: Receive, held: _Held, most: int) -> tuple[bytes, bool]:
        """Read a body to its end, or a little beyond what is allowed; tell whether that was all."""
        parts: list[bytes] = []
        is_whole = False
        while not is_whole and held.size <= most:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            part = message.get("body", b"")
            held.size += len(part)
            self._held_bytes += len(part)
            if self._held_bytes > HELD_BYTES:
                raise _Refused("too_busy", "the hub is receiving too much at once; try again later")
            parts.append(part)
            is_whole = not message.get("more_body", False)
        return b"".join(parts), is_whole


def _too_large(most: int) -> _Refused:
    return _Refused("record_too_large", f"the body is larger than {most} bytes; send it in several requests")


def _check_json(body: bytes) -> None:
    """Refuse what no parser takes, before one is asked: 8 MiB take 6 ms to look over (measured).

    The levels allowed are those of the interpreter's stack, about 900; one that is deeper would be a defect elsewhere.
    """
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except RecursionError:
        raise _Refused("invalid_request", "the body is nested too deeply", close=False) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _Refused("invalid_request", "the body is not JSON in UTF-8", close=False) from None


def _has_body(scope: Scope) -> bool:
    is_declared = header(scope, b"content-length") not in {None, b"0"}
    return is_declared or header(scope, b"transfer-encoding") is not None


def is_json(scope: Scope) -> bool:
    """Tell whether a request says that its body is JSON."""
    kind = (header(scope, b"content-type") or b"").partition(b";")[0].strip().lower()
    return kind == b"application/json" or kind.endswith(b"+json")


async def _linger(receive: Receive) -> None:
    """Take in, and let go of, what the client still sends."""
    try:
        async with asyncio.timeout(_LINGER_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


def _once(body: bytes, receive: Receive) -> Receive:
    """Give the body, then whatever comes after it: that the client went away."""
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return whole.pop() if whole else await receive()

    return received

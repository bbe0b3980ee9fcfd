"""One request and its answer: what the front and the operations tell each other about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.types import Scope

from hub.telemetry.apimetrics import UNROUTED

PREFIX = "/api/v1"
_KEY = "hub.exchange"
BARE: Mapping[str, object] = {"hub.bare": True}
"""Put into the scope of a request that is not for the API: its route has no prefix."""
_ID_BYTES = 16
_WELL_FORMED = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A proxy's random id or a UUID: nothing else that a client sends gets into the log."""


@dataclass(slots=True)
class Exchange:
    """What is noted of a request: its id, the code of its failure, and headers that its answer gets in any case."""

    request_id: str
    code: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def begun(scope: Scope, random_bytes: Callable[[int], bytes]) -> Exchange:
    """Begin to note a request; its id is that of `X-Request-Id` where that is well-formed, else a new one."""
    given = header(scope, b"x-request-id")
    known = given is not None and _WELL_FORMED.fullmatch(given)
    exchange = Exchange(given.decode() if given and known else random_bytes(_ID_BYTES).hex())
    scope[_KEY] = exchange
    return exchange


def exchange_of(scope: Scope) -> Exchange:
    """Give what is noted of a request."""
    exchange: Exchange = scope[_KEY]
    return exchange


def header(scope: Scope, name: bytes) -> bytes | None:
    """Give a header of the request, the first of several; names are in lower case."""
    return next((value for key, value in scope["headers"] if key == name), None)


def template_of(scope: Scope) -> str:
    """Give the route of a request without a value: `/api/v1/pathways/{person_id}`."""
    route = scope.get("route")
    path: str | None = getattr(route, "path", None)
    if path is None:
        return UNROUTED
    if scope.keys() >= BARE.keys():
        return path
    # The framework keeps an operation's path as its module wrote it, without the prefix under which it was included.
    return path if path.startswith(PREFIX) else (scope.get("root_path") or PREFIX) + path

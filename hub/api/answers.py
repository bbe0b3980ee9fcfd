"""Answers: JSON with an entity tag, and pages that go on where the last one ended."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from fastapi import Request, Response

from hub.api.services import services_of
from hub.errors import Usage

_TAG_BYTES = 16
_encode = msgspec.json.Encoder(order="deterministic").encode


def answer(request: Request, document: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON: times in UTC by RFC 3339, an entity tag, 304 to whoever has this already.

    Who may keep it is the reader alone, and they ask each time, so that each reading is recorded.
    """
    body = _encode(document)
    told = {"Cache-Control": "private, no-cache", "Vary": "Authorization", **(headers or {})}
    if status == 200 and request.method in {"GET", "HEAD"}:
        tag = f'"{hashlib.blake2b(body, digest_size=_TAG_BYTES).hexdigest()}"'
        told["ETag"] = tag
        if _has(request.headers.get("If-None-Match", ""), tag):
            return Response(status_code=304, headers=told)
    return Response(body, status_code=status, media_type="application/json", headers=told)


def _has(known: str, tag: str) -> bool:
    return known.strip() == "*" or tag in (each.strip().removeprefix("W/") for each in known.split(","))


def page(
    request: Request,
    items: Sequence[Any],
    following: Sequence[Any] | None,
    *,
    beside: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a page of items; `following` is the key after which the next page begins, None on the last one.

    `beside` is what each page says besides its items.
    """
    whole = {**(beside or {}), "items": items}
    if following is None:
        return answer(request, {**whole, "next": None}, headers=headers)
    cursor = sealed_cursor(request, following)
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    link = f"{request.url.path}?{urlencode([*query, ('cursor', cursor)])}"
    told = {**(headers or {}), "Link": f'<{link}>; rel="next"'}
    return answer(request, {**whole, "next": cursor}, headers=told)


def sealed_cursor(request: Request, key: Sequence[Any]) -> str:
    """Write the key at which a page ended as an opaque text that only this hub can make, for this operation alone."""
    body = msgspec.msgpack.encode(list(key))
    return base64.urlsafe_b64encode(_seal(request, body) + body).decode().rstrip("=")


def opened_cursor(request: Request, cursor: str | None) -> list[Any] | None:
    """Read a cursor back.

    Raises:
        Usage: this hub did not make it, for this operation.
    """
    if cursor is None:
        return None
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        sealed = b""
    mac, body = sealed[:_TAG_BYTES], sealed[_TAG_BYTES:]
    if not hmac.compare_digest(mac, _seal(request, body)):
        raise Usage("`cursor` is not one that this operation gave; leave it out to begin with the first page")
    key: list[Any] = msgspec.msgpack.decode(body, type=list)
    return key


def _seal(request: Request, body: bytes) -> bytes:
    about = request.scope["route"].path.encode()
    return hmac.digest(services_of(request).cursor_key, about + b"\x00" + body, "sha256")[:_TAG_BYTES]

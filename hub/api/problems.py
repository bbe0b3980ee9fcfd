"""Failures as RFC 9457 problem documents: a stable type, one status each, and never a personal value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec
from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from hub import errors
from hub.errors import HubError

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:parcours-hub:problem:"
DEFECT = "internal_error"
DEFECT_TEXT = "the request failed; the operator finds why in the log, by the X-Request-Id of this answer"


class Defect(BaseModel):
    """What is wrong with one part of a request: `pointer` is a JSON pointer into its body, or `parameter` a name."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:parcours-hub:problem:denied",
                    "title": "Not allowed",
                    "status": 403,
                    "detail": "you do not accompany this person, or there is no such person; state a reason first",
                }
            ]
        }
    )

    type: str = Field(description="A stable URI that names the kind of failure.")
    title: str
    status: int
    detail: str
    errors: list[Defect] | None = None


class Kind(NamedTuple):
    """The status and the title that all failures of one code have."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    errors.InvalidEvent.code: Kind(422, "Invalid event"),
    errors.Undecodable.code: Kind(422, "Undecodable record"),
    errors.UnknownSchema.code: Kind(422, "Unknown schema"),
    errors.ForbiddenNetwork.code: Kind(403, "Another network's event"),
    errors.ContentConflict.code: Kind(409, "Same event id, other content"),
    errors.RecordTooLarge.code: Kind(413, "Too large"),
    errors.LogUnavailable.code: Kind(429, "The log is away or slow"),
    errors.RegistryUnavailable.code: Kind(429, "The schema registry is away"),
    errors.StoreUnavailable.code: Kind(503, "The store is away"),
    errors.Contended.code: Kind(503, "Busy"),
    errors.TokenInvalid.code: Kind(401, "Not authenticated"),
    errors.FormRefused.code: Kind(403, "A form from elsewhere"),
    errors.LoginFailed.code: Kind(403, "Not logged in"),
    errors.IssuerUnavailable.code: Kind(503, "The OpenID provider is away"),
    errors.Denied.code: Kind(403, "Not allowed"),
    errors.PositionAhead.code: Kind(409, "Position beyond the ledger"),
    errors.TooManyRequests.code: Kind(429, "Too many requests"),
    errors.ReadingSlowed.code: Kind(429, "Slowed"),
    errors.ReadingStopped.code: Kind(403, "Stopped"),
    errors.NotFound.code: Kind(404, "Not found"),
    errors.Forgotten.code: Kind(404, "Not found"),
    errors.Usage.code: Kind(400, "Wrong request"),
    "invalid_request": Kind(422, "Invalid request"),
    "method_not_allowed": Kind(405, "Method not allowed"),
    "unsupported_media_type": Kind(415, "Unsupported media type"),
    "length_required": Kind(411, "Length required"),
    "request_timeout": Kind(408, "Too slow"),
    "headers_too_large": Kind(431, "Headers too large"),
    "malformed_request": Kind(400, "Not HTTP"),
    "too_busy": Kind(503, "Busy"),
    DEFECT: Kind(500, "A defect of the hub"),
}
"""Every kind of failure by its code; the type URI of one is `TYPE` and its code."""
RETRY_AFTER_S = 5
_SAID: Mapping[str, str] = {
    errors.StoreUnavailable.code: "the hub's store does not answer now; nothing was kept, try again later",
    errors.Contended.code: "others change the same now; nothing was kept, try again",
    errors.LogUnavailable.code: "the log does not answer in time; send the same again later, with the same event ids",
    errors.RegistryUnavailable.code: "the schema registry does not answer; nothing was sent, send it again later",
    errors.IssuerUnavailable.code: "the OpenID provider does not answer, so no token can be checked; try again later",
}
"""What a client is told where the error's own text, which is the operator's, names hosts and files."""


def problem(
    code: str, detail: str, *, defects: Sequence[Defect] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """Give the answer to a request that failed."""
    document = document_of(code, detail, defects)
    return Response(
        msgspec.json.encode(document),
        status_code=document["status"],
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def document_of(code: str, detail: str, defects: Sequence[Defect] = ()) -> dict[str, Any]:
    """Give a problem document, as `Problem` describes it."""
    kind = KINDS[code]
    document: dict[str, Any] = {"type": TYPE + code, "title": kind.title, "status": kind.status, "detail": detail}
    if defects:
        document["errors"] = [defect.model_dump(exclude_none=True) for defect in defects]
    return document


def written(code: str, detail: str) -> bytes:
    """Give a whole answer as it is sent, where there is no request yet that it could answer; the connection ends."""
    kind = KINDS[code]
    body = msgspec.json.encode(document_of(code, detail))
    told = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
    lines = [f"{name}: {value}" for name, value in (told | retry_headers(code) | {"Connection": "close"}).items()]
    head = "\r\n".join([f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}", *lines, "\r\n"])
    return head.encode() + body


def of_error(error: HubError, *, has_token: bool = True) -> Response:
    """Give the answer for a failure; one without a kind of its own is told without its text.

    Args:
        has_token: the request had a token, so that a 401 says that it is this one that does not count.
    """
    if error.code not in KINDS:
        return problem(DEFECT, DEFECT_TEXT)
    headers = retry_headers(error.code)
    if isinstance(error, errors.ReadingSlowed | errors.TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_s)
    elif error.code == errors.TokenInvalid.code:
        headers["WWW-Authenticate"] = 'Bearer realm="parcours-hub"' + (', error="invalid_token"' if has_token else "")
    return problem(error.code, _SAID.get(error.code) or str(error), headers=headers)


def retry_headers(code: str) -> dict[str, str]:
    """Give the headers that say when to come back, for failures that pass."""
    return {"Retry-After": str(RETRY_AFTER_S)} if KINDS[code].status in {429, 503} else {}


def answers(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Describe for OpenAPI the failures that an operation can end in, besides those that all have in common."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        described = found.setdefault(kind.status, {"description": kind.title, "content": {MEDIA_TYPE: {}}})
        described["content"][MEDIA_TYPE] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return found

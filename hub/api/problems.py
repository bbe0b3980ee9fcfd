"""Failures as RFC 9457 problem documents: a stable type, one status each, and never a personal value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from hub import errors
from hub.errors import HubError

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:parcours-hub:problem:"
_DEFECT = "internal_error"


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
    errors.IssuerUnavailable.code: Kind(503, "The OpenID provider is away"),
    errors.Denied.code: Kind(403, "Not allowed"),
    errors.ReadingSlowed.code: Kind(429, "Slowed"),
    errors.ReadingStopped.code: Kind(403, "Stopped"),
    errors.NotFound.code: Kind(404, "Not found"),
    errors.Forgotten.code: Kind(404, "Not found"),
    errors.Usage.code: Kind(400, "Wrong request"),
    "invalid_request": Kind(422, "Invalid request"),
    "too_many_requests": Kind(429, "Too many requests"),
    "method_not_allowed": Kind(405, "Method not allowed"),
    "unsupported_media_type": Kind(415, "Unsupported media type"),
    "length_required": Kind(411, "Length required"),
    "request_timeout": Kind(408, "Too slow"),
    _DEFECT: Kind(500, "A defect of the hub"),
}
"""Every kind of failure by its code; the type URI of one is `TYPE` and its code."""
RETRY_AFTER_S = 5


def problem(
    code: str, detail: str, *, defects: Sequence[Defect] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """Give the answer to a request that failed."""
    kind = KINDS.get(code, KINDS[_DEFECT])
    document: dict[str, Any] = {"type": TYPE + code, "title": kind.title, "status": kind.status, "detail": detail}
    if defects:
        document["errors"] = [defect.model_dump(exclude_none=True) for defect in defects]
    return Response(
        msgspec.json.encode(document),
        status_code=kind.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def of_error(error: HubError) -> Response:
    """Give the answer for a failure; one without a kind of its own is told without its text."""
    if error.code not in KINDS:
        return problem(_DEFECT, "the request failed; the operator finds it in the log by its request id")
    headers = {}
    if isinstance(error, errors.ReadingSlowed):
        headers["Retry-After"] = str(error.retry_after_s)
    elif KINDS[error.code].status in {429, 503}:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    elif error.code == errors.TokenInvalid.code:
        headers["WWW-Authenticate"] = 'Bearer realm="parcours-hub", error="invalid_token"'
    return problem(error.code, str(error), headers=headers)


def answers(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Describe for OpenAPI the failures that an operation can end in, besides those that all have in common."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        described = found.setdefault(kind.status, {"description": kind.title, "content": {MEDIA_TYPE: {}}})
        described["content"][MEDIA_TYPE] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return found

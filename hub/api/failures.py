"""What becomes of an operation's failure: a problem document that repeats nothing of the request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from hub.api import problems
from hub.api.exchange import exchange_of, header
from hub.api.problems import Defect
from hub.errors import HubError
from hub.telemetry.logs import Log

_UNKNOWN = "*"
"""Stands in a pointer for what the client named, and the contract does not."""
_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "holds something that the contract does not know",
    "string_type": "must be a string",
    "string_too_short": "must have {min_length} characters or more",
    "string_too_long": "must have {max_length} characters or fewer",
    "string_pattern_mismatch": "must match {pattern}",
    "string_unicode": "must be a string of Unicode characters",
    "too_short": "must have {min_length} items or more",
    "too_long": "must have {max_length} items or fewer",
    "int_type": "must be an integer",
    "int_parsing": "must be an integer",
    "int_from_float": "must be an integer",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "uuid_type": "must be a UUID",
    "uuid_parsing": "must be a UUID",
    "date_type": "must be a date: YYYY-MM-DD",
    "date_parsing": "must be a date: YYYY-MM-DD",
    "date_from_datetime_parsing": "must be a date: YYYY-MM-DD",
    "date_from_datetime_inexact": "must be a date: YYYY-MM-DD",
    "datetime_type": "must be a time by RFC 3339",
    "datetime_parsing": "must be a time by RFC 3339",
    "datetime_from_date_parsing": "must be a time by RFC 3339",
    "timezone_aware": "must be a time with its offset from UTC: `Z`, or +01:00",
    "json_invalid": "must be JSON",
}
"""The framework's texts are not shown: some of them quote the value."""
OWN_KIND = "contract_"
"""How the type of a `PydanticCustomError` begins whose text is constant, and shown."""
_NOT_OBJECT = {"dict_type", "model_type", "model_attributes_type", "list_type"}
_MOST_DEFECTS = 20
_REFUSED: Mapping[int, tuple[str, str]] = {
    404: ("not_found", "there is no such resource; /api/v1/openapi.json lists what there is"),
    405: ("method_not_allowed", "this resource does not take this method; `Allow` says which it takes"),
    413: ("record_too_large", "the body is too large"),
    415: ("unsupported_media_type", "this operation does not take this media type"),
}


def answer_failures(app: FastAPI, log: Log) -> None:
    """Let the application answer every failure with a problem document."""
    failures = _Failures(log)
    app.add_exception_handler(HubError, failures.failed)
    app.add_exception_handler(RequestValidationError, failures.invalid)
    app.add_exception_handler(HTTPException, failures.refused)


class _Failures:
    def __init__(self, log: Log) -> None:
        self._log = log
        self._known: frozenset[str] | None = None

    async def failed(self, request: Request, error: Exception) -> Response:
        """Answer a failure of the hub's own."""
        assert isinstance(error, HubError)  # noqa: S101 starlette hands over what was registered for
        exchange = exchange_of(request.scope)
        exchange.code = error.code
        answer = problems.of_error(error, has_token="authorization" in request.headers)
        if answer.status_code >= 500:
            self._log.error("request_failed", error=error, request_id=exchange.request_id)
        return answer

    async def invalid(self, request: Request, error: Exception) -> Response:
        """Name what is wrong and where, without the value: it may be a person's."""
        assert isinstance(error, RequestValidationError)  # noqa: S101
        found = error.errors()
        if any(each["loc"] == ("body",) and each["type"] in _NOT_OBJECT for each in found) and _is_no_json(request):
            exchange_of(request.scope).code = "unsupported_media_type"
            text = "this operation takes application/json; say so in Content-Type"
            return problems.problem("unsupported_media_type", text, headers={"Accept": "application/json"})
        exchange_of(request.scope).code = "invalid_request"
        if self._known is None:
            self._known = frozenset(_names(request.app.openapi()))
        defects = [_defect(each, self._known) for each in found[:_MOST_DEFECTS]]
        return problems.problem("invalid_request", "the request does not keep the contract", defects=defects)

    async def refused(self, request: Request, error: Exception) -> Response:
        """Answer what the framework refused: no such path, another method, a body that cannot be read."""
        assert isinstance(error, HTTPException)  # noqa: S101
        code, text = _REFUSED.get(error.status_code, ("usage", "the request cannot be read"))
        exchange_of(request.scope).code = code
        headers = {"Allow": ", ".join(methods_of(request))} if error.status_code == 405 else {}
        return problems.problem(code, text, headers=headers)


def _is_no_json(request: Request) -> bool:
    kind = (header(request.scope, b"content-type") or b"").partition(b";")[0].strip().lower()
    return kind != b"application/json" and not kind.endswith(b"+json")


def _defect(error: Mapping[str, Any], known: frozenset[str]) -> Defect:
    source, *path = error["loc"]
    if error["type"] in {"extra_forbidden", "json_invalid"}:
        path = path[:-1]
    steps = [str(step) if isinstance(step, int) or step in known else _UNKNOWN for step in path]
    if source == "body":
        return Defect(detail=_words(error), pointer="".join(f"/{step}" for step in steps))
    return Defect(detail=_words(error), parameter=".".join(steps) or _UNKNOWN)


def _words(error: Mapping[str, Any]) -> str:
    kind: str = error["type"]
    if kind.startswith(OWN_KIND):
        return str(error["msg"])
    try:
        return _WORDS[kind].format_map(error.get("ctx", {}))
    except KeyError:
        return "is not what the contract asks for"


def _names(node: Any) -> Iterator[str]:
    """Give every name that the OpenAPI document has: of properties, parameters and schemas, but not of examples."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield str(name)
            if name not in {"example", "examples"}:
                yield from _names(value)
    elif isinstance(node, str):
        yield node
    elif isinstance(node, Sequence):
        for value in node:
            yield from _names(value)


def methods_of(request: Request) -> list[str]:
    """Give the methods that a path takes, of whichever operation."""
    found: set[str] = set()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            found |= {"GET", "HEAD"} if method == "GET" else {method}
    return sorted(found)

"""Query parameters that an operation does not have: refused, since one mistyped would be passed over in silence."""

from __future__ import annotations

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from hub.api.exchange import template_of


async def refuse_unknown(request: Request) -> None:
    """Refuse a request with a query parameter that OpenAPI does not show for its operation, or one given twice.

    Raises:
        RequestValidationError: there is one.
    """
    if not request.query_params:
        return
    operation = request.app.openapi()["paths"][template_of(request.scope)][request.method.lower()]
    shown = [each for each in operation.get("parameters", []) if each["in"] == "query"]
    known = {each["name"] for each in shown}
    repeated = {each["name"] for each in shown if each["schema"].get("type") == "array"}
    given = [name for name, _ in request.query_params.multi_items()]
    wrong = [name for name in given if name not in known or (given.count(name) > 1 and name not in repeated)]
    if wrong:
        raise RequestValidationError([{"type": "extra_forbidden", "loc": ("query", wrong[0])}])

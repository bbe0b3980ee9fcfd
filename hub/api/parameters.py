"""What would be passed over in silence is refused: parameters that an operation does not have, members given twice."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError

from hub.api.bodies import is_json
from hub.api.exchange import template_of
from hub.codec import strictjson
from hub.errors import Undecodable


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


async def _json_body(request: Request) -> bytes:
    return await request.body() if is_json(request.scope) else b""


def refuse_ambiguous(body: Annotated[bytes, Depends(_json_body)]) -> None:
    """Refuse a JSON body that two readers could understand differently: the framework takes the last of two members.

    Raises:
        RequestValidationError: it is one.
    """
    if not body:
        return
    try:
        strictjson.decode(body)
    except Undecodable:
        text = "has a member twice, or a number that is none; expected JSON that reads in one way"
        raise RequestValidationError([{"type": "contract_ambiguous", "loc": ("body",), "msg": text}]) from None

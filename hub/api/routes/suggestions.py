"""Suggestions: pairs of case records that may be one person's, of people whom the reader accompanies."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.answers import opened_cursor, page
from hub.api.asking import Hub, allowed
from hub.api.documents.decisions import Suggestions
from hub.api.queries import suggestions as queries
from hub.api.queries.suggestions import After, Proposed, Side
from hub.domain import access
from hub.domain.identity.evidence import latest

router = APIRouter(tags=["decisions"])


@router.get(
    "/suggestions",
    operation_id="list_suggestions",
    summary="List pairs of case records that may be one person's",
    response_model=None,
    responses={
        200: {"model": Suggestions},
        **problems.answers("token_invalid", "denied", "reading_slowed", "usage", "store_unavailable"),
    },
)
def list_suggestions(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.CASELOAD))],
    limit: Annotated[int, Query(ge=1, le=10, description="At most so many pairs on a page.")] = 5,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """List pairs of which the reader accompanies at least one person, with what both records say, side by side.

    Whose record the reader does not accompany counts toward the volume alarm as another person. `POST /decisions`
    links or rejects a pair.
    """
    after = After(*(opened_cursor(request, cursor) or []))
    with services.guard.reading(asked) as look:
        found = queries.proposed(look, after, limit)
    return page(request, [_item(each) for each in found.pairs], found.following)


def _item(pair: Proposed) -> dict[str, Any]:
    found = pair.found
    return {
        "score": found.score,
        "reasons": list(found.reasons),
        "rule": found.rule,
        "held_back": found.skipped_because,
        "left": _said(pair.left),
        "right": _said(pair.right),
    }


def _said(side: Side) -> dict[str, Any]:
    evidence = side.record.evidence
    traits = ("family_name", "birth_name", "given_name", "birth_date", "birth_place")
    return {
        "case": side.record.case._asdict(),
        "person_id": side.whose.row.person_id if side.is_own else None,
        **{trait: latest(evidence, trait) or None for trait in traits},
    }

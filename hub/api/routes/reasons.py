"""Break-glass: whoever must read a person they do not accompany states why first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents import accesses as documents
from hub.api.people import PersonId
from hub.api.queries import reasons as queries
from hub.api.routes.pathways import FAILURES
from hub.domain import access

router = APIRouter(tags=["access"])


@router.post(
    "/pathways/{person_id}/reasons",
    status_code=201,
    summary="State a reason for reading a person",
    response_model=None,
    responses={201: {"model": documents.ReasonStated}, **FAILURES, **problems.answers("reading_stopped")},
)
def state_a_reason(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.BREAK_GLASS))],
    person_id: PersonId,
    stated: documents.ReasonRequest,
) -> Response:
    """Record why the reader must read somebody; it opens their pathway for some hours, and their referent is told.

    The answer is the same when there is no such person: only reading tells, and reading is recorded too.
    """
    until = queries.state(services, asked, person_id.lower(), stated.code, stated.text)
    return answer(request, {"code": stated.code, "until": until}, status=201)

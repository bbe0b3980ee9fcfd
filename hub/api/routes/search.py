"""The search for people: by traits or a case record, among those whom the reader accompanies, or all for a reason."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents.searching import Search, SearchResult
from hub.api.leading import leads, leads_next
from hub.api.queries import search as queries
from hub.api.queries.search import Hit
from hub.domain import access

router = APIRouter(tags=["people"])


@router.post(
    "/cases/search",
    operation_id="search_people",
    summary="Find people by traits or a case record",
    response_model=None,
    responses={
        200: {"model": SearchResult},
        **problems.answers(
            "token_invalid", "denied", "reading_slowed", "invalid_request", "usage", "store_unavailable"
        ),
    },
)
def search(
    request: Request, services: Hub, asked: Annotated[Asked, Depends(allowed(access.SEARCH))], wanted: Search
) -> Response:
    """Find at most 20 people, nearest first; every search is recorded.

    It takes a case record, or the birth date with a family name, birth name or given name: a name and a given name
    alone would list people. Names may be misspelt, the date may be off by a digit where both names are given.

    Without a reason, only people whom the reader accompanies are found. With one, all are, each counts toward the
    volume alarm as another person, and no more is shown than who they are; to read one, state the reason for them.
    """
    hits = queries.search(services, asked, wanted)
    return answer(request, {"items": [_item(hit) for hit in hits]})


def _item(hit: Hit) -> dict[str, Any]:
    found, row = hit.whose, hit.whose.row
    return {
        "person_id": row.person_id,
        "family_name": row.family_name,
        "given_name": row.given_name,
        "birth_year": int(row.birth_date[:4]) if row.birth_date else None,
        "networks": found.networks,
        "score": hit.score,
        "ground": found.verdict.ground,
        "phase": row.phase if hit.is_own else None,
        "referent": leads(found.leading) if hit.is_own else None,
        "next_referent": leads_next(found.leading) if hit.is_own else None,
    }

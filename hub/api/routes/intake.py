"""The intake look-up: whether a pathway exists already, asked before a network opens a case. It ends re-referral."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents.searching import MATCH, NO_MATCH, LookUp, Match, NoMatch
from hub.api.leading import leads, leads_next, led_last
from hub.api.queries import intake as queries
from hub.api.queries.intake import Known
from hub.domain import access

router = APIRouter(tags=["people"])


@router.post(
    "/intake-lookups",
    operation_id="look_up_at_intake",
    summary="Learn before opening a case whether a pathway exists",
    response_model=None,
    responses={
        200: {
            "model": Match | NoMatch,
            "content": {"application/json": {"examples": {"match": {"value": MATCH}, "no_match": {"value": NO_MATCH}}}},
        },
        **problems.answers(
            "token_invalid", "denied", "reading_slowed", "invalid_request", "usage", "store_unavailable"
        ),
    },
)
def look_up(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.LOOK_UP))],
    wanted: Annotated[LookUp, Body()],
) -> Response:
    """Tell whether exactly one pathway has a case record of this identity, who leads it, and how to join it.

    It takes the full identity: name, given name, birth date and birth place, none of them a placeholder. It matches
    where a registration with these traits would be linked by them alone. Nobody, several people, or someone almost
    alike: the answer is the same, and says only that there is no match. Each look-up is recorded and counts toward the
    volume alarm as one other person, found or not: to be known here is in itself health data.
    """
    known = queries.look_up(services, asked, wanted)
    return answer(request, NO_MATCH if known is None else _match(known))


def _match(known: Known) -> dict[str, Any]:
    row, leading = known.whose.row, known.whose.leading
    yours, other = known.yours, known.other
    return {
        "match": True,
        "person_id": row.person_id,
        "is_open": known.is_open,
        "leads": leads(leading),
        "next_referent": leads_next(leading),
        "last_referent": led_last(leading),
        "networks": [_leg(leg) for leg in known.legs],
        "join": {
            "step": "use_your_case" if yours else "register",
            "your_case": yours._asdict() if yours else None,
            "other_case": None if yours or other is None else other._asdict(),
        },
    }


def _leg(leg: Any) -> dict[str, Any]:
    return {"network": leg.network, "status": leg.status, "site": leg.site, "opened_at": leg.opened_at}

"""Who is asking, and the state of the hub for whoever operates it."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed, asked_of
from hub.api.documents.operations import Me, Status
from hub.consumers.lag import lag
from hub.consumers.survey import StoreLook, lag_seconds, look_at_log, survey
from hub.domain import access
from hub.domain.access import Action
from hub.domain.topics import INBOUND
from hub.ledger.accounting import accounting
from hub.ledger.database import reading
from hub.projections import generations

router = APIRouter(tags=["status"])

ACTIONS = sorted((action for action in vars(access).values() if isinstance(action, Action)), key=lambda each: each.name)


@router.get(
    "/me",
    operation_id="read_me",
    summary="Learn who the hub takes you for",
    response_model=None,
    responses={200: {"model": Me}, **problems.answers("token_invalid")},
)
def read_me(request: Request, services: Hub, asked: Annotated[Asked, Depends(asked_of)]) -> Response:
    """Tell who the token names, with which roles, and what these allow; `RateLimit` has how many requests are left."""
    reader = asked.reader
    return answer(
        request,
        {
            **reader._asdict(),
            "roles": sorted(access.roles_of(reader)),
            "sites": sorted(reader.sites),
            "departments": sorted(reader.departments),
            "may": [action.name for action in ACTIONS if access.may(reader, action)],
            "requests_per_minute": services.quota.per_window,
        },
    )


@router.get(
    "/status",
    operation_id="read_status",
    summary="Read the state of the hub",
    response_model=None,
    responses={
        200: {"model": Status},
        **problems.answers("token_invalid", "denied", "log_unavailable", "store_unavailable"),
    },
)
def read_status(request: Request, services: Hub, _: Annotated[Asked, Depends(allowed(access.OPERATE))]) -> Response:
    """Tell whether nothing was lost (read = accepted + duplicate + quarantined + discarded), the lag, the quarantine.

    It counts every row of the ledger: a second for some million events.
    """
    with reading(services.store) as connection:
        live = next(found for found in generations.listing(connection) if found.state == generations.LIVE)
        counted = accounting(connection)
        store = survey(connection)
    document = {
        "ledger_position": store.position,
        "accounting": {**counted._asdict(), "adds_up": counted.adds_up},
        "lag": _lag(services, store),
        "quarantine": {
            "held": store.held.total,
            "by_reason": store.held.by_reason,
            "oldest_at": store.held.oldest_at,
        },
        "generation": {"number": live.number, "live_since": live.live_at},
    }
    return answer(request, document)


def _lag(services: Hub, store: StoreLook) -> dict[str, Any]:
    with closing(services.admin()) as admin:
        topics = lag(admin.describe(INBOUND), store.stored)
        backlog = look_at_log(admin, INBOUND, store.stored)
    return {
        "topics": [
            {**each._asdict(), "incidents": {str(at): why for at, why in each.incidents.items()}} for each in topics
        ],
        "total_events": sum(each.lag_events for each in topics),
        "seconds": lag_seconds(backlog, services.now),
    }

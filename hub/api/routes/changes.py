"""Following: a stream of what changes of the people whom the reader accompanies, or of the sites they lead."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.asking import Hub, allowed
from hub.api.followers import Follower, message
from hub.api.following import EventStream, Following
from hub.api.queries.changes import begin
from hub.domain import access

router = APIRouter(tags=["changes"])

_LARGEST = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""
_EXAMPLE = (
    b"retry: 2000\n"
    + message("hello", {"position": 4210}, 4210)
    + message(
        "change",
        {
            "position": 4211,
            "accepted_at": "2021-02-24T09:00:01.250000Z",
            "event": {
                "event_id": "01890a5d-0000-7000-8000-000000000102",
                "type": "DelegationAccepted",
                "network": "cap_emploi",
                "occurred_at": "2021-02-24T09:00:00Z",
            },
            "people": [{"person_id": "01890a5d-0000-7000-8000-000000000001", "is_regrouped": False}],
        },
        4211,
    )
    + b": heartbeat\nid: 4256\n\n"
).decode()


@router.get(
    "/changes",
    operation_id="follow_changes",
    summary="Follow what changes of your people",
    status_code=200,
    response_class=EventStream,
    response_model=None,
    responses={
        200: {
            "description": "Server-sent events, until one of the two ends.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        },
        **problems.answers("token_invalid", "denied", "position_ahead", "too_many_requests", "store_unavailable"),
    },
)
def follow(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.FOLLOW))],
    last_event_id: Annotated[
        int | None,
        Header(
            alias="Last-Event-ID", ge=0, le=_LARGEST, description="The last `id` received: the stream goes on after it."
        ),
    ] = None,
    after: Annotated[
        int | None, Query(ge=0, le=_LARGEST, description="The same, where no header can be sent; the header counts.")
    ] = None,
) -> Response:
    """Send a `change` for each event accepted from now on, or after the `id` given, that concerns one's people.

    `id` is the position in the hub's ledger. Who goes on with the last one that they got misses nothing and gets
    nothing twice. `hello` comes first and gives the position from which it begins; a comment comes every 15 seconds,
    with the position reached. `event` is null, and `is_regrouped` true, where an event about somebody else joined or
    parted a person's case records. Of whom a reader is told is decided when it is sent. The stream ends when the token
    does.
    """
    given = after if last_event_id is None else last_event_id
    position = begin(services, given)
    token = request.headers["Authorization"].partition(" ")[2].strip()
    following: Following = request.app.state.following
    return EventStream(following, Follower(asked, token, position))

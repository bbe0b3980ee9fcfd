"""Decisions that people take through the hub: records linked, unlinked, a match rejected, a contradiction settled."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Request, Response

from hub.access.asking import Asked
from hub.access.guard import UNSEEN, Look
from hub.access.recording import Person
from hub.api import concerned, problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents.decisions import LINKED, Decision, State, Taken
from hub.api.exchange import PREFIX
from hub.api.people import UUID_PATTERN
from hub.api.queries import decisions, pairs
from hub.api.services import Services
from hub.domain import access
from hub.domain.events.base import Decision as DecisionEvent
from hub.domain.events.base import Event
from hub.domain.events.correction import ContradictionSettled
from hub.domain.events.link import MatchRejected, PairDecision, RecordsLinked, RecordsUnlinked
from hub.errors import Denied, Forgotten
from hub.ledger import ledger, submissions

router = APIRouter(tags=["decisions"])

KINDS: dict[type[Event], str] = {
    RecordsLinked: "link",
    RecordsUnlinked: "unlink",
    MatchRejected: "reject",
    ContradictionSettled: "settle",
}
EventId = Annotated[
    str, Path(pattern=UUID_PATTERN, description="As `POST /decisions` gave it.", json_schema_extra={"format": "uuid"})
]

_LOCATION = {
    "description": "Where to see whether it has taken effect.",
    "schema": {"type": "string"},
    "example": f"{PREFIX}/decisions/01890a5d-0000-7000-8000-000000000201",
}


@router.post(
    "/decisions",
    operation_id="decide",
    summary="Decide about case records or a contradiction",
    status_code=202,
    response_model=None,
    responses={
        202: {"model": Taken, "headers": {"Location": _LOCATION}},
        **problems.answers(
            "token_invalid",
            "denied",
            "reading_slowed",
            "invalid_request",
            "usage",
            "log_unavailable",
            "store_unavailable",
        ),
    },
)
async def decide(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.DECIDE))],
    wanted: Annotated[Decision, Body(examples=[LINKED])],
) -> Response:
    """Link two case records, unlink them, reject a suggested pair, or settle which network's claim stands.

    The reader accompanies at least one of the people; the other record is one that they see too, or one that the hub
    suggests with it, or about which something was decided with it before. Whoever took the link of a pair that stands
    may unlink it for 30 days, though it ended their accompaniment. To undo a decision, take the opposite one: the last
    one about a pair, or about a fact, counts. It is published under the adviser's name and network, and `GET` on its
    `Location` tells when it has taken effect.
    """
    taken = await decisions.decide(services, asked, wanted)
    document = {"event_id": taken.event_id, "place": taken.place._asdict()}
    return answer(request, document, status=202, headers={"Location": f"{PREFIX}/decisions/{taken.event_id}"})


@router.get(
    "/decisions/{event_id}",
    operation_id="read_decision",
    summary="Learn whether a decision has taken effect",
    response_model=None,
    responses={
        200: {"model": State},
        **problems.answers("token_invalid", "denied", "reading_slowed", "invalid_request", "store_unavailable"),
    },
)
def read_decision(
    request: Request, services: Hub, asked: Annotated[Asked, Depends(allowed(access.DECIDE))], event_id: EventId
) -> Response:
    """Tell whether a decision has been taken in, and what it came to.

    Its people are ones that the reader sees; or the decision about them that stands is the reader's own, of the last
    30 days.
    """
    key = UUID(event_id)
    with services.guard.reading(asked) as look:
        look.entry.kind = "decide"
        located = ledger.locate(look.connection, key.bytes)
        event = _decision_at(services, look, located.position) if located else None
        document: dict[str, Any] = {"event_id": str(key), "state": "published"}
        if located is not None and event is not None:
            effect = _effect(services, look, event)
            taken_in = {"state": "taken_in", "kind": KINDS[type(event)], "ledger_position": located.position}
            document |= {**taken_in, "effect": effect}
        elif located is None and submissions.is_known(look.connection, key.bytes):
            document |= {"kind": None, "ledger_position": None, "effect": None}
        else:
            look.entry.refuse(Person.nobody(str(key)))
            raise Denied(UNSEEN)
    return answer(request, document)


def _decision_at(services: Services, look: Look, position: int) -> DecisionEvent | None:
    try:
        entry = ledger.entry_at(look.connection, position, services.keystore)
    except Forgotten:
        return None
    event = services.codec.decode_body(entry.schema_id, entry.body)
    return event if isinstance(event, DecisionEvent) and type(event) in KINDS else None


def _effect(services: Services, look: Look, event: DecisionEvent) -> dict[str, Any]:
    if isinstance(event, PairDecision):
        together = pairs.one_pathway(services, look, event.left.key, event.right.key)
        return {"one_pathway": together, "kept_network": None}
    if not isinstance(event, ContradictionSettled):
        raise TypeError(f"{type(event).__name__} is no kind of decision")
    return {"one_pathway": None, "kept_network": concerned.kept_network(look, event.case.key, event.fact)}

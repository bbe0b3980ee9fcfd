"""Decisions that people take through the hub: records linked, unlinked, a match rejected, a contradiction settled."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from hub.access.asking import Asked
from hub.access.guard import UNSEEN, Look
from hub.access.recording import Person
from hub.api import concerned, problems
from hub.api.answers import answer
from hub.api.asking import Hub, allowed
from hub.api.documents.decisions import LINKED, Decided, Decision, Link, Reject, Settle, State, Taken, Unlink
from hub.api.exchange import PREFIX
from hub.api.people import UUID_PATTERN
from hub.api.services import Services
from hub.domain import access
from hub.domain.access import Reader
from hub.domain.events.base import UNNUMBERED_FROM, Event, Metadata
from hub.domain.events.base import Decision as DecisionEvent
from hub.domain.events.correction import ContradictionSettled
from hub.domain.events.link import MatchRejected, PairDecision, RecordsLinked, RecordsUnlinked
from hub.domain.ids import NETWORKS
from hub.errors import Denied, Forgotten
from hub.ledger import ledger, submissions
from hub.producers.submissions import Refused

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
    suggests with it, or about which something was decided with it before. To undo a decision, take the opposite one:
    the last one about a pair, or about a fact, counts. It is published under the adviser's name and network, and
    `GET` on its `Location` tells when it has taken effect.
    """
    reader = asked.reader
    if reader.network not in NETWORKS or reader.adviser is None:
        raise Denied("decisions are an adviser's; your token names no network or no adviser id")
    event, network = await run_in_threadpool(_checked, services, asked, wanted), reader.network
    # In a slot: a log that does not answer must not hold the threads of those who read.
    (taken,) = await services.publish_slots.run(lambda: services.submissions.submit(network, [event]))
    if isinstance(taken, Refused):
        raise taken.error
    document = {"event_id": taken.event_id, "place": taken.place._asdict()}
    return answer(request, document, status=202, headers={"Location": f"{PREFIX}/decisions/{taken.event_id}"})


def _checked(services: Services, asked: Asked, wanted: Decided | Settle) -> Event:
    """Make sure that the reader may decide this, recorded, and give the event that says so."""
    with services.guard.reading(asked) as look:
        look.entry.kind = "decide"
        if isinstance(wanted, Settle):
            concerned.check_claims(look, wanted.case.key, wanted.fact)
        else:
            concerned.check_pair(look, wanted.left.key, wanted.right.key)
    return _event(services, asked.reader, wanted)


def _event(services: Services, reader: Reader, wanted: Decided | Settle) -> Event:
    meta = _metadata(services.now(), services.random_bytes(16), reader)
    match wanted:
        case Link():
            return RecordsLinked(
                meta=meta, left=wanted.left, right=wanted.right, evidence=wanted.evidence, comment=wanted.comment
            )
        case Unlink():
            return RecordsUnlinked(
                meta=meta, left=wanted.left, right=wanted.right, reason=wanted.reason, comment=wanted.comment
            )
        case Reject():
            return MatchRejected(meta=meta, left=wanted.left, right=wanted.right, comment=wanted.comment)
        case Settle():
            return ContradictionSettled(
                meta=meta, case=wanted.case, fact=wanted.fact, kept_network=wanted.kept_network, reason=wanted.reason
            )
        case _:
            raise TypeError(f"{type(wanted).__name__} is no kind of decision")


def _metadata(now: datetime, random_bytes: bytes, reader: Reader) -> Metadata:
    """Say that the adviser decides now; decisions have no place in a case's sequence."""
    return Metadata(
        event_id=str(UUID(bytes=random_bytes, version=4)),
        network=reader.network,
        sequence=UNNUMBERED_FROM + int(now.timestamp() * 1_000_000),
        occurred_at=now,
        recorded_at=now,
        actor_id=reader.adviser,
        organisation=reader.organisation or reader.network,
        site=next(iter(reader.sites)) if len(reader.sites) == 1 else None,
    )


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
    """Tell whether a decision has been taken in, and what it came to; its people are ones that the reader sees."""
    key = UUID(event_id)
    with services.guard.reading(asked) as look:
        look.entry.kind = "decide"
        located = ledger.locate(look.connection, key.bytes)
        event = _decision_at(services, look, located.position) if located else None
        document: dict[str, Any] = {"event_id": str(key), "state": "published"}
        if located is not None and event is not None:
            effect = _effect(look, event)
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


def _effect(look: Look, event: DecisionEvent) -> dict[str, Any]:
    if isinstance(event, PairDecision):
        together = concerned.one_pathway(look, event.left.key, event.right.key)
        return {"one_pathway": together, "kept_network": None}
    if not isinstance(event, ContradictionSettled):
        raise TypeError(f"{type(event).__name__} is no kind of decision")
    return {"one_pathway": None, "kept_network": concerned.kept_network(look, event.case.key, event.fact)}

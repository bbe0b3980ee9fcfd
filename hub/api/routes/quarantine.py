"""The quarantine, for whoever operates the hub: what is held and why, and sending it through the gate again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from hub.access.asking import Asked
from hub.api import problems
from hub.api.answers import answer, opened_cursor, page
from hub.api.asking import Hub, allowed
from hub.api.documents.quarantine import HeldRecordOpened, HeldRecords, Reason, Redrive, Redriven, State
from hub.api.queries.quarantine import LAST_ID, Made, open_entry
from hub.domain import access
from hub.ledger.database import reading
from hub.ledger.quarantine import Summary
from hub.ledger.quarantinequeries import Chosen, listing

router = APIRouter(tags=["quarantine"])

_Operator = Annotated[Asked, Depends(allowed(access.OPERATE))]
_EntryId = Annotated[int, Path(ge=1, le=LAST_ID, description="The entry, by its number.", examples=[7])]
_FAILURES = problems.answers("token_invalid", "denied", "invalid_request", "usage", "store_unavailable")


@router.get(
    "/quarantine",
    operation_id="list_quarantine",
    summary="List what broke the contract",
    response_model=None,
    responses={200: {"model": HeldRecords}, **_FAILURES},
)
def entries(
    request: Request,
    services: Hub,
    _: _Operator,
    *,
    state: Annotated[State | None, Query(description="Only these; without it, all.")] = None,
    reason: Annotated[Reason | None, Query(description="Only those held for it.")] = None,
    topic: Annotated[
        str | None,
        Query(pattern=r"^[a-z0-9._-]{1,249}$", description="Only those of it.", examples=["cap-emploi.case-events.v1"]),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """Give entries by their number, the oldest first; nothing of their records is shown."""
    after = opened_cursor(request, cursor)
    with reading(services.store) as connection:
        chosen = Chosen(state, reason, topic)
        found = listing(connection, chosen, limit=limit + 1, after=after[0] if after else 0)
    following = [found[limit - 1].entry_id] if len(found) > limit else None
    return page(request, [_entry(each) for each in found[:limit]], following)


@router.get(
    "/quarantine/{entry_id}",
    operation_id="read_quarantined",
    summary="See how a held record is made",
    response_model=None,
    responses={200: {"model": HeldRecordOpened}, **_FAILURES, **problems.answers("not_found")},
)
def entry(request: Request, services: Hub, asked: _Operator, entry_id: _EntryId) -> Response:
    """Give an entry with what was decided about it and the outline of its record, without a value of it.

    Looking at one is an entry of the access log. The record's bytes are had at the command line alone.
    """
    found = open_entry(services, asked, entry_id)
    return answer(
        request,
        {
            "entry": _entry(found.summary),
            "decisions": [each._asdict() for each in found.decisions],
            "record": None if found.made is None else _record(found.made),
        },
    )


@router.post(
    "/quarantine/{entry_id}/redrive",
    operation_id="redrive",
    summary="Send a held record through the gate again",
    response_model=None,
    responses={200: {"model": Redriven}, **_FAILURES, **problems.answers("not_found", "registry_unavailable")},
)
def redrive(request: Request, services: Hub, asked: _Operator, entry_id: _EntryId, body: Redrive) -> Response:
    """Take a held record in, once what was wrong is mended; it comes in exactly once, or stays held with why.

    An entry that is not held is refused (400). Who did it and the note are kept.
    """
    outcome = services.mending.redrive(entry_id, by=asked.reader.reader_id, note=body.note)
    return answer(request, outcome._asdict())


def _entry(found: Summary) -> dict[str, Any]:
    whole = found._asdict()
    del whole["resets"]
    return whole


def _record(made: Made) -> dict[str, Any]:
    outline = made.outline._asdict()
    return {
        "value_bytes": made.value_bytes,
        "key_bytes": made.key_bytes,
        "headers": [each._asdict() for each in made.headers],
        **outline,
        "fields": [each._asdict() for each in made.outline.fields],
    }

"""The access log and its alarms, for whoever watches over reading."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from hub.access import office
from hub.access.asking import Asked
from hub.access.recording import Kind
from hub.api import problems
from hub.api.answers import answer, opened_cursor, page
from hub.api.asking import Hub, allowed
from hub.api.documents.accesslog import AlarmRaised, Alarms, Entries, Release
from hub.api.documents.forms import Time
from hub.api.people import UUID_PATTERN
from hub.api.queries import accesslog
from hub.domain import access
from hub.domain.access import Sight, Verdict
from hub.ledger import accessqueries
from hub.ledger.accessqueries import Alarm
from hub.ledger.database import reading

router = APIRouter(tags=["access"])

NOTHING = Verdict(Sight.NOTHING, None)
_Watcher = Annotated[Asked, Depends(allowed(access.READ_ACCESS_LOG))]
_FAILURES = problems.answers("token_invalid", "denied", "invalid_request", "usage", "store_unavailable")
_MOMENT = "An RFC 3339 time with its offset."


@router.get(
    "/access-entries",
    operation_id="list_access_entries",
    summary="Read the access log",
    response_model=None,
    responses={200: {"model": Entries}, **_FAILURES, **problems.answers("reading_slowed")},
)
def entries(
    request: Request,
    services: Hub,
    asked: _Watcher,
    *,
    person_id: Annotated[str | None, Query(pattern=UUID_PATTERN, description="Who was asked for.")] = None,
    reader_id: Annotated[
        str | None,
        Query(min_length=1, max_length=300, description="Who asked.", examples=["https://login.example|a17"]),
    ] = None,
    kind: Annotated[Kind | None, Query(description="What for.")] = None,
    since: Annotated[Time | None, Query(description=f"Not before. {_MOMENT}")] = None,
    until: Annotated[Time | None, Query(description=f"Before. {_MOMENT}")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """Give entries, newest first, with whom each was about by their ids alone; reasons' texts stay sealed.

    Reading the log is itself an entry, with all people of the page; they do not count toward the volume alarm.
    """
    after = opened_cursor(request, cursor)
    wanted = accesslog.Wanted(person_id, reader_id, kind, since, until)
    with services.guard.reading(asked) as look:
        found = accesslog.entries(look, wanted, after=after[0] if after else None, limit=limit)
    items = [accesslog.said(each, found.people) for each in found.found]
    return page(request, items, None if found.following is None else [found.following])


@router.get(
    "/access-alarms",
    operation_id="list_access_alarms",
    summary="List the readers who were stopped",
    response_model=None,
    responses={200: {"model": Alarms}, **_FAILURES},
)
def alarms(
    request: Request,
    services: Hub,
    _: _Watcher,
    *,
    is_open: Annotated[bool | None, Query(alias="open", description="Only those not released, or only those.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """List alarms, newest first: who asked for how many people, and who let them read again."""
    after = opened_cursor(request, cursor)
    with reading(services.store) as connection:
        found = accessqueries.alarms(connection, is_open=is_open, after=after[0] if after else None, limit=limit + 1)
    following = [found[limit - 1].alarm_no] if len(found) > limit else None
    return page(request, [_alarm(each) for each in found[:limit]], following)


@router.post(
    "/access-alarms/{alarm_no}/release",
    operation_id="release_reader",
    summary="Let a stopped reader read again",
    response_model=None,
    responses={200: {"model": AlarmRaised}, **_FAILURES, **problems.answers("not_found")},
)
def release(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.RELEASE))],
    alarm_no: Annotated[int, Path(ge=1, lt=2**31)],
    body: Release,
) -> Response:
    """Release the reader of an alarm for a reason, which is recorded; their count begins anew.

    Nobody releases themselves.
    """
    office.release(services.store, services.recorder, asked, alarm_no, body.reason, services.now())
    with reading(services.store) as connection:
        found = accessqueries.alarm(connection, alarm_no)
    return answer(request, _alarm(found))


def _alarm(found: Alarm) -> dict[str, Any]:
    return {**found._asdict(), "entry_id": str(found.entry_id)}

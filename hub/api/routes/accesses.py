"""Who looked at a person, and the report that a person may ask for (GDPR, art. 15)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection

from hub.access.asking import Asked
from hub.access.recording import Person
from hub.api import problems
from hub.api.answers import answer, opened_cursor, page
from hub.api.asking import Hub, allowed
from hub.api.documents import accesses as documents
from hub.api.people import NOW, PersonId, location, reading
from hub.api.routes.pathways import FAILURES, held
from hub.domain import access
from hub.domain.access import Sight, Verdict
from hub.ledger import accessqueries
from hub.ledger.accessqueries import Logged

router = APIRouter(tags=["access"])
_AT_ONCE = 500


@router.get(
    "/pathways/{person_id}/accesses",
    summary="Read who looked at a person",
    response_model=None,
    responses={200: {"model": documents.Accesses}, **FAILURES, **problems.answers("usage")},
)
def read_accesses(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.READ_ACCESS_LOG))],
    person_id: PersonId,
    limit: Annotated[int, Query(ge=1, le=_AT_ONCE, description="How many entries a page has.")] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> Response:
    """Give every request that asked for the person, refused ones too, newest first; nothing of the person is shown."""
    after = opened_cursor(request, cursor)
    with services.guard.reading(asked) as look:
        person = Person.of(look.find(person_id.lower()))
        look.entry.kind = "access_log"
        look.entry.read(person, Verdict(Sight.NOTHING, None))
        found = accessqueries.entries(
            look.connection, refs=person.refs, after=int(after[0]) if after else None, limit=limit + 1
        )
    following = [found[limit - 1].entry_id] if len(found) > limit else None
    return page(request, [said(each) for each in found[:limit]], following)


@router.get(
    "/pathways/{person_id}/report",
    summary="Make a person's report",
    response_model=None,
    responses={200: {"model": documents.Report}, **FAILURES},
)
def make_report(
    request: Request,
    services: Hub,
    asked: Annotated[Asked, Depends(allowed(access.REPORT))],
    person_id: PersonId,
) -> Response:
    """Give everything that is held about a person, event by event, and who looked; a reason must be stated first."""
    with reading(services, asked, person_id, NOW) as (look, found):
        person = Person.of(found.seen.found)
        look.entry.report(person, found.seen.verdict)
        refs = [row.subject_ref for row in found.seen.found.members]
        report = {
            **found.about(NOW),
            **held(found),
            "made_at": look.now,
            "events": [
                {**each, "content": found.event(each["content"])}
                for each in services.viewer.recorded(look.connection, refs, found.view)
            ],
            "accesses": [said(each) for each in _all(look.connection, person.refs)],
        }
    return answer(request, report, headers=location(request, person_id, found))


def _all(connection: Connection, refs: Sequence[bytes]) -> Iterator[Logged]:
    after: int | None = None
    while True:
        found = accessqueries.entries(connection, refs=refs, after=after, limit=_AT_ONCE)
        yield from found
        if len(found) < _AT_ONCE:
            return
        after = found[-1].entry_id


def said(entry: Logged) -> dict[str, Any]:
    """Give an entry of the access log as a document; of its people, the one whom this is about."""
    shown = max(entry.people, key=lambda row: row.sight, default=None)
    return {
        "entry_id": str(entry.entry_id),
        "at": entry.at,
        "reader_id": entry.reader_id,
        "roles": entry.roles,
        "network": entry.network,
        "organisation": entry.organisation,
        "through": entry.through,
        "kind": entry.kind,
        "code": entry.code,
        "outcome": entry.outcome,
        "ground": shown and shown.ground,
        "sight": Sight(shown.sight if shown else Sight.NOTHING).name.lower(),
    }

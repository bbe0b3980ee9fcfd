"""Who looked at a person, and the report that a person may ask for (GDPR, art. 15)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access.asking import Asked
from hub.access.recording import Person
from hub.api import problems
from hub.api.answers import answer, opened_cursor, page
from hub.api.asking import Hub, allowed
from hub.api.documents import accesses as documents
from hub.api.people import NOW, PersonId, location, reading
from hub.api.queries import accesses
from hub.api.routes.pathways import FAILURES, held
from hub.domain import access

router = APIRouter(tags=["access"])


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
    limit: Annotated[int, Query(ge=1, le=accesses.AT_ONCE, description="How many entries a page has.")] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> Response:
    """Give every request that asked for the person, refused ones too, newest first; nothing of the person is shown."""
    after = opened_cursor(request, cursor)
    with services.guard.reading(asked) as look:
        place = int(after[0]) if after else None
        found = accesses.of_person(look, person_id.lower(), after=place, limit=limit + 1)
    following = [found[limit - 1].entry_id] if len(found) > limit else None
    return page(request, [accesses.said(each) for each in found[:limit]], following)


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
            "accesses": [accesses.said(each) for each in accesses.every(look.connection, person.refs)],
        }
    return answer(request, report, headers=location(request, person_id, found))

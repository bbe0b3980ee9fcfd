"""The page of one event about a person: what was stated, and what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError

from hub.api.people import UUID_PATTERN, PersonId, location
from hub.api.queries.events import recorded
from hub.errors import Denied, NotFound
from hub.web.asking import Hub, Site
from hub.web.pages.pathway_moments import Shown, read_then, shown_at
from hub.web.pages.pathways import Reader, unseen_past
from hub.web.pathway import travel
from hub.web.pathway.event import event_page
from hub.web.pathway.page import may_settle, place_of
from hub.web.pathway.seeing import seen_of
from hub.web.words import in_france

router = APIRouter()


@router.get("/parcours/{person_id}/evenements/{event_id}")
def event(
    request: Request,
    services: Hub,
    web: Site,
    visit: Reader,
    person_id: PersonId,
    event_id: Annotated[str, Path(pattern=UUID_PATTERN)],
    days: Shown,
) -> Response:
    """Show an event as it was stated, its place in the hub, and what it set that stands, or stood on a day."""
    if days.wrong:
        raise RequestValidationError([{"type": "date_past", "loc": ("query", name)} for name in days.wrong])
    asked = travel.Asked(days.as_of, days.known)
    try:
        with services.guard.reading(visit.asked) as look:
            found, now, asked = read_then(services, look, person_id, asked)
            told = recorded(services, look, found, event_id.lower())
            at = look.now
    except Denied:
        if not asked.is_past:
            raise
        return unseen_past(request, web, person_id, asked)
    if told is None:
        raise NotFound("no event about this person has that id")
    reader = visit.session.reader
    decides, today = may_settle(found, reader) and not asked.is_past, in_france(shown_at(asked, at))
    answer = web.renderer.page(
        request,
        "pathway/event.html",
        event=event_page(found, told, reader, today, web.names(), decides=decides),
        place=place_of(str(now.view.person_id), asked.as_of, asked.known),
        told=travel.told(asked),
        seen=seen_of(found, now.view, reader, at),
    )
    answer.headers.update(location(request, person_id, now))
    return answer

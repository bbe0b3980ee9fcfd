"""The page of one event about a person: what was stated, and what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from hub.api.people import NOW, UUID_PATTERN, PersonId, location, read
from hub.api.queries.events import recorded
from hub.errors import NotFound
from hub.web.asking import Hub, Site
from hub.web.pages.pathways import Reader
from hub.web.pathway.event import event_page
from hub.web.pathway.page import place_of, seen_of

router = APIRouter()


@router.get("/parcours/{person_id}/evenements/{event_id}")
def event(
    request: Request,
    services: Hub,
    web: Site,
    visit: Reader,
    person_id: PersonId,
    event_id: Annotated[str, Path(pattern=UUID_PATTERN)],
) -> Response:
    """Show an event as it was stated, its place in the hub, and what it set that still stands."""
    with services.guard.reading(visit.asked) as look:
        found = read(services, look, person_id, NOW)
        told = recorded(services, look, found, event_id.lower())
        at = look.now
    if told is None:
        raise NotFound("no event about this person has that id")
    page, place = event_page(found, told, web.names()), place_of(str(found.view.person_id))
    answer = web.renderer.page(request, "pathway/event.html", event=page, place=place, seen=seen_of(found, at))
    answer.headers.update(location(request, person_id, found))
    return answer

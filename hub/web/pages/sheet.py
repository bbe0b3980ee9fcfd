"""`/parcours/{id}/fiche`: the person's own sheet, in easy-to-read French, to print and hand over."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from hub.access.recording import Person
from hub.api.people import NOW, PersonId, reading
from hub.domain import access
from hub.ledger import accesslooks
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.sheet.sheet import sheet_of

router = APIRouter()


@router.get("/parcours/{person_id}/fiche")
def sheet(
    request: Request,
    services: Hub,
    web: Site,
    visit: Annotated[Visit, Depends(allowed(access.READ_PERSON))],
    person_id: PersonId,
) -> Response:
    """Show what the person may take home: what the reader sees of them, said to them."""
    with reading(services, visit.asked, person_id, NOW, with_links=False) as (look, found):
        refs = Person.of(found.seen.found).refs
        looked = accesslooks.looks(look.connection, refs)
        shown = sheet_of(found.view, found.sight, found.free_texts(), looked, look.now, web.names())
        path = f"/parcours/{found.view.person_id or person_id.lower()}"
    return web.renderer.page(request, "sheet.html", sheet=shown, path=path)

"""Break-glass: whoever must read a person they do not accompany says why; the same for whoever is not there."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from hub.api.people import UUID_PATTERN
from hub.api.queries import reasons as queries
from hub.api.services import Services
from hub.domain import access
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.find import reasons
from hub.web.find.allowance import allowance_of
from hub.web.form import Fields, Given

router = APIRouter()
_Reader = Annotated[Visit, Depends(allowed(access.BREAK_GLASS))]
_PersonId = Annotated[str, Path(pattern=UUID_PATTERN)]


@router.get("/parcours/{person_id}/motif")
def show(request: Request, visit: _Reader, services: Hub, web: Site, person_id: _PersonId) -> Response:
    """Show the form."""
    shown = _form(services, visit, person_id.lower(), Fields({}, reasons.FIELDS))
    return web.renderer.page(request, "find/reason.html", **shown)


@router.post("/parcours/{person_id}/motif")
def state(request: Request, visit: _Reader, services: Hub, web: Site, person_id: _PersonId, given: Given) -> Response:
    """Record the reason and lead to the pathway, which tells whether there is one."""
    fields, stated = reasons.read(given)
    if stated is None:
        shown = _form(services, visit, person_id.lower(), fields)
        return web.renderer.page(request, "find/reason.html", status=422, **shown)
    queries.state(services, visit.asked, person_id.lower(), stated.code, stated.text)
    return RedirectResponse(f"/parcours/{person_id.lower()}", 303)


def _form(services: Services, visit: Visit, person_id: str, fields: Fields) -> dict[str, Any]:
    now = services.now()
    return {
        "fields": fields,
        "options": reasons.OPTIONS,
        "office": reasons.office_of(visit.session.reader),
        "person_id": person_id,
        "until": queries.counts_until(services, visit.asked, person_id),
        "hours": (services.recorder.reason_counts_until(now) - now) // timedelta(hours=1),
        "allowance": allowance_of(services, visit.asked),
    }

"""The look-up before a case is opened: whoever has a pathway joins it, and is sent to no other front door."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from hub.api.queries import intake as queries
from hub.api.queries.news import other_network
from hub.api.services import Services
from hub.domain import access
from hub.errors import Usage
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.find import intake
from hub.web.find.allowance import allowance_of
from hub.web.form import Fields, Given
from hub.web.pathway import phrases

router = APIRouter()
_Receiver = Annotated[Visit, Depends(allowed(access.LOOK_UP))]


@router.get("/prise-en-charge")
def show(request: Request, visit: _Receiver, services: Hub, web: Site) -> Response:
    """Show the form."""
    shown = _form(services, visit, Fields({}, intake.FIELDS))
    return web.renderer.page(request, "find/intake.html", **shown, is_asked=False, answer=None)


@router.post("/prise-en-charge")
def look_up(request: Request, visit: _Receiver, services: Hub, web: Site, given: Given) -> Response:
    """Tell whether the person has a pathway, or what is wrong with the form."""
    fields, wanted = intake.read(given)
    if wanted is not None:
        try:
            known = queries.look_up(services, visit.asked, wanted)
        except Usage:
            intake.refuse_identity(fields)
        else:
            told = intake.answer(known, visit.session.reader.network or "", web.names()) if known else None
            shown = _form(services, visit, fields)
            place = phrases.claimed("birth_place", wanted.birth_place)
            return web.renderer.page(request, "find/intake.html", **shown, is_asked=True, answer=told, place=place)
    shown = _form(services, visit, fields)
    return web.renderer.page(request, "find/intake.html", status=422, **shown, is_asked=False, answer=None)


def _form(services: Services, visit: Visit, fields: Fields) -> dict[str, Any]:
    network = visit.session.reader.network
    return {
        "fields": fields,
        "network": network,
        "other_network": other_network(network),
        "allowance": allowance_of(services, visit.asked),
    }

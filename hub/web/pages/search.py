"""The search for people; what is searched for stands in no address."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from hub.api.queries import search as queries
from hub.api.services import Services
from hub.domain import access
from hub.domain.access import may, roles_of
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.find import search
from hub.web.find.allowance import allowance_of
from hub.web.form import Fields, Given
from hub.web.pathway import phrases

router = APIRouter()
_Searcher = Annotated[Visit, Depends(allowed(access.SEARCH))]


@router.get("/recherche")
def show(request: Request, visit: _Searcher, services: Hub, web: Site) -> Response:
    """Show the form."""
    return web.renderer.page(
        request, "find/search.html", **_form(services, visit, Fields({}, search.FIELDS)), results=None
    )


@router.post("/recherche")
def find(request: Request, visit: _Searcher, services: Hub, web: Site, given: Given) -> Response:
    """Show who was found, or what is wrong with the form."""
    fields, wanted = search.read(given)
    if wanted is None:
        shown = _form(services, visit, fields)
        return web.renderer.page(request, "find/search.html", status=422, **shown, results=None)
    if wanted.search is None:
        return RedirectResponse(f"/parcours/{wanted.person_id}", 303)
    hits = queries.search(services, visit.asked, wanted.search)
    results = [search.result(hit, web.names()) for hit in hits]
    born = wanted.search.birth_place
    place = phrases.claimed("birth_place", born) if born else None
    return web.renderer.page(
        request, "find/search.html", **_form(services, visit, fields), results=results, place=place
    )


def _form(services: Services, visit: Visit, fields: Fields) -> dict[str, Any]:
    reader = visit.session.reader
    return {
        "fields": fields,
        "networks": search.NETWORKS,
        "reasons": search.reason_options(reader),
        "allowance": allowance_of(services, visit.asked),
        "role": next((role for role in ("auditor", "dpo") if role in roles_of(reader)), "adviser"),
        "may_look_up": may(reader, access.LOOK_UP),
        "is_case_shown": bool(fields.values["dossier"]) or bool(search.OF_CASE & fields.wrong.keys()),
        "is_reason_shown": bool(fields.values["motif"]) or bool(search.OF_REASON & fields.wrong.keys()),
    }

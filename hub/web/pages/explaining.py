"""`/parcours/{id}/pourquoi`: why a fact of a pathway is as it is."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.api.people import NOW, PersonId, Read, reading
from hub.api.queries.events import recorded
from hub.domain import access
from hub.errors import NotFound, Usage
from hub.projections.facts import fact as fact_of
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.audit import explaining
from hub.web.audit.explaining import PAGE, Explained
from hub.web.audit.whom import whom_of
from hub.web.form import Fields, Given
from hub.web.services import Web

router = APIRouter()
_LONGEST_FACT = 400
_Reader = Annotated[Visit, Depends(allowed(access.READ_PERSON))]
_UNKNOWN = "Cette donnée n’est pas, ou n’est plus, dans le parcours. Choisissez-en une dans la liste."


@router.get("/parcours/{person_id}/pourquoi")
def what_can_be_asked(
    request: Request,
    services: Hub,
    web: Site,
    visit: _Reader,
    person_id: PersonId,
    *,
    partie: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """List the facts that can be asked for, part by part."""
    with reading(services, visit.asked, person_id, NOW) as (_, found):
        pass
    return _listed(request, web, found, person_id, partie, page)


@router.post("/parcours/{person_id}/pourquoi")
def explain(
    request: Request,
    services: Hub,
    web: Site,
    visit: _Reader,
    person_id: PersonId,
    given: Given,
) -> Response:
    """Explain a fact; its name stands in the body because it may hold a case record's id."""
    wanted = Fields(given, ("fait",)).own("fait", f".{{0,{_LONGEST_FACT}}}")
    said: Explained | None = None
    with reading(services, visit.asked, person_id, NOW) as (look, found):
        try:
            fact = fact_of(found.view, wanted)
        except (NotFound, Usage):
            pass  # told once this reading is recorded: the list names what the person's facts are called
        else:
            ids = explaining.events_of(found.view, fact)
            events = {event_id: recorded(services, look, found, event_id) for event_id in ids}
            said = explaining.explained(found.view, fact, events, web.names())
    if said is None:
        return _listed(request, web, found, person_id, "", 1, status=422, errors=[("", _UNKNOWN)])
    return web.renderer.page(request, "audit/explained.html", explained=said, whom=whom_of(found, person_id))


def _listed(
    request: Request,
    web: Web,
    found: Read,
    person_id: str,
    wanted: str,
    page: int,
    *,
    status: int = 200,
    errors: list[tuple[str, str]] | None = None,
) -> Response:
    asked = explaining.rows_of(found.view)
    parts = explaining.parts(asked)
    part = explaining.part_named(parts, wanted)
    if wanted and part is None:
        raise NotFound("the pathway has no such part")
    rows = asked[part] if part else {}
    page = min(page, max(1, -(-len(rows) // PAGE)))
    whom = whom_of(found, person_id)

    def path(number: int) -> str:
        query = {"partie": wanted, "page": number} if wanted else {"page": number}
        return f"{whom.path}/pourquoi?{urlencode(query)}"

    return web.renderer.page(
        request,
        "audit/asking.html",
        status=status,
        errors=errors or [],
        parts=[(each, f"{whom.path}/pourquoi?{urlencode({'partie': each.label})}") for each in parts],
        part=part,
        rows=explaining.asking(part, rows, page, web.names()) if part else [],
        previous=path(page - 1) if page > 1 else None,
        next=path(page + 1) if len(rows) > page * PAGE else None,
        whom=whom,
    )

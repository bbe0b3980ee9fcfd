"""Operating: how the hub is doing, at a glance."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.api.queries.operating import look
from hub.domain import access
from hub.web.asking import Hub, Site, Visit, allowed, visit_of
from hub.web.operating.health import health

router = APIRouter()


def operator(request: Request, services: Hub, web: Site) -> Visit:
    """Give who asks; an open page that looks again on its own keeps no session alive."""
    if "hx-request" in request.headers:
        request.state.session = web.logins.session(request, is_use=False)
    return allowed(access.OPERATE)(visit_of(request, services, web))


@router.get("/exploitation")
def operating(
    request: Request,
    services: Hub,
    web: Site,
    _: Annotated[Visit, Depends(operator)],
    suivi: Annotated[Literal["oui", "non"], Query()] = "oui",
) -> Response:
    """Show the state of the hub; it is looked at again every ten seconds until that is paused (`suivi=non`)."""
    found = look(services)
    return web.renderer.page(
        request,
        "operating/health.html",
        at=found.at,
        health=health(found, services.parts()),
        is_followed=suivi == "oui",
    )

"""The pages as an application beside the API: the same server, the same guard, the same log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Match, Mount
from starlette.types import Scope

from hub.api.app import Application
from hub.api.exchange import BARE, PREFIX
from hub.api.services import Services
from hub.errors import NotFound
from hub.web import assets
from hub.web.address import AtOneAddress, address_of
from hub.web.asking import Visit, known, visit_of
from hub.web.assets import Assets
from hub.web.failures import answer_failures
from hub.web.login.forgery import ensure_own
from hub.web.menu import home_of
from hub.web.pages import (
    accesses,
    accessibility,
    audit,
    audit_ledger,
    design,
    display,
    explaining,
    home,
    home_live,
    home_marking,
    home_todo,
    intake,
    journal,
    login,
    operating,
    pathway_decisions,
    pathway_events,
    pathways,
    quarantine,
    reasons,
    replaying,
    search,
    sheet,
    sitemap,
    steering,
    suggestions,
)
from hub.web.refusals import InFrench
from hub.web.services import Web

ROUTERS: tuple[APIRouter, ...] = (
    login.router,
    design.router,
    display.router,
    accessibility.router,
    sitemap.router,
    home.router,
    home_todo.router,
    home_marking.router,
    home_live.router,
    steering.router,
    operating.router,
    quarantine.router,
    audit.router,
    audit_ledger.router,
    journal.router,
    replaying.router,
    explaining.router,
    accesses.router,
    sheet.router,
    suggestions.router,
    search.router,
    reasons.router,
    intake.router,
    pathways.router,
    pathway_events.router,
    pathway_decisions.router,
)
"""Every page's routes."""

router = APIRouter()


@router.get("/")
def first(visit: Annotated[Visit, Depends(visit_of)]) -> Response:
    """Send a reader to their first page."""
    home = home_of(visit.session.reader)
    if home is None:
        raise NotFound("no page is for this reader")
    return RedirectResponse(home, 303)


class _Pages(Mount):
    """Everything but the API, whose own answers say what it does not know."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Leave the API's addresses to it."""
        if scope["type"] != "http" or scope["path"].startswith(PREFIX.rpartition("/")[0] + "/"):
            return Match.NONE, {}
        match, found = super().matches(scope)
        return match, {**found, **BARE}


def add_pages(app: Application, services: Services, web: Web, files: Assets) -> None:
    """Serve pages wherever the application has nothing else: add what else it has before."""
    pages = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, dependencies=[Depends(ensure_own)]
    )
    pages.state.services = services
    pages.state.following = app.state.following
    pages.state.web = web
    for each in (router, *ROUTERS):
        # What a page asks for on its own asks by itself who is logged in: that a page is open is no use of the session.
        asking = [] if each in (home_live.router, operating.router) else [Depends(known)]
        pages.include_router(each, dependencies=asking)
    pages.add_api_route(f"{assets.PATH}/{{name}}", files.answer, methods=["GET"])
    answer_failures(pages, services.watch.log)
    app.add_middleware(InFrench, style=files.address("hub.css"), apart=services.watch.pages)
    app.router.routes.append(_Pages("", app=AtOneAddress(pages, address_of(web.url))))

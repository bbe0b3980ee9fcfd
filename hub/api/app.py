"""The application: its operations under `/api/v1`, its document, and the front that every request passes."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Request, Response

from hub.api import openapi
from hub.api.bodies import Bodies
from hub.api.exchange import PREFIX
from hub.api.failures import answer_failures
from hub.api.following import Following
from hub.api.front import Front
from hub.api.parameters import refuse_ambiguous, refuse_unknown
from hub.api.routes import (
    accesses,
    accesslog,
    caseload,
    changes,
    decisions,
    events,
    explanations,
    figures,
    histories,
    intake,
    operations,
    pathways,
    quarantine,
    reasons,
    search,
    suggestions,
    timelines,
)
from hub.api.services import Services

ROUTERS: tuple[APIRouter, ...] = (
    events.router,
    pathways.router,
    timelines.router,
    histories.router,
    explanations.router,
    reasons.router,
    accesses.router,
    accesslog.router,
    caseload.router,
    search.router,
    intake.router,
    suggestions.router,
    decisions.router,
    figures.router,
    operations.router,
    quarantine.router,
    changes.router,
)
"""Every resource's operations, in the order in which OpenAPI shows them."""


class Application(FastAPI):
    """The operations, and the document that describes them."""

    _described: ClassVar[dict[str, Any] | None] = None

    def __init__(self) -> None:
        super().__init__(
            title=openapi.TITLE,
            version="1",
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            generate_unique_id_function=lambda route: route.name,
        )
        self._document: bytes | None = None
        for router in ROUTERS:
            # Events are read by their own rules, a line at a time.
            strict = [] if router is events.router else [Depends(refuse_ambiguous)]
            self.include_router(router, prefix=PREFIX, dependencies=[Depends(refuse_unknown), *strict])
        self.add_route(f"{PREFIX}/openapi.json", self._shown, include_in_schema=False)

    def openapi(self) -> dict[str, Any]:
        """Give the OpenAPI document; it is made once, for every application has these operations."""
        if Application._described is None:
            Application._described = openapi.document(self)
        return Application._described

    async def _shown(self, _request: Request) -> Response:
        if self._document is None:
            self._document = msgspec.json.encode(self.openapi())
        told = {"Cache-Control": "public, max-age=300"}
        return Response(self._document, media_type="application/json", headers=told)


def create_app(services: Services) -> Application:
    """Make the application of an open installation."""
    app = Application()
    app.state.services = services
    app.state.following = Following(services)
    app.add_middleware(Bodies, limits=services.limits)
    app.add_middleware(Front, watch=services.watch, random_bytes=services.random_bytes)
    answer_failures(app, services.watch.log)
    # Failures name what the document names; making it takes a while, which no request should wait for.
    app.openapi()
    return app

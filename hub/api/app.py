"""The application: its operations under `/api/v1`, its failures as problem documents."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from hub.api import problems
from hub.api.problems import Defect, Problem
from hub.api.services import Services
from hub.errors import HubError

PREFIX = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = ()
"""Every resource's operations, in the order in which OpenAPI shows them."""


def create_app(services: Services) -> FastAPI:
    """Make the application of an open installation."""
    app = FastAPI(
        title="Parcours Hub",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX, responses={"default": {"model": Problem}})
    app.add_exception_handler(HubError, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    return app


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)  # noqa: S101 starlette hands over what was registered for
    return problems.of_error(error)


async def _invalid(request: Request, error: Exception) -> Response:
    """Name what is wrong and where, without the value: it may be a person's."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    defects = []
    for each in error.errors():
        source, *path = (str(step) for step in each["loc"])
        where = {"pointer": "/" + "/".join(path)} if source == "body" else {"parameter": ".".join(path)}
        defects.append(Defect(detail=each["msg"], **where))
    return problems.problem("invalid_request", "the request does not keep the contract", defects=defects)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = {404: "not_found", 405: "method_not_allowed", 415: "unsupported_media_type"}.get(error.status_code, "usage")
    return problems.problem(code, str(error.detail), headers=dict(error.headers or {}))

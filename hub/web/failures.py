"""What becomes of a page's failure: a French page that says what to do, and repeats nothing of the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from hub import errors
from hub.api import problems
from hub.api.exchange import exchange_of
from hub.errors import HubError
from hub.telemetry.logs import Log
from hub.web.services import web_of

LOGIN = "/connexion"


class Said(NamedTuple):
    """A failure's title, and what to do."""

    title: str
    text: str


_SAID: Mapping[str, Said] = {
    errors.Denied.code: Said(
        "Accès refusé",
        "Vous n’accompagnez pas cette personne, ou elle n’existe pas, ou votre rôle ne permet pas cette action.",
    ),
    errors.NotFound.code: Said("Page introuvable", "L’adresse est inexacte, ou la page n’existe plus."),
}
_OTHER = Said("Une erreur est survenue", "Réessayez dans quelques instants. Si l’erreur persiste, signalez-la.")


def answer_failures(app: FastAPI, log: Log) -> None:
    """Let the pages answer every failure with a page."""
    failures = _Failures(log)
    app.add_exception_handler(HubError, failures.failed)
    app.add_exception_handler(RequestValidationError, failures.invalid)
    app.add_exception_handler(HTTPException, failures.refused)


class _Failures:
    def __init__(self, log: Log) -> None:
        self._log = log

    async def failed(self, request: Request, error: Exception) -> Response:
        """Answer a failure of the hub's own; whoever is not logged in is sent to do so."""
        assert isinstance(error, HubError)  # noqa: S101 starlette hands over what was registered for
        exchange = exchange_of(request.scope)
        exchange.code = error.code
        if error.code == errors.TokenInvalid.code:
            back = quote(request.url.path) if request.method == "GET" else "/"
            return RedirectResponse(f"{LOGIN}?retour={back}", 303)
        kind = problems.KINDS.get(error.code, problems.KINDS[problems.DEFECT])
        if kind.status >= 500:
            self._log.error("request_failed", error=error, request_id=exchange.request_id)
        return self._page(request, error.code, kind.status)

    async def invalid(self, request: Request, _error: Exception) -> Response:
        """Answer a form or an address that is not what the page asks for."""
        return self._page(request, "invalid_request", 422)

    async def refused(self, request: Request, error: Exception) -> Response:
        """Answer what the framework refused."""
        assert isinstance(error, HTTPException)  # noqa: S101
        return self._page(request, errors.NotFound.code, error.status_code)

    def _page(self, request: Request, code: str, status: int) -> Response:
        exchange = exchange_of(request.scope)
        exchange.code = code
        said = _SAID.get(code, _OTHER)
        return web_of(request).renderer.page(
            request, "failure.html", status=status, said=said, request_id=exchange.request_id
        )

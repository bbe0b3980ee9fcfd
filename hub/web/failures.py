"""What becomes of a page's failure: a French page that says what to do, and repeats nothing of the request."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from hub import errors
from hub.api import problems
from hub.api.exchange import exchange_of
from hub.api.failures import methods_of
from hub.errors import HubError, LoginFailed
from hub.telemetry.logs import Log
from hub.web.asking import known
from hub.web.login.provider import LANDING
from hub.web.login.returning import own_path
from hub.web.saying import said_of
from hub.web.services import web_of

LOGIN = "/connexion"
_GIVEN_BACK = {errors.TokenInvalid.code, errors.FormRefused.code}
"""Failures of a form that was good when it was opened: what was written in it is shown, to be copied."""
_REFUSED = {404: errors.NotFound.code, 405: "method_not_allowed"}


def answer_failures(app: FastAPI, log: Log) -> None:
    """Let the pages answer every failure with a page."""
    failures = _Failures(log)
    app.add_exception_handler(HubError, failures.failed)
    app.add_exception_handler(RequestValidationError, failures.invalid)
    app.add_exception_handler(HTTPException, failures.refused)
    app.add_exception_handler(Exception, failures.broke)


class _Failures:
    def __init__(self, log: Log) -> None:
        self._log = log

    async def failed(self, request: Request, error: Exception) -> Response:
        """Answer a failure of the hub's own; whoever is not logged in is sent to do so."""
        assert isinstance(error, HubError)  # noqa: S101 starlette hands over what was registered for
        exchange = exchange_of(request.scope)
        exchange.code = error.code
        if error.code == errors.TokenInvalid.code and (sent := _sent_to_login(request)) is not None:
            return sent
        kind = problems.KINDS.get(error.code, problems.KINDS[problems.DEFECT])
        if kind.status >= 500:
            self._log.error("request_failed", error=error, request_id=exchange.request_id)
        page = _page(request, error.code, kind.status, error)
        if (wait_s := _wait_s(error)) is not None:
            page.headers["Retry-After"] = str(wait_s)
        return page

    async def invalid(self, request: Request, error: Exception) -> Response:
        """Answer a form or an address that is not what the page asks for.

        A path that no page can have, as with a person's id in which a letter is missing, leads nowhere, like any other.
        """
        assert isinstance(error, RequestValidationError)  # noqa: S101
        if any(each["loc"][0] == "path" for each in error.errors()):
            return _page(request, errors.NotFound.code, 404)
        return _page(request, "invalid_request", 422)

    async def refused(self, request: Request, error: Exception) -> Response:
        """Answer what the framework refused."""
        assert isinstance(error, HTTPException)  # noqa: S101
        # Where no route was found nobody has looked yet who is logged in, and a page without its menu is a dead end.
        await run_in_threadpool(known, request, web_of(request))
        page = _page(request, _REFUSED.get(error.status_code, errors.Usage.code), error.status_code)
        if error.status_code == 405:
            page.headers["Allow"] = ", ".join(methods_of(request))
        return page

    async def broke(self, request: Request, _error: Exception) -> Response:
        """Answer a defect, which the front logs."""
        return _page(request, problems.DEFECT, 500)


def _sent_to_login(request: Request) -> Response | None:
    """Lead whoever is not logged in to do so, and back; not out of a form, of which nothing was kept."""
    if "hx-request" in request.headers:
        # The whole page has to go there: a part of it cannot show a login.
        here = _path_of(request.headers.get("hx-current-url", ""))
        return Response(status_code=401, headers={"HX-Redirect": login_path(here)})
    if request.method != "GET":
        return None
    query = request.url.query
    return RedirectResponse(login_path(request.url.path + (f"?{query}" if query else "")), 303)


def login_path(back_to: str) -> str:
    """Give the address of a login that leads back to a page."""
    path = own_path(back_to)
    return LOGIN if path == "/" else f"{LOGIN}?retour={quote(path)}"


def _path_of(address: str) -> str:
    """Give the path of an address that a client sends; empty where it is none."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _wait_s(error: HubError) -> int | None:
    if isinstance(error, errors.ReadingSlowed | errors.TooManyRequests):
        return error.retry_after_s
    kind = problems.KINDS.get(error.code)
    return problems.RETRY_AFTER_S if kind is not None and kind.status in {429, 503} else None


def _page(request: Request, code: str, status: int, error: HubError | None = None) -> Response:
    exchange = exchange_of(request.scope)
    exchange.code = code
    why = error.why if isinstance(error, LoginFailed) else None
    wait_s = None if error is None else _wait_s(error)
    before = _path_of(request.headers.get("referer", ""))
    session = getattr(request.state, "session", None)
    said = said_of(
        why or code,
        method=request.method,
        path=request.url.path,
        wait_s=wait_s,
        session=session,
        login=login_path(before or request.url.path),
    )
    # What a provider sent along is not repeated, not even as the place to come back to.
    more = {"back": LOGIN} if request.url.path == LANDING else {}
    written = request.state.written if code in _GIVEN_BACK and hasattr(request.state, "written") else []
    return web_of(request).renderer.page(
        request, "failure.html", status=status, said=said, written=written, request_id=exchange.request_id, **more
    )

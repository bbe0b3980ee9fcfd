"""Who asks for a page: whoever is logged in, allowed to do what the page does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from hub.access.asking import Asked
from hub.api.exchange import template_of
from hub.api.services import Services, services_of
from hub.domain.access import Action, may
from hub.errors import Denied, StoreUnavailable, TokenInvalid, TooManyRequests
from hub.web.services import Web, web_of
from hub.web.session import Session, session_of

Hub = Annotated[Services, Depends(services_of)]
Site = Annotated[Web, Depends(web_of)]


class Visit(NamedTuple):
    """A request of someone who is logged in: `asked` is what the guard reads with."""

    asked: Asked
    session: Session


def known(request: Request, web: Site) -> None:
    """Look who is logged in, for the menu of pages that are for everyone; those are there without the store too."""
    with suppress(StoreUnavailable):
        session_of(request, web.logins)


def visit_of(request: Request, services: Hub, web: Site) -> Visit:
    """Give who asks and for which page.

    Raises:
        TokenInvalid: nobody is logged in.
        TooManyRequests: the reader makes too many requests.
    """
    session = session_of(request, web.logins)
    if session is None:
        raise TokenInvalid("nobody is logged in")
    left = services.quota.take(session.reader.reader_id)
    if left.requests < 0:
        raise TooManyRequests(
            f"you made more than {services.quota.per_window} requests within a minute; go on in {left.reset_s} s",
            left.reset_s,
        )
    return Visit(Asked(session.reader, f"{request.method} {template_of(request.scope)}"), session)


def allowed(*actions: Action) -> Callable[[Visit], Visit]:
    """Make the dependency of a page that is for whoever may do one of these."""

    def visit(visit: Annotated[Visit, Depends(visit_of)]) -> Visit:
        if not any(may(visit.session.reader, action) for action in actions):
            raise Denied("none of your roles allows this")
        return visit

    return visit

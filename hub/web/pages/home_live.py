"""The first page's stream: a message for each act of the other network, while the page is open and its reader here."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from hub.api.following import EventStream, Following
from hub.api.queries import caseload
from hub.api.queries.changes import begin
from hub.api.queries.news import is_news, other_network
from hub.api.services import Services
from hub.domain import access
from hub.domain.access import Reader, may
from hub.errors import Denied, TokenInvalid
from hub.ledger.database import reading
from hub.projections.pairing import Pairing
from hub.web.asking import Hub, Site, visit_of
from hub.web.home import address
from hub.web.home.address import View
from hub.web.home.live import Visitor
from hub.web.services import Web

router = APIRouter()

_LARGEST = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""
_Position = Annotated[int | None, Query(ge=0, le=_LARGEST)]


@router.get(f"{address.PATH}/nouveautes")
def news(
    request: Request,
    services: Hub,
    web: Site,
    vue: View = "personnes",
    depuis: _Position = None,
    last_event_id: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=_LARGEST)] = None,
) -> Response:
    """Send what the other network records from the given position on; `Last-Event-ID` counts before the address.

    Whoever is not logged in gets an empty answer, after which a browser does not ask again. No browser's asking again
    on its own keeps the session alive.
    """
    request.state.session = web.logins.session(request, is_use=False)
    if request.state.session is None:
        return Response(status_code=204)
    visit = visit_of(request, services, web)
    if not may(visit.session.reader, access.FOLLOW):
        raise Denied("none of your roles allows this")
    role = address.VIEWS[address.view_of(visit.session.reader, vue)]
    position = begin(services, depuis if last_event_id is None else last_event_id)
    follower = Visitor(
        caseload.as_role(visit.asked, role),
        position,
        other_network(visit.session.reader.network),
        lambda: _reader(request, web, role),
        partial(_is_news, services, visit.session.reader),
    )
    following: Following = request.app.state.following
    return EventStream(following, follower)


def _is_news(services: Services, reader: Reader, position: int, pair: Pairing) -> bool:
    with reading(services.store) as connection:
        return is_news(services, connection, reader, position, pair)


def _reader(request: Request, web: Web, role: access.Role) -> Reader:
    """Give who is logged in now, as one of their roles; a stream alone keeps no session alive."""
    session = web.logins.session(request, is_use=False)
    if session is None:
        raise TokenInvalid("nobody is logged in")
    return session.reader._replace(roles=session.reader.roles & {role})

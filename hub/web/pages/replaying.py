"""`/parcours/{id}/rejeu`: a pathway event by event, and what each one changed."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.api.people import NOW, PersonId, reading
from hub.api.queries.history import history_of
from hub.api.services import Services
from hub.audit.history import Order
from hub.domain import access
from hub.errors import StoreCorrupt
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.audit.replaying import AT_ONCE, replay_of
from hub.web.audit.whom import whom_of
from hub.web.services import Web

router = APIRouter()
_MOST = 10**9


class Ordre(StrEnum):
    """The order, as the address names it."""

    EFFET = "effet"
    ARRIVEE = "arrivee"


_ORDERS: dict[Ordre, Order] = {Ordre.EFFET: "effect", Ordre.ARRIVEE: "acceptance"}


@router.get("/parcours/{person_id}/rejeu")
def replay(
    request: Request,
    services: Hub,
    web: Site,
    visit: Annotated[Visit, Depends(allowed(access.READ_ACCESS_LOG))],
    person_id: PersonId,
    *,
    pas: Annotated[int, Query(ge=0, le=_MOST)] = 1,
    ordre: Ordre = Ordre.EFFET,
) -> Response:
    """Show one event with what it changed, among all of them."""
    try:
        with reading(services, visit.asked, person_id, NOW) as (look, found):
            shown = replay_of(history_of(services, look, found, _ORDERS[ordre]), pas, web.names())
            whom = whom_of(found, person_id)
    except StoreCorrupt as error:
        return _tampered(request, services, web, error)
    return web.renderer.page(request, "audit/replay.html", replay=shown, ordre=ordre.value, whom=whom, at_once=AT_ONCE)


def _tampered(request: Request, services: Services, web: Web, error: StoreCorrupt) -> Response:
    """Say that the ledger was changed: an auditor is told, not sent away with an error."""
    services.watch.log.error("replay_failed", error=error)
    return web.renderer.page(request, "audit/tampered.html", status=500)

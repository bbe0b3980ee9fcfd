"""Marking the first page's news as read: as far as the page showed them, and no farther."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from hub.domain import access
from hub.web import form
from hub.web.asking import Hub, Visit, allowed
from hub.web.home import address, marking
from hub.web.home.address import VIEWS, Given

router = APIRouter()
_POSITION = "[0-9]{1,18}"


@router.post(marking.PATH)
def mark(services: Hub, visit: Annotated[Visit, Depends(allowed(access.CASELOAD))], sent: form.Given) -> Response:
    """Note up to where the reader has read the news of one of their lists, and show what is left."""
    fields = form.Fields(sent, ("vue", "jusqua"))
    position, wanted = int(fields.own("jusqua", _POSITION)), fields.one("vue", VIEWS)
    marking.mark(services, visit.session.reader, address.view_of(visit.session.reader, wanted), position)
    return RedirectResponse(Given(wanted).address(part=marking.PART), 303)

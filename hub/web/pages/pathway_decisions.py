"""Settling what the networks contradict each other about, from the pathway's page."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from hub.api.documents.decisions import Settle
from hub.api.people import PersonId
from hub.api.queries import decisions, resent
from hub.api.services import Services
from hub.domain import access
from hub.errors import ContentConflict, Denied
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.form import Fields, Given
from hub.web.pages.pathways import EVERYTHING, FORM_BYTES, Looked, look_at, shown
from hub.web.pathway.acts import Acts
from hub.web.pathway.disputes import disputes
from hub.web.pathway.settling import FIELDS, Refused, checked, said_by
from hub.web.pathway.travel import Asked

router = APIRouter()
_FORM = f"[0-9a-f]{{{2 * FORM_BYTES}}}"


class _Checked(NamedTuple):
    """What was read, and the decision, or the form that was refused, or None where the form was sent before."""

    looked: Looked
    came_to: Settle | Refused | None


@router.post("/parcours/{person_id}/contradictions")
async def settle(
    request: Request,
    services: Hub,
    web: Site,
    visit: Annotated[Visit, Depends(allowed(access.DECIDE))],
    person_id: PersonId,
    given: Given,
) -> Response:
    """Let one network's claim stand, once however often the form is sent; the page led back to tells when it does."""
    if not decisions.may_decide(visit.session.reader):
        raise Denied("decisions are an adviser's; this login names no network or no adviser id")
    fields = Fields(given, FIELDS)
    form_id = bytes.fromhex(fields.own("formulaire", _FORM))
    looked, came_to = await run_in_threadpool(_check, services, visit, person_id, fields, form_id)
    if isinstance(came_to, Refused):
        status = 409 if came_to.is_late else 422
        return await run_in_threadpool(_refused, request, web, visit, looked, came_to, status)
    event_id, says = decisions.event_id_of(form_id), resent.digest(services, said_by(fields))
    if came_to is not None:
        # A conflict is the same form, sent twice at the same time: the page tells if the first said something else.
        with suppress(ContentConflict):
            await decisions.publish(services, visit.session.reader, came_to, form_id)
    path = f"/parcours/{looked.now.view.person_id}"
    return RedirectResponse(f"{path}?decision={event_id}&dit={says}#contradictions", 303)


def _check(services: Services, visit: Visit, person_id: str, fields: Fields, form_id: bytes) -> _Checked:
    with services.guard.reading(visit.asked) as look:
        looked = look_at(services, look, person_id, Asked())
        refs = {row.subject_ref for row in looked.now.seen.found.members}
        if decisions.progress(look, refs, decisions.event_id_of(form_id)) is not None:
            look.entry.kind = "decide"
            return _Checked(looked, None)
        view = looked.now.view
        came_to = checked(fields, disputes(view, Acts(view.timeline)))
        if isinstance(came_to, Settle):
            decisions.check(services, look, came_to)
    return _Checked(looked, came_to)


def _refused(request: Request, web: Site, visit: Visit, looked: Looked, refused: Refused, status: int) -> Response:
    person_id = str(looked.now.view.person_id)
    return shown(request, web, visit, looked, EVERYTHING, person_id=person_id, status=status, refused=refused)

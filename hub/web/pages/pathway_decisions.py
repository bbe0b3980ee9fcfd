"""Settling what the networks contradict each other about, from the pathway's page."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from hub.api.documents.decisions import Settle
from hub.api.people import PersonId
from hub.api.queries import decisions
from hub.api.services import Services
from hub.domain import access
from hub.errors import ContentConflict, Denied
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.pages.pathways import EVERYTHING, FORM_BYTES, Looked, look_at, shown
from hub.web.pathway.acts import Acts
from hub.web.pathway.disputes import disputes
from hub.web.pathway.settling import Filled, checked
from hub.web.pathway.travel import Asked

router = APIRouter()
_FORM = f"^[0-9a-f]{{{2 * FORM_BYTES}}}$"


class Settlement(BaseModel):
    """The form: of which fact, whose claim is kept and why, and the mark of what its reader saw.

    A reason that is too long is told at its field; it is no longer than a form can be.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    jeton: Annotated[str, Field(max_length=500)] = ""
    fait: Annotated[str, Field(max_length=40)]
    vu: Annotated[str, Field(max_length=40)]
    formulaire: Annotated[str, Field(pattern=_FORM)]
    reseau: Annotated[str, Field(max_length=40)] = ""
    raison: str = ""


class _Checked(NamedTuple):
    """What was read, and the decision, or the form that was refused, or None where the form was sent before."""

    looked: Looked
    came_to: Settle | Filled | None


@router.post("/parcours/{person_id}/contradictions")
async def settle(
    request: Request,
    services: Hub,
    web: Site,
    visit: Annotated[Visit, Depends(allowed(access.DECIDE))],
    person_id: PersonId,
    form: Annotated[Settlement, Form()],
) -> Response:
    """Let one network's claim stand, once however often the form is sent; the page led back to tells when it does."""
    if not decisions.may_decide(visit.session.reader):
        raise Denied("decisions are an adviser's; this login names no network or no adviser id")
    filled, form_id = Filled(form.fait, form.reseau, form.raison, form.vu), bytes.fromhex(form.formulaire)
    looked, came_to = await run_in_threadpool(_check, services, visit, person_id, filled, form_id)
    if isinstance(came_to, Filled):
        status = 409 if came_to.notice else 422
        return await run_in_threadpool(_refused, request, web, visit, looked, came_to, status)
    path, event_id = f"/parcours/{looked.now.view.person_id}", decisions.event_id_of(form_id)
    if came_to is not None:
        # A conflict is the same form, sent twice at the same time.
        with suppress(ContentConflict):
            await decisions.publish(services, visit.session.reader, came_to, form_id)
    return RedirectResponse(f"{path}?decision={event_id}#contradictions", 303)


def _check(services: Services, visit: Visit, person_id: str, filled: Filled, form_id: bytes) -> _Checked:
    with services.guard.reading(visit.asked) as look:
        looked = look_at(services, look, person_id, Asked())
        refs = {row.subject_ref for row in looked.now.seen.found.members}
        if decisions.progress(look, refs, decisions.event_id_of(form_id)) is not None:
            look.entry.kind = "decide"
            return _Checked(looked, None)
        view = looked.now.view
        came_to = checked(filled, disputes(view, Acts(view.timeline)))
        if isinstance(came_to, Settle):
            decisions.check(look, came_to)
    return _Checked(looked, came_to)


def _refused(request: Request, web: Site, visit: Visit, looked: Looked, filled: Filled, status: int) -> Response:
    person_id = str(looked.now.view.person_id)
    return shown(request, web, visit, looked, EVERYTHING, person_id=person_id, status=status, filled=filled)

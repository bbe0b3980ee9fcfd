"""`/audit`: the first page of auditors and data protection officers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError

from hub.access import office
from hub.api.documents.forms import StatedText
from hub.api.people import UUID_PATTERN
from hub.api.queries import accesses, accesslog
from hub.api.queries.accesslog import Wanted
from hub.api.queries.activity import activity
from hub.api.services import Services
from hub.audit.integrity import verify_last
from hub.domain import access
from hub.domain.access import may
from hub.errors import Denied, Usage
from hub.ledger import accessqueries, ledger
from hub.ledger.accessverify import verify_latest
from hub.ledger.database import reading
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.audit import entries, overview
from hub.web.audit.overview import VERIFIED, Result
from hub.web.form import Fields, Given, too_long
from hub.web.pages.journal import said, sees_everyone
from hub.web.services import Web

router = APIRouter()
_PATH = "/audit"
_DAYS = 7
_REASONS = 10
_ALARMS = 20
_LONGEST_NAME = 100
_Watcher = Annotated[Visit, Depends(allowed(access.READ_ACCESS_LOG))]
_STATED: TypeAdapter[str] = TypeAdapter(StatedText)
_NOTICES = {"levee": "La suspension est levée : cette personne peut de nouveau consulter des parcours."}
_UNFOUND = {
    "rejeu": "Aucun dossier de ce numéro ne vous est ouvert. Vérifiez-le, ou indiquez d’abord un motif.",
    "": "Aucun dossier n’a ce numéro. Vérifiez-le, ou donnez un identifiant.",
}
Errors = Sequence[tuple[str, str]]


@router.get(_PATH)
def audit(
    request: Request,
    services: Hub,
    web: Site,
    visit: _Watcher,
    fait: Annotated[Literal["levee"] | None, Query()] = None,
) -> Response:
    """Show what an auditor looks at first."""
    return _page(request, services, web, visit, notice=_NOTICES[fait] if fait else None)


@router.post(f"{_PATH}/verification")
def verify(request: Request, services: Hub, web: Site, visit: _Watcher) -> Response:
    """Verify the last entries of the ledger and of the access log, and show what was found."""
    with reading(services.store) as connection:
        of_ledger = overview.of_ledger(verify_last(connection, services.keystore, VERIFIED))
        of_log = overview.of_log(verify_latest(connection, services.access_keys, VERIFIED))
    return _page(request, services, web, visit, results=[of_ledger, of_log])


@router.post(f"{_PATH}/personne")
def open_person(
    request: Request,
    services: Hub,
    web: Site,
    visit: _Watcher,
    given: Given,
) -> Response:
    """Lead to a person, given by their id or the id of an event, or by the number of a case record."""
    fields = Fields(given, ("personne", "vers"))
    name, to = fields.values["personne"], fields.one("vers", ("rejeu", "acces", "motif")) or "rejeu"
    if re.fullmatch(UUID_PATTERN, name):
        return RedirectResponse(f"/parcours/{name.lower()}/{to}", 303)
    errors: Errors = [("personne", "Donnez l’identifiant d’une personne ou d’un événement, ou un numéro de dossier.")]
    if len(name) > _LONGEST_NAME:
        errors = [("personne", too_long(name, _LONGEST_NAME))]
    elif name:
        try:
            person_id = _person_of(services, visit, name, is_replayed=to == "rejeu")
        except Denied:
            person_id = None
            errors = [("personne", _UNFOUND["rejeu" if to == "rejeu" else ""])]
        if person_id is not None:
            return RedirectResponse(f"/parcours/{person_id}/{to}", 303)
    return _page(request, services, web, visit, status=422, name=name, errors=errors)


def _person_of(services: Services, visit: Visit, name: str, *, is_replayed: bool) -> str | None:
    with services.guard.reading(visit.asked) as look:
        # Who looked at a person, and the form of a reason, are for readers who do not see the person.
        found = look.person(name).found if is_replayed else accesses.person_named(look, name)
        pathway = look.tables.models["pathway"]
        query = pathway.select().where(pathway.c.pathway_no == found.pathway_no)
        row = look.connection.execute(query).one_or_none()
    return None if row is None else str(row.person_id)


@router.post(f"{_PATH}/suspensions/{{alarm_no}}/levee")
def release(
    request: Request,
    services: Hub,
    web: Site,
    visit: Annotated[Visit, Depends(allowed(access.RELEASE))],
    alarm_no: Annotated[int, Path(ge=1, lt=2**31)],
    given: Given,
) -> Response:
    """Let the reader of an alarm read again, for a reason that is recorded."""
    field, stated = f"raison-{alarm_no}", Fields(given, ("raison",)).values["raison"]
    try:
        reason = _STATED.validate_python(stated)
    except ValidationError:
        text = "Dites pourquoi, en 10 à 1 000 caractères, sans numéro de sécurité sociale."
        return _page(request, services, web, visit, status=422, errors=[(field, text)], reason=stated)
    try:
        office.release(services.store, services.recorder, visit.asked, alarm_no, reason, services.now())
    except Denied:
        text = "Personne ne lève sa propre suspension : demandez-le à un autre délégué à la protection des données."
        return _page(request, services, web, visit, status=422, errors=[(field, text)], reason=stated)
    except Usage:
        text = "Cette suspension est déjà levée."
        return _page(request, services, web, visit, status=422, errors=[("", text)])
    return RedirectResponse(f"{_PATH}?fait=levee", 303)


def _page(
    request: Request,
    services: Services,
    web: Web,
    visit: Visit,
    *,
    status: int = 200,
    name: str = "",
    errors: Errors = (),
    reason: str = "",
    results: Sequence[Result] = (),
    notice: str | None = None,
) -> Response:
    shown: dict[str, Any] = {"name": name, "errors": errors, "reason": reason, "results": results, "notice": notice}
    with services.guard.reading(visit.asked) as look:
        read = accesslog.entries(look, Wanted(kind="break_glass"), after=None, limit=_REASONS)
        shown["reasons"] = said(look, services, visit, read, web.names())
        alarms = accessqueries.alarms(look.connection, limit=_ALARMS)
        shown["alarms"] = [entries.alarmed(each, web.names()) for each in alarms]
        shown["events"] = ledger.last_position(look.connection)
        counted = activity(look.connection, look.now, _DAYS)
    return web.renderer.page(
        request,
        "audit/audit.html",
        status=status,
        **shown,
        activity=counted,
        days=overview.days(counted),
        error_of=dict(errors),
        sees_everyone=sees_everyone(visit.session.reader, services),
        releases=may(visit.session.reader, access.RELEASE),
        verified=VERIFIED,
    )

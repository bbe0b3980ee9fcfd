"""`/audit/registre`: the whole ledger verified, part by part, and compared with what was noted of it before."""

from __future__ import annotations

from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from hub.api.services import Services
from hub.audit.integrity import Anchor, anchor, digest_at, verify_ledger
from hub.domain import access
from hub.ledger.database import reading
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.audit import ledger, overview
from hub.web.audit.ledger import PART, Progress
from hub.web.form import Fields, Given
from hub.web.services import Web

router = APIRouter()
_PATH = "/audit/registre"
_Watcher = Annotated[Visit, Depends(allowed(access.READ_ACCESS_LOG))]
VERIFYING = Lock()
"""Held while a part is verified: one at a time in a process, since each keeps a thread of all requests for seconds."""
RETRY_AFTER_S = 5


@router.get(_PATH)
def show(request: Request, services: Hub, web: Site, _visit: _Watcher) -> Response:
    """Show how much there is to verify, and what to note."""
    return _page(request, services, web)


@router.post(f"{_PATH}/suite")
def go_on(request: Request, services: Hub, web: Site, _visit: _Watcher, given: Given) -> Response:
    """Verify the next part, from a position on; what was found wrong before is added up.

    While another is verified it answers 503 with the same form, so that nothing of the way so far is lost.
    """
    verified, wrong = ledger.so_far(given)
    with reading(services.store) as connection:
        now = anchor(connection)
        if verified > now.entries:
            return _page(request, services, web, now=now, result=ledger.shortened(verified, now.entries))
        if not VERIFYING.acquire(blocking=False):
            progress = Progress(verified, now.entries, wrong) if verified else None
            answer = _page(request, services, web, now=now, status=503, progress=progress, is_busy=True)
            answer.headers["Retry-After"] = str(RETRY_AFTER_S)
            return answer
        try:
            found = verify_ledger(connection, services.keystore, verified, PART)
        finally:
            VERIFYING.release()
    wrong += len(found.changed) + len(found.displaced) + found.missing
    progress = Progress(found.last, now.entries, wrong)
    return _page(request, services, web, now=now, result=overview.of_ledger(found), progress=progress)


@router.post(f"{_PATH}/comparaison")
def compare(request: Request, services: Hub, web: Site, _visit: _Watcher, given: Given) -> Response:
    """Compare with what an auditor noted before."""
    fields, noted = ledger.read(given)
    if noted is None:
        return _page(request, services, web, status=422, fields=fields)
    with reading(services.store) as connection:
        now = anchor(connection)
        digest = digest_at(connection, noted.entries)
    return _page(request, services, web, now=now, fields=fields, result=ledger.compared(noted, digest, now.entries))


def _page(
    request: Request,
    services: Services,
    web: Web,
    *,
    now: Anchor | None = None,
    fields: Fields | None = None,
    status: int = 200,
    **shown: Any,
) -> Response:
    if now is None:
        with reading(services.store) as connection:
            now = anchor(connection)
    return web.renderer.page(
        request,
        "audit/ledger.html",
        status=status,
        **{"result": None, "progress": None, "is_busy": False, **shown},
        fields=fields or Fields({}, ledger.FIELDS),
        entries=now.entries,
        digest=ledger.grouped(now.digest),
        part=PART,
    )

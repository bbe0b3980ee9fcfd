"""`/parcours/{id}/acces`: who looked at a person, day by day."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access.recording import Person
from hub.api.people import NOW, PersonId, reading
from hub.api.queries import accesses
from hub.api.services import Services
from hub.domain import access
from hub.domain.access import may
from hub.ledger import accessqueries
from hub.ledger.accessqueries import Logged
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.audit import entries
from hub.web.naming.names import UNNAMED

router = APIRouter()
_PAGE = 50
_NEWEST = 2**63 - 1


class _Found(NamedTuple):
    entries: list[Logged]
    names_readers: bool


@router.get("/parcours/{person_id}/acces")
def who_looked(
    request: Request,
    services: Hub,
    web: Site,
    visit: Annotated[Visit, Depends(allowed(access.READ_PERSON))],
    person_id: PersonId,
    avant: Annotated[int, Query(ge=0, le=_NEWEST)] = _NEWEST,
) -> Response:
    """Show every request that asked for a person; only whoever watches over reading is told who made it."""
    person_id = person_id.lower()
    found = _found(services, visit, person_id, avant)
    names = web.names() if found.names_readers else UNNAMED
    said = [entries.said(each, names=names) for each in found.entries[:_PAGE]]
    path = f"/parcours/{person_id}"
    following = f"{path}/acces?avant={said[-1].entry_id}" if len(found.entries) > _PAGE else None
    return web.renderer.page(
        request,
        "audit/accesses.html",
        days=entries.by_day(said),
        path=path,
        following=following,
        newest=f"{path}/acces" if avant != _NEWEST else None,
        names_readers=found.names_readers,
    )


def _found(services: Services, visit: Visit, person_id: str, before: int) -> _Found:
    """Read the entries about a person: who may read the log needs no other right to this."""
    if may(visit.session.reader, access.READ_ACCESS_LOG):
        with services.guard.reading(visit.asked) as look:
            return _Found(accesses.of_person(look, person_id, after=before, limit=_PAGE + 1), names_readers=True)
    with reading(services, visit.asked, person_id, NOW, with_timeline=False, with_links=False) as (look, found):
        refs = Person.of(found.seen.found).refs
        seen = accessqueries.entries(look.connection, refs=refs, after=before, limit=_PAGE + 1)
        return _Found(seen, names_readers=False)

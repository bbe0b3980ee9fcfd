"""`/journal`: the access log, filtered, page by page, in words."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.access.guard import Look
from hub.api.queries import accesslog
from hub.api.queries.accesslog import Entries
from hub.api.services import Services
from hub.audit.moments import day_in_france
from hub.domain import access
from hub.domain.access import Reader, Sight, may, sees
from hub.errors import Denied
from hub.ledger import accessqueries
from hub.web.asking import Hub, Site, Visit, allowed
from hub.web.audit import entries
from hub.web.audit.journal import ANY, CHOICES, LAST_ID, LONGEST_CODE, Typed, asked, typed_in
from hub.web.form import Given
from hub.web.naming.names import Names
from hub.web.services import Web

router = APIRouter()
PAGE = 50
_PATH = "/journal"
_Watcher = Annotated[Visit, Depends(allowed(access.READ_ACCESS_LOG))]
_Short = Annotated[str, Query(max_length=LONGEST_CODE)]
_Before = Annotated[int | None, Query(ge=0, le=LAST_ID)]


@router.get(_PATH)
def journal(
    request: Request,
    services: Hub,
    web: Site,
    visit: _Watcher,
    *,
    nature: _Short = ANY,
    du: _Short = "",
    au: _Short = "",
    avant: _Before = None,
) -> Response:
    """Show the log, newest first, or what of it the address asks for."""
    return _shown(request, services, web, visit, Typed(nature, du, au, before=avant))


@router.post(_PATH)
def search_journal(
    request: Request,
    services: Hub,
    web: Site,
    visit: _Watcher,
    given: Given,
) -> Response:
    """Show what the form asks for: whom it names stands in no address."""
    return _shown(request, services, web, visit, typed_in(given))


def _shown(request: Request, services: Services, web: Web, visit: Visit, typed: Typed) -> Response:
    typed, wanted, errors = asked(typed)
    found: list[entries.Said] = []
    following = None
    if not errors:
        try:
            with services.guard.reading(visit.asked) as look:
                read = accesslog.entries(look, wanted, after=typed.before, limit=PAGE)
                found = said(look, services, visit, read, web.names())
                following = read.following
        except Denied:
            errors = (("personne", "Personne n’est enregistré sous cet identifiant."),)
    status = 422 if errors else 200
    return web.renderer.page(
        request,
        "audit/journal.html",
        status=status,
        typed=typed,
        errors=errors,
        error_of=dict(errors),
        natures=CHOICES,
        entries=found,
        following=following,
        next_path=None if following is None else _path(typed._replace(before=following)),
        first_path=_path(typed._replace(before=None)),
        opens_reasons=may(visit.session.reader, access.RELEASE),
        sees_everyone=sees_everyone(visit.session.reader, services),
    )


def sees_everyone(reader: Reader, services: Services) -> bool:
    """Tell whether a reader sees anybody's pathway without a tie or a reason: others are led to who looked at it."""
    return sees(reader, (), day_in_france(services.now()), has_reason=False).sight is not Sight.NOTHING


def said(look: Look, services: Services, visit: Visit, read: Entries, names: Names) -> list[entries.Said]:
    """Say entries; the reasons' own words are for data protection officers alone."""
    opens = may(visit.session.reader, access.RELEASE)
    texts = {
        each.entry_id: accessqueries.reason(look.connection, services.access_keys, each.entry_id)
        for each in read.found
        if opens and each.has_text
    }
    return [entries.said(each, read.people, texts.get(each.entry_id), names) for each in read.found]


def _path(typed: Typed) -> str:
    given = {"nature": typed.kind, "du": typed.since, "au": typed.until, "avant": typed.before or ""}
    query = urlencode({name: value for name, value in given.items() if value not in {"", ANY}})
    return f"{_PATH}?{query}" if query else _PATH

"""Forms that another site sends in a reader's name: refused, for every page at once.

Whatever may change something has to come from a page of the hub (`Origin`, or what the browser says of the site it
comes from) and carry the secret of the session that the page was made for.
"""

from __future__ import annotations

import hmac

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from hub.errors import FormRefused, TokenInvalid, Usage
from hub.web.services import Web, web_of
from hub.web.session import session_of

FIELD = "jeton"
SAFE = frozenset({"GET", "HEAD"})
OPEN = frozenset({"/affichage"})
"""Forms for whoever is not logged in too, and so without a session's secret: they change the browser's own alone."""
MOST_FIELDS = 60
_TEXTS = ("raison", "texte", "precision", "detail", "pourquoi", "note", "motif")
"""The fields of forms in which people write sentences; some of them hold codes elsewhere."""
_FORM = "application/x-www-form-urlencoded"


async def ensure_own(request: Request) -> None:
    """Let nothing through that may change something but the hub's own forms, of a session that counts.

    Raises:
        FormRefused: it comes from elsewhere, or without the session's secret.
        TokenInvalid: nobody is logged in.
        Usage: it is no form, or has too many fields, or one of them twice.
        StoreUnavailable: who is logged in cannot be told now.
    """
    if request.method in SAFE:
        return
    web = web_of(request)
    if not _is_from_here(request, web):
        raise FormRefused("the form comes from another site")
    fields = await _fields(request)
    if request.url.path in OPEN:
        return
    # Whoever wrote them gets their sentences back when their login has ended meanwhile.
    request.state.written = [text for name in _TEXTS if " " in (text := fields.get(name, "").strip())]
    session = await run_in_threadpool(session_of, request, web.logins)
    if session is None:
        raise TokenInvalid("nobody is logged in")
    if not hmac.compare_digest(fields.get(FIELD, "").encode(), session.form_token.encode()):
        raise FormRefused("the form is of another session")


def _is_from_here(request: Request, web: Web) -> bool:
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site") == "same-origin"
    return origin == web.url


async def _fields(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise Usage("pages take forms only")
    pairs = (await request.form(max_fields=MOST_FIELDS, max_files=0)).multi_items()
    fields = {name: value for name, value in pairs if isinstance(value, str)}
    if len(fields) < len(pairs):
        raise Usage("a field of the form stands twice")
    return fields

"""Logging in and out: the page that says how, the way to the provider, and the way back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from hub.api.following import Following
from hub.domain.access import EVERYWHERE
from hub.errors import LoginFailed, NotFound
from hub.web.asking import Site, Visit, visit_of
from hub.web.login.entrance import Entrance
from hub.web.login.provider import LANDING, LEFT
from hub.web.login.returning import own_path
from hub.web.naming.names import Names
from hub.web.readers import in_words
from hub.web.session import Lasting, Session, session_of
from hub.web.words import count, moment

LONGEST_VALUE = 4_096
_ACCOUNT = re.compile(r"[A-Za-z0-9._%+@-]{1,100}")

router = APIRouter()


def _entrance(web: Site) -> Entrance:
    if web.entrance is None:
        raise NotFound("nobody logs in to these pages")
    return web.entrance


In = Annotated[Entrance, Depends(_entrance)]


@router.get("/connexion")
def login(request: Request, web: Site, retour: str | None = None, compte: str | None = None) -> Response:
    """Say how to log in; whoever is logged in already goes on, unless they want another account."""
    back_to, session = own_path(retour), session_of(request, web.logins)
    if session is not None and compte is None:
        return RedirectResponse(back_to, 303)
    asked = {"retour": back_to, **({} if (account := _account(compte)) is None else {"compte": account})}
    return web.renderer.page(
        request,
        "login.html",
        way_in="/connexion/aller?" + urlencode(asked),
        is_interrupted=back_to != "/",
        idle_minutes=web.logins.idle // timedelta(minutes=1),
    )


@router.get("/connexion/aller")
def leave(request: Request, entrance: In, retour: str | None = None, compte: str | None = None) -> Response:
    """Send the browser to the provider."""
    return entrance.leave(request, retour, _account(compte))


@router.get(LANDING)
def come_back(request: Request, web: Site, entrance: In) -> Response:
    """Begin a session with what the provider sent along."""
    pairs = request.query_params.multi_items()
    sent = dict(pairs)
    if len(sent) < len(pairs) or any(len(value) > LONGEST_VALUE for value in sent.values()):
        raise LoginFailed("what the provider sent has a parameter twice, or too long a one", "refused")
    before = session_of(request, web.logins)
    try:
        back = entrance.come_back(request, sent)
    except LoginFailed as error:
        # The page was loaded again, or another tab was faster: who is logged in need not be told that it failed.
        if error.why == "expired" and before is not None:
            return RedirectResponse("/", 303)
        raise
    _end_streams(request, before)
    return back


@router.get("/compte")
def account(request: Request, visit: Annotated[Visit, Depends(visit_of)], web: Site) -> Response:
    """Show readers how the hub knows them, and where else they are logged in."""
    others = 0 if web.entrance is None else web.entrance.others(request)
    return web.renderer.page(request, "account.html", others=others, facts=_facts(visit.session, web.names()))


@router.post("/deconnexion")
def log_out(request: Request, web: Site, entrance: In) -> Response:
    """End the session."""
    return _logged_out(request, web, entrance, everywhere=False)


@router.post("/deconnexion/partout")
def log_out_everywhere(request: Request, web: Site, entrance: In) -> Response:
    """End every session of the reader, on whatever machine."""
    return _logged_out(request, web, entrance, everywhere=True)


@router.get(LEFT)
def left(request: Request, web: Site) -> Response:
    """Receive who logged out of the provider too; nothing hangs on what it sends along."""
    if session_of(request, web.logins) is not None:
        return RedirectResponse("/", 303)
    return web.renderer.page(request, "logged_out.html", way_out=None, everywhere=False)


def _logged_out(request: Request, web: Site, entrance: Entrance, *, everywhere: bool) -> Response:
    """Answer with a page that leads on to the provider's logout.

    A redirect would not do: browsers apply `form-action` to wherever a form's answer leads, and a provider sends them
    on to others that the hub does not know.
    """
    cookies = Response()
    way_out = entrance.log_out(request, cookies, everywhere=everywhere)
    _end_streams(request, session_of(request, web.logins))
    request.state.session = None
    page = web.renderer.page(request, "logged_out.html", way_out=way_out, everywhere=everywhere)
    page.raw_headers.extend(pair for pair in cookies.raw_headers if pair[0] == b"set-cookie")
    page.headers["Clear-Site-Data"] = '"cache"'
    return page


def _end_streams(request: Request, session: Session | None) -> None:
    """Let no page that is still open hear of anybody after its session; other processes find out at a heartbeat."""
    if session is not None:
        following: Following = request.app.state.following
        following.doubt(session.reader.reader_id)


def _facts(session: Session, names: Names) -> list[tuple[str, str]]:
    reader, last, lasting = session.reader, session.last_visit, session.lasting
    facts = [
        ("Nom", session.name),
        ("Rôle", in_words(reader)),
        ("Identifiant dans votre réseau", reader.adviser or ""),
        ("Sites", ", ".join(names.site(each) for each in sorted(reader.sites))),
        ("Départements", "tous" if EVERYWHERE in reader.departments else ", ".join(sorted(reader.departments))),
        ("Visite précédente", "aucune" if last is None else moment(last)),
        ("Fin de la connexion", "" if lasting is None else _end(lasting)),
    ]
    return [(name, said) for name, said in facts if said]


def _end(lasting: Lasting) -> str:
    minutes = count(lasting.idle // timedelta(minutes=1), "minute", "minutes")
    return f"après {minutes} sans activité, et au plus tard le {moment(lasting.latest)}"


def _account(given: str | None) -> str | None:
    return given if given is not None and _ACCOUNT.fullmatch(given) else None

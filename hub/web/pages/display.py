"""The choice between light and dark, at the foot of every page; it needs no login."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.web import display
from hub.web.asking import Site
from hub.web.form import Fields, Given
from hub.web.login.returning import is_own

router = APIRouter()


@router.post("/affichage")
def choose(web: Site, given: Given) -> Response:
    """Keep a reader's choice, and show them again the page that they were on."""
    fields = Fields(given, ("choix", "retour"))
    choice, back_to = fields.own("choix", ".{1,10}"), fields.own("retour", ".{0,2000}")
    path = back_to if is_own(back_to) else "/"
    # Whoever goes by the keyboard goes on from the buttons that they just used.
    answer = RedirectResponse(f"{path.partition('#')[0]}#affichage", 303)
    display.keep(answer, display.named(choice), is_secure=web.url.startswith("https:"))
    return answer

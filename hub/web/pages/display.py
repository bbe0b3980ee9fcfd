"""The choice between light and dark, at the foot of every page; it needs no login."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from hub.web import display
from hub.web.asking import Site
from hub.web.login.returning import is_own

router = APIRouter()


@router.post("/affichage")
def choose(
    web: Site,
    choix: Annotated[str, Form(max_length=10)],
    retour: Annotated[str, Form(max_length=2_000)] = "/",
) -> Response:
    """Keep a reader's choice, and show them again the page that they were on."""
    path = retour if is_own(retour) else "/"
    # Whoever goes by the keyboard goes on from the buttons that they just used.
    answer = RedirectResponse(f"{path.partition('#')[0]}#affichage", 303)
    display.keep(answer, display.named(choix), is_secure=web.url.startswith("https:"))
    return answer

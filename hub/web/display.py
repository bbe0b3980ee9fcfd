"""Light or dark: what a reader chose, kept in a cookie of their browser."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import Request, Response

COOKIE = "affichage"
_YEAR_S = 365 * 24 * 3600


class Choice(NamedTuple):
    """A way of showing pages; `scheme` is what the browser is told."""

    code: str
    label: str
    scheme: str


AUTOMATIC = Choice("auto", "Automatique", "light dark")
CHOICES = (AUTOMATIC, Choice("clair", "Clair", "light"), Choice("sombre", "Sombre", "dark"))


def chosen(request: Request) -> Choice:
    """Give the choice of a browser; without one, pages follow its system's."""
    return named(request.cookies.get(COOKIE))


def named(code: str | None) -> Choice:
    """Give the choice of a code; the automatic one for any other text."""
    return next((choice for choice in CHOICES if choice.code == code), AUTOMATIC)


def keep(response: Response, choice: Choice, *, is_secure: bool) -> None:
    """Let the browser keep a choice for a year, or forget the last one."""
    if choice == AUTOMATIC:
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_secure)
    else:
        response.set_cookie(COOKIE, choice.code, _YEAR_S, httponly=True, samesite="lax", secure=is_secure)

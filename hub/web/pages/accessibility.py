"""The accessibility statement, which the law asks for on every site; it is for everyone."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from hub.web.asking import Site

router = APIRouter()


@router.get("/accessibilite")
def statement(request: Request, web: Site) -> Response:
    """Say how accessible the pages are, what was tested, and where to turn."""
    return web.renderer.page(request, "accessibility.html")

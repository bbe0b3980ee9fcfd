"""The site map: a second way to every page, beside the menu (RGAA 12.1); it is for everyone."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from hub.web.asking import Site
from hub.web.places import PATH, map_of

router = APIRouter()


@router.get(PATH)
def site_map(request: Request, web: Site) -> Response:
    """List the pages that the reader may open; whoever is not logged in sees those for everyone."""
    return web.renderer.page(request, "sitemap.html", parts=map_of(getattr(request.state, "session", None)))

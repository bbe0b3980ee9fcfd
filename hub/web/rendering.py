"""Pages from templates: escaped, strict, and headed so that a browser runs and loads nothing but the hub's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

from hub.projections import labels
from hub.web import themes, words
from hub.web.assets import Assets
from hub.web.menu import menu_of

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


class Renderer:
    """Renders templates; those of a theme's folder come first."""

    def __init__(self, assets: Assets, folders: Sequence[Path] = ()) -> None:
        own: list[BaseLoader] = [FileSystemLoader(folder / "templates") for folder in folders]
        self._templates = Environment(
            loader=ChoiceLoader([*own, PackageLoader("hub.web")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.globals |= {"asset": assets.address, "labels": labels, "count": words.count}
        self._templates.filters |= {
            "day": words.day,
            "short_day": words.short_day,
            "moment": words.moment,
            "iso": words.iso,
            "figure": words.figure,
        }

    def page(self, request: Request, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
        """Answer with a page; the template has `session`, `menu`, `path` and `theme` beside what is given."""
        session = getattr(request.state, "session", None)
        about = {
            "session": session,
            "menu": menu_of(session, request.url.path),
            "path": request.url.path,
            "theme": themes.chosen(request),
        }
        text = self._templates.get_template(template).render(**about, **shown)
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Vary": "Cookie"}
        return HTMLResponse(text, status, headers)

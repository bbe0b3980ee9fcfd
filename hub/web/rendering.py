"""Pages from templates: escaped, strict, and headed so that a browser runs and loads nothing but the hub's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
)
from jinja2.ext import Extension
from markupsafe import Markup

from hub.domain.access import ROLES, Reader
from hub.projections import labels
from hub.web import display, readers, themes, words
from hub.web.assets import Assets
from hub.web.menu import menu_of
from hub.web.naming import codes
from hub.web.session import Session

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Vary": "Cookie",
    # Under `no-referrer`, browsers would send forms with the origin `null`.
    "Referrer-Policy": "same-origin",
}
_ANYONE = Session(Reader("", frozenset(ROLES)), "", "", None)
"""Someone with every entry of the menu, to try a theme with."""
_OWN = "hub"
_WITH_COMPONENTS = '{% import "components.html" as ui %}'


class _Typeset(Extension):
    """Sets the texts of templates as French is printed, so that they are written with plain spaces."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return words.spaced(source)


class Renderer:
    """Renders templates; those of a theme's folder come first, and `hub/NAME` is always the hub's own.

    Args:
        today: what a demonstration takes for now; each page says so.

    Raises:
        Usage: a template of a theme cannot be used.
    """

    def __init__(self, assets: Assets, folders: Sequence[Path] = (), today: datetime | None = None) -> None:
        own = PackageLoader("hub.web")
        replaced: list[BaseLoader] = [FileSystemLoader(folder / themes.TEMPLATES) for folder in folders]
        self._templates = Environment(
            loader=ChoiceLoader([*replaced, own, PrefixLoader({_OWN: own})]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=[_Typeset],
        )
        self._templates.globals |= {
            "asset": assets.address,
            "has_asset": assets.has,
            "labels": labels,
            "count": words.count,
            "choices": display.CHOICES,
            "reader_in_words": readers.in_words,
            "version": version("parcours-hub"),
            "fragment": self.fragment,
            "demonstration": today,
        }
        self._templates.filters |= {
            "day": words.day,
            "short_day": words.short_day,
            "moment": words.moment,
            "clock": words.clock,
            "iso": words.iso,
            "figure": words.figure,
            "duration": words.length,
            "capital": words.capital,
            "spaced": words.spaced,
            "unbroken": codes.unbroken,
        }
        for folder in folders:
            themes.check(
                self._templates, folder, own.list_templates(), [_about("/", "/", each) for each in (None, _ANYONE)]
            )

    def page(self, request: Request, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
        """Answer with a page; the template has what `_about` gives beside what is given."""
        here = request.url
        # A form's own page is shown again by its address alone: what was sent is not in it.
        back = f"{here.path}?{here.query}" if here.query and request.method == "GET" else here.path
        session = getattr(request.state, "session", None)
        about = _about(here.path, back, session) | {"choice": display.chosen(request), "status": status}
        text = self._templates.get_template(template).render(about | shown)
        return HTMLResponse(text, status, HEADERS)

    def prepare(self) -> None:
        """Compile every page now, half a second in all, so that nobody who opens one first waits for it."""
        for name in self._templates.list_templates(["html"]):
            if not name.startswith(_OWN + "/"):
                self._templates.get_template(name)

    def fragment(self, source: str, values: Mapping[str, object]) -> Markup:
        """Render a call of a component that stands in the program."""
        return Markup(self._templates.from_string(_WITH_COMPONENTS + source).render(values))  # noqa: S704 escaped inside


def _about(path: str, back: str, session: Session | None) -> dict[str, Any]:
    """Give what every page has: `notice` is said at its top, `back` is its address for forms that lead back to it.

    A page that refuses what a form sent says so in its title.
    """
    return {
        "session": session,
        "menu": menu_of(session, path),
        "path": path,
        "back": back,
        "choice": display.AUTOMATIC,
        "notice": None,
        "status": 200,
    }

"""What is refused before a page is asked for: in French for whoever reads it in a browser, as a document to the API's.

The front and the receiving of bodies know nothing of pages; what they refuse is a problem document.
"""

from __future__ import annotations

from collections.abc import Collection
from html import escape

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api import problems
from hub.api.exchange import PREFIX, exchange_of
from hub.web import words
from hub.web.rendering import HEADERS
from hub.web.saying import said_of

_PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} – Parcours Hub</title><link rel="stylesheet" href="{style}"></head>
<body><div class="h-frame h-main"><main><div class="h-failure"><h1>{title}</h1>
<p class="h-lead">{text}</p>
<p><a href="/">Aller à la page d’accueil</a></p>
<p class="h-muted h-small">Référence à communiquer à l’assistance : <code>{reference}</code></p>
</div></main></div></body></html>
"""


class InFrench:
    """Wraps the application: problem documents about pages become pages.

    Args:
        style: the address of the style sheet.
        apart: paths of other programs' pages, as a monitor's.
    """

    def __init__(self, app: ASGIApp, style: str, apart: Collection[str]) -> None:
        self._app = app
        self._style = style
        self._apart = frozenset(apart)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(PREFIX.rpartition("/")[0] + "/") or path in self._apart:
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _Translating(scope, send, self._style))


class _Translating:
    def __init__(self, scope: Scope, send: Send, style: str) -> None:
        self._scope = scope
        self._send = send
        self._style = style
        self._body: bytes | None = None
        """The page in place of the answer's own body; None where that is a page already."""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = self._headed(message)
        elif self._body is not None:
            message = {**message, "body": b"" if self._scope["method"] == "HEAD" else self._body}
            self._body = b""
        await self._send(message)

    def _headed(self, message: Message) -> Message:
        headers = MutableHeaders(raw=list(message["headers"]))
        if headers.get("content-type") != problems.MEDIA_TYPE:
            return message
        self._body = self._page()
        headers.update({**HEADERS, "Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(self._body))})
        return {**message, "headers": headers.raw}

    def _page(self) -> bytes:
        exchange = exchange_of(self._scope)
        # Who is logged in was not looked at.
        said = said_of(
            exchange.code or problems.DEFECT, method=self._scope["method"], path="", wait_s=None, session=None, login=""
        )
        parts = {"title": said.title, "text": said.text, "style": self._style, "reference": exchange.request_id}
        return words.spaced(_PAGE).format(**{name: escape(text) for name, text in parts.items()}).encode()
